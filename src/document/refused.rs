//! Why bytes are no document: what was wrong, where, and what to do.

use crate::error::{Failure, Reason};

/// What to do with several documents in one file.
const ONE_EACH: &str = "write one object with `text` for each document, an object in a file of its own";

/// Documents in an array.
pub fn several_in_an_array() -> Failure {
    invalid(format!("the document is a JSON array; {ONE_EACH}"))
}

/// UTF-8 that nobody wrote.
pub fn no_text() -> Failure {
    let message = "the document is full of NUL characters: it looks like UTF-16 or a binary file; convert it to UTF-8 text";
    Failure::reject(Reason::NotUtf8, message)
}

/// A page whose text somebody has to take out first.
pub fn markup() -> Failure {
    invalid("the text is a page of HTML or XML, whose tags and scripts would be read as sentences; extract its text first".into())
}

/// Bytes that are no UTF-8.
pub fn not_utf8(bytes: &[u8], e: std::str::Utf8Error) -> Failure {
    let at = e.valid_up_to();
    let looks = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => ", and the document begins as UTF-16 does",
        _ => "",
    };
    let message = format!("byte {at} (0x{:02x}) is not UTF-8{looks}; convert it to UTF-8", bytes[at]);
    Failure::reject(Reason::NotUtf8, message)
}

/// What begins with a brace and isn't an object.
pub fn json_failure(e: &serde_json::Error) -> Failure {
    let said = e.to_string();
    let help = match said.starts_with("trailing characters") {
        true => format!("; if it has several documents, {ONE_EACH}"),
        false => String::new(),
    };
    let message = format!("the document begins like a JSON object but isn't one: {said}{help}");
    Failure::reject(Reason::InvalidJson, message)
}

/// A field that is missing, or of another type.
pub fn invalid(message: String) -> Failure {
    Failure::reject(Reason::InvalidDocument, message)
}

/// A place that doesn't fit the text.
pub fn offsets(message: String) -> Failure {
    Failure::reject(Reason::InvalidOffsets, message)
}
