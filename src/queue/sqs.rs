//! The queue that is Amazon SQS.

mod inbox;
mod look;
mod outbox;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sqs::{
    Client,
    error::BuildError,
    types::{
        MessageAttributeValue, MessageSystemAttributeNameForSends, MessageSystemAttributeValue,
        SendMessageBatchRequestEntry,
    },
};

use super::{Hidden, Message, Queue, is_fifo};
use crate::{error::Failure, lock};
pub use look::QueueFacts;
use outbox::Outbox;

/// Amazon SQS, or what speaks like it. Queues are named by their URLs.
#[derive(Clone, Debug)]
pub struct SqsQueue {
    client: Client,
    outboxes: Arc<Mutex<HashMap<String, Arc<Outbox>>>>,
}

impl SqsQueue {
    /// Connects nothing yet: the first call does.
    pub fn new(config: &SdkConfig) -> Self {
        SqsQueue { client: Client::new(config), outboxes: Arc::default() }
    }

    fn outbox(&self, queue: &str) -> Arc<Outbox> {
        let mut outboxes = lock(&self.outboxes);
        let new = || Arc::new(Outbox::new(self.client.clone(), queue.to_owned()));
        outboxes.entry(queue.to_owned()).or_insert_with(new).clone()
    }
}

#[async_trait]
impl Queue for SqsQueue {
    async fn send_all(&self, queue: &str, messages: Vec<Message>) -> Vec<Result<(), Failure>> {
        self.outbox(queue).send_all(messages).await
    }

    async fn hide(&self, queue: &str, messages: &[Hidden]) -> Vec<Result<(), Failure>> {
        self.by_tens(queue, messages, inbox::hide_some).await
    }
}

/// A message as SQS takes it.
fn entry(queue: &str, id: usize, message: &Message) -> Result<SendMessageBatchRequestEntry, BuildError> {
    let mut entry = SendMessageBatchRequestEntry::builder().id(id.to_string()).message_body(&message.body);
    if let Some(trace) = &message.trace.xray {
        let value = MessageSystemAttributeValue::builder().data_type("String").string_value(trace).build()?;
        entry = entry.message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, value);
    }
    for (name, text) in message.attributes_sent() {
        let value = MessageAttributeValue::builder().data_type("String").string_value(text).build()?;
        entry = entry.message_attributes(name, value);
    }
    if is_fifo(queue) {
        entry = entry.message_group_id(&message.group).message_deduplication_id(&message.deduplication);
    }
    entry.build()
}
