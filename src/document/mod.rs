//! The document: what is in hand between reading and writing. Inside there are only byte ranges of the text.

mod ambiguous;
pub mod contract;
mod day;
mod read;
mod refused;
mod task_kind;
mod unpack;
mod whole;
mod write;

use std::{collections::BTreeSet, ops::Range};

use indexmap::IndexMap;
use serde_json::value::RawValue;

use contract::{Annotation, Lineage};
pub use read::Defaults;
pub use task_kind::TaskKind;
pub use unpack::{Unpacked, unpack, unpacked_size};

use crate::{
    bounded::written,
    error::Failure,
    fields::{Fields, Folded},
    limits::Limits,
    text::{self, Ids, Language, OffsetUnit},
};

/// A document that was read and checked: its text, its sentences, and where its entities stand in them.
#[derive(Clone, Debug)]
pub struct Document {
    fields: Fields,
    /// What is read, unmodified.
    pub text: String,
    /// What offsets count outside.
    pub unit: OffsetUnit,
    /// What it is written in.
    pub language: Language,
    /// Byte ranges of the text, in order, none empty.
    pub sentences: Vec<Range<usize>>,
    sentences_given: bool,
    /// The entities, in order.
    pub entities: Vec<Entity>,
    /// Places that could name several entities (by their indices), apart from each other.
    pub ambiguous: Vec<text::Ambiguous>,
    /// Those that came with the document, in the order of its field.
    ambiguous_given: Vec<Range<usize>>,
    /// Where it was found out what is named, as [`text::merged`] has it.
    settled: Vec<Range<usize>>,
}

/// Somebody or something that the document names.
#[derive(Clone, Debug)]
pub struct Entity {
    /// Unique in the document.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type, such as `ORG`.
    pub kind: Option<String>,
    /// Where it is mentioned, in the order of the text.
    pub mentions: Vec<Mention>,
    /// The indices of entities that it could be the same as.
    pub could_be: Vec<usize>,
    fields: Fields,
}

impl Entity {
    /// Its other names, if it came with any.
    pub fn aliases(&self) -> Vec<String> {
        self.fields.view("aliases").unwrap_or_default()
    }
}

/// A place where the text names an entity.
#[derive(Clone, Debug)]
pub struct Mention {
    /// Its bytes.
    pub range: Range<usize>,
    /// The index of the sentence in which it begins.
    pub sentence: Option<usize>,
    /// How it was known, where it was only searched by the names of its entity.
    pub via: Option<text::Via>,
    /// As it came in; None where it was found.
    given: Option<Folded>,
}

impl Mention {
    fn new(range: Range<usize>) -> Self {
        Mention { range, sentence: None, via: None, given: None }
    }
}

impl Document {
    /// The user's own id of it, as a text; a number as it was written.
    pub fn given_id(&self) -> Option<String> {
        let raw = self.fields.raw("id")?.get();
        let is_number = raw.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        if is_number { Some(raw.to_owned()) } else { serde_json::from_str(raw).ok() }
    }

    /// Its title, if it is a text.
    pub fn title(&self) -> Option<String> {
        self.fields.read("title").ok().flatten()
    }

    /// The stages of Baton's that it went through.
    pub fn lineage(&self) -> Vec<Lineage> {
        Lineage::of(&self.fields.read::<Vec<_>>("lineage").ok().flatten().unwrap_or_default())
    }

    /// Whether something that no stage of Baton's wrote stands where `stage` writes its annotation.
    pub fn is_taken(&self, stage: &str) -> bool {
        let annotations: IndexMap<String, &RawValue> = self.fields.view("annotations").unwrap_or_default();
        let there = annotations.get(stage).filter(|there| there.get() != RawValue::NULL.get());
        there.is_some_and(|there| Annotation::task_of(there).is_none())
    }

    /// The day that it is of, as `2026-03-12`.
    pub fn day(&self) -> Option<String> {
        self.fields.day()
    }

    /// Checks what came in, and what a stage found, which the next one takes in.
    ///
    /// # Errors
    /// A Reject that names the limit.
    pub fn check_entities(&self, limits: &Limits) -> Result<(), Failure> {
        limits.entities.check(self.entities.len())?;
        let mentions = || self.entities.iter().flat_map(|entity| &entity.mentions);
        limits.mentions.check(mentions().count())?;
        limits.mention_bytes.check(mentions().map(|mention| mention.range.len()).sum())?;
        // A result has an id wherever its entity may be meant, and ids are as long as whoever gives them likes.
        let meant = self.ambiguous.iter().flat_map(|place| &place.entities);
        let meant = meant.chain(self.entities.iter().flat_map(|entity| &entity.could_be));
        let ids: Vec<usize> = self.entities.iter().map(|entity| written(&entity.id)).collect();
        limits.result_bytes.check(meant.map(|&entity| ids[entity]).sum())
    }

    /// The ids of its entities.
    pub fn ids(&self) -> Ids {
        self.entities.iter().map(|entity| entity.id.clone()).collect()
    }

    /// Adds an entity that a stage found, with the byte ranges of its mentions; answers its index. Its id is one of
    /// those that `ids` gives.
    pub fn add_entity(
        &mut self,
        ids: &mut Ids,
        id: &str,
        name: String,
        kind: &str,
        mentions: impl Iterator<Item = Range<usize>>,
    ) -> usize {
        self.entities.push(Entity {
            id: ids.give(id),
            name,
            kind: Some(kind.to_owned()),
            mentions: mentions.map(Mention::new).collect(),
            could_be: Vec::new(),
            fields: Fields::default(),
        });
        self.place_mentions(self.entities.len() - 1);
        self.entities.len() - 1
    }

    /// Adds mentions to entities that are there already.
    pub fn add_mentions(&mut self, found: impl IntoIterator<Item = (usize, Vec<Range<usize>>)>) {
        let mut entities = BTreeSet::new();
        for (entity, mentions) in found {
            self.entities[entity].mentions.extend(mentions.into_iter().map(Mention::new));
            entities.insert(entity);
        }
        entities.into_iter().for_each(|entity| self.place_mentions(entity));
    }

    /// Takes these places for settled: whatever was said there to be ambiguous isn't any more.
    pub fn settle(&mut self, places: &[Range<usize>]) {
        self.settled = text::merged(self.settled.iter().chain(places));
        self.ambiguous.retain(|place| !text::overlap(&self.settled, &place.range));
    }

    /// Puts an entity's mentions in order, each in the sentence in which it begins; the same place counts once, with all
    /// that came with it.
    fn place_mentions(&mut self, entity: usize) {
        let mentions = &mut self.entities[entity].mentions;
        mentions.sort_by_key(|m| (m.range.start, m.range.end));
        for same in mentions.chunk_by_mut(|a, b| a.range == b.range).filter(|same| same.len() > 1) {
            same[0].given = Folded::together(same.iter().filter_map(|mention| mention.given.as_ref()));
        }
        mentions.dedup_by(|again, first| again.range == first.range);
        for mention in mentions {
            mention.sentence = text::sentence_of(&self.sentences, &mention.range);
        }
    }
}
