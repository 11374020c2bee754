//! Messages that are done with on their way out of the queue: while one call is under way others gather, and go
//! together in the next.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::held::Held;
use crate::queue::{Inbox, MOST_AT_ONCE};

/// How often a message is tried that the queue didn't delete.
const TRIES: usize = 3;

/// Deletes messages by their receipts until nobody sends any more. What can't be deleted comes back, and is found done.
pub async fn delete(
    inbox: Arc<dyn Inbox>,
    queue: String,
    held: Arc<Held>,
    mut done: mpsc::UnboundedReceiver<String>,
) {
    let mut receipts = Vec::with_capacity(MOST_AT_ONCE);
    while done.recv_many(&mut receipts, MOST_AT_ONCE).await > 0 {
        for tries_left in (0..TRIES).rev() {
            let answers = inbox.delete(&queue, &receipts).await;
            let mut left = Vec::new();
            for (receipt, answer) in receipts.drain(..).zip(answers) {
                match answer {
                    Ok(()) => held.forget(&receipt),
                    Err(_) if tries_left > 0 => left.push(receipt),
                    Err(failure) => {
                        held.forget(&receipt);
                        tracing::warn!(why = failure.message, "a message that is done comes back");
                    }
                }
            }
            receipts = left;
            if receipts.is_empty() {
                break;
            }
        }
    }
}
