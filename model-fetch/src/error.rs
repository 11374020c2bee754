//! What can go wrong on the way to a model, split by what is to be done about it.

use std::{fmt, io, path::Path, time::Duration};

/// Why something could not be done: what, where, and what would help, in one line.
#[derive(Debug)]
pub enum Error {
    /// A server or the line to it, which may be well again: try once more, after that time if it named one.
    Passing { message: String, after: Option<Duration> },
    /// What lies here of an earlier try does not fit what the server has now: begin the file anew.
    Stale(String),
    /// Bytes that are not those that were pinned, or not a whole file of a model: nothing of them may stay.
    WrongBytes(String),
    /// All else, which no second try mends.
    Lasting(String),
}

impl Error {
    /// Something that no second try mends.
    pub fn lasting(message: impl Into<String>) -> Self {
        Error::Lasting(message.into())
    }

    /// Something that may be over soon.
    pub fn passing(message: impl Into<String>) -> Self {
        Error::Passing { message: message.into(), after: None }
    }

    /// A file or folder here that can't be read or written.
    pub fn at(path: &Path, e: &io::Error) -> Self {
        Error::Lasting(format!("{}: {e}", path.display()))
    }

    /// The same, with more said about it.
    #[must_use]
    pub fn with(self, more: &str) -> Self {
        match self {
            Error::Passing { message, after } => {
                Error::Passing { message: format!("{message}; {more}"), after }
            }
            Error::Stale(message) => Error::Stale(format!("{message}; {more}")),
            Error::WrongBytes(message) => Error::WrongBytes(format!("{message}; {more}")),
            Error::Lasting(message) => Error::Lasting(format!("{message}; {more}")),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Passing { message, .. }
            | Error::Stale(message)
            | Error::WrongBytes(message)
            | Error::Lasting(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

/// Turns a failed reading or writing of `path` into an [`Error`] that names it.
pub trait At<T> {
    /// Names the path.
    fn at(self, path: &Path) -> Result<T, Error>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, Error> {
        self.map_err(|e| Error::at(path, &e))
    }
}
