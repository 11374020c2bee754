//! The messages of one batch: their documents at the same time, each apart from the others, each message with an
//! answer before the deadline.

use std::{
    cell::LazyCell,
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    sync::{OnceCell, Semaphore, SemaphorePermit, mpsc},
    task::JoinSet,
    time::timeout_at,
};

use crate::{
    deadline::Deadline,
    error::{Failure, Reason},
    event::{self, Delivery},
    fan_out,
    handoff::{self, Handoff},
    redelivery,
    settle::{self, Outcome, Settled},
    stage::Stage,
    trace::Trace,
};

/// What the messages of a batch share.
struct Batch {
    stage: Arc<Stage>,
    deadline: Deadline,
    permits: Semaphore,
    /// The documents of the batch: one that is announced twice is done once.
    documents: HashMap<Handoff, OnceCell<Outcome>>,
    /// For each message, whether work on any of its documents has begun.
    begun: Vec<AtomicBool>,
}

/// A message and what it announces.
struct Read {
    index: usize,
    delivery: Delivery,
    announced: Result<handoff::Announced, Failure>,
}

/// Works off a batch, and postpones what comes back. There is an answer for every message, in order, by the deadline.
pub async fn run(stage: &Arc<Stage>, deliveries: Vec<Delivery>, deadline: Deadline) -> Vec<Settled> {
    redelivery::keep_apart(stage, &deliveries, deadline).await;
    let mut settled = work(stage, &deliveries, deadline).await;
    redelivery::postpone(stage, &deliveries, &mut settled, deadline).await;
    settled
}

/// Works off a batch. There is an answer for every message, in order, by the deadline.
pub async fn work(stage: &Arc<Stage>, deliveries: &[Delivery], deadline: Deadline) -> Vec<Settled> {
    let mut settled: Vec<Option<Settled>> = vec![None; deliveries.len()];
    let read: Vec<Read> = deliveries.iter().cloned().enumerate().map(read).collect();
    let announced = read.iter().filter_map(|read| read.announced.as_ref().ok());
    let documents =
        announced.flat_map(|a| a.handoffs.iter().cloned()).map(|h| (h, OnceCell::new())).collect();
    let begun = read.iter().map(|_| AtomicBool::default()).collect();
    let permits = Semaphore::new(stage.config.concurrency);
    let batch = Arc::new(Batch { stage: stage.clone(), deadline, permits, documents, begun });

    let (answers, mut answered) = mpsc::unbounded_channel();
    let mut running = JoinSet::new();
    for lane in lanes(read) {
        let (batch, answers) = (batch.clone(), answers.clone());
        running.spawn(async move { batch.lane(lane, &answers).await });
    }
    drop(answers);
    while let Some((index, message)) = before(deadline, answered.recv()).await {
        settled[index] = Some(message);
    }
    // What is given up makes room for what waits, which is not begun by that.
    let begun: Vec<bool> = batch.begun.iter().map(|is_begun| is_begun.load(Ordering::Relaxed)).collect();
    running.abort_all();

    let is_over = deadline.left().is_some_and(|left| left.is_zero());
    let cut = |is_begun: bool| match is_begun {
        _ if !is_over => Failure::bug("a panic outside of any document (the log says where)"),
        true => Failure::retry(Reason::Deadline, "not done when the time of this invocation was over"),
        false => Failure::retry(Reason::NotBegun, "its turn did not come while this invocation had time"),
    };
    let told = LazyCell::new(|| -> HashSet<&Handoff> {
        settled
            .iter()
            .flatten()
            .flat_map(|message| &message.outcomes)
            .filter_map(|(of, _)| of.as_ref())
            .collect()
    });
    let so_far = |of: &Handoff| {
        let outcome = batch.documents.get(of).and_then(OnceCell::get).cloned()?;
        Some(if told.contains(of) { outcome.again() } else { outcome })
    };
    let answers = settled.iter().zip(deliveries).zip(&begun);
    let cut_ones = answers.map(|((answer, delivery), is_begun)| {
        answer.is_none().then(|| Settled::given_back(delivery, so_far, cut(*is_begun)))
    });
    let cut_ones: Vec<Option<Settled>> = cut_ones.collect();
    settled.into_iter().zip(cut_ones).filter_map(|(answer, cut)| answer.or(cut)).collect()
}

fn read((index, delivery): (usize, Delivery)) -> Read {
    let announced = handoff::entries(&delivery.body);
    Read { index, delivery, announced }
}

/// Messages that must keep their order, each lane's in turn; those that were given back most often go first, so that
/// none is always the one for which no time is left.
fn lanes(read: Vec<Read>) -> Vec<Vec<Read>> {
    let mut lanes = event::lanes(read, |message| &message.delivery);
    let came = |lane: &Vec<Read>| {
        lane.first().map_or((0, 0), |message| (message.delivery.sent_anew, message.delivery.receive_count))
    };
    lanes.sort_by_key(|lane| std::cmp::Reverse(came(lane)));
    lanes
}

async fn before<T>(deadline: Deadline, next: impl Future<Output = Option<T>>) -> Option<T> {
    match deadline.instant() {
        Some(instant) => timeout_at(instant.into(), next).await.ok().flatten(),
        None => next.await,
    }
}

impl Batch {
    /// One message after the other. After one that comes back, the rest of its group does too, untouched.
    async fn lane(&self, lane: Vec<Read>, answers: &mpsc::UnboundedSender<(usize, Settled)>) {
        let mut blocked = false;
        for Read { index, delivery, announced } in lane {
            let settled = if blocked {
                let why = "an earlier message of its group comes back first";
                Settled::given_back(&delivery, |_| None, Failure::retry(Reason::OutOfTurn, why))
            } else {
                self.message(index, &delivery, announced).await
            };
            blocked |= settled.is_given_back();
            // The batch may have been answered meanwhile, and this message with it.
            let _ = answers.send((index, settled));
        }
    }

    async fn message(
        &self,
        index: usize,
        delivery: &Delivery,
        announced: Result<handoff::Announced, Failure>,
    ) -> Settled {
        let mut announced = match announced {
            Ok(announced) => announced,
            Err(failure) => {
                let _permit = self.begin(index).await;
                return settle::unreadable(&self.stage, delivery, failure).await;
            }
        };
        let mut sent_apart = Vec::new();
        if let Some(queue) = fan_out::queue(&self.stage, delivery, &announced) {
            let _permit = self.begin(index).await;
            sent_apart = fan_out::send(&self.stage, queue, delivery, &mut announced).await;
        }
        let mut outcomes = Vec::new();
        for handoff in announced.handoffs {
            let outcome = self.document(index, &handoff, delivery.trace.clone()).await;
            outcomes.push((Some(handoff), outcome));
        }
        for record in announced.unreadable {
            let _permit = self.begin(index).await;
            outcomes.push((None, settle::unreadable_record(&self.stage, delivery, record).await));
        }
        let settled = Settled { ignored: announced.ignored, sent_apart, ..Settled::of(delivery, outcomes) };
        settle::move_rejected(&self.stage, delivery, settled).await
    }

    /// Waits for a message's turn, and notes that it has come.
    async fn begin(&self, index: usize) -> Option<SemaphorePermit<'_>> {
        let permit = self.permits.acquire().await.ok();
        self.begun[index].store(true, Ordering::Relaxed);
        permit
    }

    async fn document(&self, index: usize, handoff: &Handoff, trace: Trace) -> Outcome {
        let work = async {
            let _permit = self.begin(index).await;
            settle::document(&self.stage, handoff.clone(), trace, self.deadline).await
        };
        let mut is_first = false;
        let begin = || {
            is_first = true;
            work
        };
        let outcome = self.documents[handoff].get_or_init(begin).await.clone();
        if is_first { outcome } else { outcome.again() }
    }
}
