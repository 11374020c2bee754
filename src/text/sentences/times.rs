//! Full stops of times of day, `at 5 p.m. Police came`, but `at 5 p.m. Eastern time`; and of days, `Tues. Jan. 5`.

use super::abbreviations::{Rules, is_in};
use super::before::Before;
use super::next::{Next, Start};
use crate::text::{reach::SPACES, tables::DAYS_AND_MONTHS, words};

/// What tells where it is that late.
const ZONES: &[&str] =
    words! { "Atlantic" "Central" "Coordinated" "Eastern" "Greenwich" "Mountain" "Pacific" };

/// Before a time that only says which of several is meant: `the 5 p.m. Harrow train`.
const DETERMINERS: &[&str] =
    words! { "a" "an" "each" "every" "her" "his" "its" "our" "that" "the" "their" "this" };

/// Days that are short for nothing else: he sat, and the Sun is a paper.
const DAYS: &[&str] = words! { "fri" "mon" "thu" "thur" "thurs" "tue" "tues" "wed" };

const MONTHS: &[&str] = words! {
    "apr" "april" "aug" "august" "dec" "december" "feb" "february" "jan" "january" "jul" "july" "jun" "june" "mar"
    "march" "may" "nov" "november" "oct" "october" "sep" "sept" "september"
};

/// Whether a day is before the rest of its date: `Tues. Jan. 5`.
pub(super) fn is_day_of_date(before: &Before<'_>, next: &Next<'_>) -> bool {
    let after = next.after();
    let number = after.strip_prefix('.').unwrap_or(after).strip_prefix(SPACES);
    before.word.starts_with(char::is_uppercase)
        && is_in(DAYS, before.word)
        && is_in(MONTHS, next.word)
        && number.is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
}

impl Rules {
    fn is_time(&self, word: &str) -> bool {
        !self.before_time.is_empty() && is_in(&["a.m", "p.m"], word)
    }

    /// Whether a sentence begins after a time, with any word that isn't of that time.
    pub(super) fn ends_with_time(&self, before: &Before<'_>, next: &Next<'_>) -> bool {
        const TIME: usize = 3; // London time, New York time
        let is_capitalised = next.start == Start::Upper && next.word.contains(char::is_lowercase);
        let is_of_time = || {
            [DAYS_AND_MONTHS, ZONES].iter().any(|words| words.contains(&next.word))
                || next.rest.split_whitespace().take(TIME).any(|word| word.starts_with("time"))
        };
        let is_which = || {
            let word = before.text.split_whitespace().rev().nth(1).unwrap_or_default();
            is_in(DETERMINERS, word) || word.ends_with("'s") || word.ends_with("’s")
        };
        // `8:02 p.m. Osei came` tells when, as a live report does
        let is_told_of = || before.text.split_whitespace().nth(1).is_some();
        self.is_time(before.word)
            && is_capitalised
            && !next.dashed
            && is_told_of()
            && !is_of_time()
            && !is_which()
    }

    /// `On Monday at 5 a.m.`, and nothing before it: the sentence is still to come.
    pub(super) fn is_time_ahead(&self, before: &Before<'_>) -> bool {
        const WORDS: usize = 5;
        // No five words have more; and where nothing may be cut, all that came before would be looked at again and again.
        const BYTES: usize = 300;
        if before.text.len() > BYTES || !self.is_time(before.word) {
            return false;
        }
        let is_preposition = |word: Option<&str>| word.is_some_and(|w| is_in(self.before_time, w));
        let is_short = before.text.split_whitespace().nth(WORDS).is_none();
        is_short
            && is_preposition(before.text.split_whitespace().next())
            && is_preposition(before.text.split_whitespace().rev().nth(1))
    }
}
