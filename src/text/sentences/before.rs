//! What stands before a place where a sentence could end.

use super::abbreviations::{CITED, NUMBERED, is_in, is_lettered};
use super::next::{Next, Start};
use super::words::{REACH, is_capitalised, is_dotted, is_letter, last_letter, last_token};
use crate::text::{
    characters::is_of_word,
    reach::{head, tail},
};

/// How many spaced initials are looked at, besides the last.
const INITIALS: usize = 3;

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

    /// What stands before that word.
    pub(super) fn previous_word(&self) -> &'a str {
        last_token(self.text.trim_end_matches(' '))
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
        let number = head(next.rest, REACH, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '/'));
        let of = self.previous_word().trim_start_matches(['(', '[']);
        number.starts_with(|c: char| c.is_ascii_uppercase())
            && number.contains(|c: char| c.is_ascii_digit())
            && (self.text.ends_with(['(', '[']) || is_in(NUMBERED, of))
    }

    /// `BOSTON, MASS` and `TORONTO, Ont`: an agency's report begins so, before a dash, or `(MN) —`.
    pub(super) fn is_dateline(&self, next: &Next<'_>) -> bool {
        const TOWN: usize = 40;
        const LAND: usize = 6;
        let town = self.text.trim_end_matches(' ').strip_suffix(',').unwrap_or_default();
        let is_of_town = |c: char| c.is_uppercase() || matches!(c, ' ' | '.' | '-' | '\'' | '’');
        let agency = next.after().strip_prefix(')').filter(|_| next.bracketed);
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
        self.word == "I" && self.previous_word().starts_with(char::is_lowercase)
    }

    /// `Series B`, `World War I`; and `on X`, which is where it was posted
    pub(super) fn is_lettered(&self) -> bool {
        let of = self.previous_word();
        is_lettered(of, self.word) || (self.word == "X" && matches!(of, "on" | "via"))
    }

    /// `(Tr. 44:12)`, `Compl. ¶ 12`: a record or a code before where it is to be looked up.
    pub(super) fn is_cited(&self, next: &Next<'_>) -> bool {
        const LONGEST: usize = 5;
        let is_short = is_capitalised(self.word) && self.word.chars().count() <= LONGEST;
        let is_place = next.start == Start::Digit && self.text.ends_with('(');
        let is_section = next.rest.starts_with(['§', '¶']) && CITED.contains(&self.word);
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

/// Where the last word starts, as [`Before::word`] is.
fn word_start(text: &str) -> usize {
    let fits = |c: char| is_of_word(c) || matches!(c, '.' | '\'' | '’' | '*' | '°');
    let word = tail(text, REACH, fits).trim_start_matches(['.', '\'', '’']);
    let elided = word.char_indices().rev().find(|(_, c)| matches!(c, '\'' | '’'));
    match elided.map(|(i, c)| &word[i + c.len_utf8()..]) {
        Some(rest) if !is_letter(rest) => text.len() - rest.len(), // l’Ing., not isn’t
        _ => text.len() - word.len(),
    }
}
