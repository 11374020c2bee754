//! What stands before and after a place where a sentence could end. Every look is bounded.

use super::abbreviations::{is_lettered, is_numbered, is_record};

/// The longest word of the tables of abbreviations, in bytes.
const WORD: usize = 16;
/// How far to look for one, in characters. What is longer is no abbreviation.
const REACH: usize = 2 * WORD;
/// How many spaced initials are looked at, besides the last.
const INITIALS: usize = 3;

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

/// What comes before.
pub(super) struct Before<'a> {
    /// The sentence up to that word.
    pub(super) text: &'a str,
    /// The last word: letters, digits, and dots and apostrophes within. A hyphen begins a new
    /// one, `Gov` of `ex-Gov`; so does an elision, `Ing` of `l’Ing`. Spaced initials are one
    /// word: `z. B`.
    pub(super) word: &'a str,
}

impl<'a> Before<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        let mut start = word_start(text);
        if is_letter(&text[start..]) || is_dotted(&text[start..]) {
            for _ in 0..INITIALS {
                match text[..start].strip_suffix(". ").map(last_letter) {
                    Some(Some(letter)) => start = letter,
                    _ => break,
                }
            }
        }
        Self { text: &text[..start], word: &text[start..] }
    }

    /// Whether `word` is of the name that comes before: `Harrow` of `He left Harrow Mills`.
    pub(super) fn names(&self, word: &str) -> bool {
        const WORDS: usize = 5;
        let mut rest = self.text;
        for _ in 0..WORDS {
            rest = rest.trim_end_matches([' ', ',']);
            let last = last_token(rest);
            if last == word || !last.starts_with(char::is_uppercase) {
                return last == word;
            }
            rest = &rest[..rest.len() - last.len()];
        }
        false
    }

    /// Whether what follows `No.` is a number with letters, of what has numbers: `Flight No. BA117`, `(No. S-1)`; not
    /// of whoever says so, `She said no. B2B sales fell`.
    pub(super) fn numbers(&self, next: &Next<'_>) -> bool {
        let is_of_number = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '/');
        let end = next.rest.char_indices().take(REACH).find(|&(_, c)| !is_of_number(c));
        let number = &next.rest[..end.map_or(next.rest.len().min(REACH), |(end, _)| end)];
        let of = last_token(self.text.trim_end_matches(' ')).trim_start_matches(['(', '[']);
        number.starts_with(|c: char| c.is_ascii_uppercase())
            && number.contains(|c: char| c.is_ascii_digit())
            && (self.text.ends_with(['(', '[']) || is_numbered(of))
    }

    /// `BOSTON, MASS` and `TORONTO, Ont`: an agency's report begins so, before a dash, or `(MN) —`.
    pub(super) fn is_dateline(&self, next: &Next<'_>) -> bool {
        const TOWN: usize = 40;
        const LAND: usize = 6;
        let town = self.text.trim_end_matches(' ').strip_suffix(',').unwrap_or_default();
        let is_of_town = |c: char| c.is_uppercase() || matches!(c, ' ' | '.' | '-' | '\'' | '’');
        let agency = next.rest[next.word.len()..].strip_prefix(')').filter(|_| next.bracketed);
        let is_agencys =
            agency.is_some_and(|after| after.strip_prefix(' ').unwrap_or(after).starts_with(['-', '–', '—']));
        (is_agencys || (next.dashed && !next.bracketed))
            && (3..=TOWN).contains(&town.len())
            && town.chars().all(is_of_town)
            && self.word.len() <= LAND
            && self.word.starts_with(char::is_uppercase)
            && self.word.chars().all(char::is_alphabetic)
    }

    /// `you and I`, but not `Anna I`.
    pub(super) fn is_pronoun(&self) -> bool {
        let before = last_token(self.text.trim_end_matches(' '));
        self.word == "I" && before.starts_with(char::is_lowercase)
    }

    /// `Series B`, `World War I`; and `on X`, which is where it was posted
    pub(super) fn is_lettered(&self) -> bool {
        let of = last_token(self.text.trim_end_matches(' '));
        is_lettered(of, self.word) || (self.word == "X" && matches!(of, "on" | "via"))
    }

    /// `(Tr. 44:12)`, `Compl. ¶ 12`: a record or a code before where it is to be looked up.
    pub(super) fn is_cited(&self, next: &Next<'_>) -> bool {
        const LONGEST: usize = 5;
        let is_short = is_capitalised(self.word) && self.word.chars().count() <= LONGEST;
        let is_place = next.start == Start::Digit && self.text.ends_with('(');
        let is_section = next.rest.starts_with(['§', '¶']) && is_record(self.word);
        (is_short && is_place) || is_section
    }

    /// `y/y`: a letter that is short for nothing a sentence goes on after, as `M/s. Harrow` and `S/o. Pell` do.
    pub(super) fn is_rate(&self) -> bool {
        let Some(of) = self.text.strip_suffix('/') else { return false };
        let unit = || last_token(of).trim_start_matches(|c: char| !c.is_alphabetic());
        let is_same = || last_letter(of).is_some_and(|letter| of[letter..] == *self.word);
        is_letter(self.word) && (is_same() || matches!((unit(), self.word), ("n", "a") | ("km", "h")))
    }
}

/// Where the last word starts, if it is one letter.
fn last_letter(text: &str) -> Option<usize> {
    let (start, letter) = text.char_indices().next_back()?;
    let apart =
        text[..start].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '\'' && c != '’');
    (letter.is_alphabetic() && apart).then_some(start)
}

fn word_start(text: &str) -> usize {
    let start = text
        .char_indices()
        .rev()
        .take(REACH)
        .take_while(|&(_, c)| c.is_alphanumeric() || matches!(c, '.' | '\'' | '’' | '*' | '°'))
        .last()
        .map_or(text.len(), |(i, _)| i);
    let word = text[start..].trim_start_matches(['.', '\'', '’']);
    let elided = word.char_indices().rev().find(|(_, c)| matches!(c, '\'' | '’'));
    match elided.map(|(i, c)| &word[i + c.len_utf8()..]) {
        Some(rest) if !is_letter(rest) => text.len() - rest.len(), // l’Ing., not isn’t
        _ => text.len() - word.len(),
    }
}

/// All from the last white space on, or the last part of it if it is long.
pub(super) fn last_token(text: &str) -> &str {
    let start = text
        .char_indices()
        .rev()
        .take(REACH)
        .take_while(|(_, c)| !c.is_whitespace())
        .last()
        .map_or(text.len(), |(i, _)| i);
    &text[start..]
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
        const OPENING: usize = 8;
        let opening = text.char_indices().take(OPENING).find(|&(_, c)| !is_opening(c)).map_or(0, |(i, _)| i);
        let (before, rest) = text.split_at(opening);
        let word = first_word(rest);
        let start = match rest.chars().next() {
            Some(c) if c.is_lowercase() && !is_camel(word) && !is_clitic(before, rest) => Start::Lower,
            Some(c) if c.is_uppercase() || c.is_lowercase() => Start::Upper,
            Some(c) if c.is_numeric() => Start::Digit,
            Some(c) if c.is_alphabetic() => Start::Uncased,
            Some(c) if is_joining(c) => Start::Joining,
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

    /// It is a quotation of what was said, not `(“Kestrel”)` and not `“Big Tech” firms`.
    pub(super) fn is_said(&self) -> bool {
        self.quoted && !self.dashed && !self.bracketed && !self.is_quoted_name()
    }

    /// A few words in quotes, each with a capital, that a small word goes on after.
    fn is_quoted_name(&self) -> bool {
        let near = self.rest.char_indices().nth(REACH).map_or(self.rest, |(i, _)| &self.rest[..i]);
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
        is_initial(self.word) && self.rest[self.word.len()..].starts_with('.')
    }
}

fn first_word(text: &str) -> &str {
    let end = text
        .char_indices()
        .take(REACH)
        .take_while(|(_, c)| c.is_alphanumeric())
        .last()
        .map_or(0, |(i, c)| i + c.len_utf8());
    &text[..end]
}

fn is_opening(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '“'
            | '”'
            | '‘'
            | '’'
            | '„'
            | '‚'
            | '«'
            | '»'
            | '‹'
            | '›'
            | '`'
            | '「'
            | '『'
            | '('
            | '['
            | '{'
            | '¿'
            | '¡'
            | '*'
            | '_'
            | '-'
            | '–'
            | '—'
            | ' '
            | '\u{A0}'
            | '\u{202F}'
    )
}

fn is_joining(c: char) -> bool {
    matches!(
        c,
        ',' | ';'
            | ':'
            | '&'
            | '/'
            | '='
            | '+'
            | '%'
            | '|'
            | ')'
            | ']'
            | '}'
            | '.'
            | '?'
            | '!'
            | '、'
            | '，'
            | '；'
            | '：'
            | '）'
    )
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
