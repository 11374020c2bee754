//! How much of the documents may be in memory: at most so much of one, so much of all. A function that is killed
//! for its memory loses the time of the whole batch, so a document waits until there is room.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    document::{self, Unpacked},
    error::Failure,
    handoff::ObjectRef,
    limits::Limits,
    step::offload,
};

/// The memory for documents in work. Objects as they lie in the bucket, documents as they are unpacked and what is made of
/// them are counted apart, and always asked for in that order: whoever holds the last waits for no room, so two
/// documents never wait for each other.
#[derive(Clone, Debug)]
pub struct Room {
    limits: Limits,
    objects: Arc<Semaphore>,
    documents: Arc<Semaphore>,
    made: Arc<Semaphore>,
}

/// A part of the room, given back when it is dropped.
#[derive(Debug, Default)]
pub struct Space {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// Room for `limits.batch_bytes` of objects, and as much of documents and of what is made of them.
    pub fn new(limits: Limits) -> Self {
        let semaphore = || Arc::new(Semaphore::new(kibibytes(limits.batch_bytes.most) as usize));
        Room { objects: semaphore(), documents: semaphore(), made: semaphore(), limits }
    }

    /// Waits for room for an object of `length` bytes, before it is read.
    ///
    /// # Errors
    /// A Reject when objects so large are not let in.
    pub async fn reserve(&self, object: &ObjectRef, length: usize) -> Result<Space, Failure> {
        self.limits.object_bytes.check(length).map_err(|failure| failure.of(object))?;
        Ok(self.take(&self.objects, length).await)
    }

    /// Room for an object of `length` bytes if there is some now.
    ///
    /// # Errors
    /// A Reject when objects so large are not let in.
    pub fn reserve_now(&self, object: &ObjectRef, length: usize) -> Result<Option<Space>, Failure> {
        self.limits.object_bytes.check(length).map_err(|failure| failure.of(object))?;
        let permit = self.objects.clone().try_acquire_many_owned(self.share(length));
        Ok(permit.ok().map(|permit| Space { _permit: Some(permit) }))
    }

    /// Waits for room for the document in an object, and unpacks it if it is packed.
    ///
    /// # Errors
    /// A Reject when it is broken, or larger than documents may be.
    pub async fn unpack(&self, bytes: Vec<u8>) -> Result<(Vec<u8>, Space), Failure> {
        let most = self.limits.document_bytes;
        let Some(declared) = document::unpacked_size(&bytes) else {
            most.check(bytes.len())?;
            let space = self.take(&self.documents, bytes.len()).await;
            return Ok((bytes, space));
        };
        // What the packed form says of its size is believed only as far as it proves true.
        let space = self.take(&self.documents, declared.min(most.most)).await;
        let (bytes, unpacked) = unpack(bytes, declared.min(most.most)).await;
        if let Unpacked::All(document) = unpacked? {
            return Ok((document, space));
        }
        drop(space);
        let space = self.take(&self.documents, most.most).await;
        match unpack(bytes, most.most).await.1? {
            Unpacked::All(document) => Ok((document, space)),
            Unpacked::TooMuch => Err(most.exceed()),
        }
    }

    /// Waits for room for `length` bytes that are made of a document.
    pub async fn make(&self, length: usize) -> Space {
        self.take(&self.made, length).await
    }

    /// One that is larger than all the room gets all of it.
    async fn take(&self, room: &Arc<Semaphore>, bytes: usize) -> Space {
        // The semaphores are never closed.
        Space { _permit: room.clone().acquire_many_owned(self.share(bytes)).await.ok() }
    }

    fn share(&self, bytes: usize) -> u32 {
        kibibytes(bytes).min(kibibytes(self.limits.batch_bytes.most))
    }
}

/// The bytes, and what is in them.
async fn unpack(bytes: Vec<u8>, most: usize) -> (Vec<u8>, Result<Unpacked, Failure>) {
    offload(move || {
        let unpacked = document::unpack(&bytes, most);
        (bytes, unpacked)
    })
    .await
}

fn kibibytes(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX).clamp(1, 1 << 28)
}
