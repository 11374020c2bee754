//! The title, which no model reads: companies are named in full there and by a word in the text, `Northwind Energy plc fined`
//! and `Northwind said …`.

use std::collections::{BTreeSet, HashMap};

use super::is_of;
use crate::{
    document::{Document, Entity},
    error::{Failure, Reason},
    text::{self, FindOptions, Kind, Searched, Sought},
};

/// Organisations that came, and that the title names and the text doesn't.
#[derive(Debug, Default)]
pub(super) struct Title {
    /// By what they are called for short, as names are compared.
    by_short: HashMap<String, BTreeSet<usize>>,
}

impl Title {
    /// # Errors
    /// A Reject if there are more names, or more places for them, than a document has that means well.
    pub(super) fn of(document: &Document) -> Result<Self, Failure> {
        let is_meant = |entity: &Entity| is_of(entity, Kind::Organisation) && entity.mentions.is_empty();
        let meant = document.entities.iter().enumerate().filter(|(_, entity)| is_meant(entity));
        let meant: Vec<_> =
            meant.map(|(i, entity)| (i, [vec![entity.name.clone()], entity.aliases()].concat())).collect();
        let Some(title) = document.title().filter(|_| !meant.is_empty()) else {
            return Ok(Title::default());
        };
        let sought = meant.iter().map(|(_, names)| Sought {
            name: &names[0],
            aliases: names[1..].iter().map(String::as_str).collect(),
            kind: Some("ORG"),
        });
        let searched = Searched { text: &title, ..Searched::default() };
        let found = text::find(searched, &sought.collect::<Vec<_>>(), FindOptions::default())
            .map_err(|error| Failure::reject(Reason::TooLarge, error.to_string()))?;
        let named = meant.into_iter().zip(found.mentions).filter(|(_, mentions)| !mentions.is_empty());
        let mut by_short: HashMap<String, BTreeSet<usize>> = HashMap::new();
        for ((entity, names), _) in named {
            for short in names.iter().flat_map(|name| text::short_names(name)) {
                by_short.entry(short).or_default().insert(entity);
            }
        }
        Ok(Title { by_short })
    }

    /// The one of them that what was found is short for.
    pub(super) fn company(&self, found: &text::Entity<'_>) -> Option<usize> {
        let (name, form) = text::compared(&found.name, found.kind);
        let is_short = form.is_none() && Kind::from(found.kind) == Kind::Organisation;
        let companies = self.by_short.get(&name).filter(|companies| is_short && companies.len() == 1)?;
        companies.first().copied()
    }
}
