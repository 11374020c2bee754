//! Messages out of a queue, ten at a time at most: what Lambda's poller does for a function.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_sdk_sqs::{
    Client, config,
    config::timeout::TimeoutConfig,
    types::{
        BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
        Message as Received, MessageSystemAttributeName as Attribute, QueueAttributeName,
    },
};
use tokio::{sync::Semaphore, task::JoinSet};

use super::SqsQueue;
use crate::{
    aws::explain,
    error::{Failure, Reason},
    event::{Delivery, SENT_ANEW},
    queue::{CALLS_AT_ONCE, Count, Hidden, Inbox, MOST_AT_ONCE, is_fifo},
};

/// SQS's limit for one call.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// What a call may take beyond the time that it waits for messages.
const ANSWER: Duration = Duration::from_secs(10);

#[async_trait]
impl Inbox for SqsQueue {
    async fn receive(&self, queue: &str, hidden: Duration, wait: Duration) -> Result<Vec<Delivery>, Failure> {
        let wait = wait.min(LONGEST_WAIT);
        // All other calls answer sooner than this one waits.
        let patience = TimeoutConfig::builder()
            .read_timeout(wait + ANSWER)
            .operation_attempt_timeout(wait + ANSWER * 2)
            .build();
        let request = self.client.receive_message().queue_url(queue);
        let request = request
            .max_number_of_messages(MOST_AT_ONCE as i32)
            .visibility_timeout(seconds(hidden))
            .wait_time_seconds(seconds(wait))
            .message_system_attribute_names(Attribute::ApproximateReceiveCount)
            .message_system_attribute_names(Attribute::AwsTraceHeader)
            .message_system_attribute_names(Attribute::MessageGroupId)
            .message_attribute_names("traceparent")
            .message_attribute_names(SENT_ANEW);
        let request = request.customize().config_override(config::Builder::new().timeout_config(patience));
        let answer = request.send().await.map_err(|e| {
            Failure::retry(Reason::Queue, format!("can't receive from {queue}: {}", explain(&e)))
        })?;
        let messages = answer.messages.unwrap_or_default();
        Ok(messages.into_iter().map(|message| delivery(queue, message)).collect())
    }

    async fn count(&self, queue: &str) -> Result<Count, Failure> {
        let waiting = QueueAttributeName::ApproximateNumberOfMessages;
        let taken = QueueAttributeName::ApproximateNumberOfMessagesNotVisible;
        let request = self.client.get_queue_attributes().queue_url(queue);
        let request = request.attribute_names(waiting.clone()).attribute_names(taken.clone());
        let answer = request.send().await.map_err(|e| {
            let message = format!("can't count what is in {queue}: {}", explain(&e));
            Failure::retry(Reason::Queue, message)
        })?;
        let attributes = answer.attributes.unwrap_or_default();
        let number = |name| attributes.get(&name).and_then(|count| count.parse().ok()).unwrap_or(0);
        Ok(Count { waiting: number(waiting), taken: number(taken) })
    }

    async fn delete(&self, queue: &str, receipts: &[String]) -> Vec<Result<(), Failure>> {
        self.by_tens(queue, receipts, delete_some).await
    }
}

impl SqsQueue {
    /// A call for each ten. They may be thousands, each of which is to be hidden in time: a call that hangs holds up its
    /// own ten.
    pub(super) async fn by_tens<T: Clone, F>(
        &self,
        queue: &str,
        messages: &[T],
        call: impl Fn(Client, String, Vec<T>) -> F,
    ) -> Vec<Result<(), Failure>>
    where
        F: Future<Output = Vec<Result<(), Failure>>> + Send + 'static,
    {
        let permits = Arc::new(Semaphore::new(CALLS_AT_ONCE));
        let mut calls = JoinSet::new();
        for (i, chunk) in messages.chunks(MOST_AT_ONCE).enumerate() {
            let call = call(self.client.clone(), queue.to_owned(), chunk.to_vec());
            let permits = permits.clone();
            calls.spawn(async move {
                let _permit = permits.acquire().await;
                (i, call.await)
            });
        }
        let mut answers = calls.join_all().await;
        answers.sort_by_key(|(i, _)| *i);
        answers.into_iter().flat_map(|(_, answers)| answers).collect()
    }
}

/// As many as one call takes.
async fn delete_some(client: Client, queue: String, receipts: Vec<String>) -> Vec<Result<(), Failure>> {
    let entry = |(id, receipt): (usize, &String)| {
        DeleteMessageBatchRequestEntry::builder().id(id.to_string()).receipt_handle(receipt).build()
    };
    let entries: Result<Vec<_>, _> = receipts.iter().enumerate().map(entry).collect();
    let answer = match entries {
        Err(e) => Err(e.to_string()),
        Ok(entries) => {
            let call = client.delete_message_batch().queue_url(queue);
            let answer = call.set_entries(Some(entries)).send().await;
            answer.map(|answer| answer.failed).map_err(|e| explain(&e))
        }
    };
    each(receipts.len(), "can't delete a message", answer)
}

/// As many as one call takes.
pub(super) async fn hide_some(
    client: Client,
    queue: String,
    messages: Vec<Hidden>,
) -> Vec<Result<(), Failure>> {
    let entry = |(id, (receipt, time)): (usize, &Hidden)| {
        let entry = ChangeMessageVisibilityBatchRequestEntry::builder();
        entry.id(id.to_string()).receipt_handle(receipt).visibility_timeout(seconds(*time)).build()
    };
    let entries: Result<Vec<_>, _> = messages.iter().enumerate().map(entry).collect();
    let answer = match entries {
        Err(e) => Err(e.to_string()),
        Ok(entries) => {
            let call = client.change_message_visibility_batch().queue_url(queue);
            let answer = call.set_entries(Some(entries)).send().await;
            answer.map(|answer| answer.failed).map_err(|e| explain(&e))
        }
    };
    each(messages.len(), "can't change how long a message is hidden", answer)
}

/// The answer for each entry of a call: all share what kept the call from being done.
fn each(
    count: usize,
    what: &str,
    answer: Result<Vec<BatchResultErrorEntry>, String>,
) -> Vec<Result<(), Failure>> {
    let failed = |why: &str| Err(Failure::retry(Reason::Queue, format!("{what}: {why}")));
    match answer {
        Err(why) => (0..count).map(|_| failed(&why)).collect(),
        Ok(refused) => {
            let why = |entry: &BatchResultErrorEntry| {
                format!("{}: {}", entry.code(), entry.message().unwrap_or_default())
            };
            let refused: HashMap<&str, String> =
                refused.iter().map(|entry| (entry.id(), why(entry))).collect();
            (0..count).map(|i| refused.get(&*i.to_string()).map_or(Ok(()), |why| failed(why))).collect()
        }
    }
}

fn delivery(queue: &str, message: Received) -> Delivery {
    let attribute = |name: &str| message.attributes.as_ref()?.get(&Attribute::from(name)).cloned();
    let named = |name: &str| message.message_attributes.as_ref()?.get(name)?.string_value.clone();
    Delivery {
        id: message.message_id.unwrap_or_default(),
        receipt: message.receipt_handle.unwrap_or_default(),
        body: message.body.unwrap_or_default(),
        ..Delivery::of(attribute, named, is_fifo(queue))
    }
}

/// Whole seconds, as SQS takes them: no shorter than the time, or half a second would be none.
fn seconds(time: Duration) -> i32 {
    i32::try_from(time.as_millis().div_ceil(1000)).unwrap_or(i32::MAX)
}
