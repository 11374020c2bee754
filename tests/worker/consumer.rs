//! The consumer on ports in memory, where time and trouble can be chosen.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use baton::{
    config::WorkerConfig,
    error::{Failure, Reason},
    event::Delivery,
    handoff::{Handoff, ObjectRef},
    mode::worker::{Consumer, Health, Metrics},
    queue::{Count, Hidden, Inbox, MemoryQueue, Message, Queue},
    stage::Stage,
    store::{Label, MemoryStore, Object, Over, Put, Room, Seen, Store},
    telemetry::ColdStart,
};
use bytes::Bytes;
use tokio::{sync::mpsc, task::JoinHandle};

use super::support::stage::{Ports, load, sentiment_config, with_ports};

/// A store that takes its time, fails where it is told to, and counts.
#[derive(Default)]
pub struct Slow {
    pub inner: MemoryStore,
    takes: Duration,
    fails_once: Mutex<HashSet<String>>,
    reads: AtomicUsize,
    at_a_time: AtomicUsize,
    most_at_a_time: AtomicUsize,
}

#[async_trait]
impl Store for Slow {
    async fn get(&self, object: &ObjectRef, room: &Room) -> Result<Object, Failure> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let now = self.at_a_time.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_a_time.fetch_max(now, Ordering::SeqCst);
        tokio::time::sleep(self.takes).await;
        self.at_a_time.fetch_sub(1, Ordering::SeqCst);
        if self.fails_once.lock().unwrap().remove(&object.key) {
            return Err(Failure::retry(Reason::Store, "throttled"));
        }
        self.inner.get(object, room).await
    }

    async fn look(&self, at: &ObjectRef) -> Result<Option<Seen>, Failure> {
        self.inner.look(at).await
    }

    async fn put(&self, at: &ObjectRef, bytes: Bytes, label: &Label, over: &Over) -> Result<Put, Failure> {
        self.inner.put(at, bytes, label, over).await
    }
}

/// An inbox that takes its time to give messages back, and counts.
struct SlowInbox {
    inner: Arc<MemoryQueue>,
    takes: Duration,
    deleting: Duration,
    waits: Duration,
    polls: AtomicUsize,
    given_back: AtomicUsize,
}

#[async_trait]
impl Inbox for SlowInbox {
    async fn receive(&self, queue: &str, hidden: Duration, wait: Duration) -> Result<Vec<Delivery>, Failure> {
        self.polls.fetch_add(1, Ordering::SeqCst);
        self.inner.receive(queue, hidden, wait.min(self.waits)).await
    }

    async fn count(&self, queue: &str) -> Result<Count, Failure> {
        self.inner.count(queue).await
    }

    async fn delete(&self, queue: &str, receipts: &[String]) -> Vec<Result<(), Failure>> {
        tokio::time::sleep(self.deleting).await;
        self.inner.delete(queue, receipts).await
    }
}

#[async_trait]
impl Queue for SlowInbox {
    async fn send_all(&self, queue: &str, messages: Vec<Message>) -> Vec<Result<(), Failure>> {
        self.inner.send_all(queue, messages).await
    }

    async fn hide(&self, queue: &str, messages: &[Hidden]) -> Vec<Result<(), Failure>> {
        if messages.iter().all(|(_, time)| time.is_zero()) {
            self.given_back.fetch_add(messages.len(), Ordering::SeqCst);
            tokio::time::sleep(self.takes).await;
        }
        self.inner.hide(queue, messages).await
    }
}

/// A consumer at its queue.
struct Running {
    store: Arc<Slow>,
    inbox: Arc<SlowInbox>,
    queue: Arc<MemoryQueue>,
    own: &'static str,
    stop: mpsc::Sender<()>,
    metrics: Arc<Metrics>,
    health: Arc<Health>,
    consumer: JoinHandle<()>,
}

struct Settings {
    takes: Duration,
    hidden: Duration,
    grace: Duration,
    own: &'static str,
    giving_back: Duration,
    deleting: Duration,
    /// How long a poll waits at most.
    waits: Duration,
    fails_once: &'static [&'static str],
}

const QUICK: Settings = Settings {
    takes: Duration::ZERO,
    hidden: Duration::from_secs(60),
    grace: Duration::from_secs(30),
    own: "http://own",
    giving_back: Duration::ZERO,
    deleting: Duration::ZERO,
    waits: Duration::from_millis(1500),
    fails_once: &[],
};

/// A stage that works on four at a time, with these documents in its queue, in one group.
async fn start(settings: Settings, keys: &[String]) -> Running {
    let store = Slow {
        takes: settings.takes,
        fails_once: Mutex::new(settings.fails_once.iter().map(|key| (*key).to_owned()).collect()),
        ..Slow::default()
    };
    let (store, queue) = (Arc::new(store), Arc::new(MemoryQueue::default()));
    let inbox = Arc::new(SlowInbox {
        inner: queue.clone(),
        takes: settings.giving_back,
        deleting: settings.deleting,
        waits: settings.waits,
        polls: AtomicUsize::default(),
        given_back: AtomicUsize::default(),
    });
    for key in keys {
        store.inner.insert("incoming", key, format!("Velmo Corp. lost its {key}."));
        let body = Handoff::first(ObjectRef::new("incoming", key)).to_body();
        let message = Message { body, group: "g".into(), ..Message::default() };
        queue.send(settings.own, message).await.expect("memory takes it");
    }
    let mut stage =
        with_ports(&load(sentiment_config()), Ports { store: store.clone(), queue: queue.clone() });
    stage.config.queue = Some(settings.own.into());
    stage.config.backoff = Duration::from_millis(20);
    let (health, metrics) = (Arc::new(Health::default()), Arc::new(Metrics::new(&stage.config)));
    let config = WorkerConfig {
        queue: settings.own.into(),
        visibility: settings.hidden,
        grace: settings.grace,
        listen: None,
    };
    let stage: Arc<Stage> = Arc::new(stage);
    let consumer =
        Consumer::new(stage, inbox.clone(), config, health.clone(), metrics.clone(), ColdStart::default());
    let (stop, stopped) = mpsc::channel(2);
    let consumer = tokio::spawn(consumer.run(stopped));
    Running { store, inbox, queue, own: settings.own, stop, metrics, health, consumer }
}

impl Running {
    /// Waits until this holds.
    async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(begun.elapsed() < Duration::from_secs(60), "waited for {what}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// How many messages others could have at once.
    async fn waiting(&self) -> usize {
        self.queue.count(self.own).await.expect("memory counts").waiting
    }

    async fn until_empty(&self) {
        self.until("the queue to be empty", |running| running.queue.is_empty(running.own)).await;
    }

    /// Tells it to stop, and waits until it has.
    async fn stop(&mut self) {
        self.stop.send(()).await.expect("it listens");
        (&mut self.consumer).await.expect("it ends in peace");
    }

    fn handed_on(&self) -> Vec<String> {
        let name = |message: Message| serde_json::from_str::<Handoff>(&message.body).unwrap().name.unwrap();
        std::iter::from_fn(|| self.queue.take("next-a")).map(name).collect()
    }
}

fn keys(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("{i:02}.txt")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_many_documents_as_configured_are_in_work_at_a_time_and_never_more() {
    let settings = Settings { takes: Duration::from_millis(30), ..QUICK };
    let mut running = start(settings, &keys(40)).await;
    running.until_empty().await;
    assert_eq!(running.store.most_at_a_time.load(Ordering::SeqCst), 4);
    running.stop().await;
    let mut names = running.handed_on();
    names.sort();
    assert_eq!(names, keys(40), "each was handed on, once");
    let text = running.metrics.render();
    for line in [
        r#"baton_documents_total{pipeline="news",stage="sentiment",outcome="done",class="",reason=""} 40"#,
        r#"baton_messages_held{pipeline="news",stage="sentiment"} 0"#,
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_kept_hidden_for_as_long_as_its_document_or_those_before_it_take() {
    let (takes, hidden) = (Duration::from_secs(4), Duration::from_millis(1500));
    let mut running = start(Settings { takes, hidden, ..QUICK }, &keys(6)).await;
    running.until_empty().await;
    assert_eq!(running.store.reads.load(Ordering::SeqCst), 6, "no message came a second time");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_failed_comes_back_after_its_backoff_though_it_was_kept_hidden() {
    let mut running = start(Settings { fails_once: &["01.txt"], ..QUICK }, &keys(3)).await;
    running.until_empty().await;
    assert_eq!(running.store.reads.load(Ordering::SeqCst), 4);
    running.stop().await;
    let backoff = |(_, time): &Hidden| !time.is_zero() && *time != QUICK.hidden;
    assert_eq!(running.queue.hidden().into_iter().filter(backoff).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fifo_queue_keeps_its_order_even_when_something_fails() {
    let own = "http://own.fifo";
    let mut running = start(Settings { own, fails_once: &["03.txt", "07.txt"], ..QUICK }, &keys(15)).await;
    running.until_empty().await;
    running.stop().await;
    assert_eq!(running.handed_on(), keys(15));
    assert_eq!(running.store.most_at_a_time.load(Ordering::SeqCst), 1, "one group is one after the other");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_it_finishes_what_is_in_work_and_gives_the_rest_back_at_once() {
    let mut running = start(Settings { takes: Duration::from_millis(1500), ..QUICK }, &keys(30)).await;
    running.until("work to begin", |running| running.store.reads.load(Ordering::SeqCst) == 4).await;
    running.stop().await;
    assert_eq!(running.handed_on().len(), 4);
    assert_eq!(running.store.reads.load(Ordering::SeqCst), 4, "nothing was begun after that");
    assert_eq!(running.queue.len(running.own), 26, "what is done is deleted, and nothing else is");
    assert_eq!(running.waiting().await, 26, "others can have them at once");
    assert!(running.health.alive().is_ok() && running.health.ready().is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_too_late_is_given_back_though_the_work_ends_meanwhile() {
    let takes = Duration::from_secs(3);
    let mut running = start(Settings { takes, giving_back: takes, ..QUICK }, &keys(1)).await;
    let reached = |count: &AtomicUsize, least| count.load(Ordering::SeqCst) >= least;
    running
        .until("work and another poll", |r| reached(&r.store.reads, 1) && reached(&r.inbox.polls, 2))
        .await;
    running.stop.send(()).await.expect("it listens");
    running.until("it to be told", |running| running.health.ready().is_err()).await;
    let body = Handoff::first(ObjectRef::new("incoming", "late.txt")).to_body();
    running.queue.send(running.own, Message { body, ..Message::default() }).await.expect("memory takes it");
    running.until("it to be given back", |running| reached(&running.inbox.given_back, 1)).await;
    (&mut running.consumer).await.expect("it ends in peace");
    assert_eq!(running.handed_on(), keys(1));
    assert_eq!(running.waiting().await, 1, "others can have it at once");
}

/// Otherwise the queue would give it to the poll that nobody waits for any more, and hide it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_to_the_last_poll_of_an_idle_worker_is_given_back_at_once() {
    let mut running = start(QUICK, &[]).await;
    running.until("a long poll", |r| r.inbox.polls.load(Ordering::SeqCst) >= 2).await;
    running.stop.send(()).await.expect("it listens");
    running.until("it to be told", |running| running.health.ready().is_err()).await;
    let body = Handoff::first(ObjectRef::new("incoming", "late.txt")).to_body();
    running.queue.send(running.own, Message { body, ..Message::default() }).await.expect("memory takes it");
    (&mut running.consumer).await.expect("it ends in peace");
    assert_eq!(running.inbox.given_back.load(Ordering::SeqCst), 1);
    assert_eq!(running.waiting().await, 1, "others can have it at once");
}

/// As some stand-ins for SQS do; each call of the real one is paid for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_answers_at_once_that_it_is_empty_is_not_asked_without_end() {
    let mut running = start(Settings { waits: Duration::ZERO, ..QUICK }, &[]).await;
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let polls = running.inbox.polls.load(Ordering::SeqCst);
    assert!((2..=5).contains(&polls), "{polls} polls in two and a half seconds");
    running.stop().await;
}

/// As a message is when its sender got no answer, and sent it once more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_is_announced_twice_in_one_poll_is_read_once() {
    let twice: Vec<String> = keys(5).into_iter().flat_map(|key| [key.clone(), key]).collect();
    let mut running = start(Settings { takes: Duration::from_millis(30), ..QUICK }, &twice).await;
    running.until_empty().await;
    running.stop().await;
    assert_eq!(running.store.reads.load(Ordering::SeqCst), 5);
    assert_eq!(running.handed_on().len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_is_taken_while_what_is_done_can_not_be_deleted() {
    let settings = Settings { deleting: Duration::from_secs(600), grace: Duration::from_millis(50), ..QUICK };
    let mut running = start(settings, &keys(500)).await;
    let reads = |running: &Running| running.store.reads.load(Ordering::SeqCst);
    running.until("many to be done", |running| reads(running) >= 200).await;
    let mut before = 0;
    while reads(&running) > before {
        before = reads(&running);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(before < 350, "{before} of 500 were read, and none deleted");
    running.stop.send(()).await.expect("it listens");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_finished_when_the_grace_is_over_is_given_back_too() {
    let grace = Duration::from_millis(100);
    for told in [1, 2] {
        let grace = if told == 2 { Duration::from_secs(600) } else { grace };
        let settings = Settings { takes: Duration::from_secs(600), grace, ..QUICK };
        let mut running = start(settings, &keys(6)).await;
        running.until("work to begin", |running| running.store.reads.load(Ordering::SeqCst) == 4).await;
        for _ in 1..told {
            running.stop.send(()).await.expect("it listens");
        }
        running.stop().await;
        assert_eq!(running.waiting().await, 6, "told {told} times");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_finished_is_given_back_though_the_queue_deletes_nothing() {
    let settings = Settings {
        takes: Duration::from_millis(400),
        grace: Duration::from_millis(50),
        deleting: Duration::from_secs(600),
        ..QUICK
    };
    let mut running = start(settings, &keys(30)).await;
    running.until("some to be done", |running| running.store.reads.load(Ordering::SeqCst) > 4).await;
    running.stop.send(()).await.expect("it listens");
    let begun = Instant::now();
    while running.waiting().await + running.queue.len("next-a") < 30 {
        assert!(begun.elapsed() < Duration::from_secs(5), "{} are to be had", running.waiting().await);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    // Told once more, it waits for nothing.
    running.stop.send(()).await.expect("it listens");
    (&mut running.consumer).await.expect("it ends in peace");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_ready_when_a_poll_has_succeeded_and_alive_all_the_time() {
    let health = Health::default();
    assert!(health.alive().is_ok());
    assert_eq!(health.ready(), Err("the model is being loaded".into()));
    health.polling(false);
    assert_eq!(health.ready(), Err("no poll has succeeded yet".into()));
    let mut running = start(QUICK, &[]).await;
    running.until("it to be ready", |running| running.health.ready().is_ok()).await;
    running.stop().await;
    assert_eq!(running.health.ready(), Err("it was told to stop".into()));
}
