//! The queues that are in the process: for `baton local`, and for tests.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;

use super::{Message, Queue};
use crate::{
    error::{Failure, Reason},
    faults::Faults,
};

/// Queues by name, first in, first out. A message that is taken is gone: whoever takes it puts it back if need be.
#[derive(Debug, Default)]
pub struct MemoryQueue {
    queues: Mutex<BTreeMap<String, VecDeque<Message>>>,
    postponed: Mutex<Vec<(String, Duration)>>,
    faults: Arc<Faults>,
}

impl MemoryQueue {
    /// Queues whose calls can be made to fail.
    pub fn with_faults(faults: Arc<Faults>) -> Self {
        MemoryQueue { faults, ..Default::default() }
    }

    /// Takes the oldest message of a queue.
    pub fn take(&self, queue: &str) -> Option<Message> {
        lock(&self.queues).get_mut(queue)?.pop_front()
    }

    /// The receipts that were postponed, and by how long.
    pub fn postponed(&self) -> Vec<(String, Duration)> {
        lock(&self.postponed).clone()
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn send(&self, queue: &str, message: Message) -> Result<(), Failure> {
        let effect = || {
            lock(&self.queues).entry(queue.to_owned()).or_default().push_back(message);
            Ok(())
        };
        self.faults.around(Reason::Queue, effect).await
    }

    async fn postpone(&self, _queue: &str, receipt: &str, delay: Duration) -> Result<(), Failure> {
        let effect = || {
            lock(&self.postponed).push((receipt.to_owned(), delay));
            Ok(())
        };
        self.faults.around(Reason::Queue, effect).await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
