//! The store that is a map, for tests.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{Label, Object, Store, s3::too_large};
use crate::{
    error::{Failure, Reason},
    handoff::ObjectRef,
};

/// Objects by bucket and key.
type Objects = BTreeMap<(String, String), (Vec<u8>, Label)>;

/// Objects in memory, each with its label; the last one written is the only version.
#[derive(Debug, Default)]
pub struct MemoryStore {
    objects: Mutex<Objects>,
}

impl MemoryStore {
    fn objects(&self) -> MutexGuard<'_, Objects> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an object there as a user would.
    pub fn insert(&self, bucket: &str, key: &str, bytes: impl Into<Vec<u8>>) {
        self.objects().insert((bucket.into(), key.into()), (bytes.into(), Label::default()));
    }

    /// An object's bytes.
    pub fn bytes(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        self.objects().get(&(bucket.into(), key.into())).map(|(bytes, _)| bytes.clone())
    }

    /// The keys in a bucket, in order.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        self.objects().keys().filter(|(b, _)| b == bucket).map(|(_, key)| key.clone()).collect()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, object: &ObjectRef, most: usize) -> Result<Object, Failure> {
        let objects = self.objects();
        let found = objects.get(&(object.bucket.clone(), object.key.clone()));
        let Some((bytes, label)) = found else {
            return Err(Failure::reject(Reason::ObjectMissing, format!("there is no {object}")));
        };
        if bytes.len() > most {
            return Err(too_large(object, bytes.len(), most));
        }
        let name = Some(label.name.clone()).filter(|name| !name.is_empty());
        Ok(Object { bytes: bytes.clone(), read: ObjectRef::new(&object.bucket, &object.key), name })
    }

    async fn put(&self, at: &ObjectRef, bytes: Vec<u8>, label: &Label) -> Result<ObjectRef, Failure> {
        self.objects().insert((at.bucket.clone(), at.key.clone()), (bytes, label.clone()));
        Ok(ObjectRef::new(&at.bucket, &at.key))
    }
}
