//! tokenizer_config.json beside a tokenizer.json. transformers 4 puts some of its keys over what tokenizer.json says,
//! other readers don't: where the two contradict each other nobody can tell here what the model was trained on, and
//! it is refused. The same holds of tokens that only the files beside tokenizer.json add, which transformers finds in
//! texts. Of what else they say only `token_types` reads something.

use std::path::Path;

use serde_json::{Map, Value};
use tokenizers::{NormalizerWrapper, PreTokenizerWrapper, Tokenizer, normalizers::BertNormalizer};

use super::{LoadError, files::read_json_if_there, vocab_files, wordpiece::WordPiece};

pub const FILE: &str = "tokenizer_config.json";

/// What tokenizer.json says that tokenizer_config.json may say too.
#[derive(Default)]
pub struct Parts {
    pub normalizer: Option<BertNormalizer>,
    /// Of a pre-tokenizer for bytes: whether the text gets a space before it.
    pub prefix_space: Option<bool>,
    /// The texts of its added tokens.
    pub added: Vec<String>,
}

/// The keys of the tokenizer_config.json of a directory, if it has one.
///
/// # Errors
/// A file that is no JSON object.
pub fn read(directory: &Path) -> Result<Option<Map<String, Value>>, LoadError> {
    read_json_if_there(&directory.join(FILE))
}

impl Parts {
    /// Those of BERT's tokenizer, loaded fast.
    pub fn of_fast(fast: &WordPiece) -> Self {
        Parts { normalizer: Some(fast.normalizer()), prefix_space: None, added: fast.added().to_vec() }
    }

    /// Those of a tokenizer that is loaded.
    pub fn of(tokenizer: &Tokenizer) -> Self {
        let normalizer = match tokenizer.get_normalizer() {
            Some(NormalizerWrapper::BertNormalizer(normalizer)) => Some(*normalizer),
            _ => None,
        };
        let prefix_space = match tokenizer.get_pre_tokenizer() {
            Some(PreTokenizerWrapper::ByteLevel(bytes)) => Some(bytes.add_prefix_space),
            _ => None,
        };
        let added = tokenizer.get_added_tokens_decoder().into_values().map(|token| token.content).collect();
        Parts { normalizer, prefix_space, added }
    }

    /// Holds them against what lies beside the tokenizer.json of a directory.
    ///
    /// # Errors
    /// A key that says otherwise. One that is missing or null says nothing.
    pub fn check(&self, directory: &Path) -> Result<(), LoadError> {
        if let Some((place, token)) = vocab_files::added_beside(directory, &self.added)? {
            return Err(LoadError::new(format!(
                "{place} has the token `{}`, and tokenizer.json has it not among its added_tokens: transformers would find \
                 it in texts and tokenizer.json alone doesn't; save the tokenizer anew with the transformers that the \
                 model was made with, or take it out there if tokenizer.json is right",
                token.escape_debug()
            )));
        }
        let Some(settings) = read(directory)? else { return Ok(()) };
        let refuse = |what: String| Err(LoadError::at(&directory.join(FILE), what));
        if settings.get("split_special_tokens") == Some(&Value::Bool(true)) {
            return refuse(
                "`split_special_tokens` is true: transformers then cuts a special token that stands in a text like any \
                 other word, and Baton takes it for special; delete the key if it may"
                    .into(),
            );
        }
        if let Some(Value::Array(files)) = settings.get("fast_tokenizer_files")
            && let Some(other) = files.iter().find(|file| *file != "tokenizer.json")
        {
            return refuse(format!(
                "`fast_tokenizer_files` names {other}, which transformers may read in the place of tokenizer.json; put the \
                 right one there, and delete the key"
            ));
        }
        for (key, part, value) in self.values() {
            match settings.get(key) {
                None | Some(Value::Null) => {}
                Some(said) if *said == value => {}
                Some(said) => {
                    return refuse(format!(
                        "`{key}` is {said}, but with `{part}` in tokenizer.json it is {value}; save the tokenizer \
                         anew with the transformers that the model was made with, or delete `{key}` if tokenizer.json \
                         is right"
                    ));
                }
            }
        }
        Ok(())
    }

    /// A key of tokenizer_config.json, the part of tokenizer.json that says the same, and what it says.
    fn values(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let of_bert = self.normalizer.map(|normalizer| {
            // Where nothing is said of accents, they go with the capitals.
            let strips = normalizer.strip_accents.unwrap_or(normalizer.lowercase);
            [
                ("do_lower_case", "normalizer.lowercase", normalizer.lowercase),
                ("strip_accents", "normalizer.strip_accents", strips),
                (
                    "tokenize_chinese_chars",
                    "normalizer.handle_chinese_chars",
                    normalizer.handle_chinese_chars,
                ),
            ]
        });
        let of_bytes =
            self.prefix_space.map(|adds| ("add_prefix_space", "pre_tokenizer.add_prefix_space", adds));
        of_bert.into_iter().flatten().chain(of_bytes)
    }
}
