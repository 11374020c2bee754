//! Places that a stage before could not tell, beside those that this one's search can't.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
};

use super::{Entity, contract, read::optional, refused::offsets};
use crate::{
    error::Failure,
    fields::Fields,
    text::{self, Ambiguous, Claim, OffsetUnit},
};

/// A place that came with the document.
pub(super) struct Came {
    pub(super) range: Range<usize>,
    /// The ids of the entities that it could name.
    ids: Vec<String>,
}

/// The places that came, in the order of their field, each in range.
pub(super) fn read(fields: &Fields, text: &str, unit: OffsetUnit) -> Result<Vec<Came>, Failure> {
    let given: Vec<contract::Ambiguous> = optional(fields, "ambiguous")?.unwrap_or_default();
    let claims: Vec<_> =
        given.iter().map(|a| Claim { begin: a.begin, end: a.end, text: Some(&a.text) }).collect();
    let checked = text::check(text, unit, &claims).into_iter().enumerate();
    let ranges: Result<Vec<_>, Failure> =
        checked.map(|(i, range)| range.map_err(|e| offsets(format!("ambiguous place {i}: {e}")))).collect();
    Ok(ranges?.into_iter().zip(given).map(|(range, place)| Came { range, ids: place.entities }).collect())
}

/// Those that were found and those that came: apart from each other and from all mentions, in the order of the text. An id
/// that no entity has (any more) names nothing.
pub(super) fn with_those_that_came(
    found: Vec<Ambiguous>,
    came: &[Came],
    entities: &[Entity],
    mentions: &[Range<usize>],
) -> Vec<Ambiguous> {
    if came.is_empty() {
        return found;
    }
    let indices: HashMap<&str, usize> =
        entities.iter().enumerate().map(|(index, entity)| (entity.id.as_str(), index)).collect();
    let taken = text::merged(mentions.iter().chain(found.iter().map(|place| &place.range)));
    let came = came.iter().map(|Came { range, ids }| {
        let entities: BTreeSet<usize> =
            ids.iter().filter_map(|id| indices.get(id.as_str()).copied()).collect();
        Ambiguous { range: range.clone(), entities: entities.into_iter().collect() }
    });
    let came = came.filter(|place| !place.entities.is_empty() && !text::overlap(&taken, &place.range));
    let mut all: Vec<Ambiguous> = found.into_iter().chain(came).collect();
    all.sort_by_key(|place| (place.range.start, place.range.end));
    all.dedup_by(|next, kept| next.range.start < kept.range.end);
    all
}
