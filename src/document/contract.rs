//! The JSON contract: what a document may be when it comes in, and what it is when it goes out.
//!
//! These types are the published schemas (`baton schema`). Fields that Baton doesn't know are allowed everywhere
//! and kept as they were; the types name only what it reads and writes.

mod annotation;
mod score;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

pub use annotation::{
    Annotation, Class, ClassifiedOver, ClassifyCounts, DocumentClass, EntitySentiment, MentionSentiment,
    ModelRef, NerCounts, SentenceClass, SentimentCounts,
};
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

impl Lineage {
    /// The lines that are Baton's: another tool's may be anything.
    pub fn of(lines: &[Box<RawValue>]) -> Vec<Self> {
        lines.iter().filter_map(|line| serde_json::from_str(line.get()).ok()).collect()
    }
}
