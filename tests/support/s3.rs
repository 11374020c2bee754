//! A small S3 client: what tests put in, look at and wait for.

use std::collections::BTreeMap;
use std::time::Duration;

use super::http::{Answer, Http, encode_path, encode_query};
use super::wait_for;

pub struct S3 {
    http: Http,
}

/// What S3 said about a written object. The ETag has its quotes, as conditional writes want it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub etag: String,
    pub version: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub body: Vec<u8>,
    pub etag: String,
    pub version: Option<String>,
    pub content_type: String,
    /// The user's metadata: names in lower case, without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
}

impl S3 {
    pub fn new(http: Http) -> Self {
        Self { http }
    }

    /// Names have three characters or more, in lower case.
    #[track_caller]
    pub fn create_bucket(&self, bucket: &str) {
        self.http.send("PUT", &format!("/{bucket}"), &[], b"").ok();
    }

    #[track_caller]
    pub fn enable_versioning(&self, bucket: &str) {
        let body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        let path = format!("/{bucket}?versioning");
        self.http.send("PUT", &path, &[], body.as_bytes()).ok();
    }

    /// Sends what is created under `prefix` and ends in `suffix` to the queue. S3 checks the queue with an
    /// `s3:TestEvent`, which is in it when this returns.
    #[track_caller]
    pub fn notify(&self, bucket: &str, queue_arn: &str, prefix: &str, suffix: &str) {
        let body = format!(
            "<NotificationConfiguration><QueueConfiguration><Id>documents</Id>\
             <Queue>{queue_arn}</Queue><Event>s3:ObjectCreated:*</Event><Filter><S3Key>\
             <FilterRule><Name>prefix</Name><Value>{prefix}</Value></FilterRule>\
             <FilterRule><Name>suffix</Name><Value>{suffix}</Value></FilterRule>\
             </S3Key></Filter></QueueConfiguration></NotificationConfiguration>"
        );
        let path = format!("/{bucket}?notification");
        self.http.send("PUT", &path, &[], body.as_bytes()).ok();
    }

    #[track_caller]
    pub fn put(&self, bucket: &str, key: &str, body: impl AsRef<[u8]>) -> Written {
        let answer = self.put_with(bucket, key, body, &[]).ok();
        Written {
            etag: answer.header("etag").expect("an ETag").to_owned(),
            version: answer.header("x-amz-version-id").map(str::to_owned),
        }
    }

    /// A put with any headers (`if-none-match`, `x-amz-meta-…`), and its answer whatever the status is.
    #[track_caller]
    pub fn put_with(
        &self,
        bucket: &str,
        key: &str,
        body: impl AsRef<[u8]>,
        headers: &[(&str, &str)],
    ) -> Answer {
        self.http.send("PUT", &object_path(bucket, key), headers, body.as_ref())
    }

    #[track_caller]
    pub fn get(&self, bucket: &str, key: &str) -> Option<Object> {
        self.read("GET", &object_path(bucket, key))
    }

    /// As `get`, without the body.
    #[track_caller]
    pub fn head(&self, bucket: &str, key: &str) -> Option<Object> {
        self.read("HEAD", &object_path(bucket, key))
    }

    /// Deletes a version for good: the one before it is what one reads from now on.
    #[track_caller]
    pub fn delete_version(&self, bucket: &str, key: &str, version: &str) {
        let path = format!("{}?versionId={}", object_path(bucket, key), encode_query(version));
        self.http.send("DELETE", &path, &[], b"").ok();
    }

    #[track_caller]
    pub fn delete(&self, bucket: &str, key: &str) {
        self.http.send("DELETE", &object_path(bucket, key), &[], b"").ok();
    }

    /// The keys under a prefix, sorted.
    #[track_caller]
    pub fn list(&self, bucket: &str, prefix: &str) -> Vec<String> {
        let mut keys = Vec::new();
        let mut from = String::new();
        loop {
            let path = format!(
                "/{bucket}?list-type=2&prefix={}&start-after={}",
                encode_query(prefix),
                encode_query(&from)
            );
            let page = self.http.send("GET", &path, &[], b"").ok().text();
            keys.extend(elements(&page, "Key"));
            if elements(&page, "IsTruncated") != ["true"] {
                return keys;
            }
            from = keys.last().expect("a truncated page has keys").clone();
        }
    }

    /// Waits until the object is there.
    #[track_caller]
    pub fn wait_object(&self, bucket: &str, key: &str, within: Duration) -> Object {
        wait_for(&format!("s3://{bucket}/{key}"), within, || {
            self.get(bucket, key).ok_or_else(|| format!("the bucket has {:?}", self.list(bucket, "")))
        })
    }

    /// Waits until this many objects are under a prefix, and lists them.
    #[track_caller]
    pub fn wait_count(&self, bucket: &str, prefix: &str, count: usize, within: Duration) -> Vec<String> {
        let what = format!("{count} objects in s3://{bucket}/{prefix}");
        wait_for(&what, within, || {
            let keys = self.list(bucket, prefix);
            if keys.len() >= count { Ok(keys) } else { Err(format!("{} objects: {keys:?}", keys.len())) }
        })
    }

    #[track_caller]
    fn read(&self, method: &str, path: &str) -> Option<Object> {
        let answer = self.http.send(method, path, &[], b"");
        if answer.status == 404 {
            return None;
        }
        let answer = answer.ok();
        let metadata = answer.headers.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix("x-amz-meta-")?;
            Some((name.to_owned(), value.clone()))
        });
        Some(Object {
            metadata: metadata.collect(),
            etag: answer.header("etag").unwrap_or_default().to_owned(),
            version: answer.header("x-amz-version-id").map(str::to_owned),
            content_type: answer.header("content-type").unwrap_or_default().to_owned(),
            body: answer.body,
        })
    }
}

fn object_path(bucket: &str, key: &str) -> String {
    format!("/{bucket}/{}", encode_path(key))
}

/// The texts of all elements of this name. Enough XML for a list of keys.
fn elements(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let texts = xml.split(open.as_str()).skip(1);
    texts.filter_map(|rest| Some(unescape(rest.split_once(close.as_str())?.0))).collect()
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}
