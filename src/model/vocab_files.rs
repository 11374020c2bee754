//! The tokenizer of a directory without a tokenizer.json, as older models are: told as the tokenizer.json that
//! transformers would make of the vocabulary's files, so that there is one way to read a tokenizer.

mod added;
mod byte_pairs;
mod class;
mod roles;
mod said;
mod word_pieces;

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{LoadError, config::ModelConfig};
use class::Cut;
use said::Said;

/// The files that it is made of, where they are there.
pub(super) const FILES: [&str; 6] = [
    word_pieces::VOCABULARY,
    byte_pairs::VOCABULARY,
    byte_pairs::MERGES,
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
    };
    let file = directory.join(name);
    match serde_json::to_vec(&tokenizer) {
        Ok(bytes) => Ok((file, bytes)),
        Err(e) => Err(LoadError::new(format!("{}: {e}", file.display()))),
    }
}

/// A token that the files beside a tokenizer.json add and it hasn't, which would be found in texts: where it stands,
/// and its text.
///
/// # Errors
/// A file that can't be read, or has something else than tokens.
pub fn added_beside(directory: &Path, added: &[String]) -> Result<Option<(String, String)>, LoadError> {
    let said = Said::read(directory)?;
    let all = said.added(directory)?;
    Ok(all.into_iter().find(|(_, token)| !added.contains(token)))
}

/// A vocabulary's file that can't be read.
fn unreadable(directory: &Path, name: &str, e: &std::io::Error) -> LoadError {
    let at = directory.display();
    LoadError::new(format!("{at}: has no tokenizer.json, and of {name} in its place: {e}"))
}

/// What tokenizer.json has in any case.
fn frame(
    added: &added::Added<'_>,
    normalizer: Value,
    pre_tokenizer: Value,
    post: Value,
    model: Value,
) -> Value {
    serde_json::json!({
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
