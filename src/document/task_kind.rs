//! What a stage computes.

/// What a stage computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
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

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            TaskKind::Ner => "ner",
            TaskKind::Sentiment => "sentiment",
            TaskKind::Classify => "classify",
        }
    }

    /// The one of that name.
    ///
    /// # Errors
    /// Which there are.
    pub fn named(name: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name).join(", ");
        let named = Self::ALL.into_iter().find(|kind| kind.name() == name);
        named.ok_or_else(|| format!("`{name}` is no task; Baton has {names}"))
    }
}

impl TryFrom<String> for TaskKind {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::named(&name)
    }
}
