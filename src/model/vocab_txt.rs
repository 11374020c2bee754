//! The tokenizer of a directory that has only `vocab.txt`, as BERT's first checkpoints do: told as the
//! tokenizer.json that transformers would make of it, so that there is one way to read a tokenizer.

mod added;
mod class;
mod said;

use std::path::Path;

use serde_json::{Map, Value, json};

use super::{LoadError, config::ModelConfig};
use added::Added;
use said::{Said, Token};

/// The files that it is made of.
pub(super) const FILES: [&str; 4] =
    ["vocab.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"];

/// What tokenizer.json would be.
///
/// # Errors
/// An architecture or a class whose tokenizer is another, a file that can't be read, a special token without an id.
pub fn as_tokenizer_json(directory: &Path, config: &ModelConfig) -> Result<Vec<u8>, LoadError> {
    let specials = class::of_architecture(directory, config.architecture)?;
    let file = directory.join("vocab.txt");
    let text = std::fs::read_to_string(&file).map_err(|e| {
        let at = directory.display();
        LoadError::new(format!("{at}: has no tokenizer.json, and of vocab.txt in its place: {e}"))
    })?;
    let said = Said::read(directory)?;
    let specials = class::named(directory, &said)?.unwrap_or(specials);
    if !said.setting("do_basic_tokenize")?.unwrap_or(true) {
        return Err(LoadError::new(format!(
            "{}: `do_basic_tokenize` is false; Baton has true",
            said.settings_file.display()
        )));
    }
    let vocabulary: Map<String, Value> =
        text.lines().enumerate().map(|(id, token)| (token.to_owned(), json!(id))).collect();
    let role = |key: &str, default: &str| {
        said.role(key).map(|token| token.unwrap_or_else(|| Token::plain(default, true)))
    };
    let (cls, sep) = (role("cls_token", specials.cls)?, role("sep_token", specials.sep)?);
    let (pad, mask) = (role("pad_token", specials.pad)?, role("mask_token", specials.mask)?);
    // No input is made with these two, but a text may have them.
    let (begin, end) = (role("bos_token", &cls.content)?, role("eos_token", &sep.content)?);
    let unknown = role("unk_token", "[UNK]")?;
    let missing = |token: &str| LoadError::new(format!("{}: has no token `{token}`", file.display()));
    if !vocabulary.contains_key(&unknown.content) {
        return Err(missing(&unknown.content));
    }
    let roles = [&pad, &unknown, &cls, &sep, &mask, &begin, &end];
    let added = Added::read(directory, &vocabulary, &said, &roles)?;
    let (cls, sep) = (cls.content.as_str(), sep.content.as_str());

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
    let tokenizer = json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added.as_json(),
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": true,
            "handle_chinese_chars": said.setting("tokenize_chinese_chars")?.unwrap_or(true),
            "strip_accents": said.setting::<Option<bool>>("strip_accents")?.flatten(),
            "lowercase": said.setting("do_lower_case")?.unwrap_or(true),
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": single,
            "pair": pair,
            "special_tokens": {cls: template(cls)?, sep: template(sep)?},
        },
        "decoder": null,
        "model": {
            "type": "WordPiece",
            "unk_token": unknown.content,
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": vocabulary,
        },
    });
    serde_json::to_vec(&tokenizer).map_err(|e| LoadError::new(format!("{}: {e}", file.display())))
}
