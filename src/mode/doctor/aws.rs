//! What the variables point at: buckets and queues, and whether the stage may use them.

use std::time::Duration;

use bytes::Bytes;

use super::{Arguments, Findings};
use crate::{
    aws,
    config::StageConfig,
    error::{Failure, Reason},
    handoff::ObjectRef,
    queue::{QueueFacts, SqsQueue, is_fifo},
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

pub(super) async fn check(config: &StageConfig, arguments: &Arguments, findings: &mut Findings) {
    let aws = match aws::connect().await {
        Ok(aws) => aws,
        Err(e) => {
            return findings.wrong(
                "aws",
                e,
                "Lambda and ECS set AWS_REGION themselves; elsewhere set it".into(),
            );
        }
    };
    let store = S3Store::new(&aws, config.bucket_owner.clone());
    let queues = SqsQueue::new(&aws);
    for bucket in &config.buckets {
        let key = format!("{}{NOBODY}", arguments.prefix);
        reads(&store, ObjectRef::new(bucket, key), config, findings).await;
    }
    match config.output(NOBODY) {
        Ok(output) => {
            writes(&store, "results", output.result, findings).await;
            for form in output.forms {
                writes(&store, "forms", form, findings).await;
            }
        }
        Err(failure) => findings.wrong("results", failure.message, "shorten BATON_OUTPUT".into()),
    }
    let rejection = config.rejected.key(&format!("{}/{NOBODY}", config.stage));
    rejects(&store, ObjectRef::new(&config.rejected.bucket, rejection), findings).await;
    let own = match &config.queue {
        Some(queue) => facts(&queues, "queue", queue, "BATON_QUEUE", findings).await,
        None => {
            let found =
                "BATON_QUEUE is not set: failed messages come back only when their visibility time-out ends";
            findings.doubtful("queue", found.into(), "set it to the queue that triggers the function".into());
            None
        }
    };
    if let Some(own) = &own {
        queue(own, Duration::from_secs(arguments.timeout), findings);
    }
    if let (Some(queue), Some(_)) = (&config.queue, &own) {
        settles(&queues, queue, findings).await;
    }
    match &config.dead_letters {
        Some(dead) => {
            let dead_facts = facts(&queues, "dead letters", dead, "BATON_DLQ", findings).await;
            sends(&queues, "dead letters", dead, findings).await;
            if let (Some(own), Some(dead)) = (own, dead_facts) {
                dead_letters(&own, &dead, findings);
            }
        }
        None => {
            let found = "BATON_DLQ is not set: a rejected document leaves a record, and its message is gone";
            findings.doubtful("dead letters", found.into(), "set it to the queue's dead-letter queue".into());
        }
    }
    for next in &config.next {
        sends(&queues, "next queue", next, findings).await;
    }
}

async fn reads(store: &S3Store, object: ObjectRef, config: &StageConfig, findings: &mut Findings) {
    let (bucket, prefix) = (&object.bucket, object.key.trim_end_matches(NOBODY));
    match store.get(&object, &Room::new(config.limits)).await {
        Err(failure) if failure.reason != Reason::ObjectMissing => {
            let advice = format!(
                "the bucket must be there, and whoever runs this may need s3:GetObject on arn:aws:s3:::{bucket}/{prefix}* \
                 and s3:ListBucket on arn:aws:s3:::{bucket} (without the latter a missing object looks like a fault); \
                 where only a part of the bucket may be read, say which by --prefix"
            );
            findings.wrong("documents", failure.message, advice);
        }
        _ => findings.good("documents", format!("s3://{bucket}/{prefix} can be read")),
    }
}

/// A write over what isn't there is refused for that, where it would have been allowed. It needs the right to read
/// besides, which results have.
async fn writes(store: &S3Store, what: &'static str, at: ObjectRef, findings: &mut Findings) {
    if let Err(failure) = store.look(&at).await {
        let advice = format!(
            "s3:GetObject and s3:ListBucket are needed to see whether a result is there ({})",
            at.bucket
        );
        return findings.wrong(what, failure.message, advice);
    }
    match conditionally(store, &at).await {
        Ok(Put::Changed) => findings.good(what, format!("s3://{} can be written to", at.bucket)),
        Ok(Put::Written(_)) => unconditional(what, &at, findings),
        Err(failure) => {
            let folder = at.key.split_once(NOBODY).map_or(at.key.as_str(), |(folder, _)| folder);
            let advice = format!(
                "the bucket must be there, in this region, and the role needs s3:PutObject on arn:aws:s3:::{}/{folder}*",
                at.bucket
            );
            findings.wrong(what, failure.message, advice);
        }
    }
}

/// Rejections are written and never read, so the role may not read them, and then this can't be told.
async fn rejects(store: &S3Store, at: ObjectRef, findings: &mut Findings) {
    match conditionally(store, &at).await {
        Ok(Put::Changed) => findings.good("rejections", format!("s3://{} can be written to", at.bucket)),
        Ok(Put::Written(_)) => unconditional("rejections", &at, findings),
        Err(failure) => {
            let folder = at.key.trim_end_matches(NOBODY);
            let needed = format!(
                "the bucket must be there, in this region, and the role needs s3:PutObject on arn:aws:s3:::{}/{folder}*",
                at.bucket
            );
            match failure.message.contains("AccessDenied") {
                true => {
                    let advice = format!("{needed}; if it has that and may not read there, all is well");
                    findings.doubtful("rejections", failure.message, advice);
                }
                false => findings.wrong("rejections", failure.message, needed),
            }
        }
    }
}

/// A write that should have been refused.
fn unconditional(what: &'static str, at: &ObjectRef, findings: &mut Findings) {
    let found = format!("{at} was written, and lies there now, though its ETag can't have been {NO_TAG}");
    let advice = "this store knows no conditional writes, which Baton needs: use S3, or one that does; delete that object";
    findings.wrong(what, found, advice.into());
}

async fn conditionally(store: &S3Store, at: &ObjectRef) -> Result<Put, Failure> {
    store.put(at, Bytes::new(), &Label::default(), &Over::Tag(NO_TAG.into())).await
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
            let found = format!("{queue}: {}", failure.message);
            if failure.message.contains("AccessDenied") {
                let advice = "whoever runs this needs sqs:GetQueueAttributes to see how it is set up; the stage doesn't";
                findings.doubtful(what, found, advice.into());
            } else {
                findings.wrong(what, found, format!("there must be such a queue: check {variable}"));
            }
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
            "there must be such a queue, and the role needs sqs:SendMessage on it".into(),
        ),
    }
}

/// What is done with messages of the stage's own queue. That they may be received can't be told without receiving some.
async fn settles(queues: &SqsQueue, own: &str, findings: &mut Findings) {
    if let Err(failure) = queues.may_delete(own).await {
        let advice =
            "there must be such a queue, and the role needs sqs:ReceiveMessage and sqs:DeleteMessage on it";
        return findings.wrong("queue", format!("{own}: {}", failure.message), advice.into());
    }
    findings.good("queue", format!("{own}: messages can be deleted when they are done"));
    if let Err(failure) = queues.may_postpone(own).await {
        let advice = "give the role sqs:ChangeMessageVisibility on it: else what failed comes back all at once, when its \
             visibility time-out ends";
        findings.doubtful("queue", format!("{own}: {}", failure.message), advice.into());
    }
    if is_fifo(own) {
        return;
    }
    if let Err(failure) = queues.may_send(own).await {
        let advice = "give the role sqs:SendMessage on it too: a message for which there is no time is sent anew, or each \
                      delivery uses up a try, and one of many documents becomes one for each";
        findings.doubtful("queue", format!("{own}: {}", failure.message), advice.into());
    }
}

fn queue(own: &QueueFacts, timeout: Duration, findings: &mut Findings) {
    let needed = timeout * VISIBILITY_TIMES;
    let found =
        format!("a message is hidden for {:?}, the function's time-out is {timeout:?}", own.visibility);
    findings.check(own.visibility >= needed, "visibility", found, || {
        format!("make it {} seconds or more, six times the time-out: a message that comes back while it is in work is done twice", needed.as_secs())
    });
    if own.retention <= own.visibility {
        let found = format!(
            "messages are kept for {:?}, and hidden for {:?} each time",
            own.retention, own.visibility
        );
        let advice = "keep them for days: what fails once is gone before it comes again";
        findings.wrong("retention", found, advice.into());
    }
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
