//! The messages in a dead-letter queue. A letter is deleted when it was sent; one that is not sent stays, hidden
//! until the run ends so that it isn't met twice. In a FIFO queue nothing of its group is to be had as long as it is
//! hidden, so that no more letters doesn't mean that there are none: those may come when others were deleted, and what
//! stands behind a letter that stays is not reached.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use super::patiently;
use crate::{
    error::Failure,
    event::Delivery,
    mode::{
        progress::Total,
        replay::found::{Found, Letter},
    },
    queue::{Inbox, MOST_AT_ONCE, is_fifo},
};

/// How long a letter is hidden: longer than ten messages take at the slowest rate.
const HIDDEN: Duration = Duration::from_secs(15 * 60);

/// A poll that waits asks all of SQS's servers: when it brings nothing there is nothing.
const WAIT: Duration = Duration::from_secs(2);

/// Dead letters.
pub struct Letters {
    queue: String,
    inbox: Arc<dyn Inbox>,
    /// Ids of letters that were met, with their receipts, and are still there.
    met: HashMap<String, String>,
    /// Whether there was any.
    has_received: bool,
    /// Whether letters were deleted since there were no more.
    has_deleted: bool,
}

impl Letters {
    pub(super) fn new(queue: String, inbox: Arc<dyn Inbox>) -> Self {
        Letters { queue, inbox, met: HashMap::new(), has_received: false, has_deleted: false }
    }

    pub(super) async fn next(&mut self) -> Result<Option<VecDeque<Found>>, Failure> {
        let (inbox, queue) = (&self.inbox, &self.queue);
        let letters = patiently(|| inbox.receive(queue, MOST_AT_ONCE, HIDDEN, WAIT)).await?;
        if letters.is_empty() {
            self.has_deleted = false;
            return Ok(None);
        }
        self.has_received = true;
        let mut is_new =
            |letter: &Delivery| self.met.insert(letter.id.clone(), letter.receipt.clone()).is_none();
        let new: Vec<Delivery> = letters.into_iter().filter(|letter| is_new(letter)).collect();
        Ok(Some(new.into_iter().flat_map(Found::in_letter).collect()))
    }

    pub(super) async fn delete(&mut self, letters: Vec<Arc<Letter>>) -> Vec<(String, Failure)> {
        const TRIES: usize = 3;
        let mut left = letters;
        let mut failures = Vec::new();
        for _ in 0..TRIES {
            // A letter that came again meanwhile has another receipt, and only the newest one counts.
            let receipt = |letter: &Arc<Letter>| self.met.get(&letter.id).unwrap_or(&letter.receipt).clone();
            let receipts: Vec<String> = left.iter().map(receipt).collect();
            let answers = self.inbox.delete(&self.queue, &receipts).await;
            failures.clear();
            let mut again = Vec::new();
            for (letter, answer) in left.into_iter().zip(answers) {
                match answer {
                    Ok(()) => {
                        self.met.remove(&letter.id);
                        self.has_deleted = true;
                    }
                    Err(failure) => {
                        failures.push((letter.id.clone(), failure));
                        again.push(letter);
                    }
                }
            }
            left = again;
            if left.is_empty() {
                break;
            }
        }
        failures
    }

    pub(super) fn may_go_on(&self) -> bool {
        is_fifo(&self.queue) && self.has_deleted
    }

    /// Lets everybody see again what is still there. About how many letters stand behind it, or behind what others have.
    pub(super) async fn close(&mut self) -> usize {
        let mut behind = 0;
        if is_fifo(&self.queue) && (!self.met.is_empty() || !self.has_received) {
            // What can't be counted is no matter: that letters stay is said anyway.
            behind = self.inbox.waiting(&self.queue).await.unwrap_or(0);
        }
        let receipts: Vec<String> = self.met.drain().map(|(_, receipt)| receipt).collect();
        for failure in
            self.inbox.hide(&self.queue, &receipts, Duration::ZERO).await.into_iter().filter_map(Result::err)
        {
            let minutes = HIDDEN.as_secs() / 60;
            tracing::warn!(why = failure.message, minutes, "a dead letter stays hidden for some minutes");
        }
        behind
    }
}

/// Asks how many letters there are: for how much there is to do only, so that failing is no matter.
pub(super) fn count(queue: String, inbox: Arc<dyn Inbox>, total: Arc<Total>) {
    tokio::spawn(async move {
        if let Ok(waiting) = inbox.waiting(&queue).await {
            total.add(waiting as u64);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::{MemoryQueue, Message, Queue};

    #[tokio::test]
    async fn a_letter_that_came_again_is_deleted_by_its_newest_receipt() {
        let queue = Arc::new(MemoryQueue::default());
        let body = r#"{"document": {"bucket": "b", "key": "k"}}"#.to_owned();
        queue.send("dead", Message { body, ..Message::default() }).await.expect("sent");
        let mut letters = Letters::new("dead".into(), queue.clone());
        let found = letters.next().await.expect("received").expect("one");
        let letter = found[0].letter.clone().expect("it was in a letter");
        // As if the time for which it is hidden were over.
        assert!(queue.hide("dead", std::slice::from_ref(&letter.receipt), Duration::ZERO).await[0].is_ok());
        assert!(letters.next().await.expect("received").expect("it again").is_empty(), "met before");

        assert!(letters.delete(vec![letter]).await.is_empty());
        assert!(queue.is_empty("dead"), "its first receipt would have deleted nothing");
    }
}
