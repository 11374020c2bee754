//! What a queue is like, and what may be done with it: for `baton doctor`, which changes nothing. A batch of none is
//! refused for being empty where it would have been allowed.

use std::{collections::HashMap, time::Duration};

use aws_sdk_sqs::{
    error::{ProvideErrorMetadata, SdkError},
    types::QueueAttributeName,
};

use super::SqsQueue;
use crate::{
    aws::explain,
    error::{Failure, Reason},
};

/// A queue's attributes, as far as they matter to a stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueFacts {
    /// How long a message that was received stays hidden.
    pub visibility: Duration,
    /// How long a message is kept.
    pub retention: Duration,
    /// The most bytes of a message.
    pub message_bytes: usize,
    /// Where messages go that were received too often: the queue's ARN, and after how many times.
    pub redrive: Option<(String, u32)>,
    /// The queue's own ARN.
    pub arn: String,
}

impl SqsQueue {
    /// The attributes of a queue.
    ///
    /// # Errors
    /// A Retry: it isn't there, or can't be looked at.
    pub async fn look(&self, queue: &str) -> Result<QueueFacts, Failure> {
        let request = self.client.get_queue_attributes().queue_url(queue);
        let answer = request.attribute_names(QueueAttributeName::All).send().await;
        let answer = answer.map_err(|e| Failure::retry(Reason::Queue, explain(&e)))?;
        Ok(facts(&answer.attributes.unwrap_or_default()))
    }

    /// Whether a message may be sent there.
    ///
    /// # Errors
    /// A Retry that says what SQS said.
    pub async fn may_send(&self, queue: &str) -> Result<(), Failure> {
        let none = Some(Vec::new());
        allowed(self.client.send_message_batch().queue_url(queue).set_entries(none).send().await)
    }

    /// Whether a message that was received there may be deleted.
    ///
    /// # Errors
    /// A Retry that says what SQS said.
    pub async fn may_delete(&self, queue: &str) -> Result<(), Failure> {
        let none = Some(Vec::new());
        allowed(self.client.delete_message_batch().queue_url(queue).set_entries(none).send().await)
    }

    /// Whether a message that was received there may be postponed.
    ///
    /// # Errors
    /// A Retry that says what SQS said.
    pub async fn may_postpone(&self, queue: &str) -> Result<(), Failure> {
        let none = Some(Vec::new());
        allowed(self.client.change_message_visibility_batch().queue_url(queue).set_entries(none).send().await)
    }
}

fn allowed<T, E>(answer: Result<T, SdkError<E>>) -> Result<(), Failure>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match answer {
        Err(e) if !e.code().is_some_and(|code| code.contains("EmptyBatchRequest")) => {
            Err(Failure::retry(Reason::Queue, explain(&e)))
        }
        _ => Ok(()),
    }
}

fn facts(attributes: &HashMap<QueueAttributeName, String>) -> QueueFacts {
    let number =
        |name: QueueAttributeName| attributes.get(&name).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    let redrive = attributes.get(&QueueAttributeName::RedrivePolicy).and_then(|policy| {
        let policy: serde_json::Value = serde_json::from_str(policy).ok()?;
        // SQS writes the count as a number or as text, as it was given.
        let count = &policy["maxReceiveCount"];
        let count = count.as_u64().or_else(|| count.as_str()?.parse().ok())?;
        Some((policy["deadLetterTargetArn"].as_str()?.to_owned(), u32::try_from(count).unwrap_or(u32::MAX)))
    });
    QueueFacts {
        visibility: Duration::from_secs(number(QueueAttributeName::VisibilityTimeout)),
        retention: Duration::from_secs(number(QueueAttributeName::MessageRetentionPeriod)),
        message_bytes: usize::try_from(number(QueueAttributeName::MaximumMessageSize)).unwrap_or(usize::MAX),
        redrive,
        arn: attributes.get(&QueueAttributeName::QueueArn).cloned().unwrap_or_default(),
    }
}
