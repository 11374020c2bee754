//! The messages of one batch: their documents at the same time, each apart from the others, each with an outcome.

use std::sync::Arc;

use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    error::{Class, Failure},
    event::Delivery,
    handoff::{self, Handoff},
    pipeline::{self, Done},
    rejection::Rejection,
    stage::Stage,
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

/// What became of a message.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The message's id.
    pub id: String,
    /// Its documents' outcomes, in order; one for a message that could not be read.
    pub outcomes: Vec<(Option<Handoff>, Outcome)>,
    /// What in it needed nothing done.
    pub ignored: Vec<String>,
}

impl Settled {
    /// Whether the message must come back: when any of its documents does.
    pub fn is_given_back(&self) -> bool {
        self.outcomes.iter().any(|(_, outcome)| matches!(outcome, Outcome::GivenBack(_)))
    }
}

/// Works off a batch. There is an answer for every message, in order.
pub async fn run(stage: &Arc<Stage>, deliveries: Vec<Delivery>) -> Vec<Settled> {
    let permits = Arc::new(Semaphore::new(stage.config.concurrency));
    let mut messages = JoinSet::new();
    let ids: Vec<String> = deliveries.iter().map(|delivery| delivery.id.clone()).collect();
    for (index, delivery) in deliveries.into_iter().enumerate() {
        let (stage, permits) = (stage.clone(), permits.clone());
        messages.spawn(async move { (index, message(stage, delivery, permits).await) });
    }
    let mut settled: Vec<Option<Settled>> = vec![None; ids.len()];
    while let Some(joined) = messages.join_next().await {
        if let Ok((index, message)) = joined {
            settled[index] = Some(message);
        }
    }
    let lost =
        |id| Settled { id, ignored: Vec::new(), outcomes: vec![(None, Outcome::GivenBack(panicked()))] };
    settled.into_iter().zip(ids).map(|(settled, id)| settled.unwrap_or_else(|| lost(id))).collect()
}

async fn message(stage: Arc<Stage>, delivery: Delivery, permits: Arc<Semaphore>) -> Settled {
    let announced = match handoff::parse(&delivery.body) {
        Ok(announced) => announced,
        Err(failure) => {
            let rejection = Rejection::of_message(&stage, &delivery, &failure);
            let outcome = reject(&stage, rejection, failure).await;
            return Settled { id: delivery.id, outcomes: vec![(None, outcome)], ignored: Vec::new() };
        }
    };
    let mut outcomes = Vec::new();
    for handoff in announced.handoffs {
        let _permit = permits.acquire().await;
        outcomes.push((Some(handoff.clone()), document(&stage, handoff, delivery.trace.clone()).await));
    }
    Settled { id: delivery.id, outcomes, ignored: announced.ignored }
}

/// Takes one document through the stage and settles its failure, if it has one.
pub async fn document(stage: &Arc<Stage>, handoff: Handoff, trace: Option<String>) -> Outcome {
    let work = {
        let (stage, handoff) = (stage.clone(), handoff.clone());
        // A task of its own, so that a panic is this document's alone.
        tokio::spawn(async move { pipeline::run(&stage, &handoff, trace.as_deref()).await })
    };
    match work.await.unwrap_or_else(|_| Err(panicked())) {
        Ok(done) => Outcome::Done(Box::new(done)),
        Err(failure) if failure.class == Class::Reject => {
            let rejection = Rejection::of_document(stage, &handoff, &failure);
            reject(stage, rejection, failure).await
        }
        Err(failure) => Outcome::GivenBack(failure),
    }
}

/// Writes a rejection down; what can't be written down is not rejected, it comes back.
async fn reject(stage: &Stage, rejection: Rejection, failure: Failure) -> Outcome {
    match rejection.write(stage).await {
        Ok(()) => Outcome::Rejected(failure),
        Err(unwritten) => Outcome::GivenBack(unwritten),
    }
}

fn panicked() -> Failure {
    Failure::bug("a panic (its message is in the log)")
}
