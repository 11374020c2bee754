//! Bytes up to a limit. A result repeats names, and a form sentences too, so a small document can be made to have a
//! huge one.

use std::io::{self, Write};

use serde::Serialize;

use crate::{config::Limit, error::Failure};

/// How many bytes a text has as JSON writes it, without its quotes.
pub fn written(text: &str) -> usize {
    let bytes = text.bytes().map(|byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..=0x1f => "\\u0001".len(),
        _ => 1,
    });
    bytes.sum()
}

/// Bytes in the making, and the most that they may be.
pub struct Bounded {
    bytes: Vec<u8>,
    most: Limit,
}

impl Bounded {
    /// None yet.
    pub fn new(most: Limit) -> Self {
        Bounded { bytes: Vec::new(), most }
    }

    /// Adds a value as a line of JSON.
    ///
    /// # Errors
    /// A Reject when it doesn't fit.
    pub fn line<T: Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        self.value(value)?;
        self.write_all(b"\n").map_err(|_| self.most.exceed())
    }

    /// Adds a value as JSON.
    ///
    /// # Errors
    /// A Reject when it doesn't fit.
    pub fn value<T: Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        // Strings and numbers always serialise: what fails is the room.
        serde_json::to_writer(&mut *self, value).map_err(|_| self.most.exceed())
    }

    /// What was added.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.most.most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_texts_length_as_it_is_written_is_known_before_it_is() {
        let all: String = (0..=0x7f_u8).map(char::from).chain("é雨😀\u{2028}".chars()).collect();
        assert_eq!(written(&all) + 2, serde_json::to_string(&all).expect("a string").len());
    }
}
