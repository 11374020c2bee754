//! BERT's vocab.txt: a piece of a word on each line.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::{added::Added, class::Specials, frame, roles::Roles, said::Said, unreadable};
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
        return Err(LoadError::new(format!(
            "{}: `do_basic_tokenize` is false; Baton has true",
            said.settings_file.display()
        )));
    }
    let vocabulary: Map<String, Value> = text
        .trim_end_matches(['\r', '\n'])
        .lines()
        .enumerate()
        .map(|(id, token)| (token.to_owned(), json!(id)))
        .collect();
    let roles = Roles::read(said, specials)?;
    let missing = |token: &str| LoadError::new(format!("{}: has no token `{token}`", file.display()));
    if !vocabulary.contains_key(&roles.unknown.content) {
        return Err(missing(&roles.unknown.content));
    }
    let added = Added::read(directory, &vocabulary, said, &roles.all())?;
    let (cls, sep) = (roles.cls.content.as_str(), roles.sep.content.as_str());

    let special = |token: &str, kind: u32| json!({"SpecialToken": {"id": token, "type_id": kind}});
    let sequence = |name: &str, kind: u32| json!({"Sequence": {"id": name, "type_id": kind}});
    let single = vec![special(cls, 0), sequence("A", 0), special(sep, 0)];
    let mut pair = single.clone();
    if specials.as_roberta {
        pair.extend([special(sep, 0), sequence("B", 0), special(sep, 0)]);
    } else {
        pair.extend([sequence("B", 1), special(sep, 1)]);
    }
    let template = |token: &str| match added.id(token) {
        Some(id) => Ok(json!({"id": token, "ids": [id], "tokens": [token]})),
        None => Err(missing(token)),
    };
    let normalizer = json!({
        "type": "BertNormalizer",
        "clean_text": true,
        "handle_chinese_chars": said.setting("tokenize_chinese_chars")?.unwrap_or(true),
        "strip_accents": said.setting::<Option<bool>>("strip_accents")?.flatten(),
        "lowercase": said.setting("do_lower_case")?.unwrap_or(true),
    });
    let post = json!({
        "type": "TemplateProcessing",
        "single": single,
        "pair": pair,
        "special_tokens": {cls: template(cls)?, sep: template(sep)?},
    });
    let model = json!({
        "type": "WordPiece",
        "unk_token": roles.unknown.content,
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": vocabulary,
    });
    Ok(frame(&added, normalizer, json!({"type": "BertPreTokenizer"}), post, model))
}
