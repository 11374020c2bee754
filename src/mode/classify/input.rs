//! What a model is asked about: the text that was typed, or a document on standard input, which may be whatever a
//! stage's may be.

use std::{
    io::{IsTerminal, Read},
    path::Path,
};

use serde_json::json;

use super::ClassifyError;
use crate::{
    document::{self, Unpacked},
    fields::Fields,
    limits::Limits,
};

/// The document that has the words that were typed as its text.
///
/// # Errors
/// When they are the name of a file, which is hardly what is to be classified.
pub fn typed(begins: &str, more: &[String]) -> Result<Vec<u8>, ClassifyError> {
    let text = more.iter().fold(begins.to_owned(), |text, word| text + " " + word);
    if Path::new(&text).is_file() {
        return Err(ClassifyError::Failed(format!(
            "{text} is a file; what is in it is read by `- < {text}`"
        )));
    }
    Ok(json!({"text": text}).to_string().into_bytes())
}

/// The document on standard input, unpacked, without the line's end that a terminal or an editor puts there.
pub fn piped(limits: &Limits) -> Result<Vec<u8>, ClassifyError> {
    let mut input = std::io::stdin();
    if input.is_terminal() {
        eprintln!("baton: reading the text from standard input; Ctrl-D ends it");
    }
    let mut bytes = Vec::new();
    // One more than is allowed tells a document that is too large from one that just fits.
    let most = limits.document_bytes.most as u64;
    let read = input.by_ref().take(most + 1).read_to_end(&mut bytes);
    read.map_err(|e| ClassifyError::Failed(format!("standard input: {e}")))?;
    if document::unpacked_size(&bytes).is_some() {
        bytes = match document::unpack(&bytes, limits.document_bytes.most)? {
            Unpacked::All(document) => document,
            Unpacked::TooMuch => return Err(limits.document_bytes.exceed().into()),
        };
    }
    limits.document_bytes.check(bytes.len())?;
    bytes.truncate(bytes.trim_ascii_end().len());
    Ok(bytes)
}

/// A document that was read before, with the target as its only entity.
pub fn about(document: &[u8], target: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(document);
    let text = text.trim_start_matches('\u{feff}');
    let mut fields = Fields::default();
    if text.trim_start().starts_with('{') {
        fields = serde_json::from_str(text).unwrap_or(fields);
    } else {
        fields.set("text", &text);
    }
    fields.set("entities", &json!([{"name": target}]));
    serde_json::to_vec(&fields).unwrap_or_default()
}
