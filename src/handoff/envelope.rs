//! What a message body announces, told by its shape.

use serde::Deserialize;
use serde_json::Value;

use super::{Handoff, ObjectRef, VERSION};
use crate::error::{Failure, Reason};

/// What a message body announces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announced {
    /// The documents, each with an outcome of its own.
    pub handoffs: Vec<Handoff>,
    /// What else was in it and needs nothing done, for the log.
    pub ignored: Vec<String>,
}

const FORMS: &str = "a Baton handoff, an S3 event notification (also by SNS or EventBridge), \
                     s3://bucket/key, or {\"bucket\":…,\"key\":…}";

/// Reads a message body in any of the forms that DESIGN names.
///
/// # Errors
/// A Reject for a body in no form that Baton knows; it says what is missing.
pub fn parse(body: &str) -> Result<Announced, Failure> {
    let announced = read_body(body.trim())?;
    match announced.handoffs.iter().find(|h| h.document.bucket.is_empty() || h.document.key.is_empty()) {
        Some(_) => Err(invalid("the message names a document without a bucket or a key".into())),
        None => Ok(announced),
    }
}

fn read_body(body: &str) -> Result<Announced, Failure> {
    if let Some(rest) = body.strip_prefix("s3://") {
        return plain_url(rest).map(one);
    }
    let value: Value = serde_json::from_str(body)
        .map_err(|e| invalid(format!("the body is no JSON ({e}); it may be {FORMS}")))?;
    object(&value, true)
}

/// The envelope of a JSON body; `wrapped` allows one more inside it.
fn object(value: &Value, may_wrap: bool) -> Result<Announced, Failure> {
    if value.get("baton").is_some() {
        return own(value).map(one);
    }
    if let Some(records) = value.get("Records").and_then(Value::as_array) {
        return s3_records(records);
    }
    if value.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
        return Ok(Announced { ignored: vec!["s3:TestEvent".into()], ..Default::default() });
    }
    if let (true, Some("Notification"), Some(message)) =
        (may_wrap, value.get("Type").and_then(Value::as_str), value.get("Message").and_then(Value::as_str))
    {
        if let Some(rest) = message.trim().strip_prefix("s3://") {
            return plain_url(rest).map(one);
        }
        let inner: Value = serde_json::from_str(message).map_err(|e| {
            invalid(format!("the SNS envelope's `Message` is no JSON ({e}); it may be {FORMS}"))
        })?;
        return object(&inner, false);
    }
    if value.get("detail-type").is_some() && value.get("source").is_some() {
        return event_bridge(value);
    }
    if value.get("bucket").is_some_and(Value::is_string) && value.get("key").is_some_and(Value::is_string) {
        return Ok(one(Handoff::first(read("the message", value)?)));
    }
    Err(invalid(format!("the body is in no form that Baton knows; it may be {FORMS}")))
}

fn own(value: &Value) -> Result<Handoff, Failure> {
    match value["baton"].as_u64() {
        Some(version) if version == u64::from(VERSION) => read("the handoff", value),
        _ => Err(invalid(format!(
            "the handoff has version {}; this Baton speaks {VERSION}: deploy all stages of a pipeline alike",
            value["baton"]
        ))),
    }
}

/// `bucket/key`, the key as it is.
fn plain_url(rest: &str) -> Result<Handoff, Failure> {
    match rest.split_once('/') {
        Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
            Ok(Handoff::first(ObjectRef::new(bucket, key)))
        }
        _ => Err(invalid(format!("`s3://{rest}` names no object; write s3://bucket/key"))),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct S3Record {
    event_version: Option<String>,
    event_source: Option<String>,
    event_name: String,
    s3: S3Part,
}

#[derive(Deserialize)]
struct S3Part {
    bucket: Bucket,
    object: S3Object,
}

#[derive(Deserialize)]
struct Bucket {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct S3Object {
    key: String,
    size: Option<u64>,
    e_tag: Option<String>,
    version_id: Option<String>,
    sequencer: Option<String>,
}

fn s3_records(records: &[Value]) -> Result<Announced, Failure> {
    let mut announced = Announced::default();
    for (i, record) in records.iter().enumerate() {
        let record: S3Record = read(&format!("record {i}"), record)?;
        if let Some(source) = record.event_source.filter(|source| source != "aws:s3") {
            return Err(invalid(format!("record {i} is from {source}; Baton reads S3's")));
        }
        if let Some(version) = record.event_version.filter(|version| !version.starts_with("2.")) {
            return Err(invalid(format!("record {i} has eventVersion {version}; Baton reads 2.x")));
        }
        let object = record.s3.object;
        // S3 writes `s3:ObjectCreated:…` to some receivers, and without `s3:` to queues.
        let creation = record.event_name.trim_start_matches("s3:").starts_with("ObjectCreated:");
        // In notifications keys are form-url-encoded: `red+flower%2B1` is `red flower+1`.
        let key = decode_form(&object.key)
            .ok_or_else(|| invalid(format!("record {i} has the key `{}`, which is no UTF-8", object.key)))?;
        let place = ObjectRef { bucket: record.s3.bucket.name, key, ..Default::default() };
        if !creation {
            announced.ignored.push(format!("{} of {place}", record.event_name));
        } else if place.key.ends_with('/') && object.size == Some(0) {
            announced.ignored.push(format!("the folder marker {place}"));
        } else {
            announced.handoffs.push(Handoff::first(ObjectRef {
                version_id: object.version_id,
                etag: object.e_tag,
                sequencer: object.sequencer,
                ..place
            }));
        }
    }
    Ok(announced)
}

#[derive(Deserialize)]
struct EventBridge {
    #[serde(rename = "detail-type")]
    detail_type: String,
    source: String,
    detail: Option<Value>,
}

#[derive(Deserialize)]
struct Detail {
    bucket: Bucket,
    object: DetailObject,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct DetailObject {
    key: String,
    etag: Option<String>,
    version_id: Option<String>,
    sequencer: Option<String>,
}

fn event_bridge(value: &Value) -> Result<Announced, Failure> {
    let event: EventBridge = read("the EventBridge event", value)?;
    if event.source != "aws.s3" {
        return Err(invalid(format!("the EventBridge event is from {}; Baton reads aws.s3's", event.source)));
    }
    if event.detail_type != "Object Created" {
        let ignored = vec![format!("EventBridge's `{}`", event.detail_type)];
        return Ok(Announced { ignored, ..Default::default() });
    }
    let detail: Detail = read("the EventBridge event's detail", &event.detail.unwrap_or_default())?;
    let object = detail.object;
    // Unlike notifications, EventBridge gives keys as they are.
    Ok(one(Handoff::first(ObjectRef {
        bucket: detail.bucket.name,
        key: object.key,
        version_id: object.version_id,
        etag: object.etag,
        sequencer: object.sequencer,
    })))
}

/// What was form-url-encoded, as S3 writes keys in notifications and inventories.
pub fn decode_form(key: &str) -> Option<String> {
    let spaced = key.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8().ok().map(Into::into)
}

fn one(handoff: Handoff) -> Announced {
    Announced { handoffs: vec![handoff], ignored: Vec::new() }
}

fn read<T: serde::de::DeserializeOwned>(what: &str, value: &Value) -> Result<T, Failure> {
    T::deserialize(value).map_err(|e| invalid(format!("{what} is not as it should be: {e}")))
}

fn invalid(message: String) -> Failure {
    Failure::reject(Reason::InvalidMessage, message)
}
