//! Bytes up to a limit. A result repeats names, and a form sentences too, so a small document can be made to have a
//! huge one.

use std::io::{self, Write};

use serde::Serialize;

use crate::{error::Failure, limits::Limit};

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
    /// None where they are only counted.
    bytes: Option<Vec<u8>>,
    length: usize,
    most: Limit,
}

impl Bounded {
    /// None yet.
    pub fn new(most: Limit) -> Self {
        Bounded { bytes: Some(Vec::new()), length: 0, most }
    }

    /// For how many there will be, without them.
    pub fn counting(most: Limit) -> Self {
        Bounded { bytes: None, length: 0, most }
    }

    /// How many were added.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Adds a value as a line of JSON.
    ///
    /// # Errors
    /// A Reject when it doesn't fit.
    pub fn line<T: Serialize>(&mut self, value: &T) -> Result<(), Failure> {
        self.value(value)?;
        self.bytes(b"\n")
    }

    /// Adds a value as JSON.
    ///
    /// # Errors
    /// A Reject when it doesn't fit.
    pub fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        // Strings and numbers always serialise: what fails is the room.
        serde_json::to_writer(&mut *self, value).map_err(|_| self.most.exceed())
    }

    /// Adds an array, element by element.
    ///
    /// # Errors
    /// A Reject when it doesn't fit.
    pub fn array<T>(
        &mut self,
        elements: impl IntoIterator<Item = T>,
        add: impl FnMut(&mut Self, T) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.between(b"[]", elements, add)
    }

    /// Adds an object of fields with these names, value by value.
    ///
    /// # Errors
    /// A Reject when it doesn't fit.
    pub fn object<'n>(
        &mut self,
        names: impl IntoIterator<Item = &'n str>,
        mut add: impl FnMut(&mut Self, &'n str) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.between(b"{}", names, |out, name| {
            out.value(name)?;
            out.bytes(b":")?;
            add(out, name)
        })
    }

    fn between<T>(
        &mut self,
        brackets: &[u8; 2],
        parts: impl IntoIterator<Item = T>,
        mut add: impl FnMut(&mut Self, T) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.bytes(&brackets[..1])?;
        for (i, part) in parts.into_iter().enumerate() {
            if i > 0 {
                self.bytes(b",")?;
            }
            add(self, part)?;
        }
        self.bytes(&brackets[1..])
    }

    /// Adds bytes as they are.
    ///
    /// # Errors
    /// A Reject when they don't fit.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.write_all(bytes).map_err(|_| self.most.exceed())
    }

    /// What was added; nothing where it was only counted.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes.unwrap_or_default()
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.length + bytes.len() > self.most.most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.length += bytes.len();
        if let Some(kept) = &mut self.bytes {
            kept.extend_from_slice(bytes);
        }
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
