//! What was only searched by the names of entities that came, and what the model, which reads more of the text, says of it.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::Range,
};

use super::{CouldBe, given::is_within};
use crate::{
    document::{Document, Entity, Mention},
    error::Failure,
    text::{Ambiguous, Kind, Tagged, merged, overlap, surnames},
};

/// A company's or place's name that was only searched, and stands in a person's that was found, is nobody's but the
/// person's: `Ford` in Harrison Ford.
pub(super) fn give_way(document: &mut Document, spans: &[Tagged<'_>]) {
    let is_thing = |entity: &Entity| is_of(entity, Kind::Organisation) || is_of(entity, Kind::Location);
    let gives_way = |entity: &Entity, mention: &Mention| is_thing(entity) && mention.was_searched();
    let of = |entity| move |mention: &&Mention| !gives_way(entity, mention);
    let stay = document.entities.iter().flat_map(|entity| entity.mentions.iter().filter(of(entity)));
    let stay = merged(&stay.map(|mention| mention.range.clone()).collect::<Vec<_>>());
    let is_person =
        |span: &&Tagged<'_>| Kind::from(span.kind) == Kind::Person && !overlap(&stay, &span.range);
    let mut persons: Vec<&Range<usize>> = spans.iter().filter(is_person).map(|span| &span.range).collect();
    persons.sort_unstable_by_key(|person| person.start);
    let stands_in_person = |place: &Range<usize>| {
        let before = persons.partition_point(|person| person.start <= place.start);
        before.checked_sub(1).is_some_and(|i| is_within(place, persons[i]))
    };
    for entity in &mut document.entities {
        if is_thing(entity) {
            entity.mentions.retain(|mention| !mention.was_searched() || !stands_in_person(&mention.range));
        }
    }
}

/// A person's surname that was only searched is as unclear as it would have been had the search known of somebody else of
/// that surname, whom the model found or whose mentions came before it: linking says whose it is, or that it could be
/// several.
///
/// # Errors
/// As [`CouldBe::count`].
pub(super) fn reopen(
    document: &mut Document,
    spans: &[Tagged<'_>],
    could_be: &mut CouldBe,
) -> Result<(), Failure> {
    let known = namesakes(document, spans);
    let Document { text, entities, ambiguous, .. } = document;
    for (i, entity) in entities.iter_mut().enumerate().filter(|(_, entity)| is_of(entity, Kind::Person)) {
        let names = entity.aliases().into_iter().chain([entity.name.clone()]);
        let names: HashSet<String> = names.map(|name| name.to_lowercase()).collect();
        // the persons that it could be, if they are several
        let open = |mention: &Mention| {
            let surname = mention.was_searched().then(|| text[mention.range.clone()].to_lowercase())?;
            let persons = known.get(&surname).filter(|persons| persons.contains_key(&Some(i)))?;
            let is_known = |(person, begin): &(&Option<usize>, &usize)| {
                **person == Some(i) || **begin < mention.range.start
            };
            let persons: Vec<Option<usize>> = persons.iter().filter(is_known).map(|(p, _)| *p).collect();
            (persons.len() > 1 && !names.contains(&surname)).then_some(persons)
        };
        let mut stay = Vec::new();
        for mention in std::mem::take(&mut entity.mentions) {
            let Some(persons) = open(&mention) else {
                stay.push(mention);
                continue;
            };
            could_be.count(persons.len())?;
            let entities = persons.into_iter().flatten().collect();
            ambiguous.push(Ambiguous { range: mention.range, entities });
        }
        entity.mentions = stay;
    }
    ambiguous.sort_by_key(|place| place.range.start);
    Ok(())
}

/// By surname, in lower case, the persons whom the text names in full, entities by their places and None for all others, and
/// where each of them first stands.
fn namesakes(document: &Document, spans: &[Tagged<'_>]) -> HashMap<String, BTreeMap<Option<usize>, usize>> {
    let persons = || document.entities.iter().enumerate().filter(|(_, entity)| is_of(entity, Kind::Person));
    let places = persons().flat_map(|(_, entity)| &entity.mentions).map(|mention| mention.range.clone());
    let places = merged(&places.collect::<Vec<_>>());
    let came = persons().flat_map(|(i, entity)| entity.mentions.iter().map(move |m| (Some(i), &m.range)));
    let found = spans.iter().filter(|span| Kind::from(span.kind) == Kind::Person);
    let found = found.map(|span| (None, &span.range)).filter(|(_, range)| !overlap(&places, range));
    let mut known: HashMap<String, BTreeMap<Option<usize>, usize>> = HashMap::new();
    for (person, range) in came.chain(found) {
        for surname in surnames(document.text.get(range.clone()).unwrap_or_default()) {
            let first = known.entry(surname.to_lowercase()).or_default().entry(person).or_insert(range.start);
            *first = range.start.min(*first);
        }
    }
    known
}

fn is_of(entity: &Entity, kind: Kind) -> bool {
    entity.kind.as_deref().map(Kind::from) == Some(kind)
}
