//! What stages found, as it stands in an enriched document's `annotations`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Score;
use crate::document::TaskKind;

/// What one stage found.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "task", rename_all = "lowercase")]
pub enum Annotation {
    /// Named entities; they are among the document's entities.
    Ner {
        /// The model.
        model: ModelRef,
        /// What was done.
        counts: NerCounts,
    },
    /// The labels of a text classifier, for each sentence or for the document alone.
    Classify {
        /// The model.
        model: ModelRef,
        /// What was classified.
        over: ClassifiedOver,
        /// Each sentence's labels, in order; empty where the document was classified as a whole.
        sentences: Vec<SentenceClass>,
        /// The document's labels; null for a document without a sentence.
        document: Option<Box<DocumentClass>>,
        /// What was done.
        counts: ClassifyCounts,
    },
    /// What each sentence says about each entity that it mentions.
    Sentiment {
        /// The model.
        model: ModelRef,
        /// Each mention's sentiment, in the order of the text.
        mentions: Vec<MentionSentiment>,
        /// Each mentioned entity's sentiment over the document.
        entities: Vec<EntitySentiment>,
        /// What was done.
        counts: SentimentCounts,
    },
}

impl Annotation {
    /// What found it.
    pub fn task(&self) -> TaskKind {
        match self {
            Annotation::Ner { .. } => TaskKind::Ner,
            Annotation::Classify { .. } => TaskKind::Classify,
            Annotation::Sentiment { .. } => TaskKind::Sentiment,
        }
    }

    /// What found it, by what stands there; None where it is another tool's: without a model's digest or one of Baton's tasks.
    pub fn task_of(noted: &RawValue) -> Option<TaskKind> {
        #[derive(Deserialize)]
        struct Told {
            task: TaskKind,
            #[serde(rename = "model")]
            _model: Model,
        }
        #[derive(Deserialize)]
        struct Model {
            #[serde(rename = "digest")]
            _digest: String,
        }
        serde_json::from_str(noted.get()).map(|Told { task, .. }| task).ok()
    }
}

/// Which model it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModelRef {
    /// The name of its directory.
    pub name: String,
    /// `sha256:` and the hash of its files.
    pub digest: String,
}

/// What a `ner` stage did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NerCounts {
    /// Sentences of the document.
    pub sentences: usize,
    /// Tokens of the model's inputs.
    pub tokens: usize,
    /// Mentions that it added; those that the document came with are not among them.
    pub mentions: usize,
    /// Sentences that were too long for the model and read in overlapping parts.
    pub windowed: usize,
    /// Of the tokens, those for words that the model's vocabulary can't spell: it reads them all as the same one.
    #[serde(default)]
    pub unknown: usize,
}

/// What a `sentiment` stage did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SentimentCounts {
    /// Sentences of the document.
    pub sentences: usize,
    /// Pairs of a sentence and a mention in it.
    pub pairs: usize,
    /// Tokens of the model's inputs.
    pub tokens: usize,
    /// Pairs that were too long for the model and cut to a window around the mention; the same words at the same
    /// place count once.
    pub windowed: usize,
    /// Mentions that nothing is said of, since they stand in none of the sentences that came with the document.
    #[serde(default)]
    pub skipped: usize,
    /// Of the tokens, those for words that the model's vocabulary can't spell: it reads them all as the same one.
    #[serde(default)]
    pub unknown: usize,
}

/// What a `classify` stage did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClassifyCounts {
    /// Sentences of the document.
    pub sentences: usize,
    /// Inputs of the model: sentences or documents, and the parts of those that were too long.
    pub inputs: usize,
    /// Tokens of the model's inputs.
    pub tokens: usize,
    /// Sentences (or documents) that were too long for the model and read in overlapping parts.
    pub windowed: usize,
    /// Of the tokens, those for words that the model's vocabulary can't spell: it reads them all as the same one.
    #[serde(default)]
    pub unknown: usize,
}

/// What a `classify` stage looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClassifiedOver {
    /// Every sentence.
    #[default]
    Sentences,
    /// The document's text as a whole.
    Document,
}

/// The labels of a text: one of labels that exclude each other, or any number of others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Class {
    /// The label with the highest score, of a model whose labels exclude each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The labels whose scores reach the threshold, of a model that gives several at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
    /// Each label's probability; the mean over the parts of a text that was read in parts.
    pub scores: IndexMap<String, Score>,
}

impl Class {
    /// The labels that the model gives: one, or of a multi-label model any number.
    pub fn given(&self) -> impl Iterator<Item = &String> {
        self.label.iter().chain(self.labels.iter().flatten())
    }
}

/// A sentence's labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SentenceClass {
    /// The sentence's index.
    pub sentence: usize,
    /// Its labels.
    #[serde(flatten)]
    pub class: Class,
}

/// The document's labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentClass {
    /// Its labels; where sentences were classified, by the mean of their scores.
    #[serde(flatten)]
    pub class: Class,
    /// Where sentences were classified, how many have each label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentences: Option<IndexMap<String, usize>>,
}

/// What a sentence says about an entity that it mentions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MentionSentiment {
    /// The entity's id.
    pub entity: String,
    /// The sentence's index.
    pub sentence: usize,
    /// Where the mention begins.
    pub begin: usize,
    /// Where the mention ends.
    pub end: usize,
    /// The label with the highest score.
    pub label: String,
    /// Each label's probability.
    pub scores: IndexMap<String, Score>,
}

/// What the document says about an entity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EntitySentiment {
    /// The entity's id.
    pub entity: String,
    /// The label with the highest mean probability over the mentions.
    pub label: String,
    /// Mean of positive minus negative over the mentions: -1 to 1.
    pub score: Score,
    /// Mentions that were classified.
    pub mentions: usize,
    /// Those that are negative.
    pub negative: usize,
    /// Those that are neutral.
    pub neutral: usize,
    /// Those that are positive.
    pub positive: usize,
}
