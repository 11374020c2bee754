//! The title, which no model reads: companies are named in full there and by a word in the text, `Northwind Energy plc fined`
//! and `Northwind said …`.

use crate::{
    document::{Document, Entity},
    error::{Failure, Reason},
    text::{self, FindOptions, Kind, Searched, Sought},
};

/// Organisations that came, and that the title names and the text doesn't.
#[derive(Debug, Default)]
pub(super) struct Title {
    /// Each with its names.
    named: Vec<(usize, Vec<String>)>,
}

impl Title {
    /// # Errors
    /// A Reject if there are more names, or more places for them, than a document has that means well.
    pub(super) fn of(document: &Document) -> Result<Self, Failure> {
        let is_meant = |entity: &Entity| {
            let is_organisation = entity.kind.as_deref().map(Kind::from) == Some(Kind::Organisation);
            is_organisation && entity.mentions.is_empty()
        };
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
        Ok(Title { named: named.map(|(company, _)| company).collect() })
    }

    /// The one of them that what was found is short for.
    pub(super) fn company(&self, found: &text::Entity<'_>) -> Option<usize> {
        let is_short = |(_, names): &&(usize, Vec<String>)| {
            names.iter().any(|name| text::is_short_for(&found.name, name))
        };
        let mut companies = self.named.iter().filter(is_short);
        let (company, _) = companies.next().filter(|_| Kind::from(found.kind) == Kind::Organisation)?;
        companies.next().is_none().then_some(*company)
    }
}
