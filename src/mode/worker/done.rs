//! Messages that are done with on their way out of the queue: while one call is under way others gather, and go
//! together in the next.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::held::Held;
use crate::queue::{Inbox, MOST_AT_ONCE, delete_all};

/// Deletes messages by their receipts until nobody sends any more. What can't be deleted comes back, and is found done.
pub async fn delete(
    inbox: Arc<dyn Inbox>,
    queue: String,
    held: Arc<Held>,
    mut done: mpsc::UnboundedReceiver<String>,
) {
    let mut receipts = Vec::with_capacity(MOST_AT_ONCE);
    while done.recv_many(&mut receipts, MOST_AT_ONCE).await > 0 {
        let answers = delete_all(&*inbox, &queue, &receipts).await;
        for (receipt, answer) in receipts.drain(..).zip(answers) {
            held.forget(&receipt);
            if let Err(failure) = answer {
                tracing::warn!(why = failure.message, "a message that is done comes back");
            }
        }
    }
}
