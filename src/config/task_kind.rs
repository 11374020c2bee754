//! What a stage computes, and what of it each form shows.

use crate::forms::Form;

/// What a stage computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskKind {
    /// Finds persons, organisations, places and other names.
    Ner,
    /// Decides what each sentence says about each entity in it.
    Sentiment,
    /// Gives each sentence, or the document, the labels of any text classifier.
    Classify,
}

impl TaskKind {
    /// All of them.
    pub const ALL: [TaskKind; 3] = [TaskKind::Ner, TaskKind::Sentiment, TaskKind::Classify];
    /// All of them, for messages.
    pub const NAMES: &str = "ner, sentiment, classify";

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            TaskKind::Ner => "ner",
            TaskKind::Sentiment => "sentiment",
            TaskKind::Classify => "classify",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Form {
    /// The tasks whose results it can show.
    pub fn tasks(self) -> &'static [TaskKind] {
        match self {
            Form::Comprehend => &[TaskKind::Sentiment],
            Form::Lines => &[TaskKind::Ner, TaskKind::Sentiment],
        }
    }
}
