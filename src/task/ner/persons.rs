//! Names of persons that a model took apart, and letters behind them that it took for somebody: `Erik af Klint`, `Paul
//! Rivers, KC`.

use crate::text::{self, Kind, Tagged};

/// The spans with persons' names in one piece, and without what is written after them.
pub(super) fn in_one_piece<'k>(sentence: &str, spans: impl Iterator<Item = Tagged<'k>>) -> Vec<Tagged<'k>> {
    let mut all: Vec<Tagged<'_>> = Vec::new();
    // Where the last person ends, letters included.
    let mut end = None;
    for mut span in spans {
        let is_person = Kind::from(span.kind) == Kind::Person;
        if end.is_some_and(|end| are_letters_behind(sentence, end, &span)) {
            end = Some(span.range.end);
            continue;
        }
        if is_person {
            span.range.end += suffix_behind(&sentence[span.range.end..]);
        }
        if all.last().is_some_and(|before| span.range.start < before.range.end) {
            continue;
        }
        end = is_person.then_some(span.range.end);
        match all.last_mut() {
            Some(before)
                if is_person
                    && Kind::from(before.kind) == Kind::Person
                    && goes_on(sentence, before, &span) =>
            {
                before.range.end = span.range.end;
            }
            _ => all.push(span),
        }
    }
    all
}

/// Whether nothing but particles is between two names, or one at the end of the first: nobody's name ends so. Nor does it
/// where a space is written as a reference, which a model can't read.
fn goes_on(sentence: &str, before: &Tagged<'_>, after: &Tagged<'_>) -> bool {
    let between = &sentence[before.range.end..after.range.start];
    let ends_so = || {
        let last = sentence[before.range.clone()].rsplit_once(' ').map(|(_, last)| last);
        between == " " && last.is_some_and(text::is_particle)
    };
    let mut particles = between.split_whitespace().peekable();
    let is_small = |word: &str| word.starts_with(char::is_lowercase) && text::is_particle(word);
    let is_apart = between.starts_with(' ') && between.ends_with(' ') && particles.peek().is_some();
    let is_word = |name: &Tagged<'_>| !sentence[name.range.clone()].contains(' ');
    (between == "&nbsp;" && (is_word(before) || is_word(after)))
        || ends_so()
        || (is_apart && particles.all(is_small))
}

/// Bytes of `, Jr.` behind a person; before a capital, `, Sr. Vice President` is what he does.
fn suffix_behind(after: &str) -> usize {
    let suffix = [", Jr.", ", Sr.", ", Jr", ", Sr"]
        .into_iter()
        .find(|suffix| after.starts_with(suffix))
        .unwrap_or_default();
    let rest = &after[suffix.len()..];
    let is_closed = match rest.strip_prefix([' ', '\n', '\u{A0}']) {
        Some(next) => next.starts_with(|c: char| c.is_lowercase() || c == '('),
        None => rest.is_empty() || rest.starts_with([',', ';', ':', ')', '.', '!', '?', '"', '”', '’', '\'']),
    };
    if is_closed { suffix.len() } else { 0 }
}

/// Letters that a comma puts after a person, and that nothing makes a company of: `Rivers, FCA chief` is of one.
fn are_letters_behind(sentence: &str, end: usize, span: &Tagged<'_>) -> bool {
    let is_kind = matches!(Kind::from(span.kind), Kind::Person | Kind::Organisation);
    let after = &sentence[span.range.end..];
    let is_closed = after.is_empty() || after.starts_with([',', '.', ';', ')']);
    is_kind
        && is_closed
        && sentence.get(end..span.range.start) == Some(", ")
        && text::are_letters(&sentence[span.range.clone()])
}
