//! What stands beside a name: whether a surname is somebody else's, and whether it is a person's at all.

use super::person;
use crate::text::{sentences::is_opener, tables::DAYS_AND_MONTHS};

/// Whether the surname at `text[begin..end]` is part of a longer name that isn't the one known:
/// `Maria Kovac`, `Kovac Industries`, `Kovac-Meyer`.
pub(super) fn is_of_another(text: &str, begin: usize, end: usize) -> bool {
    let (before, after) = (&text[..begin], &text[end..]);
    let joined = |c: char| matches!(c, '-' | '‑');
    if after.strip_prefix(joined).is_some_and(|rest| rest.starts_with(char::is_uppercase)) {
        return true;
    }
    let previous = before.strip_suffix([' ', '\u{A0}', '\n']).map(last_word);
    let next = after.strip_prefix([' ', '\u{A0}', '\n']).map(first_word);
    previous.is_some_and(is_name) || next.is_some_and(is_name)
}

/// Whether somebody's title is before a name that begins at `begin`: `Mr. Castellan`.
pub(super) fn is_addressed(text: &str, begin: usize) -> bool {
    let before = text.get(..begin).and_then(|before| before.strip_suffix([' ', '\u{A0}', '\n']));
    before.map(last_word).is_some_and(person::is_honorific)
}

/// A capitalised word, or an initial with its dot, that no sentence begins with and nobody is
/// called for office.
fn is_name(word: &str) -> bool {
    let mut chars = word.chars();
    let capital = chars.next().is_some_and(char::is_uppercase);
    let rest = chars.as_str();
    capital
        && (rest == "." || rest.contains(char::is_lowercase))
        && !person::is_honorific(word)
        && !person::is_suffix(word)
        && !DAYS_AND_MONTHS.contains(&word)
        && !is_opener(word)
}

// Longer than any first name, so that a long word costs no more than this.
const REACH: usize = 24;

fn last_word(before: &str) -> &str {
    let start = before
        .char_indices()
        .rev()
        .take(REACH)
        .take_while(|(_, c)| c.is_alphanumeric() || *c == '.')
        .last()
        .map_or(before.len(), |(i, _)| i);
    &before[start..]
}

fn first_word(after: &str) -> &str {
    let end = after
        .char_indices()
        .take(REACH)
        .take_while(|(_, c)| c.is_alphanumeric())
        .last()
        .map_or(0, |(i, c)| i + c.len_utf8());
    &after[..end]
}
