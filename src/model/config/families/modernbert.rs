//! ModernBERT: norms first, gates, turned queries and keys, windows. Its files say the turning in two ways, as those
//! on the Hub and as transformers 5 writes them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{BERT, Common, bert, size};
use crate::model::{
    LoadError,
    config::{Architecture, Biases, Distances, HeadKind, ModelConfig, Pool, Positions, Rotary, keys::Keys},
};

const MODERNBERT: Common = Common {
    activation: "hidden_activation",
    epsilon: (Some("norm_eps"), 1e-5),
    types: None,
    relative: false,
    ..BERT
};

const LOCAL_THETA: &str = "local_rope_theta";

/// What `rope_parameters` says of a kind of layer.
#[derive(Deserialize)]
struct Rope {
    rope_type: Option<String>,
    rope_theta: Option<f32>,
}

/// Reads what a ModernBERT is like.
///
/// # Errors
/// The key and the value that Baton can't take.
pub fn read(keys: &Keys, head: HeadKind) -> Result<ModelConfig, LoadError> {
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
        let told = rope.and_then(|rope| rope.rope_theta);
        let theta = told.map_or_else(|| keys.or(old_key, default), Ok)?;
        if !(theta.is_finite() && theta > 0.0) {
            return keys
                .refuse(if told.is_some() { "rope_parameters" } else { old_key }, "a theta above zero");
        }
        Ok(theta)
    };
    let window: usize = keys.or("local_attention", 128)?;
    let global = Rotary { theta: theta("full_attention", "global_rope_theta", 160_000.0)?, window: None };
    let local =
        Rotary { theta: theta("sliding_attention", LOCAL_THETA, 10_000.0)?, window: Some(window / 2) };
    let every = size(keys, "global_attn_every_n_layers", Some(3))?;
    let kinds = match keys.optional::<Vec<String>>("layer_types")? {
        Some(kinds) => named_kinds(keys, &kinds, layers, global, local)?,
        None => (0..layers).map(|i| if i.is_multiple_of(every) { global } else { local }).collect(),
    };
    let is_told =
        named.get("sliding_attention").and_then(Option::as_ref).is_some_and(|rope| rope.rope_theta.is_some());
    if keys.is_null(LOCAL_THETA) && !is_told && kinds.iter().any(|kind| kind.window.is_some()) {
        let can = "numbers; transformers 4 reads a null as global_rope_theta and 5 as its default, so write the \
                   number that the model was trained with";
        return keys.refuse_as(LOCAL_THETA, "null", can);
    }
    Ok(kinds)
}

fn named_kinds(
    keys: &Keys,
    kinds: &[String],
    layers: usize,
    global: Rotary,
    local: Rotary,
) -> Result<Vec<Rotary>, LoadError> {
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
