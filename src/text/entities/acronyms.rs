//! Acronyms that a document introduces: `European Grid Agency (EGA)`.

use std::ops::Range;

use super::find::{FindError, Sought, Via};
use super::kind::Kind;
use super::names;
use super::patterns::Pattern;
use super::search::{Candidate, Searcher};
use crate::text::{characters::is_of_word, reach::tail};

// In bytes; what is longer is no acronym.
const LONGEST: usize = 16;

/// An acronym, and the place from which on it is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Introduced {
    pub(super) acronym: String,
    pub(super) entity: usize,
    pub(super) from: usize,
}

/// Bytes of names that acronyms are compared with. A document that means well has some thousands.
const MOST_STEPS: usize = 100_000_000;

/// What it costs to look at a name at all, in bytes of one.
const AS_BYTES: usize = 16;

/// Acronyms with a name of theirs, of which one has the other in brackets; `steps` counts what was looked at.
pub(super) fn introduced(
    text: &str,
    candidates: &[Candidate],
    entities: &[Sought<'_>],
    steps: &mut usize,
) -> Result<Vec<Introduced>, FindError> {
    let mut all = Vec::new();
    // in brackets after a person is a country or a team
    let is_person = |c: &&Candidate| entities[c.entity].kind.map(Kind::from) == Some(Kind::Person);
    for c in candidates.iter().filter(|c| c.via < Via::Surname && !is_person(c)) {
        for at in [after_name(text, c.range.end), before_name(text, &c.range)].into_iter().flatten() {
            let sought = &entities[c.entity];
            let found = &text[c.range.clone()];
            for name in sought.aliases.iter().copied().chain([sought.name, found]) {
                *steps += AS_BYTES + name.len();
                if *steps > MOST_STEPS {
                    return Err(FindError::new("too much in brackets stands beside too many of them"));
                }
                if names::is_acronym(&text[at.clone()], name) {
                    let acronym = text[at.clone()].to_owned();
                    all.push(Introduced { acronym, entity: c.entity, from: at.start });
                    break;
                }
            }
        }
    }
    Ok(all)
}

/// Where `EGA` is if ` (EGA)` follows at `end`.
fn after_name(text: &str, end: usize) -> Option<Range<usize>> {
    let open = text[end..].strip_prefix([' ', '\u{A0}'])?.strip_prefix('(')?;
    let close = open.bytes().take(LONGEST).position(|b| b == b')')?;
    let start = text.len() - open.len();
    Some(start..start + close)
}

/// Where `EGA` is if `EGA (` stands before a name and the bracket is closed after it.
fn before_name(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    let before = text[..name.start].strip_suffix('(')?.strip_suffix([' ', '\u{A0}'])?;
    let len = tail(before, LONGEST + 1, |c| is_of_word(c) || matches!(c, '.' | '&')).len();
    let closed = text[name.end..].starts_with(')');
    (closed && len <= LONGEST).then(|| before.len() - len..before.len())
}

/// The places of acronyms from where they are introduced.
pub(super) fn search(text: &str, mut known: Vec<Introduced>) -> Result<Vec<Candidate>, FindError> {
    known.sort_unstable();
    known.dedup_by(|later, first| later.acronym == first.acronym && later.entity == first.entity);
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let acronyms = known.iter().map(|introduced| introduced.acronym.clone()).enumerate();
    let patterns = acronyms.map(|(entity, text)| Pattern { text, entity, via: Via::Acronym });
    let mut found = Searcher::new(patterns.collect())?.search(text)?;
    found.retain(|candidate| known[candidate.entity].from <= candidate.range.start);
    for candidate in &mut found {
        candidate.entity = known[candidate.entity].entity;
    }
    Ok(found)
}
