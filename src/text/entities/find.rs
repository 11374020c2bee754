//! Searches a document for entities that it names without saying where they stand.

use std::cmp::Reverse;
use std::fmt;
use std::ops::Range;

use super::acronyms::{self, Introduced};
use super::addresses;
use super::doubt;
use super::namesakes::Told;
use super::patterns;
use super::search::{Candidate, Searcher};
use crate::text::ranges;

/// An entity to search for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought<'a> {
    /// Its name, as a text would write it.
    pub name: &'a str,
    /// Other names for it.
    pub aliases: Vec<&'a str>,
    /// Its type, such as `PER` or `ORG`. Surnames are derived for persons only.
    pub kind: Option<&'a str>,
}

/// A document to search in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Searched<'a> {
    /// The text.
    pub text: &'a str,
    /// The title, if it is not part of the text: it introduces names for the text, and is not searched for mentions.
    pub title: Option<&'a str>,
    /// Byte ranges of `text` that mentions were given for, in any order: what overlaps one of
    /// them isn't found.
    pub given: &'a [Range<usize>],
}

/// Which aliases are derived from the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FindOptions {
    /// `Kovac`, after `Anna Kovac` was seen.
    pub surnames: bool,
    /// `Northwind Energy` for `Northwind Energy plc`.
    pub legal_forms: bool,
    /// `EGA`, after `European Grid Agency (EGA)` was seen.
    pub acronyms: bool,
}

impl Default for FindOptions {
    fn default() -> Self {
        Self { surnames: true, legal_forms: true, acronyms: true }
    }
}

/// Why something counts as a mention of an entity: the first of these that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Via {
    /// It is the name.
    Name,
    /// It is an alias that was given.
    Alias,
    /// It is the name without its legal form.
    LegalForm,
    /// It is the surname, after the full name.
    Surname,
    /// It is an acronym that was introduced in brackets.
    Acronym,
}

/// A place that names one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Its bytes.
    pub range: Range<usize>,
    /// How it was known.
    pub via: Via,
}

/// A place that could name several entities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambiguous {
    /// Its bytes.
    pub range: Range<usize>,
    /// Indices of the entities that it could name, ascending; just one if it could be that one
    /// or somebody unknown of the same surname.
    pub entities: Vec<usize>,
}

/// What was found in a document's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// For each entity, in the order given: its mentions, in the order of the text.
    pub mentions: Vec<Vec<Mention>>,
    /// In the order of the text; none of them is in `mentions`.
    pub ambiguous: Vec<Ambiguous>,
}

/// The most names and aliases that are searched for at once; each is searched in several forms.
const MOST_NAMES: usize = 100_000;

/// Bytes of all of them: the forms that each is searched in take dozens of times as much.
const MOST_NAME_BYTES: usize = 2 << 20;

/// The names are too many or too long to search for at once, or stand in too many places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindError(String);

impl FindError {
    pub(super) fn new(cause: impl Into<String>) -> Self {
        Self(cause.into())
    }
}

impl fmt::Display for FindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "can't search for so many names and aliases: {}", self.0)
    }
}

impl std::error::Error for FindError {}

/// Where the entities stand in a document, by name, alias and derived alias.
///
/// Names are searched as they are written and in capitals, with `and` as `&`, `St.` as `St` and the comma of a junior or
/// without. Where matches overlap, the leftmost
/// and then the longest that is a whole word counts.
///
/// # Errors
///
/// [`FindError`] if there are more names, or more places that they could stand in, than a document has that means well:
/// what it takes to search is bounded whatever comes.
pub fn find(
    document: Searched<'_>,
    entities: &[Sought<'_>],
    options: FindOptions,
) -> Result<Hits, FindError> {
    refuse_too_many(entities)?;
    let searcher = Searcher::new(patterns::patterns(entities, options))?;
    let title = document.title.unwrap_or_default();
    let told: Vec<Told> = entities.iter().map(Told::new).collect();
    let search = |text: &str| -> Result<Vec<Candidate>, FindError> {
        let mut found = searcher.search(text)?;
        found.retain(|c| !is_of_another(text, c, &told));
        Ok(found)
    };
    let in_title = search(title)?;
    let mut in_text = search(document.text)?;

    let seen_in_title = first_full_names(title, &in_title, &told);
    let seen_in_text = first_full_names(document.text, &in_text, &told);
    let is_introduced = |c: &Candidate| {
        seen_in_title[c.entity].is_some() || seen_in_text[c.entity].is_some_and(|end| end <= c.range.start)
    };
    in_text.retain(|c| c.via != Via::Surname || is_introduced(c));

    if options.acronyms {
        let mut steps = 0;
        let from_title = acronyms::introduced(title, &in_title, entities, &mut steps)?;
        let mut known = acronyms::introduced(document.text, &in_text, entities, &mut steps)?;
        known.extend(from_title.into_iter().map(|introduced| Introduced { from: 0, ..introduced }));
        in_text.extend(acronyms::search(document.text, known)?);
    }
    Ok(resolve(document.text, in_text, document.given, &told))
}

fn refuse_too_many(entities: &[Sought<'_>]) -> Result<(), FindError> {
    let names = || entities.iter().flat_map(|sought| sought.aliases.iter().chain([&sought.name]));
    let (count, bytes) = (names().count(), names().map(|name| name.len()).sum::<usize>());
    if count > MOST_NAMES {
        return Err(FindError::new(format!("they are {count}, of {MOST_NAMES} at most")));
    }
    if bytes > MOST_NAME_BYTES {
        return Err(FindError::new(format!("they have {bytes} bytes, of {MOST_NAME_BYTES} at most")));
    }
    Ok(())
}

/// For each entity, the end of its first full name.
fn first_full_names(text: &str, candidates: &[Candidate], told: &[Told]) -> Vec<Option<usize>> {
    let mut seen = vec![None; told.len()];
    for c in candidates.iter().filter(|c| c.via < Via::Surname && !is_doubtful(text, c, told)) {
        let first = seen[c.entity].get_or_insert(c.range.end);
        *first = c.range.end.min(*first);
    }
    seen
}

/// Leftmost, then longest; nothing over what was given. What could name several entities, or
/// somebody else of the same surname, is ambiguous.
fn resolve(text: &str, mut candidates: Vec<Candidate>, given: &[Range<usize>], told: &[Told]) -> Hits {
    candidates.sort_unstable_by_key(|c| (c.range.start, Reverse(c.range.end), c.entity, c.via));
    candidates.dedup_by(|next, kept| next.range == kept.range && next.entity == kept.entity);
    let given = ranges::merged(given);
    let mut hits = Hits { mentions: vec![Vec::new(); told.len()], ambiguous: Vec::new() };
    let mut free_from = 0;
    for place in candidates.chunk_by(|a, b| a.range == b.range) {
        let range = place[0].range.clone();
        if range.start < free_from || ranges::overlap(&given, &range) {
            continue;
        }
        free_from = range.end;
        match place {
            [only] if !is_doubtful(text, only, told) => {
                hits.mentions[only.entity].push(Mention { range, via: only.via })
            }
            doubtful => hits
                .ambiguous
                .push(Ambiguous { range, entities: doubtful.iter().map(|c| c.entity).collect() }),
        }
    }
    hits
}

/// Whether a place is none of the entity's, whatever stands there: a part of an address, or another company's name.
fn is_of_another(text: &str, candidate: &Candidate, told: &[Told]) -> bool {
    let Candidate { range, entity, .. } = candidate;
    addresses::is_in_address(text, range) || told[*entity].is_of_other_form(text, range)
}

fn is_doubtful(text: &str, candidate: &Candidate, told: &[Told]) -> bool {
    let Candidate { range, entity, via } = candidate;
    told[*entity].is_part_of_other(text, range)
        || told[*entity].may_be_cut(text, range)
        || (*via == Via::Surname && (doubt::is_of_another(text, range) || doubt::is_ordinary(text, range)))
}
