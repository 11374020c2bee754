//! The title, which no model reads: companies are named in full there and by a word in the text, `Northwind Energy plc fined`
//! and `Northwind said …`.

use std::ops::Range;

use crate::{
    document::{Document, Entity},
    error::{Failure, Reason},
    text::{FindOptions, Kind, Searched, Sought, find},
};

/// What is between a title and its text: no name goes over it.
const APART: &str = "\n\n";

/// A title that names organisations that came, as it is read before the text; empty where it names none.
#[derive(Default)]
pub(super) struct Head {
    /// The title and what is between it and the text.
    pub(super) text: String,
    /// Its mentions, and whose they are.
    pub(super) mentions: Vec<(Range<usize>, usize)>,
}

impl Head {
    /// # Errors
    /// A Reject if there are more names, or more places for them, than a document has that means well.
    pub(super) fn of(document: &Document) -> Result<Self, Failure> {
        let is_organisation =
            |entity: &Entity| entity.kind.as_deref().map(Kind::from) == Some(Kind::Organisation);
        // Of one that the text names, the text tells.
        let is_meant = |(_, entity): &(usize, &Entity)| is_organisation(entity) && entity.mentions.is_empty();
        let organisations = document.entities.iter().enumerate().filter(is_meant);
        let organisations: Vec<_> = organisations.map(|(i, entity)| (i, entity, entity.aliases())).collect();
        let Some(title) = document.title().filter(|_| !organisations.is_empty()) else {
            return Ok(Head::default());
        };
        let sought: Vec<Sought<'_>> = organisations
            .iter()
            .map(|(_, entity, aliases)| Sought {
                name: &entity.name,
                aliases: aliases.iter().map(String::as_str).collect(),
                kind: entity.kind.as_deref(),
            })
            .collect();
        let searched = Searched { text: &title, ..Searched::default() };
        let found = find(searched, &sought, FindOptions::default())
            .map_err(|error| Failure::reject(Reason::TooLarge, error.to_string()))?;
        let places = found.mentions.into_iter().zip(&organisations).flat_map(|(mentions, (entity, ..))| {
            mentions.into_iter().map(|mention| (mention.range, *entity))
        });
        let mentions: Vec<_> = places.collect();
        if mentions.is_empty() {
            return Ok(Head::default());
        }
        Ok(Head { text: title + APART, mentions })
    }
}
