//! Messages that are done with on their way out of the queue: while calls are under way others gather, and go together
//! in the next.

use std::sync::Arc;

use tokio::{
    sync::{Mutex, mpsc},
    task::JoinSet,
};

use super::held::Held;
use crate::queue::{Inbox, MOST_AT_ONCE, delete_all};

/// Calls under way: one that takes long is no reason to hold messages that are done for as long as they come.
const CALLS_AT_ONCE: usize = 8;

/// Messages that may wait for a call. More stay in hand as if they weren't done, so that no others are taken.
pub const MOST_WAITING: usize = 20 * MOST_AT_ONCE;

/// A message that is done with.
pub struct Done {
    pub id: String,
    pub receipt: String,
}

/// Deletes messages until nobody sends any more. What can't be deleted comes back, and is found done.
pub fn delete(
    inbox: &Arc<dyn Inbox>,
    queue: &str,
    held: &Arc<Held>,
    done: mpsc::Receiver<Done>,
) -> JoinSet<()> {
    let done = Arc::new(Mutex::new(done));
    let mut calls = JoinSet::new();
    for _ in 0..CALLS_AT_ONCE {
        let (inbox, queue, held, done) = (inbox.clone(), queue.to_owned(), held.clone(), done.clone());
        calls.spawn(async move {
            loop {
                let mut some = Vec::with_capacity(MOST_AT_ONCE);
                if done.lock().await.recv_many(&mut some, MOST_AT_ONCE).await == 0 {
                    return;
                }
                delete_some(&*inbox, &queue, &held, some).await;
            }
        });
    }
    calls
}

async fn delete_some(inbox: &dyn Inbox, queue: &str, held: &Held, done: Vec<Done>) {
    let (ids, receipts): (Vec<String>, Vec<String>) =
        done.into_iter().map(|Done { id, receipt }| (id, receipt)).unzip();
    let answers = delete_all(inbox, queue, &receipts).await;
    for ((id, receipt), answer) in ids.iter().zip(&receipts).zip(answers) {
        held.forget(receipt);
        if let Err(failure) = answer {
            tracing::warn!(message = id, why = failure.message, "a message that is done comes back");
        }
    }
}
