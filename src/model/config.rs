//! What config.json says of a model, checked: an architecture, activation or head that Baton doesn't have is an
//! error that names it, never a silent approximation.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use super::{LoadError, kernels::Activation, read_json};

/// What the model's last layer classifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadKind {
    /// The text as a whole: one row of logits.
    Sequence,
    /// Every token: a row of logits each.
    Token,
}

/// How the linear layers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// As floats of any width.
    Float,
    /// int8 with a scale for each output, as compressed-tensors writes it (`int-quantized`).
    Int8PerChannel,
}

/// The arithmetic of the linear layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// f32 throughout: the reference.
    F32,
    /// int8 weights times int8 activations; attention, layer norm and the activation function stay f32.
    Int8,
}

impl Precision {
    /// The names that [`Precision::named`] knows.
    pub const NAMES: &str = "f32, int8";

    /// By its name.
    pub fn named(name: &str) -> Option<Precision> {
        [Precision::F32, Precision::Int8].into_iter().find(|precision| precision.name() == name)
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::Int8 => "int8",
        }
    }
}

impl Storage {
    /// The precision that the stored form is made for.
    pub fn precision(self) -> Precision {
        match self {
            Storage::Float => Precision::F32,
            Storage::Int8PerChannel => Precision::Int8,
        }
    }
}

/// A model's shape and labels.
#[derive(Clone, Debug)]
pub struct ModelConfig {
    /// What is classified.
    pub head: HeadKind,
    /// Transformer blocks.
    pub layers: usize,
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
    /// Tokens of the longest input, special ones included: what the positions allow, or less where the model
    /// was trained on less.
    pub max_tokens: usize,
    /// Rows of the position table.
    pub positions: usize,
    /// Token types.
    pub types: usize,
    /// Size of the vocabulary.
    pub vocabulary: usize,
    /// The labels, in the order of the logits.
    pub labels: Vec<String>,
    /// Whether token types carry the case of the word, for a vocabulary that has none.
    pub word_case: bool,
    /// How the linear layers are stored.
    pub storage: Storage,
}

/// Which architecture config.json is of. It is read first: another one's file has other keys, and what is wrong
/// with it is not that they are missing.
#[derive(Deserialize)]
struct Kind {
    model_type: Option<String>,
    #[serde(default)]
    architectures: Vec<String>,
}

/// config.json as Hugging Face writes it: the keys that matter here.
#[derive(Deserialize)]
struct Raw {
    num_hidden_layers: usize,
    hidden_size: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    hidden_act: String,
    #[serde(default = "bert_epsilon")]
    layer_norm_eps: f32,
    max_position_embeddings: usize,
    #[serde(default = "bert_types")]
    type_vocab_size: usize,
    vocab_size: usize,
    position_embedding_type: Option<String>,
    #[serde(default)]
    is_decoder: bool,
    id2label: Option<BTreeMap<String, String>>,
    num_labels: Option<usize>,
    token_type_ids_are_word_case: Option<serde_json::Value>,
    target_sentiment: Option<TargetSentiment>,
    quantization_config: Option<Quantization>,
}

// The defaults of transformers' BertConfig.
fn bert_epsilon() -> f32 {
    1e-12
}
fn bert_types() -> usize {
    2
}

#[derive(Deserialize)]
struct TargetSentiment {
    input: Option<String>,
    pool: Option<String>,
    max_length: Option<usize>,
}

#[derive(Deserialize)]
struct Quantization {
    quant_method: Option<String>,
    format: Option<String>,
    #[serde(default)]
    config_groups: BTreeMap<String, Group>,
}

#[derive(Deserialize)]
struct Group {
    weights: Option<GroupWeights>,
}

#[derive(Deserialize)]
struct GroupWeights {
    num_bits: u32,
    symmetric: bool,
    strategy: String,
}

impl ModelConfig {
    /// Reads and checks `config.json` in a model's directory.
    ///
    /// # Errors
    /// The file, the key and the value that Baton can't take, and what it could.
    pub fn read(directory: &Path) -> Result<Self, LoadError> {
        let file = directory.join("config.json");
        let kind: Kind = read_json(&file)?;
        let refuse = |key: &str, value: &str, can: &str| {
            Err(LoadError::new(format!("{}: `{key}` is {value}; Baton has {can}", file.display())))
        };

        match kind.model_type.as_deref() {
            Some("bert") => {}
            other => return refuse("model_type", &quoted(other), "bert"),
        }
        let head = match kind.architectures.first().map(String::as_str) {
            Some("BertForSequenceClassification") => HeadKind::Sequence,
            Some("BertForTokenClassification") => HeadKind::Token,
            other => {
                let can = "BertForSequenceClassification and BertForTokenClassification";
                return refuse("architectures", &quoted(other), can);
            }
        };
        let raw: Raw = read_json(&file)?;
        let Some(activation) = Activation::named(&raw.hidden_act) else {
            return refuse("hidden_act", &quoted(Some(&raw.hidden_act)), Activation::NAMES);
        };
        match raw.position_embedding_type.as_deref() {
            None | Some("absolute") => {}
            other => return refuse("position_embedding_type", &quoted(other), "absolute"),
        }
        if raw.is_decoder {
            return refuse("is_decoder", "true", "encoders only");
        }
        let sizes = [raw.hidden_size, raw.num_attention_heads, raw.intermediate_size, raw.vocab_size];
        if sizes.contains(&0) || !raw.hidden_size.is_multiple_of(raw.num_attention_heads) {
            let value = format!("{} with {} heads", raw.hidden_size, raw.num_attention_heads);
            return refuse("hidden_size", &value, "sizes above zero that the heads divide");
        }
        if let Some(target) = &raw.target_sentiment {
            if !matches!(target.input.as_deref(), None | Some("pair")) {
                return refuse("target_sentiment.input", &quoted(target.input.as_deref()), "pair");
            }
            if !matches!(target.pool.as_deref(), None | Some("pooler")) {
                return refuse("target_sentiment.pool", &quoted(target.pool.as_deref()), "pooler");
            }
        }
        let trained = raw.target_sentiment.and_then(|t| t.max_length).unwrap_or(usize::MAX);
        let max_tokens = raw.max_position_embeddings.min(trained);
        if max_tokens < 16 {
            return refuse("max_position_embeddings", &max_tokens.to_string(), "16 or more");
        }
        let storage = match &raw.quantization_config {
            None => Storage::Float,
            Some(quantization) if quantization.is_int8_per_channel() => Storage::Int8PerChannel,
            Some(quantization) => {
                let value = format!(
                    "{} in the form {}",
                    quoted(quantization.quant_method.as_deref()),
                    quoted(quantization.format.as_deref())
                );
                return refuse(
                    "quantization_config",
                    &value,
                    "compressed-tensors in the form int-quantized with symmetric 8-bit weights per channel",
                );
            }
        };
        Ok(ModelConfig {
            head,
            layers: raw.num_hidden_layers,
            hidden: raw.hidden_size,
            heads: raw.num_attention_heads,
            intermediate: raw.intermediate_size,
            activation,
            epsilon: raw.layer_norm_eps,
            max_tokens,
            positions: raw.max_position_embeddings,
            types: raw.type_vocab_size,
            vocabulary: raw.vocab_size,
            labels: labels(&file, raw.id2label, raw.num_labels)?,
            word_case: raw.token_type_ids_are_word_case.is_some_and(|v| v != serde_json::Value::Bool(false)),
            storage,
        })
    }
}

impl Quantization {
    fn is_int8_per_channel(&self) -> bool {
        self.quant_method.as_deref() == Some("compressed-tensors")
            && self.format.as_deref() == Some("int-quantized")
            && !self.config_groups.is_empty()
            && self.config_groups.values().all(|group| {
                group
                    .weights
                    .as_ref()
                    .is_some_and(|w| w.num_bits == 8 && w.symmetric && w.strategy == "channel")
            })
    }
}

fn labels(
    file: &Path,
    id2label: Option<BTreeMap<String, String>>,
    num_labels: Option<usize>,
) -> Result<Vec<String>, LoadError> {
    let Some(map) = id2label else {
        // As transformers names them when the file doesn't, two being its default.
        return Ok((0..num_labels.unwrap_or(2)).map(|i| format!("LABEL_{i}")).collect());
    };
    let mut labels = vec![None; map.len()];
    for (id, label) in map {
        match id.parse::<usize>().ok().and_then(|i| labels.get_mut(i)) {
            Some(slot @ None) => *slot = Some(label),
            _ => {
                let text =
                    format!("{}: `id2label` has the id \"{id}\"; ids must run from 0 up", file.display());
                return Err(LoadError::new(text));
            }
        }
    }
    match labels.into_iter().collect::<Option<Vec<_>>>() {
        Some(labels) if !labels.is_empty() => Ok(labels),
        _ => Err(LoadError::new(format!("{}: `id2label` is empty or has gaps", file.display()))),
    }
}

fn quoted(value: Option<&str>) -> String {
    value.map_or_else(|| "missing".into(), |v| format!("\"{v}\""))
}
