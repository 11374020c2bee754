//! The messages that this process has in hand: their queue hides them for a short while only, so that they are soon
//! back should the process die, and as long as it lives they are hidden again before that while is over.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use prometheus_client::metrics::gauge::Gauge;

use crate::{config::WorkerConfig, event::Delivery, lock, queue::Inbox};

pub struct Held {
    inbox: Arc<dyn Inbox>,
    queue: String,
    /// For so long at a time.
    hidden: Duration,
    receipts: Mutex<HashMap<String, InHand>>,
    /// How many they are, for whoever watches.
    shown: Gauge,
    /// Held as long as messages are being hidden again.
    beating: tokio::sync::Mutex<()>,
}

/// How a message in hand stands.
struct InHand {
    id: String,
    /// None of one that is done, and on its way out of the queue.
    unfinished: Option<Delivery>,
    /// The time until which its queue hides it.
    until: Instant,
    /// It couldn't be hidden again, and that was said.
    is_told: bool,
}

impl Held {
    pub fn new(inbox: Arc<dyn Inbox>, config: &WorkerConfig, shown: Gauge) -> Self {
        Held {
            inbox,
            queue: config.queue.clone(),
            hidden: config.visibility,
            receipts: Mutex::default(),
            shown,
            beating: tokio::sync::Mutex::default(),
        }
    }

    /// Takes a message in hand that was received at `received`, or before: since when it is hidden.
    pub fn take(&self, delivery: Delivery, received: Instant) {
        let mut receipts = self.receipts();
        let until = received + self.hidden;
        let (receipt, id) = (delivery.receipt.clone(), delivery.id.clone());
        receipts.insert(receipt, InHand { id, unfinished: Some(delivery), until, is_told: false });
        self.shown.set(receipts.len() as i64);
    }

    /// Notes that a message is done; it stays in hand until it is deleted.
    pub fn finish(&self, receipt: &str) {
        if let Some(hidden) = self.receipts().get_mut(receipt) {
            hidden.unfinished = None;
        }
    }

    /// Lets go of a message that is deleted: should it be hidden once more, no harm is done.
    pub fn forget(&self, receipt: &str) {
        let mut receipts = self.receipts();
        receipts.remove(receipt);
        self.shown.set(receipts.len() as i64);
    }

    /// Lets go of messages that come back. When this is done nothing hides them any more.
    pub async fn release(&self, receipts: impl IntoIterator<Item = &str>) {
        receipts.into_iter().for_each(|receipt| self.forget(receipt));
        self.beaten().await;
    }

    /// The messages that aren't done.
    pub fn unfinished(&self) -> Vec<Delivery> {
        self.receipts().values().filter_map(|hidden| hidden.unfinished.clone()).collect()
    }

    /// Lets go of the messages that aren't done, and gives them back at once.
    pub async fn give_back_unfinished(&self) {
        self.give_back_those(|hidden| hidden.unfinished.is_some()).await;
    }

    /// Lets go of all messages, and gives them back at once.
    pub async fn give_all_back(&self) {
        self.give_back_those(|_| true).await;
    }

    async fn give_back_those(&self, which: impl Fn(&InHand) -> bool) {
        let those =
            self.receipts().extract_if(|_, hidden| which(hidden)).map(|(receipt, _)| receipt).collect();
        self.beaten().await;
        self.give_back(those).await;
    }

    /// Waits until nothing is being hidden again that was in hand when it was begun.
    async fn beaten(&self) {
        drop(self.beating.lock().await);
    }

    /// Gives messages back at once. One that can't be comes back when its time is over.
    pub async fn give_back(&self, receipts: Vec<String>) {
        let free: Vec<_> = receipts.into_iter().map(|receipt| (receipt, Duration::ZERO)).collect();
        let answers = self.inbox.hide(&self.queue, &free).await;
        for failure in answers.into_iter().filter_map(Result::err) {
            tracing::warn!(why = failure.message, "a message comes back later than it could");
        }
    }

    pub fn len(&self) -> usize {
        self.receipts().len()
    }

    /// Hides what is in hand again, in time, for as long as this is polled.
    pub async fn beat(&self) {
        loop {
            // Three times in the time that a message is hidden: two calls may fail.
            tokio::time::sleep(self.hidden / 3).await;
            self.hide_again().await;
        }
    }

    async fn hide_again(&self) {
        let _beating = self.beating.lock().await;
        let now = Instant::now();
        let soon = now + self.hidden * 2 / 3;
        let mut due: Vec<(Instant, String)> =
            self.receipts().iter().map(|(receipt, held)| (held.until, receipt.clone())).collect();
        due.retain(|(until, _)| *until <= soon);
        // Those first whose time is over first: many take many calls.
        due.sort();
        let due: Vec<_> = due.into_iter().map(|(_, receipt)| (receipt, self.hidden)).collect();
        let answers = self.inbox.hide(&self.queue, &due).await;
        for ((receipt, _), answer) in due.iter().zip(answers) {
            let mut receipts = self.receipts();
            let Some(held) = receipts.get_mut(receipt) else {
                continue; // Done with meanwhile.
            };
            let Err(failure) = answer else {
                (held.until, held.is_told) = (now + self.hidden, false);
                continue;
            };
            if !std::mem::replace(&mut held.is_told, true) {
                let (message, why) = (&held.id, failure.message);
                tracing::warn!(message, why, "a message in work may come back before it is done");
            }
        }
    }

    fn receipts(&self) -> MutexGuard<'_, HashMap<String, InHand>> {
        lock(&self.receipts)
    }
}
