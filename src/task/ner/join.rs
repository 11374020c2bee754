//! The mentions that were found, joined into entities together with those that came with the document. What came stays as
//! it is: it may get more mentions, and what could be several entities, or none that is known, is one of its own.

mod give_way;
mod given;
mod middle;
mod reopen;
mod title;
mod whose;

use std::{collections::BTreeSet, ops::Range};

use crate::{
    document::{Document, Entity},
    error::{Failure, Reason},
    text::{Kind, LinkError, Tagged, compared, overlap},
};
use given::Given;
use middle::Unnamed;
use title::Title;
use whose::{Found, Linked, Whose};

/// Entities that those found could be, each counted for each.
const MOST_COULD_BE: usize = 1_000_000;

/// Adds what was found where nothing came with the document; answers how many mentions that is.
pub(super) fn add_entities(document: &mut Document, spans: &[Tagged<'_>]) -> Result<usize, Failure> {
    give_way::to_longer_names(document, spans);
    let mut could_be = CouldBe::default();
    let untold = reopen::surnames(document, spans, &mut could_be)?;
    let spans: Vec<Tagged<'_>> =
        spans.iter().filter(|span| !overlap(&untold, &span.range)).cloned().collect();
    let given = Given::of(document);
    let title = Title::of(document)?;
    let unnamed = Unnamed::of(document);
    let linked = Linked::new(&document.text, &title, &unnamed, &given, &spans)?;
    let (found, added) = (linked.found(&mut could_be)?, linked.added());
    // The entities of a cluster: those that came, and those that are made of it.
    let Linked { clusters, owners: mut places, .. } = linked;
    let mut ids = document.ids();
    let (mut known_ones, mut made, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for Found { entity, mentions, cluster, whose } in found {
        let place = match whose {
            Whose::Known(known) => {
                told.extend(mentions.iter().cloned());
                known_ones.push((known, mentions));
                known
            }
            Whose::New(others) => {
                let mentions = mentions.into_iter();
                let place = document.add_entity(&mut ids, &entity.id, entity.name, entity.kind, mentions);
                document.entities[place].could_be = others;
                made.push((place, cluster));
                place
            }
        };
        places[cluster].insert(place);
    }
    document.add_mentions(known_ones);
    for (place, cluster) in made {
        let entity = &mut document.entities[place];
        let known: BTreeSet<usize> = entity.could_be.iter().copied().chain([place]).collect();
        let others = clusters[cluster].could_be.iter().flat_map(|&other| &places[other]);
        let more: BTreeSet<usize> = others.copied().filter(|other| !known.contains(other)).collect();
        could_be.count(more.len())?;
        entity.could_be.extend(more);
        if entity.could_be.is_empty() {
            told.extend(entity.mentions.iter().map(|mention| mention.range.clone()));
        }
    }
    document.settle(&told);
    Ok(added)
}

/// What all entities could be, counted: time and memory are bounded whatever comes.
#[derive(Default)]
struct CouldBe(usize);

impl CouldBe {
    fn count(&mut self, more: usize) -> Result<(), Failure> {
        self.0 += more;
        if self.0 > MOST_COULD_BE { Err(too_many(LinkError)) } else { Ok(()) }
    }
}

/// What is equal for a person's name at a place, however it is written there.
fn as_compared(text: &str, place: &Range<usize>) -> String {
    compared(text.get(place.clone()).unwrap_or_default(), "PER").0
}

fn is_of(entity: &Entity, kind: Kind) -> bool {
    entity.kind.as_deref().map(Kind::from) == Some(kind)
}

/// The aliases of an entity that came, and its name.
fn names_of(entity: &Entity) -> impl Iterator<Item = String> {
    entity.aliases().into_iter().chain([entity.name.clone()])
}

fn too_many(error: LinkError) -> Failure {
    Failure::reject(Reason::TooLarge, error.to_string())
}

#[cfg(test)]
mod tests;
