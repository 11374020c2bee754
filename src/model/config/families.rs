//! What each architecture's keys mean. All are told as differences from BERT; defaults are those of transformers'
//! configuration classes.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Architecture, GREATEST_SIZE, HeadKind, ModelConfig, Storage, keys::Keys, shape::*};
use crate::model::{LoadError, kernels::Activation};

/// What an architecture calls what all of them have.
struct Common {
    layers: &'static str,
    hidden: &'static str,
    heads: &'static str,
    intermediate: &'static str,
    activation: &'static str,
    /// And its default; no key where transformers' code has a constant.
    epsilon: (Option<&'static str>, f32),
    /// And its default.
    types: Option<(&'static str, usize)>,
}

const BERT: Common = Common {
    layers: "num_hidden_layers",
    hidden: "hidden_size",
    heads: "num_attention_heads",
    intermediate: "intermediate_size",
    activation: "hidden_act",
    epsilon: (Some("layer_norm_eps"), 1e-12),
    types: Some(("type_vocab_size", 2)),
};
const DISTILBERT: Common = Common {
    layers: "n_layers",
    hidden: "dim",
    heads: "n_heads",
    intermediate: "hidden_dim",
    activation: "activation",
    epsilon: (None, 1e-12),
    types: None,
};
const MPNET: Common = Common { types: None, ..BERT };
const DEBERTA: Common =
    Common { epsilon: (Some("layer_norm_eps"), 1e-7), types: Some(("type_vocab_size", 0)), ..BERT };
const MODERNBERT: Common =
    Common { activation: "hidden_activation", epsilon: (Some("norm_eps"), 1e-5), types: None, ..BERT };

/// Reads what the blocks are like.
///
/// # Errors
/// The key and the value that Baton can't take.
pub fn read(keys: &Keys, architecture: Architecture, head: HeadKind) -> Result<ModelConfig, LoadError> {
    match architecture {
        Architecture::Bert => bert(keys, architecture, head, &BERT),
        Architecture::DistilBert => {
            let mut config = bert(keys, architecture, head, &DISTILBERT)?;
            config.pool_by(Activation::Relu);
            Ok(config)
        }
        Architecture::Roberta | Architecture::XlmRoberta | Architecture::Camembert => {
            let padding = keys.or("pad_token_id", 1)?;
            bert(keys, architecture, head, &BERT)?.counting_after(padding, keys)
        }
        Architecture::Electra => {
            let mut config = bert(keys, architecture, head, &BERT)?;
            config.pool_by(Activation::Gelu);
            config.embedding = size(keys, "embedding_size", Some(128))?;
            if config.embedding != config.hidden {
                config.projection = Projection::AfterNorm;
            }
            Ok(config)
        }
        Architecture::Mpnet => mpnet(keys, head),
        Architecture::Albert => albert(keys, head),
        Architecture::DebertaV2 => deberta(keys, head),
        Architecture::ModernBert => modernbert(keys, head),
    }
}

fn bert(
    keys: &Keys,
    architecture: Architecture,
    head: HeadKind,
    names: &Common,
) -> Result<ModelConfig, LoadError> {
    let hidden = size(keys, names.hidden, None)?;
    let heads = size(keys, names.heads, None)?;
    if !hidden.is_multiple_of(heads) {
        let value = format!("{hidden} with {heads} heads");
        return keys.refuse_as(names.hidden, &value, "sizes that the heads divide");
    }
    match keys.optional::<String>("position_embedding_type")?.as_deref() {
        None | Some("absolute") => {}
        Some(_) => return keys.refuse("position_embedding_type", "\"absolute\""),
    }
    if keys.or("is_decoder", false)? {
        return keys.refuse("is_decoder", "encoders only");
    }
    let rows = size(keys, "max_position_embeddings", None)?;
    let epsilon = match names.epsilon {
        (Some(key), default) => keys.or(key, default)?,
        (None, constant) => constant,
    };
    let types = match names.types {
        Some((key, default)) => keys.or(key, default)?,
        None => 0,
    };
    let mut config = ModelConfig {
        architecture,
        head,
        layers: size(keys, names.layers, None)?,
        sharing: None,
        hidden,
        heads,
        intermediate: size(keys, names.intermediate, None)?,
        activation: keys.activation(names.activation, None)?,
        epsilon,
        norm_first: false,
        biases: Biases { attention: true, feed_forward: true, norms: true, pool: true },
        max_tokens: rows,
        positions: Positions::FromZero { rows },
        distances: Distances::None,
        score_parts: 1,
        convolution: None,
        types,
        vocabulary: size(keys, "vocab_size", None)?,
        embedding: hidden,
        projection: Projection::None,
        pool: None,
        mean: false,
        labels: Vec::new(),
        word_case: false,
        storage: Storage::Float,
    };
    config.pool_by(Activation::Tanh);
    Ok(config)
}

impl ModelConfig {
    /// A head for texts has a layer with this function before its last one.
    fn pool_by(&mut self, activation: Activation) {
        self.pool = (self.head == HeadKind::Sequence).then_some(Pool { activation, norm: false });
    }

    fn counting_after(mut self, padding: u32, keys: &Keys) -> Result<Self, LoadError> {
        let rows = self.max_tokens;
        let Some(max_tokens) = rows.checked_sub(padding as usize + 1) else {
            return keys.refuse("pad_token_id", "ids below max_position_embeddings");
        };
        self.max_tokens = max_tokens;
        self.positions = Positions::AfterPadding { rows, padding };
        Ok(self)
    }
}

fn mpnet(keys: &Keys, head: HeadKind) -> Result<ModelConfig, LoadError> {
    // transformers computes with 32 buckets whatever the table's size, and counts after the id 1.
    if keys.or("relative_attention_num_buckets", 32)? != 32 {
        return keys.refuse("relative_attention_num_buckets", "32");
    }
    let mut config = bert(keys, Architecture::Mpnet, head, &MPNET)?.counting_after(1, keys)?;
    config.distances = Distances::Bias;
    Ok(config)
}

fn albert(keys: &Keys, head: HeadKind) -> Result<ModelConfig, LoadError> {
    let mut config = bert(keys, Architecture::Albert, head, &BERT)?;
    config.embedding = size(keys, "embedding_size", Some(128))?;
    config.projection = Projection::AfterNorm;
    let groups = size(keys, "num_hidden_groups", Some(1))?;
    let blocks = size(keys, "inner_group_num", Some(1))?;
    if groups > config.layers {
        return keys.refuse("num_hidden_groups", "as many as num_hidden_layers or fewer");
    }
    config.sharing = Some(Sharing { groups, blocks });
    Ok(config)
}

/// `"c2p|p2c"` or `["c2p", "p2c"]`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kinds {
    Text(String),
    List(Vec<String>),
}

fn deberta(keys: &Keys, head: HeadKind) -> Result<ModelConfig, LoadError> {
    let mut config = bert(keys, Architecture::DebertaV2, head, &DEBERTA)?;
    let head_size = config.hidden / config.heads;
    if keys.or("attention_head_size", head_size)? != head_size {
        return keys
            .refuse("attention_head_size", &format!("hidden_size by num_attention_heads, {head_size}"));
    }
    if keys.or("pooler_hidden_size", config.hidden)? != config.hidden {
        return keys.refuse("pooler_hidden_size", &format!("hidden_size, {}", config.hidden));
    }
    config.pool_by(keys.activation("pooler_hidden_act", Some("gelu"))?);
    config.embedding = size(keys, "embedding_size", Some(config.hidden))?;
    if config.embedding != config.hidden {
        config.projection = Projection::BeforeNorm;
    }
    if !keys.or("position_biased_input", true)? {
        config.positions = Positions::None;
    }
    let kinds = match keys.optional("pos_att_type")? {
        None => Vec::new(),
        Some(Kinds::Text(text)) => {
            text.to_lowercase().split('|').map(|kind| kind.trim().to_owned()).collect()
        }
        Some(Kinds::List(kinds)) => kinds,
    };
    let has = |kind: &str| kinds.iter().any(|k| k == kind);
    let (content_to_position, position_to_content) = (has("c2p"), has("p2c"));
    config.score_parts = 1 + usize::from(content_to_position) + usize::from(position_to_content);
    if keys.or("relative_attention", false)? {
        let bounded = |key: &str| match keys.or::<i64>(key, -1) {
            Ok(n) if n > GREATEST_SIZE as i64 => keys.refuse(key, &format!("numbers up to {GREATEST_SIZE}")),
            other => other.map(|n| usize::try_from(n).ok().filter(|n| *n > 0)),
        };
        let norm: String = keys.or("norm_rel_ebd", "none".into())?;
        let reach = bounded("max_relative_positions")?.unwrap_or(config.max_tokens);
        let buckets = bounded("position_buckets")?;
        if buckets.is_some_and(|buckets| buckets < 4 || reach <= buckets / 2 + 1) {
            return keys.refuse("position_buckets", "4 or more, and fewer than twice the distances");
        }
        config.distances = Distances::Disentangled(Disentangled {
            content_to_position,
            position_to_content,
            shared: keys.or("share_att_key", false)?,
            norm: norm.to_lowercase().split('|').any(|kind| kind.trim() == "layer_norm"),
            reach,
            buckets,
        });
    }
    let kernel: usize = keys.or("conv_kernel_size", 0)?;
    if kernel > 0 {
        if kernel.is_multiple_of(2) || kernel > config.max_tokens {
            return keys.refuse("conv_kernel_size", "odd numbers");
        }
        if keys.or("conv_groups", 1)? != 1 {
            return keys.refuse("conv_groups", "1");
        }
        let activation = keys.activation("conv_act", Some("tanh"))?;
        config.convolution = Some(Convolution { kernel, activation });
    }
    Ok(config)
}

/// What `rope_parameters` says of a kind of layer.
#[derive(Deserialize)]
struct Rope {
    rope_type: Option<String>,
    rope_theta: Option<f32>,
}

fn modernbert(keys: &Keys, head: HeadKind) -> Result<ModelConfig, LoadError> {
    let mut config = bert(keys, Architecture::ModernBert, head, &MODERNBERT)?;
    if !(config.hidden / config.heads).is_multiple_of(2) {
        return keys.refuse("num_attention_heads", "heads of an even width");
    }
    config.norm_first = true;
    config.positions = Positions::None;
    config.biases = Biases {
        attention: keys.or("attention_bias", false)?,
        feed_forward: keys.or("mlp_bias", false)?,
        norms: keys.or("norm_bias", false)?,
        pool: keys.or("classifier_bias", false)?,
    };
    config.pool =
        Some(Pool { activation: keys.activation("classifier_activation", Some("gelu"))?, norm: true });
    config.mean = match keys.or("classifier_pooling", "cls".to_owned())?.as_str() {
        "cls" => false,
        "mean" => head == HeadKind::Sequence,
        _ => return keys.refuse("classifier_pooling", "\"cls\" and \"mean\""),
    };
    config.distances = Distances::Rotary(rotary(keys, config.layers)?);
    Ok(config)
}

fn rotary(keys: &Keys, layers: usize) -> Result<Vec<Rotary>, LoadError> {
    if keys.optional::<serde_json::Value>("rope_scaling")?.is_some() {
        return keys.refuse("rope_scaling", "none");
    }
    let named: BTreeMap<String, Option<Rope>> = keys.or("rope_parameters", BTreeMap::new())?;
    let theta = |kind: &str, old_key: &str, default: f32| {
        let rope = named.get(kind).and_then(Option::as_ref);
        if rope.and_then(|rope| rope.rope_type.as_deref()).is_some_and(|kind| kind != "default") {
            return keys.refuse("rope_parameters", "the rope_type \"default\"");
        }
        rope.and_then(|rope| rope.rope_theta).map_or_else(|| keys.or(old_key, default), Ok)
    };
    let window: usize = keys.or("local_attention", 128)?;
    let global = Rotary { theta: theta("full_attention", "global_rope_theta", 160_000.0)?, window: None };
    let local =
        Rotary { theta: theta("sliding_attention", "local_rope_theta", 10_000.0)?, window: Some(window / 2) };
    let every = size(keys, "global_attn_every_n_layers", Some(3))?;
    let Some(kinds) = keys.optional::<Vec<String>>("layer_types")? else {
        return Ok((0..layers).map(|i| if i.is_multiple_of(every) { global } else { local }).collect());
    };
    let kinds = kinds.iter().map(|kind| match kind.as_str() {
        "full_attention" => Some(global),
        "sliding_attention" => Some(local),
        _ => None,
    });
    match kinds.collect::<Option<Vec<_>>>() {
        Some(kinds) if kinds.len() == layers => Ok(kinds),
        _ => keys.refuse("layer_types", "\"full_attention\" and \"sliding_attention\", one for each layer"),
    }
}

/// A size: above zero, and one that can be multiplied with others.
fn size(keys: &Keys, key: &str, default: Option<usize>) -> Result<usize, LoadError> {
    let size = match default {
        Some(default) => keys.or(key, default)?,
        None => keys.required(key)?,
    };
    if size == 0 || size > GREATEST_SIZE {
        return keys.refuse(key, &format!("sizes from 1 to {GREATEST_SIZE}"));
    }
    Ok(size)
}
