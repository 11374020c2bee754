//! Places in buckets.

/// A bucket and what keys in it begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefix {
    /// The bucket.
    pub bucket: String,
    /// Empty, or without a slash at either end.
    pub prefix: String,
}

impl Prefix {
    /// The key of `rest` below the prefix.
    pub fn key(&self, rest: &str) -> String {
        if self.prefix.is_empty() { rest.to_owned() } else { format!("{}/{rest}", self.prefix) }
    }

    /// Reads `s3://bucket/prefix`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(url: &str) -> Result<Self, String> {
        let rest = url.strip_prefix("s3://").ok_or_else(|| format!("`{url}` is no s3://bucket/prefix"))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        check_bucket(bucket)?;
        Ok(Prefix { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
    }
}

/// Whether a bucket can have this name.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check_bucket(bucket: &str) -> Result<(), String> {
    let safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_');
    if (3..=63).contains(&bucket.len()) && bucket.chars().all(safe) {
        return Ok(());
    }
    Err(format!("`{bucket}` is no bucket name (3 to 63 lower-case letters, digits, `-` and `.`)"))
}
