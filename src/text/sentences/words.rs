//! Words as the rules of sentences look at them. Every look is bounded.

use crate::text::reach::tail;

/// The longest word of the tables of abbreviations, in bytes.
const WORD: usize = 16;
/// How far to look for one, in characters. What is longer is no abbreviation.
pub(super) const REACH: usize = 2 * WORD;

/// A word as the tables have it: in lower case, without spaces.
pub(super) struct Folded {
    bytes: [u8; WORD],
    len: usize,
}

impl Folded {
    /// `None` if it is longer than any word of the tables.
    pub(super) fn new(word: &str) -> Option<Self> {
        let mut folded = Self { bytes: [0; WORD], len: 0 };
        let letters = word.chars().filter(|c| !c.is_whitespace());
        for c in letters.flat_map(char::to_lowercase) {
            let end = folded.len + c.len_utf8();
            c.encode_utf8(folded.bytes.get_mut(folded.len..end)?);
            folded.len = end;
        }
        Some(folded)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// All from the last white space on, or the last part of it if it is long.
pub(super) fn last_token(text: &str) -> &str {
    tail(text, REACH, |c| !c.is_whitespace())
}

/// Where the last word starts, if it is one letter.
pub(super) fn last_letter(text: &str) -> Option<usize> {
    let (start, letter) = text.char_indices().next_back()?;
    let apart =
        text[..start].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '\'' && c != '’');
    (letter.is_alphabetic() && apart).then_some(start)
}

/// One letter of any case.
pub(super) fn is_letter(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
}

/// One upper-case letter.
pub(super) fn is_initial(word: &str) -> bool {
    is_letter(word) && word.chars().all(char::is_uppercase)
}

/// `U.S`, `p. m`, `Ph.D`: parts of one or two letters with dots between.
pub(super) fn is_dotted(word: &str) -> bool {
    word.contains('.')
        && word.split('.').map(str::trim).all(|part| {
            !part.is_empty() && part.chars().count() <= 2 && part.chars().all(char::is_alphabetic)
        })
}

/// An upper-case letter and then lower-case ones.
pub(super) fn is_capitalised(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_uppercase)
        && word.chars().nth(1).is_some()
        && chars.all(char::is_lowercase)
}
