//! The messages in a dead-letter queue. A letter is deleted when it was sent; one that is not sent stays, hidden
//! until the run ends so that it isn't met twice. In a FIFO queue nothing of its group is to be had as long as it is
//! hidden, so that no more letters doesn't mean that there are none: those may come when others were deleted, and what
//! stands behind a letter that stays is not reached.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use tokio::{task::JoinHandle, time::timeout};

use crate::{
    error::Failure,
    event::Delivery,
    mode::{
        patience::patiently,
        progress::Total,
        replay::found::{Found, Letter},
    },
    queue::{Hidden, Inbox, delete_all, is_fifo},
};

/// How long a letter is hidden: longer than ten messages take at the slowest rate.
pub const HIDDEN: Duration = Duration::from_secs(15 * 60);

/// A standard queue has no more that were received and not deleted: then it gives none, however many there are.
const MOST_HIDDEN: usize = 120_000;

/// A poll that waits asks all of SQS's servers: when it brings nothing there is nothing.
const WAIT: Duration = Duration::from_secs(2);

/// What a poll that nobody waits for any more may take: its time, and as much for the answer.
const LAST_POLL: Duration = Duration::from_secs(4);

/// SQS counts somewhat late.
const COUNT_AGAIN: Duration = Duration::from_secs(3);
const COUNTED_AGAIN: usize = 3;

/// Dead letters that were not looked at, about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// They can't be received before others are deleted: in a FIFO queue, they stand behind those that stay.
    pub behind: usize,
    /// Somebody has received them before this run, or a run that was killed.
    pub taken: usize,
}

pub struct Letters {
    queue: String,
    inbox: Arc<dyn Inbox>,
    /// Ids of letters that were met, with their receipts, and are still there.
    met: HashMap<String, String>,
    /// How many were received by others when this began; None before.
    taken: Option<usize>,
    /// The poll under way: who waits for it may stop, and what it brings nobody else gets before it is given back.
    receiving: Option<JoinHandle<Result<Vec<Delivery>, Failure>>>,
    /// Whether there was any.
    has_received: bool,
    /// Whether letters were deleted since there were no more.
    has_deleted: bool,
}

impl Letters {
    pub(super) fn new(queue: String, inbox: Arc<dyn Inbox>) -> Self {
        let met = HashMap::new();
        Letters { queue, inbox, met, taken: None, receiving: None, has_received: false, has_deleted: false }
    }

    pub(super) async fn next(&mut self) -> Result<Option<VecDeque<Found>>, Failure> {
        if self.taken.is_none() {
            self.taken = Some(self.inbox.count(&self.queue).await.map_or(0, |count| count.taken));
        }
        let letters = self.receive().await?;
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

    /// Goes on with the poll that is under way, or begins one.
    async fn receive(&mut self) -> Result<Vec<Delivery>, Failure> {
        let begin = || {
            let (inbox, queue) = (self.inbox.clone(), self.queue.clone());
            tokio::spawn(async move { patiently(|| inbox.receive(&queue, HIDDEN, WAIT)).await })
        };
        let answer = self.receiving.get_or_insert_with(begin).await;
        self.receiving = None;
        answer.unwrap_or_else(|e| Err(Failure::bug(format!("receiving dead letters: {e}"))))
    }

    pub(super) async fn delete(&mut self, letters: Vec<Arc<Letter>>) -> Vec<(String, Failure)> {
        // A letter that came again meanwhile has another receipt, and only the newest one counts.
        let receipt = |letter: &Arc<Letter>| self.met.get(&letter.id).unwrap_or(&letter.receipt).clone();
        let receipts: Vec<String> = letters.iter().map(receipt).collect();
        let answers = delete_all(&*self.inbox, &self.queue, &receipts).await;
        let mut failures = Vec::new();
        for (letter, answer) in letters.into_iter().zip(answers) {
            match answer {
                Ok(()) => {
                    self.met.remove(&letter.id);
                    self.has_deleted = true;
                }
                Err(failure) => failures.push((letter.id.clone(), failure)),
            }
        }
        failures
    }

    pub(super) fn may_go_on(&self) -> bool {
        is_fifo(&self.queue) && self.has_deleted
    }

    /// Lets everybody see again what is still there; what else there is, unless it was stopped in the middle of a poll. What
    /// can't be counted is no matter: that letters stay is said anyway.
    pub(super) async fn close(&mut self) -> Left {
        if self.receiving.is_some() {
            self.give_back().await;
            tracing::warn!("waiting for the last letters, to give them back");
            if let Ok(Ok(letters)) = timeout(LAST_POLL, self.receive()).await {
                self.met.extend(letters.into_iter().map(|letter| (letter.id, letter.receipt)));
            }
            self.give_back().await;
            return Left::default();
        }
        let (before, met) = (self.taken.unwrap_or(0), self.met.len());
        let mut count = self.inbox.count(&self.queue).await.unwrap_or_default();
        // Others had some before, or it was counted late: as what this run has deleted may be now.
        for _ in 0..COUNTED_AGAIN {
            if count.taken.saturating_sub(met).min(before) == 0 {
                break;
            }
            tokio::time::sleep(COUNT_AGAIN).await;
            let again = self.inbox.count(&self.queue).await.unwrap_or_default();
            count.taken = count.taken.min(again.taken);
        }
        let is_behind = match is_fifo(&self.queue) {
            true => met > 0 || !self.has_received,
            false => met >= MOST_HIDDEN,
        };
        let left = Left {
            behind: if is_behind { count.waiting } else { 0 },
            taken: count.taken.saturating_sub(met).min(before),
        };
        self.give_back().await;
        left
    }

    async fn give_back(&mut self) {
        let free: Vec<Hidden> = self.met.drain().map(|(_, receipt)| (receipt, Duration::ZERO)).collect();
        let answers = self.inbox.hide(&self.queue, &free).await;
        for failure in answers.into_iter().filter_map(Result::err) {
            let minutes = HIDDEN.as_secs() / 60;
            tracing::warn!(why = failure.message, minutes, "a dead letter stays hidden for some minutes");
        }
    }
}

/// Asks how many letters there are: for how much there is to do only, so that failing is no matter.
pub(super) fn count(queue: String, inbox: Arc<dyn Inbox>, total: Arc<Total>) {
    tokio::spawn(async move {
        if let Ok(count) = inbox.count(&queue).await {
            total.add(count.waiting as u64);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        faults::{Fault, Faults},
        queue::{Count, MemoryQueue, Message, Queue},
    };

    #[tokio::test]
    async fn what_others_have_received_is_counted_and_what_this_run_deleted_is_not() {
        let queue = Arc::new(MemoryQueue::default());
        let send = async |key: &str| {
            let body = format!(r#"{{"document": {{"bucket": "b", "key": "{key}"}}}}"#);
            queue.send("dead", Message { body, ..Message::default() }).await.expect("sent");
        };
        send("a").await;
        let taken = queue.receive("dead", HIDDEN, Duration::ZERO).await.expect("received");
        send("b").await;
        send("c").await;
        let mut letters = Letters::new("dead".into(), queue.clone());
        let found = letters.next().await.expect("received").expect("the others");
        assert_eq!(found.len(), 2);
        let letter = found[0].letter.clone().expect("it was in a letter");
        assert!(letters.delete(vec![letter]).await.is_empty());
        assert_eq!(letters.close().await, Left { behind: 0, taken: 1 });
        assert_eq!(queue.count("dead").await.expect("counted"), Count { waiting: 1, taken: 1 });
        drop(taken);
    }

    /// As where a person stops it: what SQS hands out just then would stay hidden for a quarter of an hour.
    #[tokio::test]
    async fn what_a_poll_brings_that_nobody_waits_for_any_more_is_given_back() {
        let faults = Arc::new(Faults::default());
        let queue = Arc::new(MemoryQueue::with_faults(faults.clone()));
        let body = r#"{"document": {"bucket": "b", "key": "k"}}"#.to_owned();
        queue.send("dead", Message { body, ..Message::default() }).await.expect("sent");
        let mut letters = Letters::new("dead".into(), queue.clone());
        // After the letter was sent, and the letters counted.
        faults.plan(2, Fault::Slow);
        let stopped = async {
            while faults.calls() < 3 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            _ = letters.next() => panic!("it has begun, and not ended"),
            () = stopped => {}
        }
        letters.close().await;
        assert_eq!(queue.hidden().len(), 1);
        assert_eq!(queue.count("dead").await.expect("counted"), Count { waiting: 1, taken: 0 });
    }

    #[tokio::test]
    async fn a_letter_that_came_again_is_deleted_by_its_newest_receipt() {
        let queue = Arc::new(MemoryQueue::default());
        let body = r#"{"document": {"bucket": "b", "key": "k"}}"#.to_owned();
        queue.send("dead", Message { body, ..Message::default() }).await.expect("sent");
        let mut letters = Letters::new("dead".into(), queue.clone());
        let found = letters.next().await.expect("received").expect("one");
        let letter = found[0].letter.clone().expect("it was in a letter");
        // As if the time for which it is hidden were over.
        assert!(queue.hide("dead", &[(letter.receipt.clone(), Duration::ZERO)]).await[0].is_ok());
        assert!(letters.next().await.expect("received").expect("it again").is_empty(), "met before");

        assert!(letters.delete(vec![letter]).await.is_empty());
        assert!(queue.is_empty("dead"), "its first receipt would have deleted nothing");
    }
}
