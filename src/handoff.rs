//! The messages: Baton's own handoff, and every other envelope that a document may be announced in.
//!
//! Pure: one parser, told by shape, for what S3, SNS, EventBridge, an earlier stage or a person puts on the
//! queue. What it can't read is a Reject that says what would do.

mod envelope;

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use envelope::{Announced, ONE_BY_ONE, Unreadable, decode_form, entries, parse};

/// The version of [`Handoff`] that this Baton speaks.
pub const VERSION: u32 = 1;

/// The message between stages: a document, and where it is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Handoff {
    /// The version of this format: 1.
    #[schemars(extend("const" = 1))]
    pub baton: u32,
    /// The object to read.
    pub document: ObjectRef,
    /// The document's name in the pipeline, from which every stage makes its output's key. A message without one
    /// is at the pipeline's beginning: the key is the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The pipeline that the document is going through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<String>,
    /// How many stages have had the document.
    #[serde(default)]
    pub hop: u32,
    /// Whether it is computed even if the result is there already, by this stage and those after it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub force: bool,
}

/// An object in a bucket, as a message or a lineage names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key, as it is (not URL-encoded).
    pub key: String,
    /// The version, in a bucket that keeps versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// The ETag, without quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// S3's sequencer: orders the events of one key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequencer: Option<String>,
}

impl ObjectRef {
    /// An object by its place alone.
    pub fn new(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        ObjectRef { bucket: bucket.into(), key: key.into(), ..Default::default() }
    }
}

impl std::fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "s3://{}/{}", shown(&self.bucket), shown(&self.key))
    }
}

/// A message may name any key, but no log has room for all of a longer one than S3 has.
fn shown(name: &str) -> Cow<'_, str> {
    const LONGEST: usize = 1024;
    match name.len() {
        ..=LONGEST => name.into(),
        _ => format!("{}…", &name[..name.floor_char_boundary(LONGEST)]).into(),
    }
}

impl Handoff {
    /// What announces a document at the beginning of a pipeline.
    pub fn first(document: ObjectRef) -> Self {
        Handoff { baton: VERSION, document, name: None, pipeline: None, hop: 0, force: false }
    }

    /// What hands the document on: the output of this stage is the next one's input. The sequencer stays the one
    /// that the document came in with, so that what came in late is known as such all the way down.
    pub fn next(&self, output: ObjectRef, name: &str, pipeline: &str) -> Self {
        Handoff {
            baton: VERSION,
            document: ObjectRef { sequencer: self.document.sequencer.clone(), ..output },
            name: Some(name.to_owned()),
            pipeline: Some(pipeline.to_owned()),
            hop: self.hop.saturating_add(1),
            force: self.force,
        }
    }

    /// As it travels: without the two characters that a key may have and SQS doesn't take.
    pub fn to_body(&self) -> String {
        let body = serde_json::to_string(self).expect("strings and numbers always serialise");
        body.replace('\u{FFFE}', "\\ufffe").replace('\u{FFFF}', "\\uffff")
    }
}
