//! The queues that are in the process: for `baton local`, and for tests.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;

use super::{Count, Hidden, Inbox, MOST_AT_ONCE, Message, Queue, is_fifo};
use crate::{
    error::{Failure, Reason},
    event::{Delivery, SENT_ANEW},
    faults::Faults,
    lock,
};

/// Queues by name, first in, first out. A message is taken for good, or received as from SQS: then it is hidden, and
/// comes back unless it is deleted.
#[derive(Debug, Default)]
pub struct MemoryQueue {
    queues: Mutex<BTreeMap<String, VecDeque<Stored>>>,
    hidden: Mutex<Vec<Hidden>>,
    sent: AtomicUsize,
    faults: Arc<Faults>,
}

#[derive(Debug)]
struct Stored {
    id: String,
    message: Message,
    receive_count: u32,
    hidden_until: Option<Instant>,
}

impl Stored {
    /// What its latest delivery is called; earlier ones have lost it.
    fn receipt(&self) -> String {
        format!("{}/{}", self.id, self.receive_count)
    }

    fn sent_anew(&self) -> u32 {
        let named = self.message.attributes.iter().find(|(name, _)| name == SENT_ANEW);
        named.and_then(|(_, n)| n.parse().ok()).unwrap_or(0)
    }

    fn is_hidden(&self) -> bool {
        self.hidden_until.is_some_and(|until| until > Instant::now())
    }
}

impl MemoryQueue {
    /// Queues whose calls can be made to fail.
    pub fn with_faults(faults: Arc<Faults>) -> Self {
        MemoryQueue { faults, ..Default::default() }
    }

    /// Takes the oldest message of a queue.
    pub fn take(&self, queue: &str) -> Option<Message> {
        let mut queues = lock(&self.queues);
        let queue = queues.get_mut(queue)?;
        let oldest = queue.iter().position(|stored| !stored.is_hidden())?;
        queue.remove(oldest).map(|stored| stored.message)
    }

    /// How many messages a queue has, hidden ones too.
    pub fn len(&self, queue: &str) -> usize {
        lock(&self.queues).get(queue).map_or(0, VecDeque::len)
    }

    /// Whether a queue has none.
    pub fn is_empty(&self, queue: &str) -> bool {
        self.len(queue) == 0
    }

    /// The messages that were to be hidden, and for how long.
    pub fn hidden(&self) -> Vec<Hidden> {
        lock(&self.hidden).clone()
    }

    fn push(&self, queue: &str, message: Message) {
        let id = format!("m{}", self.sent.fetch_add(1, Ordering::SeqCst));
        let stored = Stored { id, message, receive_count: 0, hidden_until: None };
        lock(&self.queues).entry(queue.to_owned()).or_default().push_back(stored);
    }

    fn receive_now(&self, queue: &str, hidden: Duration) -> Vec<Delivery> {
        let (fifo, mut queues) = (is_fifo(queue), lock(&self.queues));
        let stored = queues.entry(queue.to_owned()).or_default();
        let blocked: HashSet<String> =
            stored.iter().filter(|s| fifo && s.is_hidden()).map(|s| s.message.group.clone()).collect();
        let free = stored.iter_mut().filter(|s| !s.is_hidden() && !blocked.contains(&s.message.group));
        let deliver = |stored: &mut Stored| {
            stored.receive_count += 1;
            stored.hidden_until = Some(Instant::now() + hidden);
            Delivery {
                id: stored.id.clone(),
                receipt: stored.receipt(),
                body: stored.message.body.clone(),
                trace: stored.message.trace.clone(),
                sent_anew: stored.sent_anew(),
                receive_count: stored.receive_count,
                group: fifo.then(|| stored.message.group.clone()),
            }
        };
        free.take(MOST_AT_ONCE).map(deliver).collect()
    }

    fn hide_now(&self, queue: &str, receipt: &str, time: Duration) -> Result<(), Failure> {
        let mut queues = lock(&self.queues);
        let stored = queues.get_mut(queue).and_then(|q| q.iter_mut().find(|s| s.receipt() == receipt));
        let gone =
            || Failure::retry(Reason::Queue, format!("there is no message with the receipt {receipt}"));
        stored.ok_or_else(gone)?.hidden_until = Some(Instant::now() + time);
        Ok(())
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    /// Each by itself, so that each can be made to fail.
    async fn send_all(&self, queue: &str, messages: Vec<Message>) -> Vec<Result<(), Failure>> {
        let mut answers = Vec::with_capacity(messages.len());
        for message in messages {
            let effect = || {
                self.push(queue, message);
                Ok(())
            };
            answers.push(self.faults.around(Reason::Queue, effect).await);
        }
        answers
    }

    async fn hide(&self, queue: &str, messages: &[Hidden]) -> Vec<Result<(), Failure>> {
        let effect = || {
            lock(&self.hidden).extend_from_slice(messages);
            Ok(messages
                .iter()
                .map(|(receipt, time)| self.hide_now(queue, receipt, *time))
                .collect::<Vec<_>>())
        };
        let answer = self.faults.around(Reason::Queue, effect).await;
        answer.unwrap_or_else(|failure| messages.iter().map(|_| Err(failure.clone())).collect())
    }
}

#[async_trait]
impl Inbox for MemoryQueue {
    async fn receive(&self, queue: &str, hidden: Duration, wait: Duration) -> Result<Vec<Delivery>, Failure> {
        let until = Instant::now() + wait;
        loop {
            let received = self.faults.around(Reason::Queue, || Ok(self.receive_now(queue, hidden))).await?;
            if !received.is_empty() || Instant::now() >= until {
                return Ok(received);
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn count(&self, queue: &str) -> Result<Count, Failure> {
        let effect = || {
            let queues = lock(&self.queues);
            let stored = || queues.get(queue).into_iter().flatten();
            let taken = stored().filter(|stored| stored.is_hidden()).count();
            Ok(Count { waiting: stored().count() - taken, taken })
        };
        self.faults.around(Reason::Queue, effect).await
    }

    async fn delete(&self, queue: &str, receipts: &[String]) -> Vec<Result<(), Failure>> {
        let effect = || {
            let mut queues = lock(&self.queues);
            let stored = queues.entry(queue.to_owned()).or_default();
            stored.retain(|stored| !receipts.contains(&stored.receipt()));
            Ok(())
        };
        let answer = self.faults.around(Reason::Queue, effect).await;
        receipts.iter().map(|_| answer.clone()).collect()
    }
}
