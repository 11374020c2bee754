//! The JSON contract: what a document may be when it comes in, and what it is when it goes out.
//!
//! These types are the published schemas (`baton schema`). Fields that Baton doesn't know are allowed everywhere
//! and kept as they were; the types name only what it reads and writes.

mod score;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

pub use score::Score;

use super::TaskKind;
use super::whole;
use crate::{handoff::ObjectRef, text::OffsetUnit};

/// A document as it comes in: a JSON object with at least `text`. (A UTF-8 text that is no JSON object is the
/// document `{"text": …}`.)
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// The user's own id of it: a text or a number. Anything else is kept, and names nothing.
    #[serde(default)]
    pub id: Option<serde_json::Value>,
    /// What is read. All offsets are into this, unmodified.
    pub text: String,
    /// A headline, if it is not part of the text: names in it are known in the text.
    #[serde(default)]
    pub title: Option<String>,
    /// The day that it is of, or a time on it, in ISO 8601. Of several fields that could say it (`date`, `publishedAt`, …)
    /// the plainest does; what is no date is left alone.
    #[serde(default)]
    pub published: Option<serde_json::Value>,
    /// The text's language as a BCP 47 tag, such as `en` or `de-AT`; it chooses how sentences are split.
    #[serde(default)]
    pub language: Option<String>,
    /// The entities already known.
    #[serde(default)]
    pub entities: Option<Vec<Entity>>,
    /// What offsets count, in what comes in and in what goes out: code points, where it says nothing.
    #[serde(default)]
    pub offset_unit: Option<OffsetUnit>,
    /// The sentences, where they are already known; otherwise they are split.
    #[serde(default)]
    pub sentences: Option<Vec<Sentence>>,
    /// Places that could name several entities, as a stage before found.
    #[serde(default)]
    pub ambiguous: Option<Vec<Ambiguous>>,
    /// What stages before found, by their names; this one's is added.
    #[serde(default)]
    pub annotations: Option<serde_json::Map<String, serde_json::Value>>,
    /// The stages that it went through; this one's line is added.
    #[serde(default)]
    pub lineage: Option<Vec<serde_json::Value>>,
}

/// An entity as it comes in.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Entity {
    /// Its id; unique in the document. One is made where there is none.
    #[serde(default)]
    pub id: Option<String>,
    /// Its name, as a text would write it.
    #[schemars(regex(pattern = r"\S"))]
    pub name: String,
    /// Its type: `PER`, `ORG`, `LOC`, `MISC`, or one of the user's own.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// Other names for it.
    #[serde(default)]
    pub aliases: Option<Vec<String>>,
    /// Where it is mentioned. Without this field, it is searched for by name and aliases.
    #[serde(default)]
    pub mentions: Option<Vec<GivenMention>>,
    /// The ids of entities that it could be the same as, as a stage before found.
    #[serde(default, rename = "couldBe")]
    pub could_be: Option<Vec<String>>,
}

/// A mention as it comes in.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct GivenMention {
    /// The offset of its first unit.
    #[serde(deserialize_with = "whole::read")]
    pub begin: usize,
    /// The offset after its last unit.
    #[serde(deserialize_with = "whole::read")]
    pub end: usize,
    /// What stands there: checked where it is given.
    #[serde(default)]
    pub text: Option<String>,
}

/// The document as it goes out: its own fields, and these.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Enriched {
    /// The document's own id, if it came with one.
    #[serde(default)]
    pub id: Option<serde_json::Value>,
    /// The text as it came in.
    pub text: String,
    /// What offsets count.
    pub offset_unit: OffsetUnit,
    /// The sentences, in order.
    pub sentences: Vec<Sentence>,
    /// The entities, those that came in first.
    pub entities: Vec<EnrichedEntity>,
    /// Places that could name several of the entities that came in, and so are among the mentions of none of them;
    /// missing where there is none.
    #[serde(default)]
    pub ambiguous: Vec<Ambiguous>,
    /// What each stage found, by its name. Another tool's may be among them, without a model's digest or one of Baton's
    /// tasks.
    #[schemars(schema_with = "annotations")]
    pub annotations: IndexMap<String, Annotation>,
    /// The stages that the document went through, in order. Another tool's lines may be among them, without `stage`,
    /// `task` or `model`.
    #[schemars(schema_with = "lineage")]
    pub lineage: Vec<Lineage>,
}

fn annotations(generator: &mut SchemaGenerator) -> Schema {
    let ours = generator.subschema_for::<Annotation>();
    let tasks = TaskKind::ALL.map(TaskKind::name);
    let told = json_schema!({"type": "object", "required": ["task", "model"], "properties": {
        "task": {"enum": tasks}, "model": {"type": "object", "required": ["digest"]},
    }});
    json_schema!({"type": "object", "additionalProperties": {"anyOf": [ours, {"not": told}]}})
}

fn lineage(generator: &mut SchemaGenerator) -> Schema {
    let ours = generator.subschema_for::<Lineage>();
    let told = json_schema!({"type": "object", "required": ["stage", "task", "model"]});
    json_schema!({"type": "array", "items": {"anyOf": [ours, {"not": told}]}})
}

/// A sentence's place: without white space around it, where it was split and not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sentence {
    /// The offset of its first unit.
    pub begin: usize,
    /// The offset after its last unit.
    pub end: usize,
}

/// Null, which results of before may have, is no list.
fn or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// An entity as it goes out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EnrichedEntity {
    /// Its id, unique in the document.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Where it is mentioned, in the order of the text.
    pub mentions: Vec<Mention>,
    /// The ids of entities that it could be the same as: a part of their names, which is not enough to tell.
    #[serde(
        default,
        rename = "couldBe",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "or_none"
    )]
    pub could_be: Vec<String>,
}

/// A place that could name several entities: marked, never guessed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ambiguous {
    /// The offset of its first unit.
    pub begin: usize,
    /// The offset after its last unit.
    pub end: usize,
    /// What stands there.
    pub text: String,
    /// The ids of the entities that it could name; just one if it could be that one or somebody unknown.
    pub entities: Vec<String>,
}

/// A mention as it goes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mention {
    /// The offset of its first unit.
    pub begin: usize,
    /// The offset after its last unit.
    pub end: usize,
    /// What stands there.
    pub text: String,
    /// The index of the sentence in which it begins, or of the next one where it begins in white space before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence: Option<usize>,
}

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

/// A stage that the document went through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lineage {
    /// The stage's name.
    pub stage: String,
    /// What it computes.
    pub task: String,
    /// The model's digest.
    pub model: String,
    /// What it read.
    pub input: ObjectRef,
}
