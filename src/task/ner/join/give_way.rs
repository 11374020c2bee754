//! Names that were only searched, and that stand in longer ones which the model found: they are nobody's there.

use std::ops::Range;

use super::{as_compared, given::is_within, is_of};
use crate::{
    document::{Document, Entity, Mention},
    text::{FullName, Kind, Tagged, Via, merged, overlap, words},
};

/// What makes another body of a company's name that it ends. Much else may be the company still: Exxon Mobil, Labour Party.
const BODIES: &[&str] = words! {
    "Arena" "Award" "Awards" "Charity" "Clinic" "Foundation" "Fund" "Pension" "Prize" "Scholarship" "Stadium"
};

/// A company's or place's name that was only searched is nobody's where it stands in a longer name that was found: `Ford` in
/// Harrison Ford is the person's, `Ford` in Betty Ford Clinic the clinic's. So is a surname in somebody's full name: `Pell` in
/// JD Pell.
pub(super) fn to_longer_names(document: &mut Document, spans: &[Tagged<'_>]) {
    to_bodies(document, spans);
    let is_thing = |entity: &Entity| is_of(entity, Kind::Organisation) || is_of(entity, Kind::Location);
    let may_give_way =
        |is_thing: bool, via: Option<Via>| via.is_some() && (is_thing || via == Some(Via::Surname));
    let of = |entity| move |mention: &&Mention| !may_give_way(is_thing(entity), mention.via);
    let stay = document.entities.iter().flat_map(|entity| entity.mentions.iter().filter(of(entity)));
    let stay = merged(stay.map(|mention| &mention.range));
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
fn to_bodies(document: &mut Document, spans: &[Tagged<'_>]) {
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
