//! The queue that is Amazon SQS.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sqs::{
    Client,
    error::DisplayErrorContext,
    types::{MessageSystemAttributeNameForSends, MessageSystemAttributeValue},
};

use super::{Message, Queue};
use crate::error::{Failure, Reason};

/// Amazon SQS, or what speaks like it. Queues are named by their URLs.
#[derive(Clone, Debug)]
pub struct SqsQueue {
    client: Client,
}

impl SqsQueue {
    /// Connects nothing yet: the first call does.
    pub fn new(config: &SdkConfig) -> Self {
        SqsQueue { client: Client::new(config) }
    }
}

#[async_trait]
impl Queue for SqsQueue {
    async fn send(&self, queue: &str, message: Message) -> Result<(), Failure> {
        let mut request = self.client.send_message().queue_url(queue).message_body(message.body);
        if let Some(trace) = message.trace {
            let value =
                MessageSystemAttributeValue::builder().data_type("String").string_value(trace).build();
            // The builder refuses only a missing data type.
            if let Ok(value) = value {
                let name = MessageSystemAttributeNameForSends::AwsTraceHeader;
                request = request.message_system_attributes(name, value);
            }
        }
        let sent = request.send().await;
        sent.map(|_| ()).map_err(|e| {
            Failure::retry(Reason::Queue, format!("can't send to {queue}: {}", DisplayErrorContext(&e)))
        })
    }
}
