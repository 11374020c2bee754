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
    objects: Part,
    documents: Part,
    made: Part,
}

/// A part of the room, given back when it is dropped.
#[derive(Debug, Default)]
pub struct Space {
    _permits: [Option<OwnedSemaphorePermit>; 2],
}

/// The room for one kind of thing. A share of it is for small ones: who waits for much is the first who gets what is free, and
/// a text of three lines must not wait behind.
#[derive(Clone, Debug)]
struct Part {
    rest: Arc<Semaphore>,
    share: Arc<Semaphore>,
    /// In KiB, of both.
    size: u32,
}

/// Of a part's room, what is for small things; and how much smaller than it one of them must be.
const SHARE: u32 = 8;
const SMALL: u32 = 8 * SHARE;

impl Room {
    /// Room for `limits.batch_bytes` of objects, and as much of documents and of what is made of them.
    pub fn new(limits: Limits) -> Self {
        let part = || Part::new(kibibytes(limits.batch_bytes.most));
        Room { objects: part(), documents: part(), made: part(), limits }
    }

    /// Waits for room for an object of `length` bytes, before it is read.
    ///
    /// # Errors
    /// A Reject when objects so large are not let in.
    pub async fn reserve(&self, object: &ObjectRef, length: usize) -> Result<Space, Failure> {
        self.limits.object_bytes.check(length).map_err(|failure| failure.of(object))?;
        Ok(self.objects.take(length).await)
    }

    /// Room for an object of `length` bytes if there is some now.
    ///
    /// # Errors
    /// A Reject when objects so large are not let in.
    pub fn reserve_now(&self, object: &ObjectRef, length: usize) -> Result<Option<Space>, Failure> {
        self.limits.object_bytes.check(length).map_err(|failure| failure.of(object))?;
        Ok(self.objects.take_now(length))
    }

    /// Waits for room for the document in an object, and unpacks it if it is packed.
    ///
    /// # Errors
    /// A Reject when it is broken, or larger than documents may be.
    pub async fn unpack(&self, bytes: Vec<u8>) -> Result<(Vec<u8>, Space), Failure> {
        let most = self.limits.document_bytes;
        let Some(declared) = document::unpacked_size(&bytes) else {
            most.check(bytes.len())?;
            let space = self.documents.take(bytes.len()).await;
            return Ok((bytes, space));
        };
        // What the packed form says of its size is believed only as far as it proves true.
        let space = self.documents.take(declared.min(most.most)).await;
        let (bytes, unpacked) = unpack(bytes, declared.min(most.most)).await;
        if let Unpacked::All(document) = unpacked? {
            return Ok((document, space));
        }
        drop(space);
        let space = self.documents.take(most.most).await;
        match unpack(bytes, most.most).await.1? {
            Unpacked::All(document) => Ok((document, space)),
            Unpacked::TooMuch => Err(most.exceed()),
        }
    }

    /// Waits for room for `length` bytes that are made of a document.
    pub async fn make(&self, length: usize) -> Space {
        self.made.take(length).await
    }
}

impl Part {
    fn new(size: u32) -> Self {
        let semaphore = |size: u32| Arc::new(Semaphore::new(size as usize));
        Part { rest: semaphore(size - size / SHARE), share: semaphore(size / SHARE), size }
    }

    /// What of the rest and of the share so many bytes take. What is larger than both gets both.
    fn parts(&self, bytes: usize) -> [(&Arc<Semaphore>, u32); 2] {
        let (size, rest) = (kibibytes(bytes).min(self.size), self.size - self.size / SHARE);
        let of_rest = if size <= self.size / SMALL { 0 } else { size.min(rest) };
        [(&self.rest, of_rest), (&self.share, size - of_rest)]
    }

    async fn take(&self, bytes: usize) -> Space {
        if let Some(space) = self.take_now(bytes) {
            return space;
        }
        let [rest, share] = self.parts(bytes).map(|(semaphore, size)| async move {
            // The semaphores are never closed.
            if size > 0 { semaphore.clone().acquire_many_owned(size).await.ok() } else { None }
        });
        // What takes of both waits for the share last: nobody who has of it waits for more.
        Space { _permits: [rest.await, share.await] }
    }

    /// What is small takes of the rest where nobody waits for it.
    fn take_now(&self, bytes: usize) -> Option<Space> {
        let size = kibibytes(bytes);
        if size <= self.size / SMALL
            && let Ok(permit) = self.rest.clone().try_acquire_many_owned(size)
        {
            return Some(Space { _permits: [Some(permit), None] });
        }
        let mut permits = [None, None];
        for (permit, (semaphore, size)) in permits.iter_mut().zip(self.parts(bytes)) {
            if size > 0 {
                *permit = Some(semaphore.clone().try_acquire_many_owned(size).ok()?);
            }
        }
        Some(Space { _permits: permits })
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

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: usize = 1024;

    /// Whether there is room for so many KiB now.
    fn has(part: &Part, kibibytes: usize) -> bool {
        part.take_now(kibibytes * KIB).is_some()
    }

    #[tokio::test]
    async fn what_is_small_does_not_wait_behind_what_is_large() {
        let part = Part::new(640);
        let large = part.take(500 * KIB).await;
        let another = tokio::spawn({
            let part = part.clone();
            async move { part.take(500 * KIB).await }
        });
        tokio::task::yield_now().await;
        assert!(!another.is_finished() && !has(&part, 20), "it waits, and what is not small behind it");
        let small: Vec<Space> = (0..8).filter_map(|_| part.take_now(10 * KIB)).collect();
        assert!(small.len() == 8 && !has(&part, 10), "an eighth is for what is small");
        drop(large);
        drop(another.await.expect("there is room for it then"));
        drop(small);
        assert!(has(&part, 640));
    }

    #[tokio::test]
    async fn what_is_larger_than_the_rest_takes_of_the_share_and_what_is_larger_than_all_takes_all() {
        let part = Part::new(640);
        for (large, left) in [(600, 40), (640, 0), (10_000, 0)] {
            let space = part.take(large * KIB).await;
            let small: Vec<Space> = (0..64).filter_map(|_| part.take_now(KIB)).collect();
            assert_eq!(small.len(), left, "{large}");
            drop((space, small));
        }
        // Where a share would be nothing, nothing is small.
        let tiny = Part::new(7);
        assert!(has(&tiny, 7) && has(&tiny, 1));
    }
}
