//! What can go wrong on the way to a model, split by what is to be done about it.

use std::{fmt, io, path::Path, time::Duration};

/// Why something could not be done: what, where, and what would help, in one line.
#[derive(Debug)]
pub struct Error {
    pub kind: Kind,
    message: String,
}

/// What is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A server or the line to it, which may be well again: try once more, after that time if it named one.
    Passing { after: Option<Duration> },
    /// What lies here of an earlier try does not fit what the server has now: begin the file anew.
    Stale,
    /// Bytes that are not those that were pinned, or not a whole file of a model: nothing of them may stay.
    WrongBytes,
    /// All else, which no second try mends.
    Lasting,
}

impl Error {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error { kind, message: message.into() }
    }

    pub fn lasting(message: impl Into<String>) -> Self {
        Error::new(Kind::Lasting, message)
    }

    pub fn passing(message: impl Into<String>) -> Self {
        Error::new(Kind::Passing { after: None }, message)
    }

    pub fn stale(message: impl Into<String>) -> Self {
        Error::new(Kind::Stale, message)
    }

    pub fn wrong_bytes(message: impl Into<String>) -> Self {
        Error::new(Kind::WrongBytes, message)
    }

    /// A file or folder here that can't be read or written.
    pub fn at(path: &Path, e: &io::Error) -> Self {
        Error::lasting(format!("{}: {e}", path.display()))
    }

    /// The same, with more said about it.
    #[must_use]
    pub fn with(mut self, more: &str) -> Self {
        self.message = format!("{}; {more}", self.message);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Turns a failed reading or writing of `path` into an [`Error`] that names it.
pub trait At<T> {
    fn at(self, path: &Path) -> Result<T, Error>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, Error> {
        self.map_err(|e| Error::at(path, &e))
    }
}
