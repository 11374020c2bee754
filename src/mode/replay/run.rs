//! From a source to a queue: what is meant, new and missing is sent many at a time, and counted when it is confirmed.

mod send;

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep_until},
};

use super::{
    arguments::Arguments,
    checkpoint::{Checkpoint, Id},
    missing::Missing,
    screen::Ready,
    source::Source,
    summary::Summary,
};
use crate::{
    error::Failure,
    mode::progress::{Progress, Total},
    queue::{MOST_AT_ONCE, SqsQueue},
    store::S3Store,
};

/// Results that are looked for at a time.
const AHEAD: usize = 32;

/// Sends what was asked for.
pub struct Run {
    pub(super) arguments: Arguments,
    /// Where it is sent to.
    queue: Arc<SqsQueue>,
    /// How it is known what is missing, if that was asked for.
    missing: Option<Arc<Missing>>,
    /// What was sent before.
    pub(super) checkpoint: Checkpoint,
    source: Source,
    pub(super) seen: HashSet<Id>,
    checking: VecDeque<JoinHandle<(Ready, Result<bool, Failure>)>>,
    at_end: bool,
    /// Why the source can't be read on.
    unread: Option<Failure>,
    next_batch: Instant,
    pub(super) summary: Summary,
    pub(super) progress: Progress,
}

impl Run {
    /// # Errors
    /// A source that can't be opened.
    pub fn open(
        arguments: Arguments,
        store: &S3Store,
        queue: Arc<SqsQueue>,
        missing: Option<Missing>,
        checkpoint: Checkpoint,
    ) -> Result<Self, String> {
        let total = Arc::new(Total::default());
        Ok(Run {
            source: Source::open(&arguments, store, queue.clone(), total.clone())?,
            arguments,
            queue,
            missing: missing.map(Arc::new),
            checkpoint,
            seen: HashSet::new(),
            checking: VecDeque::new(),
            at_end: false,
            unread: None,
            next_batch: Instant::now(),
            summary: Summary::default(),
            progress: Progress::start_counting(total),
        })
    }

    /// Sends all of it, until `stop` says so: then what is under way is waited for, until it says so again. What goes
    /// wrong is in the summary.
    pub async fn until_stopped(mut self, stop: mpsc::Receiver<()>) -> Summary {
        let (tell, told) = watch::channel(false);
        tokio::select! {
            () = self.until_the_end(told) => {}
            () = twice(stop, tell) => {
                self.summary.stopped = true;
                tracing::warn!("told to stop again: what was being sent is sent again by the next run, and dead letters may stay hidden for a quarter of an hour");
            }
        }
        self.progress.finish();
        self.summary
    }

    async fn until_the_end(&mut self, mut stop: watch::Receiver<bool>) {
        if let Err(why) = self.send_all(&mut stop).await {
            self.summary.broken = Some(why.message);
        }
        let left = self.source.close().await;
        if self.summary.broken.is_none() && !self.summary.stopped {
            self.summary.left = left;
        }
    }

    async fn send_all(&mut self, stop: &mut watch::Receiver<bool>) -> Result<(), Failure> {
        loop {
            // What is dropped here was not sent; what is being sent is waited for.
            let batch = tokio::select! {
                biased;
                () = once(stop) => {
                    self.summary.stopped = true;
                    return Ok(());
                }
                batch = self.next_batch() => batch?,
            };
            if batch.is_empty() {
                return Ok(());
            }
            if self.arguments.dry_run {
                for ready in batch {
                    self.summary.would_send(&ready.name);
                    self.progress.document_done();
                }
            } else {
                self.send(batch, stop).await?;
            }
            self.at_end &= !self.source.may_go_on();
        }
    }

    /// The next messages to be sent together, when it is time for them; none at the end.
    async fn next_batch(&mut self) -> Result<Vec<Ready>, Failure> {
        let rate = self.arguments.rate;
        // No more than these are ever in doubt.
        let most = MOST_AT_ONCE * self.arguments.calls_at_once();
        // A slow rate is kept message by message, a fast one by whole calls, of a tenth of a second together.
        let of_rate = |rate: f64| match (rate / 100.0) as usize {
            0 => (rate.ceil() as usize).clamp(1, MOST_AT_ONCE),
            calls => calls.saturating_mul(MOST_AT_ONCE),
        };
        let most = rate.map_or(most, |rate| of_rate(rate).min(most));
        let mut batch = Vec::with_capacity(most);
        while batch.len() < most {
            match self.next().await {
                Ok(Some(ready)) => batch.push(ready),
                Ok(None) => break,
                Err(failure) if batch.is_empty() => return Err(failure),
                Err(failure) => {
                    self.unread = Some(failure);
                    break;
                }
            }
        }
        if let (Some(rate), false) = (rate, self.arguments.dry_run) {
            sleep_until(self.next_batch).await;
            self.next_batch = Instant::now() + Duration::from_secs_f64(batch.len() as f64 / rate);
        }
        Ok(batch)
    }

    /// The next message to be sent; None at the end.
    async fn next(&mut self) -> Result<Option<Ready>, Failure> {
        let ahead = if self.missing.is_some() { AHEAD } else { 1 };
        loop {
            while self.checking.len() < ahead && !self.at_end && self.unread.is_none() {
                match self.source.next().await {
                    // What was found before is sent first.
                    Err(failure) => self.unread = Some(failure),
                    Ok(None) => self.at_end = true,
                    Ok(Some(found)) => {
                        if let Some(ready) = self.screen(found).await {
                            self.checking.push_back(check(self.missing.clone(), ready));
                        }
                    }
                }
            }
            let Some(checking) = self.checking.pop_front() else {
                return self.unread.take().map_or(Ok(None), Err);
            };
            let (ready, there) =
                checking.await.map_err(|e| Failure::bug(format!("looking for a result: {e}")))?;
            match there {
                Ok(false) => return Ok(Some(ready)),
                Ok(true) => {
                    self.summary.there += 1;
                    self.summary.stays(ready.letter(), "there already");
                }
                Err(failure) => {
                    self.summary.failed(&ready.name, &failure.message);
                    self.summary.stays(ready.letter(), "that failed");
                }
            }
            self.progress.document_done();
        }
    }
}

/// Tells of the first signal, and waits for the second.
async fn twice(mut stop: mpsc::Receiver<()>, tell: watch::Sender<bool>) {
    stop.recv().await;
    tell.send_replace(true);
    stop.recv().await;
}

/// Waits until there was a first signal.
async fn once(told: &mut watch::Receiver<bool>) {
    // Whoever tells lives as long as the run.
    let _ = told.wait_for(|told| *told).await;
}

fn check(missing: Option<Arc<Missing>>, ready: Ready) -> JoinHandle<(Ready, Result<bool, Failure>)> {
    tokio::spawn(async move {
        let there = match (&missing, &ready.handoff) {
            (Some(missing), Some(handoff)) => missing.is_there(handoff).await,
            _ => Ok(false),
        };
        (ready, there)
    })
}
