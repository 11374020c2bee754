//! A small SQS client over its JSON protocol: what tests send, receive, look at and wait for.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::http::{Http, encode_query};
use super::wait_for;

pub struct Sqs {
    http: Http,
}

#[derive(Debug, Clone)]
pub struct Queue {
    pub name: String,
    pub url: String,
    pub arn: String,
}

/// A message as `ReceiveMessage` gives it, with all its attributes.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: String,
    pub receipt: String,
    pub body: String,
    pub attributes: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub visible: usize,
    pub in_flight: usize,
    pub delayed: usize,
}

impl Message {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.body))
    }

    /// A message attribute's text.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?["StringValue"].as_str()
    }
}

impl Sqs {
    pub fn new(http: Http) -> Self {
        Self { http }
    }

    /// A queue with these attributes, as the API names them (numbers may be numbers). A name that ends in
    /// `.fifo` makes a FIFO queue.
    #[track_caller]
    pub fn create(&self, name: &str, attributes: Value) -> Queue {
        let mut texts = Map::new();
        for (key, value) in attributes.as_object().into_iter().flatten() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            texts.insert(key.clone(), text.into());
        }
        if name.ends_with(".fifo") {
            texts.insert("FifoQueue".into(), "true".into());
        }
        let created = self.call("CreateQueue", json!({"QueueName": name, "Attributes": texts}));
        let url = text(&created["QueueUrl"]);
        let about = json!({"QueueUrl": url, "AttributeNames": ["QueueArn"]});
        let arn = text(&self.call("GetQueueAttributes", about)["Attributes"]["QueueArn"]);
        Queue { name: name.to_owned(), url, arn }
    }

    /// A queue that gives a message `max_receive` times, for `visibility_s` each, and then to `dead_letters`.
    #[track_caller]
    pub fn create_with_redrive(
        &self,
        name: &str,
        visibility_s: u32,
        dead_letters: &Queue,
        max_receive: u32,
    ) -> Queue {
        let policy = json!({"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": max_receive});
        self.create(name, json!({"VisibilityTimeout": visibility_s, "RedrivePolicy": policy.to_string()}))
    }

    /// Sends a body, and gives the message's id.
    #[track_caller]
    pub fn send(&self, queue: &Queue, body: &str) -> String {
        self.send_with(queue, body, json!({}))
    }

    /// As `send`, with any of SendMessage's other parameters.
    #[track_caller]
    pub fn send_with(&self, queue: &Queue, body: &str, more: Value) -> String {
        let mut request = more;
        request["QueueUrl"] = queue.url.as_str().into();
        request["MessageBody"] = body.into();
        text(&self.call("SendMessage", request)["MessageId"])
    }

    /// Receives up to 10 messages; they stay in flight for the queue's visibility timeout.
    #[track_caller]
    pub fn receive(&self, queue: &Queue, wait_s: u32) -> Vec<Message> {
        let answer = self.call(
            "ReceiveMessage",
            json!({"QueueUrl": queue.url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": wait_s,
                   "MessageSystemAttributeNames": ["All"], "AttributeNames": ["All"],
                   "MessageAttributeNames": ["All"]}),
        );
        let messages = answer["Messages"].as_array();
        messages.into_iter().flatten().map(message).collect()
    }

    #[track_caller]
    pub fn delete(&self, queue: &Queue, message: &Message) {
        let request = json!({"QueueUrl": queue.url, "ReceiptHandle": message.receipt});
        self.call("DeleteMessage", request);
    }

    /// Takes every message out of the queue that is visible now.
    #[track_caller]
    pub fn take_all(&self, queue: &Queue) -> Vec<Message> {
        let mut taken = Vec::new();
        loop {
            let messages = self.receive(queue, 0);
            if messages.is_empty() {
                return taken;
            }
            for message in messages {
                self.delete(queue, &message);
                taken.push(message);
            }
        }
    }

    /// Takes messages out of the queue until there were `count`; more than that is a panic.
    #[track_caller]
    pub fn take(&self, queue: &Queue, count: usize, within: Duration) -> Vec<Message> {
        let mut taken = Vec::new();
        let what = format!("{count} messages in {}", queue.name);
        wait_for(&what, within, || {
            taken.extend(self.take_all(queue));
            if taken.len() >= count { Ok(()) } else { Err(format!("{} messages: {taken:?}", taken.len())) }
        });
        assert_eq!(taken.len(), count, "more messages than expected: {taken:#?}");
        taken
    }

    /// All messages in the queue, in flight or not, without receiving them (no count changes). The emulator's
    /// own call: `{MessageId, Body, IsVisible, ReceiveCount, MessageAttributes, MessageGroupId, …}` each.
    #[track_caller]
    pub fn peek(&self, queue: &Queue) -> Vec<Value> {
        let path = format!("/_ministack/sqs/messages?QueueUrl={}", encode_query(&queue.url));
        let answer = self.http.send("GET", &path, &[], b"").ok().json();
        let regions = answer["messages"].as_object().into_iter().flat_map(Map::values);
        let queues = regions.filter_map(Value::as_object).flat_map(Map::values);
        queues
            .filter_map(Value::as_object)
            .flat_map(Map::values)
            .filter_map(Value::as_array)
            .flatten()
            .cloned()
            .collect()
    }

    #[track_caller]
    pub fn counts(&self, queue: &Queue) -> Counts {
        let answer =
            self.call("GetQueueAttributes", json!({"QueueUrl": queue.url, "AttributeNames": ["All"]}));
        let count = |name: &str| {
            let value = text(&answer["Attributes"][name]);
            value.parse().unwrap_or_else(|_| panic!("{name} is {value:?}"))
        };
        Counts {
            visible: count("ApproximateNumberOfMessages"),
            in_flight: count("ApproximateNumberOfMessagesNotVisible"),
            delayed: count("ApproximateNumberOfMessagesDelayed"),
        }
    }

    /// Waits until nothing is in the queue, in flight or not.
    #[track_caller]
    pub fn wait_empty(&self, queue: &Queue, within: Duration) {
        let empty = Counts { visible: 0, in_flight: 0, delayed: 0 };
        wait_for(&format!("{} to be empty", queue.name), within, || {
            let counts = self.counts(queue);
            if counts == empty { Ok(()) } else { Err(format!("{counts:?}")) }
        });
    }

    /// Any action: its request and its answer as the API has them.
    #[track_caller]
    pub fn call(&self, action: &str, request: Value) -> Value {
        let target = format!("AmazonSQS.{action}");
        let headers = [("x-amz-target", target.as_str()), ("content-type", "application/x-amz-json-1.0")];
        let body = request.to_string();
        let answer = self.http.send("POST", "/", &headers, body.as_bytes());
        assert!(answer.status == 200, "{action} {body}: {} {}", answer.status, answer.text());
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }
}

fn message(value: &Value) -> Message {
    let map = |name: &str| value[name].as_object().cloned().unwrap_or_default();
    Message {
        id: text(&value["MessageId"]),
        receipt: text(&value["ReceiptHandle"]),
        body: text(&value["Body"]),
        attributes: map("MessageAttributes"),
    }
}

#[track_caller]
fn text(value: &Value) -> String {
    let text = value.as_str();
    text.unwrap_or_else(|| panic!("expected a text, got {value}")).to_owned()
}
