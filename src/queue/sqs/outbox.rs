//! Messages to one queue on their way out: while a call is under way others gather, and go together in the next. So a
//! lone message goes at once, and a burst goes ten at a time; for ten that wait there may be another call beside those
//! under way, unless the queue keeps their order.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
};

use aws_sdk_sqs::Client;
use tokio::sync::oneshot;

use super::entry;
use crate::{
    aws::explain,
    error::{Failure, Reason},
    lock,
    queue::{CALLS_AT_ONCE, MOST_AT_ONCE, Message, is_fifo},
};

/// SQS's limit for one call.
const MOST_BYTES: usize = 1 << 20;

/// How often a message is tried that SQS refused while it took its neighbours.
const TRIES: u32 = 3;

/// What SQS says of a message that it will never take.
const OF_THE_MESSAGE: [&str; 4] =
    ["InvalidMessageContents", "InvalidParameterValue", "MissingParameter", "UnsupportedOperation"];

#[derive(Debug)]
pub(super) struct Outbox {
    client: Client,
    queue: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiting>,
    /// How many are under way.
    calls: usize,
}

#[derive(Debug)]
struct Waiting {
    message: Message,
    tries: u32,
    sent: oneshot::Sender<Result<(), Failure>>,
}

impl State {
    /// What goes in the next call: as many as SQS takes; None where nothing waits.
    fn next_batch(&mut self) -> Option<Vec<Waiting>> {
        let (mut bytes, mut batch) = (0, Vec::new());
        while let Some(next) = self.waiting.front() {
            bytes += size(&next.message);
            if batch.len() == MOST_AT_ONCE || (bytes > MOST_BYTES && !batch.is_empty()) {
                break;
            }
            batch.extend(self.waiting.pop_front());
        }
        (!batch.is_empty()).then_some(batch)
    }
}

impl Outbox {
    pub(super) fn new(client: Client, queue: String) -> Self {
        Outbox { client, queue, state: Mutex::default() }
    }

    /// Messages that are put in together go together, as far as SQS takes them.
    pub(super) async fn send_all(self: &Arc<Self>, messages: Vec<Message>) -> Vec<Result<(), Failure>> {
        let mut answers = Vec::with_capacity(messages.len());
        for waiting in self.put(messages) {
            answers.push(self.answer(waiting).await);
        }
        answers
    }

    async fn answer(&self, answer: oneshot::Receiver<Result<(), Failure>>) -> Result<(), Failure> {
        let gone = || Err(Failure::retry(Reason::Queue, format!("sending to {} was given up", self.queue)));
        answer.await.unwrap_or_else(|_| gone())
    }

    fn put(self: &Arc<Self>, messages: Vec<Message>) -> Vec<oneshot::Receiver<Result<(), Failure>>> {
        let mut answers = Vec::with_capacity(messages.len());
        let most = if is_fifo(&self.queue) { 1 } else { CALLS_AT_ONCE };
        let mut state = self.state();
        for message in messages {
            let (sent, answer) = oneshot::channel();
            state.waiting.push_back(Waiting { message, tries: 0, sent });
            answers.push(answer);
        }
        while state.calls == 0 || (state.calls < most && state.waiting.len() >= MOST_AT_ONCE) {
            let Some(batch) = state.next_batch() else { break };
            state.calls += 1;
            // A task of its own: whoever began it may be given up, and others wait for it too.
            tokio::spawn(self.clone().work_off(batch));
        }
        answers
    }

    async fn work_off(self: Arc<Self>, batch: Vec<Waiting>) {
        let mut next = Some(batch);
        while let Some(batch) = next {
            // On a task of its own: where sending panics these messages have no answer, and the next are sent all the same.
            let outbox = self.clone();
            let _ = tokio::spawn(async move { outbox.send_batch(batch).await }).await;
            let mut state = self.state();
            next = state.next_batch();
            state.calls -= usize::from(next.is_none());
        }
    }

    async fn send_batch(&self, batch: Vec<Waiting>) {
        let entries = batch.iter().enumerate().map(|(i, waiting)| entry(&self.queue, i, &waiting.message));
        let entries: Result<Vec<_>, _> = entries.collect();
        let failed =
            |why: String| Failure::retry(Reason::Queue, format!("can't send to {}: {why}", self.queue));
        let answer = match entries {
            Ok(entries) => {
                let call = self.client.send_message_batch().queue_url(&self.queue).set_entries(Some(entries));
                call.send().await.map_err(|e| failed(explain(&e)))
            }
            Err(e) => Err(failed(e.to_string())),
        };
        for (i, waiting) in batch.into_iter().enumerate() {
            let outcome = match &answer {
                Err(failure) => Err(failure.clone()),
                Ok(answer) if answer.successful().iter().any(|entry| entry.id() == i.to_string()) => Ok(()),
                Ok(answer) => {
                    let refused = answer.failed().iter().find(|entry| entry.id() == i.to_string());
                    // What SQS doesn't blame on the message may pass at the next call.
                    if waiting.tries + 1 < TRIES && refused.is_some_and(|entry| !entry.sender_fault()) {
                        self.state().waiting.push_back(Waiting { tries: waiting.tries + 1, ..waiting });
                        continue;
                    }
                    let why = refused.map_or("it is not in SQS's answer".into(), |entry| {
                        format!("{}: {}", entry.code(), entry.message().unwrap_or_default())
                    });
                    // The sender is at fault, too, where it may not use a key, or sends too much.
                    let reason = match refused.is_some_and(|entry| OF_THE_MESSAGE.contains(&entry.code())) {
                        true => Reason::Refused,
                        false => Reason::Queue,
                    };
                    Err(Failure { reason, ..failed(why) })
                }
            };
            // Whoever sent it may have been given up meanwhile.
            let _ = waiting.sent.send(outcome);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn size(message: &Message) -> usize {
    let sizes = message.attributes_sent().map(|(name, text)| name.len() + text.len() + "String".len());
    message.body.len() + sizes.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicBool, Ordering},
        time::Duration,
    };

    use aws_sdk_sqs::{
        Config,
        config::{
            BehaviorVersion, ConfigBag, Intercept, Region,
            interceptors::BeforeSerializationInterceptorContextRef,
        },
        error::BoxError,
    };

    use super::*;

    /// The first call panics, and all others fail.
    #[derive(Debug, Default)]
    struct PanicsOnce(AtomicBool);

    impl Intercept for PanicsOnce {
        fn name(&self) -> &'static str {
            "panics once"
        }

        fn read_before_execution(
            &self,
            _: &BeforeSerializationInterceptorContextRef<'_>,
            _: &mut ConfigBag,
        ) -> Result<(), BoxError> {
            assert!(self.0.swap(true, Ordering::SeqCst), "the first call");
            Err("another call".into())
        }
    }

    #[tokio::test]
    async fn a_call_that_panics_leaves_the_queue_open_for_the_next() {
        let config =
            Config::builder().behavior_version(BehaviorVersion::latest()).region(Region::new("eu-west-1"));
        let client = Client::from_conf(config.interceptor(PanicsOnce::default()).build());
        let outbox = Arc::new(Outbox::new(client, "https://sqs.example/queue".into()));
        for said in ["was given up", "another call"] {
            let message = Message { body: "{}".into(), ..Message::default() };
            let answer = tokio::time::timeout(Duration::from_secs(20), outbox.send_all(vec![message])).await;
            let failure = answer.expect("there is an answer").remove(0).unwrap_err();
            assert!(failure.message.contains(said), "{}", failure.message);
        }
    }
}
