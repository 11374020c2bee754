//! What lies in a bucket, for those who look through one: a stage never does.

use aws_sdk_s3::types::EncodingType;

use super::{S3Store, said, status};
use crate::{
    error::{Failure, Reason},
    handoff::decode_form,
};

/// An object as a listing names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was written, in seconds since 1970; None where S3 doesn't say.
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

impl S3Store {
    /// The objects whose keys begin with `prefix`, from where an earlier page said.
    ///
    /// # Errors
    /// A Reject for what can't be listed however often it is asked for; all else is a Retry.
    pub async fn list(&self, bucket: &str, prefix: &str, from: Option<&str>) -> Result<Page, Failure> {
        let request = self.client.list_objects_v2().bucket(bucket).prefix(prefix);
        // Keys can have characters that XML can't.
        let request = request.encoding_type(EncodingType::Url);
        let request = request.set_continuation_token(from.map(str::to_owned));
        let answer = request.set_expected_bucket_owner(self.owner.clone()).send().await.map_err(|e| {
            let message = format!("can't list s3://{bucket}/{prefix}: {}", said(&e));
            match status(&e) {
                Some(400 | 403 | 404) => Failure::reject(Reason::BucketNotAllowed, message),
                _ => Failure::retry(Reason::Store, message),
            }
        })?;
        if answer.is_truncated == Some(true) && answer.next_continuation_token.is_none() {
            let message = format!(
                "can't list s3://{bucket}/{prefix}: the list is cut short and doesn't say how it goes on, as of a store \
                 that doesn't know ListObjectsV2"
            );
            return Err(Failure::reject(Reason::BucketNotAllowed, message));
        }
        let is_encoded = answer.encoding_type == Some(EncodingType::Url);
        let key = |key: String| if is_encoded { decode_form(&key).unwrap_or(key) } else { key };
        let entries = answer.contents.unwrap_or_default().into_iter().map(|object| Entry {
            bytes: object.size.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0),
            modified: object.last_modified.map(|time| time.secs()),
            key: key(object.key.unwrap_or_default()),
        });
        Ok(Page { entries: entries.collect(), more: answer.next_continuation_token })
    }
}
