//! What stands beside a name: whether a surname is somebody else's, and whether it is a person's at all.

use std::ops::Range;

use super::person::{self, Person};
use crate::text::{
    characters::{HYPHENS, is_of_word},
    reach::{SPACES, head, tail},
    sentences::is_opener,
    tables::DAYS_AND_MONTHS,
    words,
};

/// Whether a surname is part of a longer name that isn't the one known: `Maria Kovac`, `Kovac Industries`, `Kovac-Meyer`,
/// `Meyer-Kovac`, `Kovac & Meyer`.
pub(super) fn is_of_another(text: &str, surname: &Range<usize>) -> bool {
    let (before, after) = (&text[..surname.start], &text[surname.end..]);
    let is_large = |word: &str| word.starts_with(char::is_uppercase);
    let is_joined = is_hyphenated(after) || before.strip_suffix(HYPHENS).map(last_word).is_some_and(is_large);
    let is_of_two = after.strip_prefix(" & ").is_some_and(is_large)
        || before.strip_suffix(" & ").map(last_word).is_some_and(is_large);
    let previous = before.strip_suffix(SPACES).map(last_word);
    let next = after.strip_prefix(SPACES).map(first_word);
    let is_behind_name = previous.is_some_and(|word| is_name(word) && !person::is_german_office(word));
    is_joined || is_of_two || is_behind_name || next.is_some_and(is_name)
}

/// Whether a hyphen makes a double name of the name before it.
pub(super) fn is_hyphenated(after: &str) -> bool {
    after.strip_prefix(HYPHENS).is_some_and(|rest| rest.starts_with(char::is_uppercase))
}

/// What is before a month or a day that is one.
const BEFORE_DATES: &[&str] = words! {
    "by" "during" "early" "from" "in" "last" "late" "mid" "next" "of" "on" "since" "this" "through" "until"
};

/// Surnames that are words which often begin a sentence.
const ORDINARY: &[&str] = words! {
    "Banks" "Best" "Black" "Brown" "Cash" "Day" "Gray" "Green" "Grey" "Hard" "Hope" "Little" "Long" "Love" "Price" "Rice" "Rich"
    "Sharp" "Short" "Small" "Strong" "Wells" "West" "White" "Woods" "Young"
};

/// What somebody does, besides words with `-ed`; before anything else in small letters, an ordinary word may be that.
const DOES: &[&str] = words! {
    "also" "and" "asks" "began" "bought" "came" "can" "could" "cut" "did" "does" "fell" "felt" "gave" "got" "had" "has" "held"
    "is" "kept" "knew" "later" "led" "left" "lost" "made" "may" "met" "might" "must" "never" "paid" "put" "quit" "ran" "rose"
    "said" "sat" "saw" "says" "set" "should" "sold" "spoke" "stood" "tells" "then" "thought" "told" "took" "was" "went" "who"
    "will" "won" "would" "wrote"
};

/// Whether a surname may be none: `in May`, `Long lines formed`.
pub(super) fn is_ordinary(text: &str, surname: &Range<usize>) -> bool {
    let (before, name, after) = (&text[..surname.start], &text[surname.clone()], &text[surname.end..]);
    let previous = before.strip_suffix(SPACES).map_or("", last_word);
    let next = after.strip_prefix(SPACES).map_or("", first_word);
    let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    if name == "May" || DAYS_AND_MONTHS.contains(&name) {
        let is_before_date = BEFORE_DATES.contains(&previous.to_lowercase().as_str());
        return is_before_date || is_number(previous) || is_number(next);
    }
    ORDINARY.contains(&name)
        && begins_sentence(before)
        && !is_addressed(text, surname.start)
        && next.starts_with(char::is_lowercase)
        && !next.ends_with("ed")
        && !DOES.contains(&next)
}

fn begins_sentence(before: &str) -> bool {
    let before = before.trim_end_matches(['"', '“', '‘', '(']);
    let sentence = before.trim_end();
    before[sentence.len()..].contains('\n')
        || sentence.is_empty()
        || sentence.ends_with(['.', '!', '?', '…', '"', '”'])
}

/// Whether somebody's title is before a name that begins at `begin`: `Mr. Castellan`.
pub(super) fn is_addressed(text: &str, begin: usize) -> bool {
    title_before(text, begin).is_some_and(|title| text[title..].starts_with(char::is_uppercase))
}

/// Whether a title before a name, or in it, says that it is a man's or a woman's.
pub(crate) fn is_of_man(text: &str, name: &Range<usize>) -> Option<bool> {
    let begin = title_before(text, name.start).unwrap_or(name.start);
    Person::new(text.get(begin..name.end)?).is_of_man()
}

/// Where the title begins that is before a name which begins at `begin`. Somebody's father has none, nor has what a
/// sentence or a line ends with.
pub(super) fn title_before(text: &str, begin: usize) -> Option<usize> {
    let text = text.get(..begin)?;
    let before = text.strip_suffix(SPACES)?;
    let word = last_word(before);
    let is_small = word.starts_with(char::is_lowercase);
    let is_title = person::is_honorific(word) && !person::is_relative(word);
    let ends = (word.ends_with('.') && !person::is_stopped(word)) || (is_small && text.ends_with('\n'));
    (is_title && !ends).then(|| before.len() - word.len())
}

/// A capitalised word, or an initial with its dot, that no sentence begins with and nobody is
/// called for office.
fn is_name(word: &str) -> bool {
    let mut chars = word.chars();
    let capital = chars.next().is_some_and(char::is_uppercase);
    let rest = chars.as_str();
    // a longer word with a dot ends a sentence, or is short for what nobody is called
    capital
        && (rest == "." || (rest.contains(char::is_lowercase) && !rest.ends_with('.')))
        && !person::is_honorific(word)
        && !person::is_suffix(word)
        && !DAYS_AND_MONTHS.contains(&word)
        && !is_opener(word)
}

// Longer than any first name, so that a long word costs no more than this.
const REACH: usize = 24;

fn last_word(before: &str) -> &str {
    tail(before, REACH, |c| is_of_word(c) || c == '.')
}

pub(super) fn first_word(after: &str) -> &str {
    head(after, REACH, is_of_word)
}
