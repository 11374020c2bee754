//! What a stage computes.

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

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
