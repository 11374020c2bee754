//! The one thing that is branched on when something goes wrong: what is to be done about it.

use std::{error::Error, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is to be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Do it again later: the cause lies outside the document and may pass.
    Retry,
    /// Never do it again: the cause is the document or its message, and it is written down.
    Reject,
    /// A defect of Baton: the document fails alone, and comes back like a Retry.
    Bug,
}

/// Why, in a word that can be counted and filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// The message is in no form that Baton knows.
    InvalidMessage,
    /// The bucket is not one that documents may be read from, or the object is what a stage wrote and no document.
    BucketNotAllowed,
    /// There is no such object, or no such version of it.
    ObjectMissing,
    /// Something is over a configured limit.
    TooLarge,
    /// The gzip stream is broken.
    InvalidGzip,
    /// The bytes are not UTF-8, or no text.
    NotUtf8,
    /// The bytes look like JSON and are not.
    InvalidJson,
    /// The JSON is not a document: a field is missing or of another type.
    InvalidDocument,
    /// A mention or sentence doesn't fit the text.
    InvalidOffsets,
    /// The output's key would be no valid key.
    InvalidKey,
    /// It was begun, and not done when the time was over.
    Deadline,
    /// There is not time enough left to begin it now.
    NotBegun,
    /// An earlier message of its group comes back, and this one must not overtake it.
    OutOfTurn,
    /// The store can't be reached, is throttled, or failed.
    Store,
    /// The queue can't be reached, is throttled, or failed.
    Queue,
    /// The queue takes no such message.
    Refused,
    /// A defect of Baton.
    Bug,
}

impl Reason {
    /// As it is written: `invalid-json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::InvalidMessage => "invalid-message",
            Reason::BucketNotAllowed => "bucket-not-allowed",
            Reason::ObjectMissing => "object-missing",
            Reason::TooLarge => "too-large",
            Reason::InvalidGzip => "invalid-gzip",
            Reason::NotUtf8 => "not-utf8",
            Reason::InvalidJson => "invalid-json",
            Reason::InvalidDocument => "invalid-document",
            Reason::InvalidOffsets => "invalid-offsets",
            Reason::InvalidKey => "invalid-key",
            Reason::Deadline => "deadline",
            Reason::NotBegun => "not-begun",
            Reason::OutOfTurn => "out-of-turn",
            Reason::Store => "store",
            Reason::Queue => "queue",
            Reason::Refused => "refused",
            Reason::Bug => "bug",
        }
    }

    /// Whether such a failure's message may quote the document.
    pub fn quotes(self) -> bool {
        matches!(
            self,
            Reason::InvalidJson | Reason::InvalidDocument | Reason::InvalidOffsets | Reason::InvalidMessage
        )
    }
}

impl Class {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Retry => "retry",
            Class::Reject => "reject",
            Class::Bug => "bug",
        }
    }
}

/// A failure of one document or message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What is to be done.
    pub class: Class,
    /// Why, in a word.
    pub reason: Reason,
    /// What was wrong, where, and what to do, in one line.
    pub message: String,
}

impl Failure {
    /// Something outside the document that may pass.
    pub fn retry(reason: Reason, message: impl Into<String>) -> Self {
        Failure { class: Class::Retry, reason, message: fitting(message.into()) }
    }

    /// Something about the document or its message that never will.
    pub fn reject(reason: Reason, message: impl Into<String>) -> Self {
        Failure { class: Class::Reject, reason, message: fitting(message.into()) }
    }

    /// The same failure, its message begun with what it is about.
    pub fn of(mut self, what: &dyn fmt::Display) -> Self {
        self.message = fitting(format!("{what}: {}", self.message));
        self
    }

    /// Something that can't be, and is.
    pub fn bug(message: impl Into<String>) -> Self {
        Failure { class: Class::Bug, reason: Reason::Bug, message: fitting(message.into()) }
    }
}

/// A message as logs and records can take it: of one that quotes something without end, how it begins and how it ends.
fn fitting(message: String) -> String {
    const HALF: usize = 2000;
    if message.len() <= 2 * HALF {
        return message;
    }
    let (begin, end) = (message.floor_char_boundary(HALF), message.ceil_char_boundary(message.len() - HALF));
    format!("{}…{}", &message[..begin], &message[end..])
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason.as_str(), self.message)
    }
}

impl Error for Failure {}

/// An error and what caused it.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        // Wrappers often repeat what they wrap.
        if !said.iter().any(|before| before.contains(&text)) {
            said.push(text);
        }
        next = error.source();
    }
    said.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_quotes_something_huge_keeps_its_beginning_and_its_end() {
        let huge = "é".repeat(1 << 20);
        let message = Failure::reject(Reason::InvalidDocument, format!("entity {huge} has no name")).message;
        assert!(message.starts_with("entity éé") && message.ends_with("éé has no name"), "{message}");
        assert!(message.len() < 5000, "{}", message.len());
    }
}
