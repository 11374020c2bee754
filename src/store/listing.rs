//! What lies in a bucket: the port for those who look through one. A stage never does.

use async_trait::async_trait;

use crate::error::Failure;

/// An object as a listing names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was written, in seconds since 1970; None where the store doesn't say.
    pub modified: Option<i64>,
}

/// A part of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// In the order of their keys.
    pub entries: Vec<Entry>,
    /// What to ask for the next part with; None at the end.
    pub more: Option<String>,
}

/// Buckets that can be listed.
#[async_trait]
pub trait Listing: Send + Sync {
    /// The objects whose keys begin with `prefix`, from where an earlier page said.
    ///
    /// # Errors
    /// A Reject for what can't be listed however often it is asked for; all else is a Retry.
    async fn list(&self, bucket: &str, prefix: &str, from: Option<&str>) -> Result<Page, Failure>;
}
