//! Asking the queue for messages, ahead of the work.

use std::{
    future::pending,
    time::{Duration, Instant},
};

use tokio::sync::OwnedSemaphorePermit;

use super::Consumer;
use crate::{event::Delivery, queue::MOST_AT_ONCE};

/// The longest that SQS waits for messages.
const LONG_POLL: Duration = Duration::from_secs(20);

/// Between two polls that failed; it doubles.
const BACKOFF: Duration = Duration::from_secs(1);
const BACKOFF_MOST: Duration = Duration::from_secs(30);

/// What a poll brought, and the room that it may take.
pub type Polled = (Vec<Delivery>, OwnedSemaphorePermit);

impl Consumer {
    /// Waits until there is room for as many messages as a poll may bring, and asks until an answer comes: for the most that
    /// SQS gives, so that a call, which is paid for, brings much.
    pub(super) async fn poll(&self) -> Polled {
        let room = match self.room.clone().try_acquire_many_owned(MOST_AT_ONCE as u32) {
            Ok(room) => room,
            Err(_) => {
                self.health.full();
                match self.room.clone().acquire_many_owned(MOST_AT_ONCE as u32).await {
                    Ok(room) => room,
                    Err(_) => pending().await, // It is never closed.
                }
            }
        };
        self.health.polling(false);
        let mut backoff = BACKOFF;
        loop {
            if self.work.is_closed() {
                return (Vec::new(), room);
            }
            let (queue, hidden) = (&self.config.queue, self.config.visibility);
            // The first answer says that it is ready, and must not wait for a message.
            let wait = if self.health.is_new() { Duration::ZERO } else { LONG_POLL };
            let begun = Instant::now();
            match self.inbox.receive(queue, hidden, wait).await {
                Ok(deliveries) => {
                    self.health.polling(true);
                    self.metrics.received(deliveries.len());
                    let now = Instant::now();
                    // A queue that doesn't wait would be asked, and paid for, without end.
                    if deliveries.is_empty() && !wait.is_zero() && now - begun < BACKOFF {
                        self.pause(BACKOFF).await;
                    }
                    deliveries.iter().for_each(|delivery| self.held.take(delivery.clone(), now));
                    return (deliveries, room);
                }
                Err(failure) => {
                    self.metrics.poll_failed();
                    tracing::warn!(why = failure.message, "no messages could be received");
                    self.pause(backoff.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
                    backoff = (backoff * 2).min(BACKOFF_MOST);
                }
            }
        }
    }

    /// Waits for so long, unless it is told to stop.
    async fn pause(&self, time: Duration) {
        let _ = tokio::time::timeout(time, self.stopped.acquire()).await;
    }
}
