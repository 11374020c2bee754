//! DeBERTa-v2 and v3: attention to distances, a convolution, a head with a function of its own.

use serde::Deserialize;

use super::{BERT, Common, bert, size};
use crate::model::{
    LoadError,
    config::{
        Architecture, Convolution, Disentangled, Distances, GREATEST_SIZE, HeadKind, ModelConfig, Positions,
        Projection, keys::Keys,
    },
};

const DEBERTA: Common = Common {
    epsilon: (Some("layer_norm_eps"), 1e-7),
    types: Some(("type_vocab_size", 0)),
    relative: false,
    ..BERT
};

/// `"c2p|p2c"` or `["c2p", "p2c"]`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kinds {
    Text(String),
    List(Vec<String>),
}

/// Reads what a DeBERTa-v2 or v3 is like.
///
/// # Errors
/// The key and the value that Baton can't take.
pub fn read(keys: &Keys, head: HeadKind) -> Result<ModelConfig, LoadError> {
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
        let (mut reach, mut buckets) = (reach, bounded("position_buckets")?);
        // So short a model has no two distances in one bucket.
        if let Some(all) = buckets.filter(|all| *all >= 4 && config.max_tokens <= all / 2 + 1) {
            (reach, buckets) = (all, None);
        }
        if buckets.is_some_and(|buckets| buckets < 4 || reach <= buckets / 2 + 1) {
            return keys.refuse("position_buckets", "4 or more, and fewer than twice max_relative_positions");
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
