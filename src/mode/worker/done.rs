//! Messages that are done with on their way out of the queue: while a call is under way others gather, and go together
//! in the next. As many as a call takes need not wait for that.

use std::sync::Arc;

use tokio::{sync::mpsc, task::JoinSet};

use super::held::Held;
use crate::queue::{CALLS_AT_ONCE, Inbox, MOST_AT_ONCE, delete_all};

/// Messages that may wait for a call. More stay in hand as if they weren't done, so that no others are taken.
pub const MOST_WAITING: usize = 20 * MOST_AT_ONCE;

/// A message that is done with.
pub struct Done {
    pub id: String,
    pub receipt: String,
}

/// Deletes messages until nobody sends any more. What can't be deleted comes back, and is found done.
pub async fn delete(inbox: Arc<dyn Inbox>, queue: String, held: Arc<Held>, mut done: mpsc::Receiver<Done>) {
    let mut calls = JoinSet::new();
    let mut next = Vec::with_capacity(MOST_AT_ONCE);
    let mut is_open = true;
    while is_open || !next.is_empty() || !calls.is_empty() {
        let room = MOST_AT_ONCE - next.len();
        let is_full = room == 0;
        if !next.is_empty() && (calls.is_empty() || (is_full && calls.len() < CALLS_AT_ONCE)) {
            let (inbox, queue, held) = (inbox.clone(), queue.clone(), held.clone());
            let some = std::mem::take(&mut next);
            calls.spawn(async move { delete_some(&*inbox, &queue, &held, some).await });
            continue;
        }
        tokio::select! {
            received = done.recv_many(&mut next, room), if is_open && !is_full => {
                is_open = received > 0;
            }
            Some(ended) = calls.join_next() => super::in_peace(ended),
        }
    }
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
