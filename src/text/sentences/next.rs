//! What comes after a place where a sentence could end.

use super::words::{REACH, is_initial, is_letter, is_uncased_letter};
use crate::text::{characters::is_of_word, reach::head};

/// What may stand before the first word of a sentence.
const OPENING: &str = "\"'“”‘’„‚«»‹›`「『([{¿¡*_-–— \u{A0}\u{202F}";

/// Signs that join what follows to what was before.
const JOINING: &str = ",;:&/=+%|)]}.?!、，；：）";

/// What comes next.
pub(super) struct Next<'a> {
    pub(super) start: Start,
    /// A quotation begins before the word.
    pub(super) quoted: bool,
    /// A dash comes before the word.
    pub(super) dashed: bool,
    /// A bracket opens before the word.
    pub(super) bracketed: bool,
    /// The first word, without quotes, brackets and dashes before it: letters and digits.
    pub(super) word: &'a str,
    /// The text from that word on.
    pub(super) rest: &'a str,
}

/// How it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    Upper,
    Lower,
    Digit,
    /// A letter of a script without cases.
    Uncased,
    /// A sign that joins it to what was before.
    Joining,
    /// Any other sign.
    Sign,
}

impl<'a> Next<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        // quotes within quotes within brackets, after a dash: never more
        const MOST: usize = 8;
        let begin = text.char_indices().take(MOST).find(|&(_, c)| !OPENING.contains(c));
        let opening = begin.map_or(0, |(i, _)| i);
        let (before, rest) = text.split_at(opening);
        let word = head(rest, REACH, is_of_word);
        let start = match rest.chars().next() {
            Some(c) if c.is_lowercase() && !is_camel(word) && !is_clitic(before, rest) => Start::Lower,
            Some(c) if c.is_uppercase() || c.is_lowercase() => Start::Upper,
            Some(c) if c.is_numeric() => Start::Digit,
            Some(c) if c.is_alphabetic() => Start::Uncased,
            Some(c) if JOINING.contains(c) => Start::Joining,
            _ => Start::Sign,
        };
        Self {
            start,
            quoted: before.contains(['"', '“', '”', '«', '„', '»']),
            dashed: before.contains(['-', '–', '—']),
            bracketed: before.contains(['(', '[']),
            word,
            rest,
        }
    }

    /// The text after that word.
    pub(super) fn after(&self) -> &'a str {
        &self.rest[self.word.len()..]
    }

    /// It is a quotation of what was said, not `(“Kestrel”)` and not `“Big Tech” firms`.
    pub(super) fn is_said(&self) -> bool {
        self.quoted && !self.dashed && !self.bracketed && !self.is_quoted_name()
    }

    /// A few words in quotes, each with a capital, that a small word goes on after.
    fn is_quoted_name(&self) -> bool {
        let near = head(self.rest, REACH, |_| true);
        let Some((quoted, after)) = near.split_once(['"', '”', '»']) else { return false };
        let is_name = quoted.split(' ').all(|word| word.starts_with(char::is_uppercase))
            && quoted.ends_with(char::is_alphanumeric);
        is_name && after.strip_prefix(' ').is_some_and(|after| after.starts_with(char::is_lowercase))
    }

    /// A word or an initial without a small letter; `A` and `I` may be words of any sentence.
    pub(super) fn is_in_capitals(&self) -> bool {
        let is_shouted = !is_letter(self.word) && self.word.chars().any(char::is_uppercase);
        (is_shouted || self.is_initial()) && !self.word.contains(char::is_lowercase)
    }

    /// One letter with a dot.
    pub(super) fn is_initial(&self) -> bool {
        is_initial(self.word) && self.after().starts_with('.')
    }

    /// The same of a script without capitals.
    pub(super) fn is_uncased_initial(&self) -> bool {
        is_uncased_letter(self.word) && self.after().starts_with('.')
    }
}

/// `'t Is` begins a Dutch sentence.
fn is_clitic(before: &str, rest: &str) -> bool {
    let mut chars = rest.chars().skip(1);
    before.ends_with(['\'', '’']) && chars.next() == Some(' ') && chars.next().is_some_and(char::is_uppercase)
}

/// `iPhone`, `easyJet`.
fn is_camel(word: &str) -> bool {
    word.chars().skip(1).any(char::is_uppercase)
}
