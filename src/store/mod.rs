//! Where documents lie: the port, and what stands behind it.

mod labels;
mod local;
mod memory;
mod room;
mod s3;

use async_trait::async_trait;
use bytes::Bytes;

pub use local::{Journal, LocalStore, write_whole};
pub use memory::MemoryStore;
pub use room::{Room, Space};
pub use s3::{Entry, Page, S3Store};

use crate::{error::Failure, handoff::ObjectRef};

/// An object as it was read.
#[derive(Debug)]
pub struct Object {
    /// All of it.
    pub bytes: Vec<u8>,
    /// Which version and ETag were read, whatever was asked for.
    pub read: ObjectRef,
    /// When that version was written, in seconds since 1970; None where the store doesn't say.
    pub modified: Option<i64>,
    /// What an earlier stage wrote beside it.
    pub label: Label,
    /// The memory that it takes; given back when this is dropped.
    pub space: Space,
}

/// What stands beside an output's bytes, so that these stay a pure function of the input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// The document's name in its pipeline.
    pub name: Option<String>,
    /// What the output was made from: input, stage, model.
    pub fingerprint: Option<String>,
    /// The sequencer of the event that the document came in with.
    pub sequencer: Option<String>,
    /// When the input was written, in seconds since 1970.
    pub modified: Option<i64>,
}

/// The fingerprint of what was made of no document.
const RECORD: &str = "rejection";

impl Label {
    /// That of the record of a rejection, by which every stage knows it.
    pub fn record() -> Self {
        Label { fingerprint: Some(RECORD.to_owned()), ..Label::default() }
    }

    /// Whether it is a record's.
    pub fn is_record(&self) -> bool {
        self.fingerprint.as_deref() == Some(RECORD)
    }
}

/// An output that is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The object, with its ETag.
    pub object: ObjectRef,
    /// What stands beside it.
    pub label: Label,
}

/// What a write may replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// Whatever is there.
    Anything,
    /// Nothing: the write is the first.
    Nothing,
    /// The object with this ETag, and no other.
    Tag(String),
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is there, durably.
    Written(ObjectRef),
    /// Somebody else wrote meanwhile, so nothing was done: look again.
    Changed,
}

/// Objects in buckets.
#[async_trait]
pub trait Store: Send + Sync {
    /// Reads an object when there is room for it. Ok means that every byte arrived.
    ///
    /// # Errors
    /// A Reject when there is no such object, or it is larger than the room lets in; all else is a Retry.
    async fn get(&self, object: &ObjectRef, room: &Room) -> Result<Object, Failure>;

    /// What is known of an object without reading it; None when there is none.
    ///
    /// # Errors
    /// A Retry.
    async fn look(&self, at: &ObjectRef) -> Result<Option<Seen>, Failure>;

    /// Writes an object. [`Put::Written`] means that a reader finds all of it from now on; whatever happens, a
    /// reader finds the old or the new, never a part.
    ///
    /// # Errors
    /// A Retry; it may have been written all the same.
    async fn put(&self, at: &ObjectRef, bytes: Bytes, label: &Label, over: &Over) -> Result<Put, Failure>;
}
