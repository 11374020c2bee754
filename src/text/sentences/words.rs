//! Words as the rules of sentences look at them. Every look is bounded.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::text::{
    characters::{is_hangul, is_of_word},
    reach::tail,
};

/// The longest word of the tables of abbreviations, in bytes.
const WORD: usize = 16;
/// How far to look for one, in characters. What is longer is no abbreviation.
pub(super) const REACH: usize = 2 * WORD;

/// A word as the tables have it: in lower case, composed, without spaces.
pub(super) struct Folded {
    bytes: [u8; WORD],
    len: usize,
}

impl Folded {
    /// `None` if it is longer than any word of the tables.
    pub(super) fn new(word: &str) -> Option<Self> {
        match word.is_ascii() {
            true => Self::of(word.chars()),
            false => Self::of(word.nfc()),
        }
    }

    fn of(word: impl Iterator<Item = char>) -> Option<Self> {
        let mut folded = Self { bytes: [0; WORD], len: 0 };
        for c in word.filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase) {
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
    let word = tail(text, REACH, |c| is_of_word(c) || matches!(c, '\'' | '’'));
    is_letter(word).then_some(text.len() - word.len())
}

/// One letter of any case. It may have accents apart; a letter of Hindi with its vowel is a word.
pub(super) fn is_letter(word: &str) -> bool {
    let mut chars = word.nfc();
    chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
}

/// One upper-case letter.
pub(super) fn is_initial(word: &str) -> bool {
    is_letter(word) && word.starts_with(char::is_uppercase)
}

/// One letter of a script without capitals whose letters are no words: `א`
pub(super) fn is_uncased_letter(word: &str) -> bool {
    is_letter(word) && word.chars().all(is_uncased)
}

/// Several of them with dots between: `น.ส`
pub(super) fn is_uncased_abbreviation(word: &str) -> bool {
    is_dotted(word) && word.chars().all(|c| matches!(c, '.' | ' ') || is_uncased(c))
}

fn is_uncased(c: char) -> bool {
    let is_syllable = is_hangul(c)
        || matches!(c, '\u{1100}'..='\u{11FF}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}');
    c.is_alphabetic() && !c.is_uppercase() && !c.is_lowercase() && !is_syllable && !is_combining_mark(c)
}

/// `U.S`, `p. m`, `Ph.D`: parts of one or two letters with dots between.
pub(super) fn is_dotted(word: &str) -> bool {
    word.contains('.')
        && word
            .split('.')
            .map(str::trim)
            .all(|part| !part.is_empty() && part.nfc().count() <= 2 && part.nfc().all(char::is_alphabetic))
}

/// An upper-case letter and then lower-case ones.
pub(super) fn is_capitalised(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_uppercase)
        && word.chars().nth(1).is_some()
        && chars.all(|c| c.is_lowercase() || is_combining_mark(c))
}
