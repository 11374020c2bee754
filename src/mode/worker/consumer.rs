//! From poll to delete: messages are received ahead of the work, worked on so many at a time, and leave the queue
//! when their documents were handed on. What happens to a message is the same code as on Lambda.

mod poll;

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinSet,
};

use self::poll::Polled;
use super::{
    done::{self, Done},
    health::Health,
    held::Held,
    in_peace,
    metrics::Metrics,
};
use crate::{
    batch,
    config::WorkerConfig,
    deadline::Deadline,
    error::{Failure, Reason},
    event::{self, Delivery},
    lock,
    queue::{Inbox, MOST_AT_ONCE},
    redelivery,
    settle::Settled,
    stage::Stage,
    telemetry::{self, ColdStart, Invocation, Tally},
};

/// What letting go of all messages takes at most, at the end: then they come back when their time is over.
const LETTING_GO: Duration = Duration::from_secs(4);

/// Between two times that metrics are written to the log; CloudWatch shows minutes.
const EVERY: Duration = Duration::from_secs(60);

/// A stage that receives its messages itself.
pub struct Consumer {
    stage: Arc<Stage>,
    inbox: Arc<dyn Inbox>,
    config: WorkerConfig,
    health: Arc<Health>,
    metrics: Arc<Metrics>,
    held: Arc<Held>,
    /// Messages that may be in hand: those in work, and as many as a poll brings to follow them at once.
    room: Arc<Semaphore>,
    /// Messages that may be in work; closed when no more are to be begun.
    work: Semaphore,
    /// Never a permit: closed at the same time, for those who wait for that.
    stopped: Semaphore,
    tally: Mutex<Tally>,
    /// What is being given back without having been begun.
    declining: Mutex<JoinSet<()>>,
}

impl Consumer {
    /// A consumer that has received nothing yet. `cold` is what it took its process to get ready.
    pub fn new(
        stage: Arc<Stage>,
        inbox: Arc<dyn Inbox>,
        config: WorkerConfig,
        health: Arc<Health>,
        metrics: Arc<Metrics>,
        cold: ColdStart,
    ) -> Arc<Self> {
        let concurrency = stage.config.concurrency;
        let mut tally = Tally::default();
        tally.started(&cold);
        Arc::new(Consumer {
            held: Arc::new(Held::new(inbox.clone(), &config, metrics.held.clone())),
            room: Arc::new(Semaphore::new(concurrency + MOST_AT_ONCE)),
            work: Semaphore::new(concurrency),
            stopped: Semaphore::new(0),
            tally: Mutex::new(tally),
            declining: Mutex::default(),
            stage,
            inbox,
            config,
            health,
            metrics,
        })
    }

    /// Consumes until `stop` says so, then finishes what is in work within the time of grace, and gives the rest
    /// back. A second `stop` ends the grace.
    pub async fn run(self: Arc<Self>, mut stop: mpsc::Receiver<()>) {
        let (finished, done) = mpsc::channel(done::MOST_WAITING);
        let held = self.held.clone();
        // In sets, so that they end with this.
        let mut deleting = JoinSet::new();
        deleting.spawn(done::delete(self.inbox.clone(), self.config.queue.clone(), held.clone(), done));
        let mut beating = JoinSet::new();
        beating.spawn(async move { held.beat().await });

        let mut lanes = JoinSet::new();
        let mut poll = Box::pin(self.poll());
        let mut minute = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                _ = stop.recv() => break,
                (deliveries, mut room) = &mut poll => {
                    for lane in event::alike_together(event::lanes(deliveries, |delivery| delivery)) {
                        let room = room.split(lane.len());
                        lanes.spawn(self.clone().lane(lane, room, finished.clone()));
                    }
                    drop(room);
                    poll = Box::pin(self.poll());
                }
                Some(lane) = lanes.join_next() => in_peace(lane),
                Some(ended) = deleting.join_next() => in_peace(ended),
                Some(ended) = beating.join_next() => in_peace(ended),
                _ = minute.tick() => self.write_metrics(),
            }
        }
        tracing::info!(
            in_hand = self.held.len(),
            "told to stop: finishing what is in work, and the last poll"
        );
        self.health.stopping();
        self.work.close();
        self.stopped.close();
        self.finish(lanes, poll, &mut stop).await;
        drop(finished);
        let cut =
            Failure::retry(Reason::Deadline, "not done when this worker was to end (BATON_WORKER_GRACE_S)");
        self.held.unfinished().iter().for_each(|delivery| self.tell_given_back(delivery, &cut));
        tokio::select! {
            () = self.let_go(deleting) => {}
            () = tokio::time::sleep(LETTING_GO) => tracing::warn!("the queue doesn't answer: some messages come back later"),
            Some(()) = stop.recv() => tracing::warn!("told to stop again: some messages come back later"),
        }
        self.write_metrics();
    }

    /// Waits for what is in work, until the time of grace is over or `stop` says so again, and ends what isn't done then.
    async fn finish(
        self: &Arc<Self>,
        mut lanes: JoinSet<()>,
        poll: impl Future<Output = Polled>,
        stop: &mut mpsc::Receiver<()>,
    ) {
        let work = async { while lanes.join_next().await.is_some() {} };
        // It is still open: what it brings others may have at once, and what came to nobody would stay hidden.
        let last_poll = async { self.decline(poll.await.0) };
        tokio::select! {
            _ = async { tokio::join!(work, last_poll) } => {}
            () = tokio::time::sleep(self.config.grace) => {
                tracing::warn!("the time of grace is over (BATON_WORKER_GRACE_S)");
            }
            _ = stop.recv() => tracing::warn!("told to stop again: giving back what is in work"),
        }
        lanes.shutdown().await;
    }

    /// Has what is done deleted and gives back what isn't, all at the same time: a queue that hangs on the one may still do the
    /// other.
    async fn let_go(&self, mut deleting: JoinSet<()>) {
        let mut declining = std::mem::take(&mut *self.declining());
        tokio::join!(
            async { while declining.join_next().await.map(in_peace).is_some() {} },
            async { while deleting.join_next().await.map(in_peace).is_some() {} },
            self.held.give_back_unfinished(),
        );
        self.held.give_all_back().await;
    }

    /// Gives back what came too late, in a task of its own: half done, it would stay hidden.
    fn decline(self: &Arc<Self>, deliveries: Vec<Delivery>) {
        let held = self.held.clone();
        let late =
            Failure::retry(Reason::NotBegun, "its turn did not come before this worker was told to stop");
        deliveries.iter().for_each(|delivery| self.tell_given_back(delivery, &late));
        let receipts: Vec<String> = deliveries.into_iter().map(|delivery| delivery.receipt).collect();
        receipts.iter().for_each(|receipt| self.held.forget(receipt));
        self.declining().spawn(async move {
            held.release(receipts.iter().map(String::as_str)).await;
            held.give_back(receipts).await;
        });
    }

    fn declining(&self) -> MutexGuard<'_, JoinSet<()>> {
        lock(&self.declining)
    }

    /// Works on messages that keep their order, mostly one: deletes those that are done, postpones the others.
    async fn lane(
        self: Arc<Self>,
        deliveries: Vec<Delivery>,
        room: Option<OwnedSemaphorePermit>,
        finished: mpsc::Sender<Done>,
    ) {
        let _room = room;
        let Ok(turn) = self.work.acquire().await else {
            return self.decline(deliveries);
        };
        self.metrics.in_work.inc_by(deliveries.len() as i64);
        let mut settled = batch::work(&self.stage, &deliveries, Deadline::default()).await;
        self.metrics.in_work.dec_by(deliveries.len() as i64);
        // Whoever comes back is hidden after it: a queue that is slow to do so keeps nobody else waiting.
        drop(turn);
        let mut coming_back = Vec::new();
        for (delivery, message) in deliveries.iter().zip(&settled) {
            self.report(message);
            match message.is_given_back() {
                true => coming_back.push(delivery.receipt.as_str()),
                false => self.held.finish(&delivery.receipt),
            }
        }
        if !coming_back.is_empty() {
            self.held.release(coming_back).await;
            redelivery::postpone(&self.stage, &deliveries, &mut settled, Deadline::default()).await;
        }
        for (Delivery { id, receipt, .. }, message) in deliveries.into_iter().zip(&settled) {
            if !message.is_given_back() {
                // Whoever deletes lives as long as any lane.
                let _ = finished.send(Done { id, receipt }).await;
            }
        }
    }

    fn tell_given_back(&self, delivery: &Delivery, why: &Failure) {
        self.report(&Settled::given_back(delivery, |_| None, why.clone()));
    }

    fn report(&self, message: &Settled) {
        telemetry::settled(&self.stage.config, message, Invocation::default());
        self.metrics.settled(message);
        let asked = self.stage.task.model().engine.take_counts();
        self.metrics.asked(asked);
        let mut tally = lock(&self.tally);
        tally.add(message);
        tally.asked(asked);
        if tally.is_full() {
            telemetry::metrics(&self.stage.config, &std::mem::take(&mut *tally));
        }
    }

    fn write_metrics(&self) {
        let tally = std::mem::take(&mut *lock(&self.tally));
        if !tally.is_empty() {
            telemetry::metrics(&self.stage.config, &tally);
        }
    }
}
