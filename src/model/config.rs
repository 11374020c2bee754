//! What config.json says of a model, checked: an architecture, activation, position type or head that Baton
//! doesn't have is an error that names it, never a silent approximation.

mod architecture;
mod families;
mod keys;
mod quantization;
mod shape;

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

pub use architecture::Architecture;
pub use quantization::{Precision, Storage};
pub use shape::{
    Biases, Convolution, Disentangled, Distances, Pool, Positions, Projection, Relative, Rotary, Sharing,
};

use super::{LoadError, kernels::Activation};
use keys::Keys;

/// What the model's last layer classifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadKind {
    /// The text as a whole: one row of logits.
    Sequence,
    /// Every token: a row of logits each.
    Token,
}

/// A model's shape and labels: what its blocks are like, where they differ from BERT's, and what it answers.
#[derive(Clone, Debug)]
pub struct ModelConfig {
    /// Whose names the tensors have.
    pub architecture: Architecture,
    /// What is classified.
    pub head: HeadKind,
    /// Transformer blocks, or runs of groups of them where blocks are shared.
    pub layers: usize,
    /// Blocks that are run again and again instead of each once (ALBERT).
    pub sharing: Option<Sharing>,
    /// Floats of a token between blocks.
    pub hidden: usize,
    /// Attention heads; divides `hidden`.
    pub heads: usize,
    /// Floats of a token inside a block's feed-forward part.
    pub intermediate: usize,
    /// The feed-forward part's function.
    pub activation: Activation,
    /// Layer norm's epsilon.
    pub epsilon: f32,
    /// Whether blocks normalise what they read and gate their feed-forward part (ModernBERT), instead of
    /// normalising what they write.
    pub norm_first: bool,
    /// Which parts have biases.
    pub biases: Biases,
    /// Tokens of the longest input, special ones included: what the positions allow, or less where the model
    /// was trained on less.
    pub max_tokens: usize,
    /// The table of positions.
    pub positions: Positions,
    /// What attention knows of distances.
    pub distances: Distances,
    /// Sums that a score of attention is made of: it is divided by the root of this and of a head's width.
    pub score_parts: usize,
    /// Mixes each token with its neighbours beside the first block (DeBERTa-v2).
    pub convolution: Option<Convolution>,
    /// Token types; none where the architecture ignores them.
    pub types: usize,
    /// Size of the vocabulary.
    pub vocabulary: usize,
    /// Floats of a token in the tables.
    pub embedding: usize,
    /// What makes `hidden` floats of them.
    pub projection: Projection,
    /// What the head does before its last layer.
    pub pool: Option<Pool>,
    /// Whether the text as a whole is the mean of its tokens, instead of the first of them.
    pub mean: bool,
    /// The labels, in the order of the logits.
    pub labels: Vec<String>,
    /// Whether token types carry the case of the word, for a vocabulary that has none.
    pub word_case: bool,
    /// How the linear layers are stored.
    pub storage: Storage,
}

#[derive(Deserialize)]
struct TargetSentiment {
    input: Option<String>,
    pool: Option<String>,
    max_length: Option<usize>,
}

impl TargetSentiment {
    /// The tokens that a model for targets was trained on, where it says so; and that it reads what Baton makes.
    fn read_length(keys: &Keys) -> Result<Option<usize>, LoadError> {
        const KEY: &str = "target_sentiment";
        let Some(target) = keys.optional::<Self>(KEY)? else { return Ok(None) };
        for (part, value, can) in [("input", target.input, "pair"), ("pool", target.pool, "pooler")] {
            if let Some(value) = value.filter(|value| value != can) {
                return keys.refuse_as(&format!("{KEY}.{part}"), &format!("\"{value}\""), can);
            }
        }
        match target.max_length {
            Some(length @ ..FEWEST_TOKENS) => {
                keys.refuse_as(&format!("{KEY}.max_length"), &length.to_string(), &room())
            }
            length => Ok(length),
        }
    }
}

/// Fewer tokens leave no room for a text between the special ones.
pub(super) const FEWEST_TOKENS: usize = 16;
/// The longest input, whatever config.json says where no table of positions bounds it; and where there is a number for each
/// two tokens of it. Longer texts are read through windows.
const MOST_TOKENS: usize = 8192;
const MOST_TOKENS_WITH_DISTANCES: usize = 2048;
/// More of anything is no model that this program can hold, and sizes are multiplied with one another.
const GREATEST_SIZE: usize = 1 << 20;
/// The sums of so many products of int8 are within i32; of twice as many they need not be.
const GREATEST_WIDTH: usize = 1 << 16;

impl ModelConfig {
    /// Reads and checks `config.json` in a model's directory.
    ///
    /// # Errors
    /// The file, the key and the value that Baton can't take, and what it could.
    pub fn read(directory: &Path) -> Result<Self, LoadError> {
        refuse_adapter(directory)?;
        let keys = Keys::read(directory)?;
        let (architecture, head) = Architecture::read(&keys)?;
        let mut config = families::read(&keys, architecture, head)?;
        config.storage = Storage::read(&keys)?;
        config.labels = labels(&keys)?;
        let word_case: Option<serde_json::Value> = keys.optional("token_type_ids_are_word_case")?;
        config.word_case = word_case.is_some_and(|value| value != serde_json::Value::Bool(false));
        if config.word_case && config.types == 0 {
            return keys.refuse("token_type_ids_are_word_case", "that for architectures with token types");
        }
        config.max_tokens = config.max_tokens.min(TargetSentiment::read_length(&keys)?.unwrap_or(usize::MAX));
        let most = match config.distances {
            Distances::Disentangled(_) | Distances::Relative(_) => MOST_TOKENS_WITH_DISTANCES,
            _ => MOST_TOKENS,
        };
        config.max_tokens = config.max_tokens.min(most);
        if config.max_tokens < FEWEST_TOKENS {
            let value = config.max_tokens.to_string();
            return keys.refuse_as("max_position_embeddings", &value, &room());
        }
        Ok(config)
    }
}

fn room() -> String {
    format!("room for {FEWEST_TOKENS} tokens or more")
}

/// Weights that transformers would add an adapter's to say something else without it.
fn refuse_adapter(directory: &Path) -> Result<(), LoadError> {
    let file = directory.join("adapter_config.json");
    if !file.is_file() {
        return Ok(());
    }
    Err(LoadError::at(
        &file,
        "an adapter is to be added to the weights, which Baton doesn't do; save them with it in Python, by \
         `merge_and_unload()` of peft's model and `save_pretrained`, or delete the adapter's files if they are not \
         the model's",
    ))
}

/// A label; some are numbers.
#[derive(Deserialize)]
#[serde(untagged, expecting = "labels are texts or numbers")]
enum Label {
    Text(String),
    Number(serde_json::Number),
}

/// The labels in the order of their ids.
fn labels(keys: &Keys) -> Result<Vec<String>, LoadError> {
    let Some(map) = keys.optional::<BTreeMap<String, Label>>("id2label")? else {
        // As transformers names them when the file doesn't, two being its default.
        let count: usize = keys.or("num_labels", 2)?;
        if count == 0 || count > GREATEST_SIZE {
            return keys.refuse("num_labels", &format!("1 to {GREATEST_SIZE} labels"));
        }
        return Ok((0..count).map(|i| format!("LABEL_{i}")).collect());
    };
    let mut labels = vec![None; map.len()];
    for (id, label) in map {
        let label = match label {
            Label::Text(text) => text,
            Label::Number(number) => number.to_string(),
        };
        if label.trim().is_empty() {
            return keys.refuse_as(
                "id2label",
                &format!("a map that gives the id \"{id}\" no name"),
                "a name for each",
            );
        }
        match id.parse::<usize>().ok().and_then(|i| labels.get_mut(i)) {
            Some(slot @ None) => *slot = Some(label),
            _ => {
                return keys.refuse_as(
                    "id2label",
                    &format!("a map with the id \"{id}\""),
                    "ids that run from 0 up",
                );
            }
        }
    }
    match labels.into_iter().collect::<Option<Vec<_>>>() {
        Some(labels) if !labels.is_empty() => Ok(labels),
        _ => keys.refuse_as("id2label", "empty or with gaps", "ids that run from 0 up"),
    }
}
