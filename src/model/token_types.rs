//! Whether a model is told which of two texts a token is of. tokenizer.json has such types for most tokenizers; transformers
//! gives them to the model only where the tokenizer's class, or `model_input_names` in tokenizer_config.json, says so, and
//! what was trained without them has learnt nothing of the type 1.

use std::path::Path;

use serde_json::{Map, Value};

use super::{LoadError, config::Architecture, files::read_json, tokenizer_config};

type Keys = Map<String, Value>;

/// Tokenizers that give them, and that don't, whichever version; without the `Fast` that some names end with.
const GIVE: [&str; 8] = [
    "BertTokenizer",
    "ConvBertTokenizer",
    "DebertaTokenizer",
    "DebertaV2Tokenizer",
    "ElectraTokenizer",
    "LayoutLMTokenizer",
    "MobileBertTokenizer",
    "SqueezeBertTokenizer",
];
const GIVE_NOT: [&str; 18] = [
    "BartTokenizer",
    "BarthezTokenizer",
    "BigBirdTokenizer",
    "CamembertTokenizer",
    "DistilBertTokenizer",
    "EsmTokenizer",
    "GPT2Tokenizer",
    "GemmaTokenizer",
    "LlamaTokenizer",
    "LongformerTokenizer",
    "LukeTokenizer",
    "MBartTokenizer",
    "MPNetTokenizer",
    "RetriBertTokenizer",
    "RobertaTokenizer",
    "T5Tokenizer",
    "TokenizersBackend",
    "XLMRobertaTokenizer",
];

/// What the files of a model say of it, as the version of transformers that wrote them has it.
///
/// # Errors
/// A file that can't be read.
pub fn are_given(directory: &Path, architecture: Architecture) -> Result<bool, LoadError> {
    let settings = tokenizer_config::read(directory)?.unwrap_or_default();
    Ok(by_files(&settings, &read_json(&directory.join("config.json"))?, architecture))
}

/// Whether that would be otherwise without tokenizer_config.json, which decides results then.
///
/// # Errors
/// A file that can't be read.
pub fn are_decided_by_settings(directory: &Path, architecture: Architecture) -> Result<bool, LoadError> {
    let Some(settings) = tokenizer_config::read(directory)? else { return Ok(false) };
    let config = read_json(&directory.join("config.json"))?;
    Ok(by_files(&settings, &config, architecture) != by_files(&Keys::new(), &config, architecture))
}

fn by_files(settings: &Keys, config: &Keys, architecture: Architecture) -> bool {
    if let Some(Value::Array(names)) = settings.get("model_input_names") {
        return names.iter().any(|name| name == "token_type_ids");
    }
    let class = class(settings).or(class(config)).unwrap_or(own_class(architecture));
    let class = class.strip_suffix("Fast").unwrap_or(class);
    // What is of neither transformers 4 takes for one that gives them, and 5, which names its backend, for one that doesn't.
    GIVE.contains(&class) || !(GIVE_NOT.contains(&class) || settings.contains_key("backend"))
}

fn class(keys: &Keys) -> Option<&str> {
    keys.get("tokenizer_class")?.as_str()
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
