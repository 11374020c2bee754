//! What is equal in names, and what is short for them.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::legal::split_legal_form;
use crate::text::words;

/// Words that an acronym may leave out.
const SMALL: &[&str] = words! {
    "and" "de" "der" "des" "die" "du" "et" "for" "für" "in" "la" "of" "on" "the" "to" "und"
    "y"
};

/// A word in lower case without dots and commas, as the tables have it.
pub(super) fn bare(word: &str) -> String {
    let letters = word.chars().filter(|c| !matches!(c, '.' | ','));
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether a name is made of capitals, as acronyms are: `EGA`, `U.N.`, `BfN`.
pub(crate) fn is_acronym_like(name: &str) -> bool {
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    (2..=8).contains(&letters)
        && name.chars().filter(|c| c.is_uppercase()).count() >= 2
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '&' | '-'))
}

/// `U.S. Rail Safety Board` without its country, which its acronym leaves out.
pub(super) fn without_country(name: &str) -> Option<&str> {
    ["U.S. ", "US ", "U.K. ", "UK ", "EU "].iter().find_map(|country| name.strip_prefix(country))
}

/// The letters of an acronym in lower case.
pub(super) fn letters(acronym: &str) -> String {
    let letters = acronym.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// The first letters of the words of a name, in lower case: with its small words, and without.
pub(super) fn initials(name: &str) -> [String; 2] {
    let words = || name.split(|c: char| c.is_whitespace() || c == '-');
    [true, false].map(|small| {
        words()
            .filter(|word| small || !SMALL.contains(&bare(word).as_str()))
            .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
            .flat_map(char::to_lowercase)
            .collect()
    })
}

/// Whether `acronym` is made of the first letters of the words of `name`, which may have a legal
/// form.
pub(super) fn is_acronym(acronym: &str, name: &str) -> bool {
    let letters = letters(acronym);
    let spells = |name: &str| initials(name).contains(&letters);
    is_acronym_like(acronym) && (spells(name) || split_legal_form(name).is_some_and(|(name, _)| spells(name)))
}

/// What is equal for names that differ only in case, accents, the form of apostrophes, and dots
/// between capitals.
pub(super) fn key(name: &str) -> String {
    let dotted = is_acronym_like(name);
    name.nfd()
        .filter(|c| !is_combining_mark(*c) && (*c != '.' || !dotted))
        .map(|c| if c == '’' { '\'' } else { c })
        .flat_map(char::to_lowercase)
        .collect()
}

/// A name without what its sentence adds to it: a possessive, an article, odd spaces.
pub(super) fn plain(surface: &str) -> Cow<'_, str> {
    let name = surface.trim();
    let name = ["'s", "’s", "'S", "’S", "'", "’"]
        .iter()
        .find_map(|possessive| name.strip_suffix(possessive))
        .unwrap_or(name);
    let name = name.strip_prefix("the ").unwrap_or(name);
    match name.split_whitespace().eq(name.split(' ')) {
        true => Cow::Borrowed(name),
        false => Cow::Owned(name.split_whitespace().collect::<Vec<_>>().join(" ")),
    }
}
