//! What stands around a name, as far as it tells what it is.

use super::kind::Kind;
use super::link::Tagged;
use crate::text::reach::{SPACES, head, tail};
use crate::text::words;

/// What persons do, and companies less often: they speak and think.
const SPOKE: &[&str] = words! {
    "accused" "added" "admitted" "agreed" "apologised" "apologized" "argued" "asked" "believed" "called" "claimed" "denied"
    "explained" "felt" "had" "insisted" "knew" "pleaded" "praised" "promised" "replied" "said" "smiled" "testified"
    "thanked" "thought" "told" "urged" "warned" "wept" "wondered" "wrote"
};

/// Who speaks of itself so is no person: `Rennick said it had acted lawfully`.
const ITSELF: &[&str] = words! {
    "it" "its" "they" "their"
};

/// What may stand before the first name of a sentence.
const JOINS: &[&str] = words! {
    "And" "But"
};

/// What companies have, behind their names or before: `Rennick shares`, `shares of Rennick`.
const OF_COMPANIES: &[&str] = words! {
    "bonds" "share" "shares" "stake" "stock"
};

/// More characters than any of these words has, and the marks and spaces before it.
const LONGEST: usize = 16;

/// Whether the word before says whose it is: `Canada's`, `its`.
pub(super) fn is_owned(text: &str, begin: usize) -> bool {
    let before = text.get(..begin).and_then(|before| before.strip_suffix(SPACES)).unwrap_or_default();
    let is_word =
        |word: &str| before.strip_suffix(word).is_some_and(|rest| !rest.ends_with(char::is_alphanumeric));
    ["'s", "’s", "s'", "s’"].iter().any(|end| before.ends_with(end))
        || ["its", "Its", "their", "Their"].into_iter().any(is_word)
}

/// Whether a name stands where somebody stands: a third of its mentions are taken for a person's and none is a company's
/// by what is around it, or the only one begins a sentence and speaks, `Rennick had ignored it`.
pub(super) fn is_as_person(text: &str, tagged: &[Tagged<'_>], mentions: &[usize]) -> bool {
    let is_person = |mention: usize| Kind::from(tagged[mention].kind) == Kind::Person;
    match mentions {
        [only] => is_person(*only) || speaks(text, &tagged[*only]),
        _ => {
            let persons = mentions.iter().filter(|&&mention| is_person(mention)).count();
            persons * 3 >= mentions.len()
                && !mentions.iter().any(|&mention| is_companys(text, &tagged[mention]))
        }
    }
}

fn speaks(text: &str, mention: &Tagged<'_>) -> bool {
    let [spoke, then] = words_after(text, mention.range.end);
    let before = tail(text.get(..mention.range.start).unwrap_or_default(), LONGEST, |_| true);
    SPOKE.contains(&spoke) && !ITSELF.contains(&then) && begins_sentence(before)
}

/// Whether what comes behind this is the first of its sentence.
fn begins_sentence(before: &str) -> bool {
    let is_opening = |c: char| matches!(c, '"' | '“' | '‘' | '\'' | '(' | '-' | '–' | '—');
    let line = before.trim_end_matches(|c: char| is_opening(c) || (c.is_whitespace() && c != '\n'));
    let word = tail(line, LONGEST, char::is_alphabetic);
    line.is_empty() || line.ends_with(['\n', '.', '!', '?', '…', '”', '’', '"']) || JOINS.contains(&word)
}

fn is_companys(text: &str, mention: &Tagged<'_>) -> bool {
    let before = text.get(..mention.range.start).unwrap_or_default();
    let word_before = |before: &str| {
        let before = before.strip_suffix(SPACES).unwrap_or_default();
        before.len() - tail(before, LONGEST, char::is_alphabetic).len()..before.len()
    };
    let last = word_before(before);
    let first = word_before(&before[..last.start]);
    let (last, first) = (&before[last], &before[first]);
    let [after, _] = words_after(text, mention.range.end);
    last == "at"
        || OF_COMPANIES.contains(&after)
        || (["of", "in"].contains(&last) && OF_COMPANIES.contains(&first))
}

/// The two words after a name, without a possessive between; empty where something else is there.
fn words_after(text: &str, end: usize) -> [&str; 2] {
    let after = text.get(end..).unwrap_or_default();
    let mut after = ["'s", "’s"].iter().find_map(|own| after.strip_prefix(own)).unwrap_or(after);
    [(); 2].map(|()| {
        let rest = after.strip_prefix(SPACES).unwrap_or_default();
        let word = head(rest, LONGEST, char::is_alphabetic);
        after = &rest[word.len()..];
        word
    })
}
