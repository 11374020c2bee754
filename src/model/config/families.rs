//! What each architecture's keys mean. All are told as differences from BERT; defaults are those of transformers'
//! configuration classes.

mod deberta;
mod modernbert;

use super::{
    Architecture, Biases, Distances, GREATEST_SIZE, GREATEST_WIDTH, HeadKind, ModelConfig, Pool, Positions,
    Projection, Relative, Sharing, Storage, keys::Keys,
};
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
    /// Whether transformers reads `position_embedding_type`, which may be a relative one then.
    relative: bool,
}

const BERT: Common = Common {
    layers: "num_hidden_layers",
    hidden: "hidden_size",
    heads: "num_attention_heads",
    intermediate: "intermediate_size",
    activation: "hidden_act",
    epsilon: (Some("layer_norm_eps"), 1e-12),
    types: Some(("type_vocab_size", 2)),
    relative: true,
};
const DISTILBERT: Common = Common {
    layers: "n_layers",
    hidden: "dim",
    heads: "n_heads",
    intermediate: "hidden_dim",
    activation: "activation",
    epsilon: (None, 1e-12),
    types: None,
    relative: false,
};
const MPNET: Common = Common { types: None, relative: false, ..BERT };

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
        Architecture::DebertaV2 => deberta::read(keys, head),
        Architecture::ModernBert => modernbert::read(keys, head),
    }
}

fn bert(
    keys: &Keys,
    architecture: Architecture,
    head: HeadKind,
    names: &Common,
) -> Result<ModelConfig, LoadError> {
    let hidden = width(keys, names.hidden)?;
    let heads = size(keys, names.heads, None)?;
    if !hidden.is_multiple_of(heads) {
        let value = format!("{hidden} with {heads} heads");
        return keys.refuse_as(names.hidden, &value, "sizes that the heads divide");
    }
    if keys.or("is_decoder", false)? {
        return keys.refuse("is_decoder", "encoders only");
    }
    let rows = size(keys, "max_position_embeddings", None)?;
    let relative = |with_keys| Distances::Relative(Relative { rows, keys: with_keys, divided: true });
    let of_positions =
        if names.relative { keys.optional::<String>("position_embedding_type")? } else { None };
    let distances = match of_positions.as_deref() {
        None | Some("absolute") => Distances::None,
        Some("relative_key") => relative(false),
        Some("relative_key_query") => relative(true),
        Some(_) => {
            let can = "\"absolute\", \"relative_key\" and \"relative_key_query\"";
            return keys.refuse("position_embedding_type", can);
        }
    };
    let epsilon = match names.epsilon {
        (Some(key), default) => keys.or(key, default)?,
        (None, constant) => constant,
    };
    if !(epsilon > 0.0 && epsilon < 1.0) {
        return keys.refuse(names.epsilon.0.unwrap_or_default(), "numbers above 0 and below 1");
    }
    let types = match names.types {
        None => 0,
        // Who has none unless it says so may say that it has none.
        Some((key, 0)) if keys.or(key, 0usize)? == 0 => 0,
        Some((key, default)) => size(keys, key, Some(default))?,
    };
    let mut config = ModelConfig {
        architecture,
        head,
        layers: size(keys, names.layers, None)?,
        sharing: None,
        hidden,
        heads,
        intermediate: width(keys, names.intermediate)?,
        activation: keys.activation(names.activation, None)?,
        epsilon,
        norm_first: false,
        biases: Biases { attention: true, feed_forward: true, norms: true, pool: true },
        max_tokens: rows,
        positions: if distances == Distances::None { Positions::FromZero { rows } } else { Positions::None },
        distances,
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
        if self.positions == Positions::None {
            // Distances don't count from anywhere.
            return Ok(self);
        }
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

/// Blocks that share their weights cost no byte of a file, only time.
const MOST_BLOCKS: usize = 1024;

fn albert(keys: &Keys, head: HeadKind) -> Result<ModelConfig, LoadError> {
    let mut config = bert(keys, Architecture::Albert, head, &BERT)?;
    if let Distances::Relative(how) = &mut config.distances {
        how.divided = false;
    }
    config.embedding = size(keys, "embedding_size", Some(128))?;
    config.projection = Projection::AfterNorm;
    let groups = size(keys, "num_hidden_groups", Some(1))?;
    let blocks = size(keys, "inner_group_num", Some(1))?;
    if groups > config.layers {
        return keys.refuse("num_hidden_groups", "as many as num_hidden_layers or fewer");
    }
    if blocks.saturating_mul(config.layers) > MOST_BLOCKS {
        return keys.refuse("inner_group_num", &format!("up to {MOST_BLOCKS} blocks in all"));
    }
    config.sharing = Some(Sharing { groups, blocks });
    Ok(config)
}

/// A number of floats that are multiplied by weights and summed up.
fn width(keys: &Keys, key: &str) -> Result<usize, LoadError> {
    match size(keys, key, None)? {
        width @ ..=GREATEST_WIDTH => Ok(width),
        _ => keys.refuse(key, &format!("sizes from 1 to {GREATEST_WIDTH}")),
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
