//! What was only searched by the names of entities that came, and what the model, which reads more of the text, says of it.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
};

use super::{CouldBe, given::is_within, is_of};
use crate::{
    document::{Document, Entity, Mention},
    error::Failure,
    text::{Ambiguous, FullName, Kind, Tagged, Via, compared, is_of_man, merged, overlap, words},
};

/// What makes another body of a company's name that it ends. Much else may be the company still: Exxon Mobil, Labour Party.
const BODIES: &[&str] = words! {
    "Arena" "Award" "Awards" "Charity" "Clinic" "Foundation" "Fund" "Pension" "Prize" "Scholarship" "Stadium"
};

/// A company's or place's name that was only searched is nobody's where it stands in a longer name that was found: `Ford` in
/// Harrison Ford is the person's, `Ford` in Betty Ford Clinic the clinic's. So is a surname in somebody's full name: `Pell` in
/// JD Pell.
pub(super) fn give_way(document: &mut Document, spans: &[Tagged<'_>]) {
    give_way_to_bodies(document, spans);
    let is_thing = |entity: &Entity| is_of(entity, Kind::Organisation) || is_of(entity, Kind::Location);
    let may_give_way =
        |is_thing: bool, via: Option<Via>| via.is_some() && (is_thing || via == Some(Via::Surname));
    let of = |entity| move |mention: &&Mention| !may_give_way(is_thing(entity), mention.via);
    let stay = document.entities.iter().flat_map(|entity| entity.mentions.iter().filter(of(entity)));
    let stay = merged(&stay.map(|mention| mention.range.clone()).collect::<Vec<_>>());
    let is_longer = |span: &&Tagged<'_>| Kind::from(span.kind) != Kind::Other && !overlap(&stay, &span.range);
    let mut longer: Vec<&Tagged<'_>> = spans.iter().filter(is_longer).collect();
    longer.sort_unstable_by_key(|span| span.range.start);
    let around = |place: &Range<usize>| {
        let before = longer.partition_point(|span| span.range.start <= place.start);
        before.checked_sub(1).map(|i| longer[i]).filter(|span| is_within(place, &span.range))
    };
    let Document { text, entities, .. } = document;
    let surface = |place: Range<usize>| text.get(place).unwrap_or_default();
    let is_surname_in = |place: &Range<usize>, person: &Range<usize>| {
        let surname = as_compared(text, place);
        FullName::all_of(surface(person.clone())).iter().any(|name| name.surname == surname)
    };
    let is_anothers =
        |place: &Range<usize>, name: &Range<usize>| is_another_body(surface(place.end..name.end));
    for entity in entities {
        let is_thing = is_thing(entity);
        entity.mentions.retain(|Mention { range, via, .. }| {
            let gives_way = |name: &Tagged<'_>| match (Kind::from(name.kind), is_thing) {
                (Kind::Person, true) => true,
                (Kind::Person, false) => is_surname_in(range, &name.range),
                (kind, is_thing) => is_thing && kind == Kind::Organisation && is_anothers(range, &name.range),
            };
            !may_give_way(is_thing, *via) || !around(range).is_some_and(gives_way)
        });
    }
}

/// So is a full name in that of a body which is named after somebody: `Ana Pell` in Ana Pell Foundation.
fn give_way_to_bodies(document: &mut Document, spans: &[Tagged<'_>]) {
    let bodies = spans.iter().filter(|span| Kind::from(span.kind) == Kind::Organisation);
    let mut bodies: Vec<&Range<usize>> = bodies.map(|span| &span.range).collect();
    bodies.sort_unstable_by_key(|body| body.start);
    let Document { text, entities, .. } = document;
    let is_of_body = |name: &Range<usize>| {
        let body = bodies[..bodies.partition_point(|body| body.start <= name.start)].last();
        body.is_some_and(|body| {
            let rest = text.get(name.end..body.end).unwrap_or_default();
            // Ana Pell's Foundation names her
            is_within(name, body) && !rest.starts_with(['\'', '’']) && is_another_body(rest)
        })
    };
    for entity in entities.iter_mut().filter(|entity| is_of(entity, Kind::Person)) {
        entity.mentions.retain(|Mention { range, via, .. }| {
            matches!(via, None | Some(Via::Surname)) || !is_of_body(range)
        });
    }
}

/// Whether what a name goes on with says that it is another's: `Foundation`, `Workers Union`.
fn is_another_body(rest: &str) -> bool {
    let words: Vec<&str> = rest.split_whitespace().collect();
    match words[..] {
        [.., _, "Union"] => true,
        [.., last] => BODIES.contains(&last),
        [] => false,
    }
}

/// A person's surname that was only searched is as unclear as it would have been had the search known of somebody else of
/// that surname, whom the model found or whose mentions came before it, or of the title before it: linking says whose it
/// is, or that it could be several. Answers the places where it would say that it is the other's, since the text has the
/// full name of nobody else.
///
/// # Errors
/// As [`CouldBe::count`].
pub(super) fn reopen(
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
    let places = persons().flat_map(|(_, entity)| &entity.mentions).map(|mention| mention.range.clone());
    let places = merged(&places.collect::<Vec<_>>());
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

fn as_compared(text: &str, place: &Range<usize>) -> String {
    compared(text.get(place.clone()).unwrap_or_default(), "PER").0
}
