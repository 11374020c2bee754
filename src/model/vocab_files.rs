//! The tokenizer of a directory without a tokenizer.json, as older models are: told as the tokenizer.json that
//! transformers would make of the vocabulary's files, so that there is one way to read a tokenizer.

mod added;
mod byte_pairs;
mod class;
mod roles;
mod said;
mod sentence_pieces;
mod word_pieces;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{LoadError, config::ModelConfig};
use added::Added;
use class::{Cut, Specials};
use roles::Roles;
use said::Said;

/// The files that it is made of, where they are there.
pub(super) const FILES: [&str; 8] = [
    word_pieces::VOCABULARY,
    byte_pairs::VOCABULARY,
    byte_pairs::MERGES,
    "spm.model",
    "sentencepiece.bpe.model",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
];

/// The vocabulary's file, for what is to be said of it, and what tokenizer.json would be.
///
/// # Errors
/// An architecture or a class whose tokenizer is another, a file that can't be read, a special token without an id.
pub fn as_tokenizer_json(directory: &Path, config: &ModelConfig) -> Result<(PathBuf, Vec<u8>), LoadError> {
    let said = Said::read(directory)?;
    let specials = class::of(directory, config.architecture, &said)?;
    let (name, tokenizer) = match specials.cut {
        Cut::WordPieces => {
            (word_pieces::VOCABULARY, word_pieces::as_tokenizer_json(directory, &said, specials)?)
        }
        Cut::BytePairs => {
            (byte_pairs::VOCABULARY, byte_pairs::as_tokenizer_json(directory, &said, specials)?)
        }
        Cut::SentencePieces(family) => {
            let tokenizer = sentence_pieces::as_tokenizer_json(directory, &said, specials, family)?;
            (family.vocabulary(), tokenizer)
        }
    };
    let file = directory.join(name);
    let json = serde_json::to_vec(&tokenizer).map_err(|e| LoadError::at(&file, e))?;
    Ok((file, json))
}

/// A token that the files beside a tokenizer.json add and it hasn't, which would be found in texts: where it stands,
/// and its text.
///
/// # Errors
/// A file that can't be read, has something else than tokens, or names a class that doesn't read tokenizer.json.
pub fn added_beside(directory: &Path, added: &[String]) -> Result<Option<(String, String)>, LoadError> {
    let said = Said::read(directory)?;
    class::refuse_in_python(directory, &said)?;
    let all = said.added(directory)?;
    Ok(all.into_iter().find(|(_, token)| !added.contains(token)))
}

/// A vocabulary's file that can't be read.
fn unreadable(directory: &Path, name: &str, e: &std::io::Error) -> LoadError {
    LoadError::at(directory, format!("has no tokenizer.json, and of {name} in its place: {e}"))
}

/// A token that the vocabulary must have.
fn missing(file: &Path, token: &str) -> LoadError {
    LoadError::at(file, format!("has no token `{token}`"))
}

/// The special tokens around one text and around two.
fn templates(file: &Path, roles: &Roles, added: &Added<'_>, specials: Specials) -> Result<Value, LoadError> {
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
    let known = |token: &str| match added.id(token) {
        Some(id) => Ok(json!({"id": token, "ids": [id], "tokens": [token]})),
        None => Err(missing(file, token)),
    };
    Ok(json!({
        "type": "TemplateProcessing",
        "single": single,
        "pair": pair,
        "special_tokens": {cls: known(cls)?, sep: known(sep)?},
    }))
}

/// What tokenizer.json has in any case.
fn frame(added: &Added<'_>, normalizer: Value, pre_tokenizer: Value, post: Value, model: Value) -> Value {
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added.as_json(),
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "post_processor": post,
        "decoder": null,
        "model": model,
    })
}
