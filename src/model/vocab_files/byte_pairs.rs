//! RoBERTa's vocab.json and merges.txt: pieces made of bytes, and which two of them become one, the first first.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::{
    added::Added,
    class::Specials,
    frame, missing,
    roles::Roles,
    said::{Said, Token},
    unreadable,
};
use crate::model::{LoadError, files::read_json};

pub const VOCABULARY: &str = "vocab.json";
pub const MERGES: &str = "merges.txt";

/// What tokenizer.json would be.
///
/// # Errors
/// A file that can't be read, a special token without an id.
pub fn as_tokenizer_json(directory: &Path, said: &Said, specials: Specials) -> Result<Value, LoadError> {
    let file = directory.join(VOCABULARY);
    if let Err(e) = std::fs::metadata(&file) {
        return Err(unreadable(directory, VOCABULARY, &e));
    }
    let vocabulary: Map<String, Value> = read_json(&file)?;
    let merges = merges(directory)?;
    let roles = Roles::read(said, specials)?;
    let added = Added::read(directory, &vocabulary, said, &roles.all())?;
    let with_id = |token: &Token| match added.id(&token.content) {
        Some(id) => Ok(json!([token.content, id])),
        None => Err(missing(&file, &token.content)),
    };
    let prefix_space = said.setting("add_prefix_space")?.unwrap_or(false);
    let pre = json!({"type": "ByteLevel", "add_prefix_space": prefix_space, "trim_offsets": true, "use_regex": true});
    let post = json!({
        "type": "RobertaProcessing",
        "sep": with_id(&roles.sep)?,
        "cls": with_id(&roles.cls)?,
        "trim_offsets": true,
        "add_prefix_space": prefix_space,
    });
    let model = json!({"type": "BPE", "vocab": vocabulary, "merges": merges});
    Ok(frame(&added, Value::Null, pre, post, model))
}

/// The pairs of merges.txt, in their order.
fn merges(directory: &Path) -> Result<Vec<[String; 2]>, LoadError> {
    let file = directory.join(MERGES);
    let text = std::fs::read_to_string(&file).map_err(|e| unreadable(directory, MERGES, &e))?;
    // transformers takes the first line for it, whatever it is.
    if !text.starts_with("#version") {
        return Err(LoadError::at(&file, "doesn't begin with `#version: 0.2`; put that line first"));
    }
    let mut pairs = Vec::new();
    for (i, line) in text.lines().enumerate().skip(1) {
        if line.is_empty() {
            continue;
        }
        match line.split(' ').collect::<Vec<_>>()[..] {
            [first, second] if !first.is_empty() && !second.is_empty() => {
                pairs.push([first.to_owned(), second.to_owned()]);
            }
            _ => {
                let at = format!("{}:{}", file.display(), i + 1);
                return Err(LoadError::new(format!(
                    "{at}: `{}` is no pair of pieces with a space between them",
                    line.escape_debug()
                )));
            }
        }
    }
    Ok(pairs)
}
