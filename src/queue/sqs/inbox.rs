//! Messages out of a queue, ten at a time at most: what Lambda's poller does for a function.

use std::{sync::Arc, time::Duration};

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
    trace::SINCE,
};

/// SQS's limit for one call.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// How often an entry is tried that SQS refused while it took its neighbours.
const TRIES: u32 = 3;

/// Before the second of these tries; it grows.
const PAUSE: Duration = Duration::from_millis(100);

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
            .message_system_attribute_names(Attribute::SentTimestamp)
            .message_attribute_names("traceparent")
            .message_attribute_names(SINCE)
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
        let unanswered = || Err(Failure::bug(format!("there is no answer to a call about {queue}")));
        let mut answers: Vec<_> = messages.iter().map(|_| unanswered()).collect();
        while let Some(called) = calls.join_next().await {
            // A panic, which the log tells, is one of its own ten.
            let Ok((i, answered)) = called else { continue };
            answers
                .iter_mut()
                .skip(i * MOST_AT_ONCE)
                .zip(answered)
                .for_each(|(place, answer)| *place = answer);
        }
        answers
    }
}

/// As many as one call takes.
async fn delete_some(client: Client, queue: String, receipts: Vec<String>) -> Vec<Result<(), Failure>> {
    each(receipts.len(), "can't delete a message", |those: &[usize]| {
        let entry = |&i: &usize| {
            let entry = DeleteMessageBatchRequestEntry::builder().id(i.to_string());
            entry.receipt_handle(&receipts[i]).build()
        };
        let entries: Result<Vec<_>, _> = those.iter().map(entry).collect();
        let call = client.delete_message_batch().queue_url(&queue);
        async move {
            let entries = entries.map_err(|e| e.to_string())?;
            let answer = call.set_entries(Some(entries)).send().await;
            answer.map(|answer| answer.failed).map_err(|e| explain(&e))
        }
    })
    .await
}

/// As many as one call takes.
pub(super) async fn hide_some(
    client: Client,
    queue: String,
    messages: Vec<Hidden>,
) -> Vec<Result<(), Failure>> {
    each(messages.len(), "can't change how long a message is hidden", |those: &[usize]| {
        let entry = |&i: &usize| {
            let (receipt, time) = &messages[i];
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(i.to_string());
            entry.receipt_handle(receipt).visibility_timeout(seconds(*time)).build()
        };
        let entries: Result<Vec<_>, _> = those.iter().map(entry).collect();
        let call = client.change_message_visibility_batch().queue_url(&queue);
        async move {
            let entries = entries.map_err(|e| e.to_string())?;
            let answer = call.set_entries(Some(entries)).send().await;
            answer.map(|answer| answer.failed).map_err(|e| explain(&e))
        }
    })
    .await
}

/// The answer for each entry of a call: all share what kept the call from being done. What SQS refused and doesn't blame on
/// the entry is asked again after a moment, as the SDK does with whole calls.
async fn each<F>(count: usize, what: &str, call: impl Fn(&[usize]) -> F) -> Vec<Result<(), Failure>>
where
    F: Future<Output = Result<Vec<BatchResultErrorEntry>, String>> + Send,
{
    let failed = |why: &str| Err(Failure::retry(Reason::Queue, format!("{what}: {why}")));
    let mut answers = vec![Ok(()); count];
    let mut left: Vec<usize> = (0..count).collect();
    for tries in 0..TRIES {
        tokio::time::sleep(PAUSE * tries).await;
        let refused = match call(&left).await {
            Ok(refused) => refused,
            Err(why) => {
                left.into_iter().for_each(|i| answers[i] = failed(&why));
                break;
            }
        };
        left.iter().for_each(|&i| answers[i] = Ok(()));
        left.clear();
        for entry in refused {
            let Some(i) = entry.id().parse::<usize>().ok().filter(|i| *i < count) else { continue };
            answers[i] = failed(&format!("{}: {}", entry.code(), entry.message().unwrap_or_default()));
            left.extend((!entry.sender_fault()).then_some(i));
        }
        if left.is_empty() {
            break;
        }
    }
    answers
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

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::VecDeque};

    use super::*;

    fn refused(id: usize, is_senders: bool) -> BatchResultErrorEntry {
        let entry = BatchResultErrorEntry::builder().id(id.to_string()).code("Busy");
        entry.sender_fault(is_senders).build().expect("all is given")
    }

    #[tokio::test]
    async fn what_was_refused_among_others_is_asked_again_unless_it_is_to_blame() {
        let (asked, refusals) =
            (RefCell::new(Vec::new()), [vec![refused(1, false), refused(2, true)], vec![]]);
        let refusals = RefCell::new(VecDeque::from(refusals));
        let call = |those: &[usize]| {
            asked.borrow_mut().push(those.to_vec());
            let answer = refusals.borrow_mut().pop_front().expect("no more calls");
            async { Ok(answer) }
        };
        let answers = each(4, "can't", call).await;
        assert_eq!(asked.into_inner(), [vec![0, 1, 2, 3], vec![1]]);
        assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false, true]);
    }

    #[tokio::test]
    async fn a_call_that_fails_fails_for_all_that_it_was_about_and_no_others() {
        let answers = RefCell::new(VecDeque::from([Ok(vec![refused(0, false)]), Err("gone".to_owned())]));
        let call = |_: &[usize]| {
            let answer = answers.borrow_mut().pop_front().expect("no more calls");
            async { answer }
        };
        let answers = each(2, "can't", call).await;
        let failure = answers[0].clone().expect_err("it was refused, and then the call failed");
        assert!(failure.message == "can't: gone" && answers[1].is_ok(), "{answers:?}");
    }
}
