//! What is done about a failure: a Reject is written down and its message moved away; a Retry, or a Bug, comes back
//! ([`crate::redelivery`]). What can't be settled so comes back, so that nothing is lost.

use std::sync::Arc;

use tokio::task::JoinSet;
use tracing::Instrument;

use crate::{
    deadline::Deadline,
    error::{Class, Failure, Reason},
    event::Delivery,
    handoff::{self, Handoff, Unreadable},
    pipeline::{self, Done},
    queue::Message,
    rejection::Rejection,
    spans,
    stage::Stage,
    trace::Trace,
};

/// What became of a document.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It came through.
    Done(Box<Done>),
    /// It never will, and that is written down.
    Rejected(Failure),
    /// It comes back.
    GivenBack(Failure),
}

impl Outcome {
    /// The same for another message that announced the document: what was computed was computed once.
    pub fn again(self) -> Self {
        match self {
            Outcome::Done(done) => match *done {
                Done::Computed { output, .. } => Outcome::Done(Box::new(Done::Repeated { output })),
                done => Outcome::Done(Box::new(done)),
            },
            failed => failed,
        }
    }
}

/// What became of a message.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The message's id.
    pub id: String,
    /// Its documents' outcomes, in order, then its unreadable records'; one for a message that could not be read.
    pub outcomes: Vec<(Option<Handoff>, Outcome)>,
    /// What in it needed nothing done.
    pub ignored: Vec<String>,
    /// Documents that were sent on, each as a message of its own.
    pub sent_apart: Vec<Handoff>,
    /// The traces that it belongs to.
    pub trace: Trace,
    /// Whether it was sent again as a new message, so that this one is done with.
    pub is_sent_anew: bool,
}

impl Settled {
    /// A message that comes back: of its documents those that have no outcome so far, or else itself.
    pub fn given_back(
        delivery: &Delivery,
        so_far: impl Fn(&Handoff) -> Option<Outcome>,
        failure: Failure,
    ) -> Self {
        let given_back = || Outcome::GivenBack(failure.clone());
        let handoffs =
            handoff::entries(&delivery.body).map(|announced| announced.handoffs).unwrap_or_default();
        let outcomes = handoffs.into_iter().map(|of| {
            let outcome = so_far(&of).unwrap_or_else(given_back);
            (Some(of), outcome)
        });
        let outcomes = outcomes.collect();
        let mut settled = Settled::of(delivery, outcomes);
        if !settled.is_given_back() {
            settled.outcomes.push((None, given_back()));
        }
        settled
    }

    /// A message with its outcomes, and nothing else to be told of it.
    pub(crate) fn of(delivery: &Delivery, outcomes: Vec<(Option<Handoff>, Outcome)>) -> Self {
        Settled {
            id: delivery.id.clone(),
            outcomes,
            ignored: Vec::new(),
            sent_apart: Vec::new(),
            trace: delivery.trace.clone(),
            is_sent_anew: false,
        }
    }

    /// Whether the message must come back: when any of its documents does, and no new message stands for it.
    pub fn is_given_back(&self) -> bool {
        !self.is_sent_anew && self.returned_for().next().is_some()
    }

    /// Why its documents come back, those that do.
    pub fn returned_for(&self) -> impl Iterator<Item = &Failure> {
        self.outcomes.iter().filter_map(|(_, outcome)| match outcome {
            Outcome::GivenBack(failure) => Some(failure),
            Outcome::Done(_) | Outcome::Rejected(_) => None,
        })
    }

    /// Why its documents were rejected, those that were.
    fn rejected_for(&self) -> impl Iterator<Item = &Failure> {
        self.outcomes.iter().filter_map(|(_, outcome)| match outcome {
            Outcome::Rejected(failure) => Some(failure),
            Outcome::Done(_) | Outcome::GivenBack(_) => None,
        })
    }
}

/// Takes one document through the stage; a rejection is written down.
pub async fn document(stage: &Arc<Stage>, handoff: Handoff, trace: Trace, deadline: Deadline) -> Outcome {
    // A task of its own, so that a panic is this document's alone; in a set, so that it ends when this is given up.
    let mut task = JoinSet::new();
    let work = (stage.clone(), handoff.clone());
    let span = spans::document(&stage.config.stage, &handoff.document, &trace);
    task.spawn(async move { pipeline::run(&work.0, &work.1, &trace, deadline).await }.instrument(span));
    let panicked = || Failure::bug("a panic (the log says where)");
    match task.join_next().await.and_then(Result::ok).unwrap_or_else(|| Err(panicked())) {
        Ok(done) => Outcome::Done(Box::new(done)),
        Err(failure) if failure.class == Class::Reject => {
            match is_of_record(stage, &handoff, &failure).await {
                Ok(true) => Outcome::Rejected(failure),
                Ok(false) => {
                    rejected(stage, &Rejection::of_document(stage, &handoff, &failure), failure).await
                }
                Err(unknown) => Outcome::GivenBack(unknown),
            }
        }
        Err(failure) => Outcome::GivenBack(failure),
    }
}

/// Whether what was rejected is itself the record of a rejection, this stage's or another's: a record of it would be
/// announced as it was, and so on. Its label says so, which whoever uploads an object can set; so do its bytes.
///
/// # Errors
/// A Retry.
async fn is_of_record(stage: &Stage, handoff: &Handoff, failure: &Failure) -> Result<bool, Failure> {
    let document = &handoff.document;
    if stage.config.is_record(document) {
        return Ok(true);
    }
    // Only what a stage wrote is refused so.
    let may_be =
        failure.reason == Reason::BucketNotAllowed && stage.config.buckets.contains(&document.bucket);
    if !may_be || stage.store.look(document).await?.is_none_or(|seen| !seen.label.is_record()) {
        return Ok(false);
    }
    match stage.store.get(document, &stage.room).await {
        Ok(object) => Ok(serde_json::from_slice::<Rejection>(&object.bytes).is_ok()),
        Err(gone) if gone.class == Class::Reject => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// What is written down is rejected; what can't be comes back.
async fn rejected(stage: &Stage, record: &Rejection, failure: Failure) -> Outcome {
    match record.write(stage).await {
        Ok(()) => Outcome::Rejected(failure),
        Err(unwritten) => {
            let rejected =
                format_args!("it is rejected ({}), and not written down yet", failure.reason.as_str());
            Outcome::GivenBack(unwritten.of(&rejected))
        }
    }
}

/// Settles a message that could not be read.
pub async fn unreadable(stage: &Stage, delivery: &Delivery, failure: Failure) -> Settled {
    let record = Rejection::of_message(stage, delivery, &failure);
    let settled = Settled::of(delivery, vec![(None, rejected(stage, &record, failure).await)]);
    move_rejected(stage, delivery, settled).await
}

/// A record of a message that could not be read: it is written down by itself.
pub async fn unreadable_record(stage: &Stage, delivery: &Delivery, record: Unreadable) -> Outcome {
    rejected(stage, &Rejection::of_record(stage, delivery, &record), record.failure).await
}

/// Moves the message of anything rejected to the dead-letter queue, with the reason beside it. A message of several
/// documents moves when none of them comes back any more.
pub async fn move_rejected(stage: &Stage, delivery: &Delivery, mut settled: Settled) -> Settled {
    let (Some(queue), false) = (&stage.config.dead_letters, settled.is_given_back()) else {
        return settled;
    };
    let Some(failure) = settled.rejected_for().next() else {
        return settled;
    };
    let attributes = [
        ("Reason", failure.reason.as_str()),
        ("Message", &failure.message),
        ("Pipeline", &stage.config.pipeline),
        ("Stage", &stage.config.stage),
    ];
    let bare = Message {
        body: delivery.body.clone(),
        // Sent again, it is under way since then.
        trace: Trace { since: None, ..delivery.trace.clone() },
        attributes: Vec::new(),
        group: delivery.group.clone().unwrap_or_else(|| delivery.id.clone()),
        deduplication: delivery.id.clone(),
    };
    let attributes = attributes.map(|(name, text)| (name.to_owned(), attribute(text))).to_vec();
    let mut moved = stage.queue.send(queue, Message { attributes, ..bare.clone() }).await;
    if moved.is_err() && bare.body.len() >= LONG {
        // There may be room for the message as it came, and the record has the reason.
        moved = stage.queue.send(queue, bare).await;
    }
    if let Err(unmoved) = moved {
        // What was done is done, and is found so when the message comes back.
        let outcomes = settled.outcomes.iter_mut().map(|(_, outcome)| outcome);
        for outcome in outcomes.filter(|outcome| matches!(outcome, Outcome::Rejected(_))) {
            *outcome = Outcome::GivenBack(unmoved.clone());
        }
    }
    settled
}

/// SQS's limits are multiples of 256 KiB, attributes included, unless a queue has a lower one.
const LONG: usize = 240 << 10;

/// A text as SQS takes it for an attribute: not empty, not endless, without control characters and those that XML
/// hasn't.
fn attribute(text: &str) -> String {
    const LONGEST: usize = 1000;
    let text: String = text
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}'))
        .take(LONGEST)
        .collect();
    if text.is_empty() { "-".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::attribute;

    #[test]
    fn an_attribute_has_nothing_that_sqs_refuses() {
        assert_eq!(attribute("a\n\u{FFFE}b\u{FFFF}\u{0}"), "ab");
        assert_eq!(attribute("\u{FFFF}"), "-");
        assert_eq!(attribute(&"é".repeat(5000)).chars().count(), 1000);
    }
}
