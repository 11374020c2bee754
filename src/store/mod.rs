//! Where documents lie: the port, and what stands behind it.

mod local;
mod memory;
mod s3;

use async_trait::async_trait;

pub use local::LocalStore;
pub use memory::MemoryStore;
pub use s3::S3Store;

use crate::{error::Failure, handoff::ObjectRef};

/// An object as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// All of it.
    pub bytes: Vec<u8>,
    /// Which version and ETag were read, whatever was asked for.
    pub read: ObjectRef,
    /// The name that the document has in its pipeline, if an earlier stage wrote the object.
    pub name: Option<String>,
}

/// What is written beside an output's bytes, so that they stay a pure function of the input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// The document's name in its pipeline.
    pub name: String,
}

/// Objects in buckets.
#[async_trait]
pub trait Store: Send + Sync {
    /// Reads an object. Ok means that every byte arrived.
    ///
    /// # Errors
    /// A Reject when there is no such object or it has more than `most` bytes; all else is a Retry.
    async fn get(&self, object: &ObjectRef, most: usize) -> Result<Object, Failure>;

    /// Writes an object, over what was there. Ok means that a reader finds all of it from now on, and answers
    /// what was written; an error means that a reader finds the old or the new, never a part.
    ///
    /// # Errors
    /// A Retry.
    async fn put(&self, at: &ObjectRef, bytes: Vec<u8>, label: &Label) -> Result<ObjectRef, Failure>;
}
