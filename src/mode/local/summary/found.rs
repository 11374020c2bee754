//! How much each stage found over all documents. One that found nothing says so, and why that may be: most often a
//! setting is not as it was meant. So does one whose model can't read what it was given.

use crate::{
    config::{StageConfig, TaskKind},
    document::contract::Annotation,
    mode::{findings::Document, line::count},
    telemetry::{self, Counts},
};

/// What a stage found, of what it was given.
#[derive(Debug)]
pub struct Found {
    task: TaskKind,
    entity_types: Vec<String>,
    documents: usize,
    /// Entities that its documents have, and those of them that are mentioned anywhere.
    entities: usize,
    mentioned: usize,
    /// Mentions that it says something of, and those that stand in no sentence.
    mentions: usize,
    skipped: usize,
    /// Documents of which its model can't spell much.
    unread: usize,
}

/// Of so many tokens one that stands for no known word is more than a name or a sign now and then.
const MUCH: usize = 10;
/// A short text may have so many of them.
const SIGNS: usize = 2;

impl Found {
    pub fn of(stage: &StageConfig) -> Self {
        let (task, entity_types) = (stage.task, stage.entity_types.clone());
        Found {
            task,
            entity_types,
            documents: 0,
            entities: 0,
            mentioned: 0,
            mentions: 0,
            skipped: 0,
            unread: 0,
        }
    }

    /// Adds a document; `read` is it as the stage wrote it, where that was read.
    pub fn add(&mut self, annotation: &Annotation, read: Option<&Document>) {
        self.documents += 1;
        let Counts { tokens, unknown, .. } = telemetry::counts(annotation);
        self.unread += usize::from(unknown * MUCH >= tokens && unknown > SIGNS || unknown * 4 > tokens);
        let entities = read.map_or(&[][..], |document| &document.entities);
        self.entities += entities.len();
        self.mentioned += entities.iter().filter(|entity| !entity.mentions.is_empty()).count();
        match annotation {
            Annotation::Ner { counts, .. } => self.mentions += counts.mentions,
            Annotation::Sentiment { mentions, counts, .. } => {
                self.mentions += mentions.len();
                self.skipped += counts.skipped;
            }
            Annotation::Classify { .. } => {}
        }
    }

    /// That the model of the stage of this name can't read some documents.
    pub fn unread(&self, stage: &str) -> Option<String> {
        let documents = count(self.unread, "document has", "documents have");
        (self.unread > 0).then(|| {
            format!(
                "{documents} many words that the model of stage {stage} can't spell: it reads them all as the same one (is \
                 it for another language? `unknown` in each result's counts tells how many)"
            )
        })
    }

    /// That the stage of this name found nothing in any document, and why.
    pub fn nothing(&self, stage: &str) -> Option<String> {
        if self.documents == 0 || self.mentions > 0 {
            return None;
        }
        match self.task {
            TaskKind::Ner => Some(format!(
                "stage {stage} found no entity in {}",
                count(self.documents, "document", "documents")
            )),
            TaskKind::Sentiment => {
                Some(format!("stage {stage} was asked about no mention: {}", self.why_none_was_asked()))
            }
            // Its table shows every label with its count.
            TaskKind::Classify => None,
        }
    }

    fn why_none_was_asked(&self) -> String {
        let entities = count(self.entities, "entity", "entities");
        match self {
            Found { entities: 0, .. } => {
                "no document has entities (is a stage before it missing, or its `next`?)".into()
            }
            Found { mentioned: 0, .. } => format!("{entities}, and no text mentions one"),
            Found { skipped: 1.., .. } => format!("{entities}, whose mentions stand in no given sentence"),
            _ if self.entity_types.is_empty() => format!("{entities}, and entity_types is empty"),
            _ => format!("{entities}, none of entity_types {}", self.entity_types.join(", ")),
        }
    }
}
