//! What a message body announces, told by its shape.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{Handoff, ObjectRef, VERSION};
use crate::{
    error::{Failure, Reason},
    fields::{Fields, in_json},
};

/// What a message body announces.
#[derive(Clone, Debug, Default)]
pub struct Announced {
    /// The documents, each with an outcome of its own.
    pub handoffs: Vec<Handoff>,
    /// What else was in it and needs nothing done, for the log.
    pub ignored: Vec<String>,
    /// Records of an event notification that can't be read, each with an outcome of its own too.
    pub unreadable: Vec<Unreadable>,
}

/// A record of an event notification that can't be read; its neighbours may well be.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// Its place in the message, from 0.
    pub index: usize,
    /// What is wrong with it.
    pub failure: Failure,
    /// The record; the first one past [`ONE_BY_ONE`] has those that follow it too.
    records: Vec<Record>,
}

/// A record as it came, since most of what may stand there takes a multiple of the memory when it is read.
type Record = Box<RawValue>;

impl Unreadable {
    /// A message of this record alone, to be sent again without its neighbours.
    pub fn body(&self) -> String {
        let body = BTreeMap::from([("Records", &self.records)]);
        serde_json::to_string(&body).expect("what came as JSON is written as it came")
    }
}

/// A thing that a body holds.
enum Entry {
    Document(Handoff),
    Ignored(String),
}

/// How many unreadable records of a message stand alone; the rest is one. S3 writes a record or two into a message,
/// but one of 1 MiB has room for 500,000, and to write each down would take longer than any time-out.
pub const ONE_BY_ONE: usize = 100;

const FORMS: &str = "a Baton handoff, an S3 event notification (also by SNS or EventBridge), \
                     s3://bucket/key, or {\"bucket\":…,\"key\":…}";

/// Reads a message body in any of the forms that it may have.
///
/// # Errors
/// A Reject for a body in no form that Baton knows, or that holds unreadable records and no document; it says what
/// is missing.
pub fn parse(body: &str) -> Result<Announced, Failure> {
    let announced = entries(body)?;
    match announced.unreadable.first() {
        Some(first) if announced.handoffs.is_empty() => Err(first.failure.clone()),
        _ => Ok(announced),
    }
}

/// The same, also where none of the records can be read.
///
/// # Errors
/// A Reject for a body in no form that Baton knows; it says what is missing.
pub fn entries(body: &str) -> Result<Announced, Failure> {
    let body = body.trim();
    if let Some(rest) = body.strip_prefix("s3://") {
        return plain_url(rest).map(one);
    }
    let value: &RawValue = serde_json::from_str(body)
        .map_err(|e| invalid(format!("the body is no JSON ({e}); it may be {FORMS}")))?;
    object(value, true)
}

/// The envelope of a JSON body; `may_wrap` allows one more inside it.
fn object(value: &RawValue, may_wrap: bool) -> Result<Announced, Failure> {
    let fields = match value.get().starts_with('{') {
        true => read("the body", value)?,
        // What is no object has no fields, and so no form.
        false => Fields::default(),
    };
    let text = |name: &str| fields.view::<String>(name);
    let is_text = |name: &str| fields.begins_with(name) == Some(b'"');
    if fields.has("baton") {
        return own(&fields, value).map(one);
    }
    if let Ok(Some(records)) = fields.read("Records") {
        return Ok(s3_records(records));
    }
    if text("Event").as_deref() == Some("s3:TestEvent") {
        return Ok(Announced { ignored: vec!["s3:TestEvent".into()], ..Default::default() });
    }
    if let (true, Some("Notification"), Some(message)) = (may_wrap, text("Type").as_deref(), text("Message"))
    {
        if let Some(rest) = message.trim().strip_prefix("s3://") {
            return plain_url(rest).map(one);
        }
        let inner: &RawValue = serde_json::from_str(&message).map_err(|e| {
            invalid(format!("the SNS envelope's `Message` is no JSON ({e}); it may be {FORMS}"))
        })?;
        return object(inner, false);
    }
    if fields.has("detail-type") && fields.has("source") {
        return event_bridge(value).map(one);
    }
    if is_text("bucket") && is_text("key") {
        return document("the message", Handoff::first(read("the message", value)?)).map(one);
    }
    Err(invalid(format!("the body is in no form that Baton knows; it may be {FORMS}")))
}

fn own(fields: &Fields, value: &RawValue) -> Result<Entry, Failure> {
    match fields.read::<u64>("baton") {
        Ok(Some(version)) if version == u64::from(VERSION) => {
            document("the handoff", read("the handoff", value)?)
        }
        _ => {
            let version =
                fields.raw("baton").map_or("", RawValue::get).split_whitespace().collect::<String>();
            Err(invalid(format!(
                "the handoff has version {version}; this Baton speaks {VERSION}: deploy all stages of a pipeline \
                 alike"
            )))
        }
    }
}

/// `bucket/key`, the key as it is.
fn plain_url(rest: &str) -> Result<Entry, Failure> {
    match rest.split_once('/') {
        Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
            Ok(Entry::Document(Handoff::first(ObjectRef::new(bucket, key))))
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
    s3: Place,
}

/// Where an object lies, as S3's notifications say it and as EventBridge does.
#[derive(Deserialize)]
struct Place {
    bucket: Bucket,
    object: Object,
}

#[derive(Deserialize)]
struct Bucket {
    name: String,
}

#[derive(Deserialize)]
struct Object {
    key: String,
    size: Option<u64>,
    #[serde(alias = "eTag")]
    etag: Option<String>,
    #[serde(alias = "versionId", alias = "version-id")]
    version_id: Option<String>,
    sequencer: Option<String>,
}

impl Place {
    /// What an event says was created there, under a key that is decoded.
    fn of(self, key: String) -> ObjectRef {
        let Object { etag, version_id, sequencer, .. } = self.object;
        ObjectRef { bucket: self.bucket.name, key, version_id, etag, sequencer }
    }
}

/// Each record by itself: an unreadable one doesn't cost the others.
fn s3_records(records: Vec<Record>) -> Announced {
    let mut announced = Announced::default();
    if records.is_empty() {
        announced.ignored.push("an event without records".into());
    }
    for (index, record) in records.into_iter().enumerate() {
        match s3_record(&format!("record {index}"), &record) {
            Ok(entry) => announced.add(entry),
            Err(failure) => announced.add_unreadable(index, failure, record),
        }
    }
    announced
}

fn s3_record(what: &str, record: &RawValue) -> Result<Entry, Failure> {
    let record: S3Record = read(what, record)?;
    if let Some(source) = record.event_source.filter(|source| source != "aws:s3") {
        return Err(invalid(format!("{what} is from {source}; Baton reads S3's")));
    }
    if let Some(version) = record.event_version.filter(|version| !version.starts_with("2.")) {
        return Err(invalid(format!("{what} has eventVersion {version}; Baton reads 2.x")));
    }
    let (key, size) = (&record.s3.object.key, record.s3.object.size);
    // S3 writes `s3:ObjectCreated:…` to some receivers, and without `s3:` to queues.
    let creation = record.event_name.trim_start_matches("s3:").starts_with("ObjectCreated:");
    // In notifications keys are form-url-encoded: `red+flower%2B1` is `red flower+1`.
    let undecodable =
        || invalid(format!("{what} has the key `{key}`, which is no UTF-8; encode it as S3 does"));
    let key = decode_form(key).ok_or_else(undecodable)?;
    let place = record.s3.of(key);
    if !creation {
        return Ok(Entry::Ignored(format!("{} of {place}", record.event_name)));
    }
    created(what, place, size)
}

#[derive(Deserialize)]
struct EventBridge {
    #[serde(rename = "detail-type")]
    detail_type: String,
    source: String,
    detail: Option<Box<RawValue>>,
}

fn event_bridge(value: &RawValue) -> Result<Entry, Failure> {
    let event: EventBridge = read("the EventBridge event", value)?;
    if event.source != "aws.s3" {
        return Err(invalid(format!("the EventBridge event is from {}; Baton reads aws.s3's", event.source)));
    }
    if event.detail_type != "Object Created" {
        return Ok(Entry::Ignored(format!("EventBridge's `{}`", event.detail_type)));
    }
    let detail = event.detail.as_deref().unwrap_or(RawValue::NULL);
    let detail: Place = read("the EventBridge event's detail", detail)?;
    // Unlike notifications, EventBridge gives keys as they are.
    let (key, size) = (detail.object.key.clone(), detail.object.size);
    created("the EventBridge event", detail.of(key), size)
}

/// What an event says was created: a document, unless it is what the console makes of an empty folder.
fn created(what: &str, place: ObjectRef, size: Option<u64>) -> Result<Entry, Failure> {
    if place.key.ends_with('/') && size == Some(0) {
        return Ok(Entry::Ignored(format!("the folder marker {place}")));
    }
    document(what, Handoff::first(place))
}

fn document(what: &str, handoff: Handoff) -> Result<Entry, Failure> {
    if handoff.document.bucket.is_empty() || handoff.document.key.is_empty() {
        return Err(invalid(format!("{what} names a document without a bucket or a key; it needs both")));
    }
    Ok(Entry::Document(handoff))
}

/// What was form-url-encoded, as S3 writes keys in notifications and inventories.
pub fn decode_form(key: &str) -> Option<String> {
    let spaced = key.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8().ok().map(Into::into)
}

impl Announced {
    fn add(&mut self, entry: Entry) {
        match entry {
            Entry::Document(handoff) => self.handoffs.push(handoff),
            Entry::Ignored(what) => self.ignored.push(what),
        }
    }

    fn add_unreadable(&mut self, index: usize, mut failure: Failure, record: Record) {
        if let Some(rest) = self.unreadable.get_mut(ONE_BY_ONE) {
            return rest.records.push(record);
        }
        if self.unreadable.len() == ONE_BY_ONE {
            failure = failure.of(&"the first of all further records that can't be read");
        }
        self.unreadable.push(Unreadable { index, failure, records: vec![record] });
    }
}

fn one(entry: Entry) -> Announced {
    let mut announced = Announced::default();
    announced.add(entry);
    announced
}

fn read<T: DeserializeOwned>(what: &str, value: &RawValue) -> Result<T, Failure> {
    serde_json::from_str(value.get())
        .map_err(|e| invalid(format!("{what} is not as it should be: {}", in_json(&e))))
}

fn invalid(message: String) -> Failure {
    Failure::reject(Reason::InvalidMessage, message)
}
