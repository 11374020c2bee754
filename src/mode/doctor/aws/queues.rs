//! Whether the queues are set up as a stage needs them, and may be used.

use std::time::Duration;

use crate::{
    config::StageConfig,
    mode::doctor::Findings,
    queue::{QueueFacts, SqsQueue, is_fifo},
};

/// What AWS recommends for queues that a function reads from.
const VISIBILITY_TIMES: u32 = 6;
const LEAST_RECEIVES: u32 = 5;
const LEAST_MESSAGE_BYTES: usize = 64 << 10;

/// Who receives the stage's messages.
pub enum Receiver {
    /// Lambda, for a function: messages are hidden for as long as the queue says.
    Function {
        /// The function's.
        timeout: Duration,
    },
    /// A worker, which says by itself how long.
    Worker {
        /// For so long at first.
        visibility: Duration,
    },
}

pub async fn check(config: &StageConfig, receiver: &Receiver, queues: &SqsQueue, findings: &mut Findings) {
    let own = own(config, receiver, queues, findings).await;
    dead_letters(config, own.as_ref(), queues, findings).await;
    for next in &config.next {
        sends(queues, "next queue", next, findings).await;
    }
    if config.next.is_empty() {
        findings.good("next queue", "none (BATON_NEXT): documents go no further than this stage");
    }
}

async fn own(
    config: &StageConfig,
    receiver: &Receiver,
    queues: &SqsQueue,
    findings: &mut Findings,
) -> Option<QueueFacts> {
    let Some(queue) = &config.queue else {
        let found =
            "BATON_QUEUE is not set: failed messages come back only when their visibility time-out ends";
        findings.doubtful("queue", found, "set it to the queue that triggers the function");
        return None;
    };
    let own = facts(queues, "queue", queue, "BATON_QUEUE", findings).await?;
    attributes(&own, receiver, findings);
    settles(queues, queue, findings).await;
    Some(own)
}

async fn dead_letters(
    config: &StageConfig,
    own: Option<&QueueFacts>,
    queues: &SqsQueue,
    findings: &mut Findings,
) {
    let Some(queue) = &config.dead_letters else {
        let found = "BATON_DLQ is not set: a rejected document leaves a record, and its message is gone";
        return findings.doubtful("dead letters", found, "set it to the queue's dead-letter queue");
    };
    let dead = facts(queues, "dead letters", queue, "BATON_DLQ", findings).await;
    sends(queues, "dead letters", queue, findings).await;
    let (Some(own), Some(dead)) = (own, dead) else { return };
    let found =
        format!("kept for {} s there, {} s in the queue", dead.retention.as_secs(), own.retention.as_secs());
    findings.check(dead.retention > own.retention, "retention", found, || {
        "keep dead letters longer than the queue's messages: a message keeps the age that it had".into()
    });
    if let Some((arn, _)) = own.redrive.as_ref().filter(|(arn, _)| *arn != dead.arn) {
        let found = format!("the queue's redrive policy leads to {arn}, BATON_DLQ is {}", dead.arn);
        findings.doubtful("dead letters", found, "make them one queue, so that nobody overlooks the other");
    }
}

async fn facts(
    queues: &SqsQueue,
    what: &'static str,
    queue: &str,
    variable: &str,
    findings: &mut Findings,
) -> Option<QueueFacts> {
    let failure = match queues.look(queue).await {
        Ok(facts) => return Some(facts),
        Err(failure) => failure,
    };
    let found = format!("{queue}: {}", failure.message);
    if failure.message.contains("AccessDenied") {
        let advice =
            "whoever runs this needs sqs:GetQueueAttributes to see how it is set up; the stage doesn't";
        findings.doubtful(what, found, advice);
    } else {
        findings.wrong(what, found, format!("there must be such a queue: check {variable}"));
    }
    None
}

async fn sends(queues: &SqsQueue, what: &'static str, queue: &str, findings: &mut Findings) {
    match queues.may_send(queue).await {
        Ok(()) => findings.good(what, format!("{queue} can be sent to")),
        Err(failure) => findings.wrong(
            what,
            format!("{queue}: {}", failure.message),
            "there must be such a queue, and the role needs sqs:SendMessage on it",
        ),
    }
}

/// What is done with messages of the stage's own queue. That they may be received can't be told without receiving some.
async fn settles(queues: &SqsQueue, own: &str, findings: &mut Findings) {
    if let Err(failure) = queues.may_delete(own).await {
        let advice =
            "there must be such a queue, and the role needs sqs:ReceiveMessage and sqs:DeleteMessage on it";
        return findings.wrong("queue", format!("{own}: {}", failure.message), advice);
    }
    findings.good("queue", format!("{own}: messages can be deleted when they are done"));
    if let Err(failure) = queues.may_postpone(own).await {
        let advice = "give the role sqs:ChangeMessageVisibility on it: else what failed comes back all at once, when its \
             visibility time-out ends";
        findings.doubtful("queue", format!("{own}: {}", failure.message), advice);
    }
    if !is_fifo(own)
        && let Err(failure) = queues.may_send(own).await
    {
        let advice = "give the role sqs:SendMessage on it too: a message for which there is no time is sent anew, or each \
                      delivery uses up a try, and one of many documents becomes one for each";
        findings.doubtful("queue", format!("{own}: {}", failure.message), advice);
    }
}

fn attributes(own: &QueueFacts, receiver: &Receiver, findings: &mut Findings) {
    let QueueFacts { visibility, retention, redrive, message_bytes, .. } = own;
    let visibility = match receiver {
        Receiver::Function { .. } => visibility,
        Receiver::Worker { visibility } => visibility,
    };
    if let Receiver::Function { timeout } = receiver {
        let needed = *timeout * VISIBILITY_TIMES;
        let found = format!("a message is hidden for {visibility:?}, the function's time-out is {timeout:?}");
        findings.check(*visibility >= needed, "visibility", found, || {
            format!("make it {} seconds or more, six times the time-out: a message that comes back while it is in work is done twice", needed.as_secs())
        });
    }
    if retention <= visibility {
        let found = format!("messages are kept for {retention:?}, and hidden for {visibility:?} each time");
        let advice = "keep them for days: what fails once is gone before it comes again";
        findings.wrong("retention", found, advice);
    }
    match redrive {
        Some((_, count)) => {
            let found = format!("dead after {count} receives");
            findings.check(*count >= LEAST_RECEIVES, "redrive", found, || {
                format!("make maxReceiveCount {LEAST_RECEIVES} or more: throttling alone can use up fewer")
            });
        }
        None => findings.wrong(
            "redrive",
            "the queue has no redrive policy: what fails for ever comes back for ever",
            "give it one with a dead-letter queue",
        ),
    }
    let found = format!("messages of up to {message_bytes} bytes");
    findings.check(*message_bytes >= LEAST_MESSAGE_BYTES, "message size", found, || {
        format!(
            "raise MaximumMessageSize to {LEAST_MESSAGE_BYTES} or more: S3's notifications can be that long"
        )
    });
}
