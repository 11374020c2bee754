//! What the variables point at: buckets and queues, and whether the stage may use them.

use std::time::Duration;

use super::Findings;
use crate::{
    aws,
    config::StageConfig,
    error::Reason,
    handoff::ObjectRef,
    queue::{QueueFacts, SqsQueue},
    store::{Label, Over, Put, Room, S3Store, Store},
};

/// No document is called so.
const NOBODY: &str = "baton-doctor/no-such-object";
/// No object has this ETag, so a write over it never happens.
const NO_TAG: &str = "00000000000000000000000000000000";

/// What AWS recommends for queues that a function reads from.
const VISIBILITY_TIMES: u32 = 6;
const LEAST_RECEIVES: u32 = 5;
const LEAST_MESSAGE_BYTES: usize = 64 << 10;

pub(super) async fn check(config: &StageConfig, timeout: Duration, findings: &mut Findings) {
    let aws = aws::connect().await;
    let store = S3Store::new(&aws, config.bucket_owner.clone());
    let queues = SqsQueue::new(&aws);
    for bucket in &config.buckets {
        reads(&store, bucket, config, findings).await;
    }
    for (what, prefix) in [("results", &config.output), ("rejections", &config.rejected)] {
        writes(
            &store,
            what,
            ObjectRef::new(&prefix.bucket, prefix.key(&format!("{}/{NOBODY}", config.stage))),
            findings,
        )
        .await;
    }
    let own = match &config.queue {
        Some(queue) => facts(&queues, "queue", queue, "BATON_QUEUE", findings).await,
        None => {
            findings.doubtful(
                "queue",
                "BATON_QUEUE is not set: failed messages come back only when their visibility time-out ends"
                    .into(),
                "set it to the queue that triggers the function".into(),
            );
            None
        }
    };
    if let Some(own) = &own {
        queue(own, timeout, findings);
    }
    match &config.dead_letters {
        Some(dead) => {
            let dead_facts = facts(&queues, "dead letters", dead, "BATON_DLQ", findings).await;
            sends(&queues, "dead letters", dead, findings).await;
            if let (Some(own), Some(dead)) = (own, dead_facts) {
                dead_letters(&own, &dead, findings);
            }
        }
        None => findings.doubtful(
            "dead letters",
            "BATON_DLQ is not set: a rejected document leaves a record, and its message is gone".into(),
            "set it to the queue's dead-letter queue".into(),
        ),
    }
    for next in &config.next {
        sends(&queues, "next queue", next, findings).await;
    }
}

async fn reads(store: &S3Store, bucket: &str, config: &StageConfig, findings: &mut Findings) {
    let object = ObjectRef::new(bucket, NOBODY);
    match store.get(&object, &Room::new(config.limits)).await {
        Err(failure) if failure.reason == Reason::ObjectMissing => findings.good("documents", format!("s3://{bucket} can be read")),
        Err(failure) => findings.wrong("documents", failure.message, format!("the role needs s3:GetObject on arn:aws:s3:::{bucket}/* and s3:ListBucket on arn:aws:s3:::{bucket} (without the latter a missing object looks like a fault)")),
        Ok(_) => findings.good("documents", format!("s3://{bucket} can be read, and has a document called {NOBODY}")),
    }
}

async fn writes(store: &S3Store, what: &'static str, at: ObjectRef, findings: &mut Findings) {
    match store.put(&at, Vec::new(), &Label::default(), &Over::Tag(NO_TAG.into())).await {
        Ok(Put::Changed) => findings.good(what, format!("s3://{} can be written to", at.bucket)),
        Ok(Put::Written(_)) => findings.wrong(
            what,
            format!("{at} was written though its ETag can't have been {NO_TAG}"),
            "this store knows no conditional writes, which Baton needs: use S3, or one that does".into(),
        ),
        Err(failure) => findings.wrong(
            what,
            failure.message,
            format!("the role needs s3:PutObject on arn:aws:s3:::{}/*", at.bucket),
        ),
    }
}

async fn facts(
    queues: &SqsQueue,
    what: &'static str,
    queue: &str,
    variable: &str,
    findings: &mut Findings,
) -> Option<QueueFacts> {
    match queues.look(queue).await {
        Ok(facts) => Some(facts),
        Err(failure) => {
            findings.wrong(
                what,
                format!("{queue}: {}", failure.message),
                format!("check {variable}, and that sqs:GetQueueAttributes is allowed"),
            );
            None
        }
    }
}

async fn sends(queues: &SqsQueue, what: &'static str, queue: &str, findings: &mut Findings) {
    match queues.may_send(queue).await {
        Ok(()) => findings.good(what, format!("{queue} can be sent to")),
        Err(failure) => findings.wrong(
            what,
            format!("{queue}: {}", failure.message),
            "the role needs sqs:SendMessage on it".into(),
        ),
    }
}

fn queue(own: &QueueFacts, timeout: Duration, findings: &mut Findings) {
    let needed = timeout * VISIBILITY_TIMES;
    let found =
        format!("a message is hidden for {:?}, the function's time-out is {timeout:?}", own.visibility);
    findings.check(own.visibility >= needed, "visibility", found, || {
        format!("make it {} seconds or more, six times the time-out: a message that comes back while it is in work is done twice", needed.as_secs())
    });
    match &own.redrive {
        Some((_, count)) => findings.check(
            *count >= LEAST_RECEIVES,
            "redrive",
            format!("dead after {count} receives"),
            || format!("make maxReceiveCount {LEAST_RECEIVES} or more: throttling alone can use up fewer"),
        ),
        None => findings.wrong(
            "redrive",
            "the queue has no redrive policy: what fails for ever comes back for ever".into(),
            "give it one with a dead-letter queue".into(),
        ),
    }
    let found = format!("messages of up to {} bytes", own.message_bytes);
    findings.check(own.message_bytes >= LEAST_MESSAGE_BYTES, "message size", found, || {
        format!(
            "raise MaximumMessageSize to {LEAST_MESSAGE_BYTES} or more: S3's notifications can be that long"
        )
    });
}

fn dead_letters(own: &QueueFacts, dead: &QueueFacts, findings: &mut Findings) {
    let found =
        format!("kept for {} s there, {} s in the queue", dead.retention.as_secs(), own.retention.as_secs());
    findings.check(dead.retention > own.retention, "retention", found, || {
        "keep dead letters longer than the queue's messages: a message keeps the age that it had".into()
    });
    if let Some((arn, _)) = own.redrive.as_ref().filter(|(arn, _)| *arn != dead.arn) {
        let found = format!("the queue's redrive policy leads to {arn}, BATON_DLQ is {}", dead.arn);
        findings.doubtful(
            "dead letters",
            found,
            "make them one queue, so that nobody overlooks the other".into(),
        );
    }
}
