//! Surnames that were only searched, in a text where the model, which reads more of it, found somebody else of that surname.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
};

use super::{CouldBe, as_compared, is_of};
use crate::{
    document::Document,
    error::Failure,
    text::{Ambiguous, FullName, Kind, Tagged, Via, is_of_man, merged, overlap},
};

/// A person's surname that was only searched is as unclear as it would have been had the search known of somebody else of
/// that surname, whom the model found or whose mentions came before it, or of the title before it: linking says whose it
/// is, or that it could be several. Answers the places where it would say that it is the other's, since the text has the
/// full name of nobody else.
///
/// # Errors
/// As [`CouldBe::count`].
pub(super) fn surnames(
    document: &mut Document,
    spans: &[Tagged<'_>],
    could_be: &mut CouldBe,
) -> Result<Vec<Range<usize>>, Failure> {
    let known = namesakes(document, spans);
    let Document { text, entities, ambiguous, .. } = document;
    let mut untold = Vec::new();
    for (i, entity) in entities.iter_mut().enumerate().filter(|(_, entity)| is_of(entity, Kind::Person)) {
        let names = FullName::all_of(&entity.name);
        let is_own = |(_, somebody): &(usize, Somebody)| match somebody {
            Somebody::Known(known) => *known == i,
            Somebody::Other(other) => names.iter().any(|name| other.may_be_short_for(name)),
        };
        let mut full = entity.mentions.iter().filter(|mention| mention.via != Some(Via::Surname));
        let of_man = full.find_map(|mention| is_of_man(text, &mention.range));
        let mut stay = Vec::new();
        for mention in std::mem::take(&mut entity.mentions) {
            let persons = known.get(&as_compared(text, &mention.range)).map_or(&[][..], Vec::as_slice);
            let before = &persons[..persons.partition_point(|(begin, _)| *begin < mention.range.start)];
            let is_of_other_title =
                || is_of_man(text, &mention.range).is_some_and(|titled| of_man == Some(!titled));
            let is_surname = mention.via == Some(Via::Surname);
            if !is_surname || (before.iter().all(is_own) && !is_of_other_title()) {
                stay.push(mention);
                continue;
            }
            could_be.count(persons.len() + 1)?;
            if !persons.iter().any(is_own) {
                untold.push(mention.range.clone());
            }
            let others = before.iter().filter_map(|(_, somebody)| somebody.known());
            let entities: BTreeSet<usize> = others.chain([i]).collect();
            ambiguous.push(Ambiguous { range: mention.range, entities: entities.into_iter().collect() });
        }
        entity.mentions = stay;
    }
    ambiguous.sort_by_key(|place| place.range.start);
    Ok(merged(&untold))
}

/// Whom a text names in full.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Somebody {
    /// An entity that came.
    Known(usize),
    Other(FullName),
}

impl Somebody {
    fn known(&self) -> Option<usize> {
        match self {
            Somebody::Known(entity) => Some(*entity),
            Somebody::Other(_) => None,
        }
    }
}

/// By surname, as names are compared, the persons whom the text names in full, in the order in which they first stand.
fn namesakes(document: &Document, spans: &[Tagged<'_>]) -> HashMap<String, Vec<(usize, Somebody)>> {
    let persons = || document.entities.iter().enumerate().filter(|(_, entity)| is_of(entity, Kind::Person));
    let places = merged(persons().flat_map(|(_, entity)| &entity.mentions).map(|mention| &mention.range));
    let came = persons().flat_map(|(i, entity)| entity.mentions.iter().map(move |m| (Some(i), &m.range)));
    let found = spans.iter().filter(|span| Kind::from(span.kind) == Kind::Person);
    let found = found.map(|span| (None, &span.range)).filter(|(_, range)| !overlap(&places, range));
    let mut known: HashMap<String, Vec<(usize, Somebody)>> = HashMap::new();
    for (entity, range) in came.chain(found) {
        for name in FullName::all_of(document.text.get(range.clone()).unwrap_or_default()) {
            let same = known.entry(name.surname.clone()).or_default();
            same.push((range.start, entity.map_or(Somebody::Other(name), Somebody::Known)));
        }
    }
    for same in known.values_mut() {
        same.sort_unstable_by(|(begin, a), (other, b)| (a, begin).cmp(&(b, other)));
        same.dedup_by(|(_, next), (_, kept)| next == kept);
        same.sort_unstable_by_key(|(begin, _)| *begin);
    }
    known
}
