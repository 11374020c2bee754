//! From a source to a queue: what is meant, new and missing is sent ten at a time, and counted when it is confirmed.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep, sleep_until},
};

use super::{
    arguments::Arguments,
    checkpoint::{Checkpoint, Id},
    found::{Found, Letter, What},
    missing::Missing,
    source::{Ports, Source},
    summary::Summary,
};
use crate::{
    error::Failure,
    handoff::Handoff,
    mode::progress::{Progress, Total},
    queue::{Message, Queue},
};

/// Messages in a call, at most. Only one call is under way, so no more than these are ever in doubt.
const BATCH: usize = 10;

/// Results that are looked for at a time.
const AHEAD: usize = 32;

/// How often what the queue doesn't take is tried, and the time between, which doubles.
const TRIES: u32 = 6;
const BACKOFF: Duration = Duration::from_millis(250);

/// What a run needs.
pub struct Replay {
    /// What was asked for.
    pub arguments: Arguments,
    /// Where it is looked for.
    pub ports: Ports,
    /// Where it is sent to.
    pub queue: Arc<dyn Queue>,
    /// How it is known what is missing, if that was asked for.
    pub missing: Option<Missing>,
    /// What was sent before.
    pub checkpoint: Checkpoint,
}

/// A message that is to be sent.
struct Ready {
    name: String,
    id: Id,
    message: Message,
    handoff: Option<Handoff>,
    letter: Option<(Arc<Letter>, Id)>,
}

struct Run {
    arguments: Arguments,
    queue: Arc<dyn Queue>,
    missing: Option<Arc<Missing>>,
    checkpoint: Checkpoint,
    source: Source,
    seen: HashSet<Id>,
    checking: VecDeque<JoinHandle<(Ready, Result<bool, Failure>)>>,
    at_end: bool,
    next_batch: Instant,
    summary: Summary,
    progress: Progress,
}

/// Sends what was asked for, until `stop` says so.
///
/// # Errors
/// A source that can't be opened. What goes wrong later is in the summary.
pub async fn run(replay: Replay, mut stop: mpsc::Receiver<()>) -> Result<Summary, String> {
    let total = Arc::new(Total::default());
    let mut run = Run {
        source: Source::open(&replay.arguments, &replay.ports, total.clone())?,
        arguments: replay.arguments,
        queue: replay.queue,
        missing: replay.missing.map(Arc::new),
        checkpoint: replay.checkpoint,
        seen: HashSet::new(),
        checking: VecDeque::new(),
        at_end: false,
        next_batch: Instant::now(),
        summary: Summary::default(),
        progress: Progress::start_counting(total),
    };
    if let Err(why) = run.send_all(&mut stop).await {
        run.summary.broken = Some(why.message);
    }
    run.progress.finish();
    run.source.close().await;
    Ok(run.summary)
}

impl Run {
    async fn send_all(&mut self, stop: &mut mpsc::Receiver<()>) -> Result<(), Failure> {
        loop {
            // What is dropped here was not sent; what is being sent is waited for.
            let batch = tokio::select! {
                biased;
                _ = stop.recv() => {
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
                self.send(batch).await?;
            }
        }
    }

    /// The next messages to be sent together, when it is time for them; none at the end.
    async fn next_batch(&mut self) -> Result<Vec<Ready>, Failure> {
        let rate = self.arguments.rate;
        // A slow rate is kept message by message.
        let most = rate.map_or(BATCH, |rate| (rate.ceil() as usize).clamp(1, BATCH));
        let mut batch = Vec::with_capacity(most);
        while batch.len() < most
            && let Some(ready) = self.next().await?
        {
            batch.push(ready);
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
            while self.checking.len() < ahead && !self.at_end {
                match self.source.next().await? {
                    None => self.at_end = true,
                    Some(found) => {
                        if let Some(ready) = self.screen(found).await {
                            self.checking.push_back(check(self.missing.clone(), ready));
                        }
                    }
                }
            }
            let Some(checking) = self.checking.pop_front() else {
                return Ok(None);
            };
            let (ready, there) =
                checking.await.map_err(|e| Failure::bug(format!("looking for a result: {e}")))?;
            match there {
                Ok(false) => return Ok(Some(ready)),
                Ok(true) => self.summary.there += 1,
                Err(failure) => self.summary.failed(&ready.name, &failure.message),
            }
            self.progress.document_done();
        }
    }

    /// Counts what was found; what may be sent goes on.
    async fn screen(&mut self, found: Found) -> Option<Ready> {
        self.summary.listed += 1;
        let ready = match found.what.clone() {
            Err(why) => {
                self.summary.failed(&found.name, &why.message);
                None
            }
            Ok(What::Nothing) => {
                self.summary.nothing += 1;
                None
            }
            Ok(_) if !self.arguments.filter.admits(&found) => {
                self.summary.filtered += 1;
                None
            }
            Ok(What::Document(handoff)) => Some(self.document(found, *handoff)),
            Ok(What::Message(body)) => Some(self.message(found, body)),
        };
        let ready = match ready {
            Some(ready) => self.is_new(ready).await,
            None => None,
        };
        if ready.is_none() {
            self.progress.document_done();
        }
        ready
    }

    async fn is_new(&mut self, ready: Ready) -> Option<Ready> {
        let letter = ready.letter.as_ref().map(|(_, id)| *id);
        // A letter whose document was sent for another letter stays: it may have come back from this very run.
        if self.checkpoint.has(letter.unwrap_or(ready.id)) {
            self.summary.earlier += 1;
            self.delete_letters(vec![ready]).await;
        } else if !self.seen.insert(ready.id) || self.checkpoint.has(ready.id) {
            self.summary.repeated += 1;
        } else {
            return Some(ready);
        }
        None
    }

    fn document(&self, found: Found, mut handoff: Handoff) -> Ready {
        handoff.force |= self.arguments.force;
        if self.arguments.latest {
            (handoff.document.version_id, handoff.document.etag, handoff.document.sequencer) =
                (None, None, None);
        }
        let (document, version) =
            (&handoff.document, handoff.document.version_id.as_deref().unwrap_or_default());
        let id = format!("document {}/{}?{version}", document.bucket, document.key);
        let group = handoff.name.clone().unwrap_or_else(|| document.key.clone());
        self.ready(found, &id, handoff.to_body(), &group, Some(handoff))
    }

    fn message(&self, found: Found, body: String) -> Ready {
        self.ready(found, &format!("message {body}"), body.clone(), &body, None)
    }

    fn ready(&self, found: Found, id: &str, body: String, group: &str, handoff: Option<Handoff>) -> Ready {
        let message = Message {
            body,
            trace: found.trace,
            attributes: Vec::new(),
            group: crate::sha256(group.as_bytes()),
            // This run's own: what the queue had before the run is another message, what it sends twice is not.
            deduplication: crate::sha256(format!("{} {id}", self.checkpoint.run).as_bytes()),
        };
        let letter = found.letter.map(|letter| {
            let id = Id::of(&format!("letter {} {id}", letter.id));
            (letter, id)
        });
        Ready { name: found.name, id: Id::of(id), message, handoff, letter }
    }

    /// Sends a batch, and tries again what the queue doesn't take.
    async fn send(&mut self, mut batch: Vec<Ready>) -> Result<(), Failure> {
        let mut taken_any = false;
        for tries in 0..TRIES {
            let messages = batch.iter().map(|ready| ready.message.clone()).collect();
            let answers = self.queue.send_all(&self.arguments.queue, messages).await;
            let (mut sent, mut left, mut why) = (Vec::new(), Vec::new(), None);
            for (ready, answer) in batch.into_iter().zip(answers) {
                match answer {
                    Ok(()) => sent.push(ready),
                    Err(failure) => {
                        why = Some(failure.message.clone());
                        left.push((ready, failure));
                    }
                }
            }
            taken_any |= !sent.is_empty();
            self.confirm(sent).await?;
            if left.is_empty() {
                return Ok(());
            }
            if tries + 1 == TRIES {
                let failures = left.len();
                for (ready, failure) in left {
                    self.summary.failed(&ready.name, &failure.message);
                    self.progress.document_done();
                }
                return match why {
                    Some(why) if !taken_any => {
                        let message = format!("the queue took none of {failures} messages: {why}");
                        Err(Failure::retry(crate::error::Reason::Queue, message))
                    }
                    _ => Ok(()),
                };
            }
            tracing::warn!(why, "sending again");
            sleep(BACKOFF * 2u32.pow(tries)).await;
            batch = left.into_iter().map(|(ready, _)| ready).collect();
        }
        Ok(())
    }

    /// Writes down what was sent, before anything else is sent.
    async fn confirm(&mut self, sent: Vec<Ready>) -> Result<(), Failure> {
        let letters = sent.iter().filter_map(|ready| ready.letter.as_ref().map(|(_, id)| *id));
        let ids: Vec<Id> = sent.iter().map(|ready| ready.id).chain(letters).collect();
        self.summary.sent += sent.len() as u64;
        sent.iter().for_each(|_| self.progress.document_done());
        let written = self.checkpoint.confirm(&ids);
        self.delete_letters(sent).await;
        written.map_err(|e| Failure::bug(format!("--checkpoint: what was sent can't be written down: {e}")))
    }

    /// Deletes the letters all of whose documents were sent.
    async fn delete_letters(&mut self, sent: Vec<Ready>) {
        let letters = sent.into_iter().filter_map(|ready| ready.letter.map(|(letter, _)| letter));
        let done: Vec<_> = letters.filter(|letter| letter.sent_one()).collect();
        if done.is_empty() || self.arguments.dry_run {
            return;
        }
        for (id, failure) in self.source.sent(done).await {
            let name = format!("the message {id}");
            self.summary
                .complain(&name, &format!("was sent, and is still a dead letter: {}", failure.message));
        }
    }
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
