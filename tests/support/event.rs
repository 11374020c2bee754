//! The SQS events that Lambda sends to a function, and the answer it expects.

use serde_json::{Value, json};

use super::ministack::{ACCOUNT, REGION};

/// The sequencer of every notification that a test writes.
pub const SEQUENCER: &str = "0069B2CB97A1F3E0B4";

/// One message of an event.
#[derive(Debug, Clone)]
pub struct Record(Value);

impl Record {
    pub fn new(id: &str, body: &str) -> Self {
        Self(json!({
            "messageId": id, "receiptHandle": format!("receipt-{id}"), "body": body,
            "attributes": {
                "ApproximateReceiveCount": "1", "SentTimestamp": "1700000000000",
                "SenderId": ACCOUNT, "ApproximateFirstReceiveTimestamp": "1700000000001",
            },
            "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs",
            "eventSourceARN": queue_arn("documents"), "awsRegion": REGION,
        }))
    }

    pub fn receive_count(self, count: u32) -> Self {
        self.attribute("ApproximateReceiveCount", &count.to_string())
    }

    pub fn trace(self, header: &str) -> Self {
        self.attribute("AWSTraceHeader", header)
    }

    /// The W3C's header, as a message attribute.
    pub fn traceparent(self, header: &str) -> Self {
        self.named("traceparent", header)
    }

    /// A message attribute.
    pub fn named(mut self, name: &str, text: &str) -> Self {
        let value = json!({"stringValue": text, "dataType": "String", "stringListValues": [], "binaryListValues": []});
        self.0["messageAttributes"][name] = value;
        self
    }

    pub fn receipt(mut self, handle: &str) -> Self {
        self.0["receiptHandle"] = handle.into();
        self
    }

    /// A system attribute.
    pub fn attribute(mut self, name: &str, value: &str) -> Self {
        self.0["attributes"][name] = value.into();
        self
    }
}

/// The body of an S3 event notification, as S3 puts it on a queue. `key` is form-url-encoded, as S3 writes it.
pub fn s3_notification(event: &str, bucket: &str, key: &str) -> String {
    let record = json!({
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": REGION, "eventName": event,
        "eventTime": "2026-03-12T14:20:07.412Z",
        "s3": {
            "s3SchemaVersion": "1.0", "configurationId": "documents",
            "bucket": {"name": bucket, "arn": format!("arn:aws:s3:::{bucket}")},
            "object": {"key": key, "size": 1, "sequencer": SEQUENCER},
        },
    });
    json!({"Records": [record]}).to_string()
}

/// The notification of a new document.
pub fn created(bucket: &str, key: &str) -> String {
    s3_notification("ObjectCreated:Put", bucket, key)
}

pub fn sqs_event(records: impl IntoIterator<Item = Record>) -> Value {
    let records: Vec<_> = records.into_iter().map(|record| record.0).collect();
    json!({"Records": records})
}

/// The ids of the messages that a batch response gives back, in its order; any other answer is a panic.
#[track_caller]
pub fn failures(response: &Value) -> Vec<String> {
    let items = response["batchItemFailures"].as_array();
    let items = items.unwrap_or_else(|| panic!("not a batch response: {response}"));
    items
        .iter()
        .map(|item| match item["itemIdentifier"].as_str() {
            Some(id) if !id.is_empty() => id.to_owned(),
            _ => panic!("an item without an identifier makes Lambda retry everything: {response}"),
        })
        .collect()
}

fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}
