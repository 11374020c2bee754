//! The objects below a prefix, a page at a time.

use std::{collections::VecDeque, sync::Arc};

use crate::{
    error::Failure,
    mode::{
        patience::patiently,
        progress::Total,
        replay::{
            arguments::Place,
            found::{Found, What},
        },
    },
    store::{Entry, S3Store},
};

/// A listing that is read page by page.
pub struct Objects {
    place: Place,
    store: S3Store,
    from: From,
}

enum From {
    Page(Option<String>),
    End,
}

impl Objects {
    pub(super) fn new(place: Place, store: S3Store) -> Self {
        Objects { place, store, from: From::Page(None) }
    }

    /// The next page's documents.
    pub(super) async fn next(&mut self) -> Result<Option<VecDeque<Found>>, Failure> {
        let bucket = self.place.bucket.clone();
        let entries = self.page().await?;
        Ok(entries.map(|entries| entries.into_iter().map(|entry| found(&bucket, entry)).collect()))
    }

    pub(super) fn bucket(&self) -> &str {
        &self.place.bucket
    }

    pub(super) async fn page(&mut self) -> Result<Option<Vec<Entry>>, Failure> {
        let From::Page(from) = &self.from else {
            return Ok(None);
        };
        let (store, place) = (&self.store, &self.place);
        let page = patiently(|| store.list(&place.bucket, &place.prefix, from.as_deref())).await?;
        self.from = page.more.map_or(From::End, |more| From::Page(Some(more)));
        Ok(Some(page.entries))
    }
}

/// Whether it only shows that there is a folder.
pub(super) fn is_marker(entry: &Entry) -> bool {
    entry.key.ends_with('/') && entry.bytes == 0
}

fn found(bucket: &str, entry: Entry) -> Found {
    let mut found = Found::of_key(bucket, &entry.key);
    if is_marker(&entry) {
        found.what = Ok(What::Nothing);
    }
    Found { bytes: Some(entry.bytes), modified: entry.modified, ..found }
}

/// Counts the objects, beside whoever reads them: for how much there is to do only, so that failing is no matter.
pub(super) fn count(place: Place, store: S3Store, total: Arc<Total>) {
    tokio::spawn(async move {
        let mut objects = Objects::new(place, store);
        while let Ok(Some(entries)) = objects.page().await {
            total.add(entries.len() as u64);
        }
    });
}
