//! Whether a model is told which of two texts a token is of. tokenizer.json has such types for most tokenizers; transformers
//! gives them to the model only where the tokenizer's class, or `model_input_names` in tokenizer_config.json, says so, and
//! what was trained without them has learnt nothing of the type 1.

use std::path::Path;

use serde_json::{Map, Value};

use super::{LoadError, config::Architecture, read_json, tokenizer_config};

type Keys = Map<String, Value>;

/// What the files of a model say of it, as the version of transformers that wrote them has it.
///
/// # Errors
/// A file that can't be read.
pub fn are_given(directory: &Path, architecture: Architecture) -> Result<bool, LoadError> {
    let settings = tokenizer_config::read(directory)?.unwrap_or_default();
    if let Some(given) = by_settings(&settings) {
        return Ok(given);
    }
    let config: Keys = read_json(&directory.join("config.json"))?;
    Ok(by_class(class(&config).unwrap_or(own_class(architecture)), &settings))
}

/// Whether tokenizer_config.json says that they are not given: then it decides results, and else none.
///
/// # Errors
/// A file that can't be read.
pub fn are_withheld_by_settings(directory: &Path) -> Result<bool, LoadError> {
    Ok(tokenizer_config::read(directory)?.is_some_and(|settings| by_settings(&settings) == Some(false)))
}

fn by_settings(settings: &Keys) -> Option<bool> {
    match settings.get("model_input_names") {
        Some(Value::Array(names)) => Some(names.iter().any(|name| name == "token_type_ids")),
        _ => class(settings).map(|class| by_class(class, settings)),
    }
}

fn class(keys: &Keys) -> Option<&str> {
    keys.get("tokenizer_class")?.as_str()
}

fn by_class(class: &str, settings: &Keys) -> bool {
    match class.strip_suffix("Fast").unwrap_or(class) {
        "BertTokenizer"
        | "ElectraTokenizer"
        | "DebertaTokenizer"
        | "DebertaV2Tokenizer"
        | "MobileBertTokenizer"
        | "ConvBertTokenizer"
        | "SqueezeBertTokenizer"
        | "LayoutLMTokenizer" => true,
        "DistilBertTokenizer"
        | "RobertaTokenizer"
        | "XLMRobertaTokenizer"
        | "CamembertTokenizer"
        | "MPNetTokenizer"
        | "BartTokenizer"
        | "GPT2Tokenizer"
        | "LongformerTokenizer"
        | "TokenizersBackend" => false,
        // Of all others transformers 4 gives them, and 5, which names its backend, does not.
        _ => !settings.contains_key("backend"),
    }
}

/// What transformers takes where no file names a class.
fn own_class(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::Bert => "BertTokenizer",
        Architecture::DistilBert => "DistilBertTokenizer",
        Architecture::Roberta => "RobertaTokenizer",
        Architecture::XlmRoberta => "XLMRobertaTokenizer",
        Architecture::Camembert => "CamembertTokenizer",
        Architecture::Electra => "ElectraTokenizer",
        Architecture::Mpnet => "MPNetTokenizer",
        Architecture::Albert => "AlbertTokenizer",
        Architecture::DebertaV2 => "DebertaV2Tokenizer",
        Architecture::ModernBert => "PreTrainedTokenizer",
    }
}
