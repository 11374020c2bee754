//! The queues that are in the process: for `baton local`, and for tests.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{Message, Queue};
use crate::error::Failure;

/// Queues by name, first in, first out.
#[derive(Debug, Default)]
pub struct MemoryQueue {
    queues: Mutex<BTreeMap<String, VecDeque<Message>>>,
}

impl MemoryQueue {
    fn queues(&self) -> MutexGuard<'_, BTreeMap<String, VecDeque<Message>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the oldest message of a queue.
    pub fn take(&self, queue: &str) -> Option<Message> {
        self.queues().get_mut(queue)?.pop_front()
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn send(&self, queue: &str, message: Message) -> Result<(), Failure> {
        self.queues().entry(queue.to_owned()).or_default().push_back(message);
        Ok(())
    }
}
