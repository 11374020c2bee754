//! BERT's vocab.txt: a piece of a word on each line.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::{added::Added, class::Specials, frame, missing, roles::Roles, said::Said, templates, unreadable};
use crate::model::LoadError;

pub const VOCABULARY: &str = "vocab.txt";

/// What tokenizer.json would be.
///
/// # Errors
/// A file that can't be read, a special token without an id.
pub fn as_tokenizer_json(directory: &Path, said: &Said, specials: Specials) -> Result<Value, LoadError> {
    let file = directory.join(VOCABULARY);
    let text = std::fs::read_to_string(&file).map_err(|e| unreadable(directory, VOCABULARY, &e))?;
    if !said.setting("do_basic_tokenize")?.unwrap_or(true) {
        return Err(LoadError::at(&said.settings_file, "`do_basic_tokenize` is false; Baton has true"));
    }
    let vocabulary: Map<String, Value> = text
        .trim_end_matches(['\r', '\n'])
        .lines()
        .enumerate()
        .map(|(id, token)| (token.to_owned(), json!(id)))
        .collect();
    let roles = Roles::read(said, specials)?;
    if !vocabulary.contains_key(&roles.unknown.content) {
        return Err(missing(&file, &roles.unknown.content));
    }
    let added = Added::read(directory, &vocabulary, said, &roles.all())?;
    let normalizer = json!({
        "type": "BertNormalizer",
        "clean_text": true,
        "handle_chinese_chars": said.setting("tokenize_chinese_chars")?.unwrap_or(true),
        "strip_accents": said.setting::<bool>("strip_accents")?,
        "lowercase": said.setting("do_lower_case")?.unwrap_or(true),
    });
    let post = templates(&file, &roles, &added, specials)?;
    let model = json!({
        "type": "WordPiece",
        "unk_token": roles.unknown.content,
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": vocabulary,
    });
    Ok(frame(&added, normalizer, json!({"type": "BertPreTokenizer"}), post, model))
}
