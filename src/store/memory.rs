//! The store that is a map, for tests: with labels, ETags, conditional writes, and faults on demand.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use bytes::Bytes;

use super::{Label, Object, Over, Put, Room, Seen, Store};
use crate::{
    error::{Failure, Reason},
    faults::Faults,
    handoff::ObjectRef,
    lock, sha256 as etag,
};

/// Objects in memory; the last one written is the only version.
#[derive(Debug, Default)]
pub struct MemoryStore {
    objects: Mutex<BTreeMap<(String, String), Stored>>,
    faults: Arc<Faults>,
}

#[derive(Clone, Debug)]
struct Stored {
    bytes: Vec<u8>,
    label: Label,
    /// How many writes this object has seen.
    writes: usize,
}

impl MemoryStore {
    /// A store whose calls can be made to fail.
    pub fn with_faults(faults: Arc<Faults>) -> Self {
        MemoryStore { objects: Mutex::default(), faults }
    }

    /// Puts an object there as a user would.
    pub fn insert(&self, bucket: &str, key: &str, bytes: impl Into<Vec<u8>>) {
        self.write(&ObjectRef::new(bucket, key), bytes.into(), Label::default());
    }

    /// An object's bytes.
    pub fn bytes(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        self.objects().get(&(bucket.into(), key.into())).map(|stored| stored.bytes.clone())
    }

    /// The keys in a bucket, in order.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        self.objects().keys().filter(|(b, _)| b == bucket).map(|(_, key)| key.clone()).collect()
    }

    /// How often an object was written.
    pub fn writes(&self, bucket: &str, key: &str) -> usize {
        self.objects().get(&(bucket.into(), key.into())).map_or(0, |stored| stored.writes)
    }

    fn objects(&self) -> MutexGuard<'_, BTreeMap<(String, String), Stored>> {
        lock(&self.objects)
    }

    fn write(&self, at: &ObjectRef, bytes: Vec<u8>, label: Label) -> ObjectRef {
        let mut objects = self.objects();
        let writes = objects.get(&key(at)).map_or(0, |stored| stored.writes) + 1;
        objects.insert(key(at), Stored { bytes: bytes.clone(), label, writes });
        ObjectRef { etag: Some(etag(&bytes)), ..ObjectRef::new(&at.bucket, &at.key) }
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, object: &ObjectRef, room: &Room) -> Result<Object, Failure> {
        let found =
            self.faults.around(Reason::Store, || Ok(self.objects().get(&key(object)).cloned())).await?;
        let Some(Stored { bytes, label, .. }) = found else {
            return Err(Failure::reject(Reason::ObjectMissing, format!("there is no {object}")));
        };
        let space = room.reserve(object, bytes.len()).await?;
        let read = ObjectRef { etag: Some(etag(&bytes)), ..ObjectRef::new(&object.bucket, &object.key) };
        Ok(Object { bytes, read, modified: None, label, space })
    }

    async fn look(&self, at: &ObjectRef) -> Result<Option<Seen>, Failure> {
        let effect = || {
            let objects = self.objects();
            Ok(objects.get(&key(at)).map(|stored| Seen {
                object: ObjectRef { etag: Some(etag(&stored.bytes)), ..ObjectRef::new(&at.bucket, &at.key) },
                label: stored.label.clone(),
            }))
        };
        self.faults.around(Reason::Store, effect).await
    }

    async fn put(&self, at: &ObjectRef, bytes: Bytes, label: &Label, over: &Over) -> Result<Put, Failure> {
        let effect = || {
            let present = self.objects().get(&key(at)).map(|stored| etag(&stored.bytes));
            let holds = match over {
                Over::Anything => true,
                Over::Nothing => present.is_none(),
                Over::Tag(tag) => present.as_ref() == Some(tag),
            };
            Ok(if holds { Put::Written(self.write(at, bytes.into(), label.clone())) } else { Put::Changed })
        };
        self.faults.around(Reason::Store, effect).await
    }
}

fn key(object: &ObjectRef) -> (String, String) {
    (object.bucket.clone(), object.key.clone())
}
