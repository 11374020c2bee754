//! The messages of a batch don't touch each other: not by panics, by poison, by being slow, large, or many.

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use baton::{
    batch,
    deadline::Deadline,
    error::{Failure, Reason},
    event::Delivery,
    faults::{Fault, Faults},
    handoff::{Handoff, ObjectRef},
    limits::Limits,
    pipeline::Done,
    queue::{Hidden, MemoryQueue, Message, Queue},
    settle::{Outcome, Settled},
    stage::Stage,
    store::{Label, MemoryStore, Object, Over, Put, Room, Seen, Store},
    telemetry::Tally,
    trace::Trace,
};
use bytes::Bytes;
use serde_json::{Value, json};
use support::stage::{Ports, load, sentiment_config, with_ports};

/// A store in which some objects are trouble.
#[derive(Default)]
struct Trouble {
    inner: MemoryStore,
    computed: AtomicUsize,
}

#[async_trait]
impl Store for Trouble {
    async fn get(&self, object: &ObjectRef, room: &Room) -> Result<Object, Failure> {
        assert!(!object.key.starts_with("panic"), "the store was asked for {object}");
        if object.key.starts_with("slow") {
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        self.inner.get(object, room).await
    }

    async fn look(&self, at: &ObjectRef) -> Result<Option<Seen>, Failure> {
        self.inner.look(at).await
    }

    async fn put(&self, at: &ObjectRef, bytes: Bytes, label: &Label, over: &Over) -> Result<Put, Failure> {
        if at.key.contains("unwritable") {
            return Err(Failure::retry(Reason::Store, format!("{at} can't be written")));
        }
        self.computed.fetch_add(1, Ordering::SeqCst);
        self.inner.put(at, bytes, label, over).await
    }
}

fn stage_on(keys: &[&str]) -> (Arc<Stage>, Arc<Trouble>, Arc<MemoryQueue>) {
    let (store, queue) = (Arc::new(Trouble::default()), Arc::new(MemoryQueue::default()));
    for key in keys {
        store.inner.insert("incoming", key, format!("Velmo Corp. lost its {key}."));
    }
    let ports = Ports { store: store.clone(), queue: queue.clone() };
    (Arc::new(with_ports(&load(sentiment_config()), ports)), store, queue)
}

fn message(id: &str, key: &str) -> Delivery {
    let body = Handoff::first(ObjectRef::new("incoming", key)).to_body();
    Delivery { id: id.into(), receipt: id.into(), body, receive_count: 1, ..Delivery::default() }
}

/// A message of an S3 notification: a record for each key, as S3 would encode it.
fn notification(id: &str, keys: &[&str]) -> Delivery {
    let record = |key: &&str| {
        json!({"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "incoming"}, "object": {"key": key, "size": 9}}})
    };
    let records: Vec<_> = keys.iter().map(record).collect();
    Delivery { body: json!({ "Records": records }).to_string(), ..message(id, "") }
}

fn within(time: Duration) -> Deadline {
    Deadline::before(SystemTime::now() + time, Duration::ZERO)
}

/// `done`, or the reason why not.
fn outcome(settled: &Settled) -> &'static str {
    match &settled.outcomes[..] {
        [(_, Outcome::Done(_))] => "done",
        [(_, Outcome::Rejected(failure) | Outcome::GivenBack(failure))] => failure.reason.as_str(),
        other => panic!("{other:?}"),
    }
}

fn outcomes(settled: &[Settled]) -> Vec<&'static str> {
    settled.iter().map(outcome).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_is_one_documents_alone() {
    let (stage, ..) = stage_on(&["a.txt", "panic.txt", "b.txt"]);
    let batch = vec![message("1", "a.txt"), message("2", "panic.txt"), message("3", "b.txt")];
    let settled = batch::run(&stage, batch, Deadline::default()).await;
    assert_eq!(outcomes(&settled), ["done", "bug", "done"]);
    assert!(settled[1].is_given_back(), "a bug is retried, never dropped");
}

/// The SDK panics at one of 64 KB, and S3 has none over 1,024 bytes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_or_version_that_s3_can_not_have_is_rejected_without_asking_for_it() {
    let (stage, ..) = stage_on(&[]);
    let versioned = ObjectRef { version_id: Some("v".repeat(1025)), ..ObjectRef::new("incoming", "panic") };
    let long = message("1", &format!("panic{}", "x".repeat(70_000)));
    let versioned = Delivery { body: Handoff::first(versioned).to_body(), ..message("2", "") };
    let settled = batch::run(&stage, vec![long, versioned], Deadline::default()).await;
    assert_eq!(outcomes(&settled), ["invalid-key", "invalid-key"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_done_is_told_of_though_its_message_could_not_be_moved_for_another_document() {
    let (mut stage, ..) = stage_on(&["good.txt"]);
    let faults = Arc::new(Faults::default());
    let queue = Arc::new(MemoryQueue::with_faults(faults.clone()));
    let owned = Arc::get_mut(&mut stage).expect("nobody else has it");
    owned.config.dead_letters = Some("http://dead".into());
    owned.config.next.clear();
    owned.queue = queue;
    (0..4).for_each(|call| faults.plan(call, Fault::BeforeEffect));
    let both = notification("1", &["good.txt", "missing.txt"]);
    let settled = batch::run(&stage, vec![both], Deadline::default()).await;
    assert!(settled[0].is_given_back());
    let [(Some(good), Outcome::Done(_)), (Some(missing), Outcome::GivenBack(why))] = &settled[0].outcomes[..]
    else {
        panic!("{:?}", settled[0].outcomes);
    };
    assert_eq!((good.document.key.as_str(), missing.document.key.as_str()), ("good.txt", "missing.txt"));
    assert_eq!(why.reason, Reason::Queue);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_document_is_given_back_at_the_deadline_and_its_neighbours_are_done() {
    let (stage, ..) = stage_on(&["a.txt", "slow.txt", "b.txt"]);
    stage.task.model().warm().await.expect("the model runs");
    let batch = vec![message("1", "slow.txt"), message("2", "a.txt"), message("3", "b.txt")];
    let settled = batch::run(&stage, batch, within(Duration::from_secs(3))).await;
    assert_eq!(outcomes(&settled), ["deadline", "done", "done"]);
    assert!(settled[0].is_given_back());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_message_that_is_cut_each_document_is_told_of_by_its_name() {
    let (stage, ..) = stage_on(&["a.txt", "slow.txt", "b.txt"]);
    stage.task.model().warm().await.expect("the model runs");
    let all = notification("1", &["a.txt", "slow.txt", "b.txt"]);
    let batch = vec![all, message("2", "slow.txt")];
    let settled = batch::run(&stage, batch, within(Duration::from_secs(3))).await;
    let told: Vec<_> = settled
        .iter()
        .flat_map(|settled| &settled.outcomes)
        .map(|(of, outcome)| {
            let came_through = matches!(outcome, Outcome::Done(_));
            (of.as_ref().expect("its document").document.key.as_str(), came_through)
        })
        .collect();
    assert_eq!(told, [("a.txt", true), ("slow.txt", false), ("b.txt", false), ("slow.txt", false)]);
    assert!(settled.iter().all(|settled| settled.is_given_back()), "{settled:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_document_twice_in_a_batch_is_computed_once() {
    let (stage, store, queue) = stage_on(&["a.txt"]);
    let batch = vec![message("1", "a.txt"), message("2", "a.txt"), message("3", "a.txt")];
    let settled = batch::run(&stage, batch, Deadline::default()).await;
    assert_eq!(outcomes(&settled), ["done", "done", "done"]);
    let documents = settled.iter().flat_map(|message| &message.outcomes);
    let computed = documents.filter(|(_, outcome)| match outcome {
        Outcome::Done(done) => matches!(**done, Done::Computed { .. }),
        _ => false,
    });
    assert_eq!(computed.count(), 1, "what was computed once is told once");
    assert_eq!(store.computed.load(Ordering::SeqCst), 1);
    assert!(queue.take("next-a").is_some() && queue.take("next-a").is_none(), "handed on once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_message_again_computes_nothing_and_hands_on_again() {
    let (stage, store, queue) = stage_on(&["a.txt"]);
    for _ in 0..2 {
        batch::run(&stage, vec![message("1", "a.txt")], Deadline::default()).await;
    }
    assert_eq!(store.computed.load(Ordering::SeqCst), 1);
    let (first, again) =
        (queue.take("next-a").expect("handed on"), queue.take("next-a").expect("handed on again"));
    assert_eq!(first.body, again.body);

    let forced = Handoff { force: true, ..Handoff::first(ObjectRef::new("incoming", "a.txt")) };
    let forced = Delivery { body: forced.to_body(), ..message("2", "a.txt") };
    let settled = batch::run(&stage, vec![forced], Deadline::default()).await;
    assert_eq!(store.computed.load(Ordering::SeqCst), 2, "force computes anyway: {settled:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_record_is_rejected_by_itself_and_the_documents_beside_it_are_done() {
    let (stage, store, queue) = stage_on(&["a.txt", "c.txt"]);
    let delivery = notification("m1", &["a.txt", "%FF.txt", "c.txt", ""]);
    for life in 0..2 {
        let settled = batch::run(&stage, vec![delivery.clone()], Deadline::default()).await;
        let ends = settled[0].outcomes.iter().map(|(handoff, outcome)| match outcome {
            Outcome::Done(_) => handoff.as_ref().expect("a document's").document.key.clone(),
            Outcome::Rejected(failure) => failure.message[..8].to_owned(),
            Outcome::GivenBack(failure) => panic!("{failure}"),
        });
        assert_eq!(ends.collect::<Vec<_>>(), ["a.txt", "c.txt", "record 1", "record 3"]);
        assert!(!settled[0].is_given_back());

        let records = store.inner.keys("results").into_iter().filter(|key| key.starts_with("rejected/"));
        let places = ["rejected/sentiment/messages/m1/1.json", "rejected/sentiment/messages/m1/3.json"];
        assert_eq!(records.collect::<Vec<_>>(), places, "the same places each time, life {life}");
        for (place, key) in places.iter().zip(["%FF.txt", ""]) {
            let record = store.inner.bytes("results", place).expect("it was listed");
            let record: Value = serde_json::from_slice(&record).expect("JSON");
            assert_eq!(record["reason"], "invalid-message");
            let alone: Value = serde_json::from_str(&notification("", &[key]).body).unwrap();
            let body = record["body"].as_str().expect("the record's own");
            assert_eq!(serde_json::from_str::<Value>(body).expect("JSON"), alone);
        }
        let dead = queue.take("http://dead").expect("the message is moved");
        assert_eq!(dead.body, delivery.body, "as it was");
        assert!(queue.is_empty("http://dead"), "once");
        assert_eq!((queue.len("next-a"), queue.len("next-b")), (2 * (life + 1), 2 * (life + 1)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_of_unreadable_records_alone_is_written_down_and_moved_and_does_not_come_back() {
    let (stage, store, queue) = stage_on(&[]);
    for (id, keys, records) in [("one", &["%FF.txt"][..], 1), ("two", &["%FF.txt", "%FE.txt"], 2)] {
        let delivery = notification(id, keys);
        let settled = batch::run(&stage, vec![delivery.clone()], Deadline::default()).await;
        assert_eq!(settled[0].outcomes.len(), records);
        let rejected = |outcome: &Outcome| matches!(outcome, Outcome::Rejected(_));
        assert!(settled[0].outcomes.iter().all(|(_, outcome)| rejected(outcome)), "{settled:?}");
        let place = |index| format!("rejected/sentiment/messages/{id}/{index}.json");
        assert!((0..records).all(|index| store.inner.bytes("results", &place(index)).is_some()));
        assert_eq!(queue.take("http://dead").expect("the message is moved").body, delivery.body);
    }
    assert_eq!(store.inner.keys("results").len(), 3);
}

/// A queue whose messages may have no more than 256 KiB, attributes included.
#[derive(Default)]
struct Narrow(MemoryQueue);

#[async_trait]
impl Queue for Narrow {
    async fn send_all(&self, queue: &str, messages: Vec<Message>) -> Vec<Result<(), Failure>> {
        let mut answers = Vec::new();
        for message in messages {
            let attributes: usize =
                message.attributes.iter().map(|(name, text)| name.len() + text.len()).sum();
            answers.push(match message.body.len() + attributes {
                ..=262_144 => self.0.send(queue, message).await,
                _ => Err(Failure::retry(Reason::Queue, "the message is too long")),
            });
        }
        answers
    }

    async fn hide(&self, queue: &str, messages: &[Hidden]) -> Vec<Result<(), Failure>> {
        self.0.hide(queue, messages).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_leaves_no_room_for_its_reason_is_moved_without_it() {
    let (store, queue) = (Arc::new(MemoryStore::default()), Arc::new(Narrow::default()));
    let ports = Ports { store: store.clone(), queue: queue.clone() };
    let stage = Arc::new(with_ports(&load(sentiment_config()), ports));
    for (length, attributes) in [(261_000, 4), (262_144, 0)] {
        let delivery = Delivery { body: "x".repeat(length), ..message("1", "") };
        let settled = batch::run(&stage, vec![delivery.clone()], Deadline::default()).await;
        assert_eq!((outcomes(&settled), settled[0].is_given_back()), (vec!["invalid-message"], false));
        let moved = queue.0.take("http://dead").expect("it is moved");
        assert!(moved.body == delivery.body && moved.attributes.len() == attributes);
    }
    assert_eq!(store.keys("results"), ["rejected/sentiment/messages/1.json"], "the record has the reason");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_comes_back_as_long_as_one_of_its_unreadable_records_can_not_be_written_down() {
    let (stage, _, queue) = stage_on(&["a.txt"]);
    for keys in [&["a.txt", "%FF.txt"][..], &["%FF.txt"]] {
        let settled = batch::run(&stage, vec![notification("unwritable", keys)], Deadline::default()).await;
        assert!(settled[0].is_given_back(), "{settled:?}");
        assert!(queue.is_empty("http://dead"), "it is not moved before it is written down");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_comes_late_does_not_overwrite_a_newer_result() {
    let (stage, store, _) = stage_on(&[]);
    let event = |sequencer: &str| {
        let document = ObjectRef { sequencer: Some(sequencer.into()), ..ObjectRef::new("incoming", "a.txt") };
        Delivery { body: Handoff::first(document).to_body(), ..message("1", "a.txt") }
    };
    store.inner.insert("incoming", "a.txt", "Velmo Corp. won.");
    batch::run(&stage, vec![event("0A02")], Deadline::default()).await;
    let newer = store.inner.bytes("results", "news/sentiment/a.txt.json");
    store.inner.insert("incoming", "a.txt", "Velmo Corp. lost.");
    let settled = batch::run(&stage, vec![event("0A01")], Deadline::default()).await;
    assert!(matches!(&settled[0].outcomes[..], [(_, Outcome::Done(done))] if matches!(**done, Done::Stale)));
    assert_eq!(store.inner.bytes("results", "news/sentiment/a.txt.json"), newer);
    batch::run(&stage, vec![event("0A03")], Deadline::default()).await;
    assert_ne!(store.inner.bytes("results", "news/sentiment/a.txt.json"), newer, "a later one does");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_fifo_queue_the_rest_of_a_group_waits_for_what_failed_and_other_groups_go_on() {
    let (stage, ..) = stage_on(&["a.txt", "b.txt", "c.txt", "d.txt", "panic.txt"]);
    let grouped =
        |id: &str, key: &str, group: &str| Delivery { group: Some(group.into()), ..message(id, key) };
    let batch = vec![
        grouped("1", "a.txt", "x"),
        grouped("2", "panic.txt", "x"),
        grouped("3", "b.txt", "x"),
        grouped("4", "c.txt", "y"),
        grouped("5", "d.txt", "y"),
    ];
    let settled = batch::run(&stage, batch, Deadline::default()).await;
    assert_eq!(outcomes(&settled), ["done", "bug", "out-of-turn", "done", "done"]);
    let given_back: Vec<_> = settled.iter().filter(|s| s.is_given_back()).map(|s| s.id.as_str()).collect();
    assert_eq!(given_back, ["2", "3"]);

    let again = vec![grouped("3", "b.txt", "x")];
    let settled = batch::run(&stage, again, Deadline::default()).await;
    assert_eq!(outcomes(&settled), ["done"], "nothing is remembered from one batch to the next");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_far_too_large_for_its_time_is_answered_in_time_and_the_rest_comes_back_unbegun() {
    let (stage, store, queue) = stage_on(&[]);
    stage.task.model().warm().await.expect("the model runs");
    // Forty documents of 0.4 s each, at the speed of this machine.
    let tokens_in_a_sentence = 32.0;
    let speed = stage.task.model().engine.pace().tokens_per_second();
    let sentences = (speed * 0.4 / tokens_in_a_sentence) as usize + 1;
    // No two sentences are the same, since that would be read once; the first document is short enough for any time.
    let document = |i: usize| -> String {
        let sentence = |n: usize| {
            format!(
                "Velmo Corp. said on Monday that it had lost {i} million more, and {n} jobs, than Ada Quist had thought. "
            )
        };
        let text: String = (0..if i == 0 { 1 } else { sentences }).map(sentence).collect();
        json!({"text": text, "entities": [{"name": "Velmo Corp."}]}).to_string()
    };
    let keys: Vec<String> = (0..40).map(|i| format!("{i}.json")).collect();
    keys.iter().enumerate().for_each(|(i, key)| store.inner.insert("incoming", key, document(i).as_bytes()));
    // Every other one has waited for time twice before.
    let mut waiting: Vec<_> = keys.iter().map(|key| message(key, key)).collect();
    waiting.iter_mut().step_by(2).for_each(|message| message.receive_count = 3);
    let begun = std::time::Instant::now();
    let settled = batch::run(&stage, waiting.clone(), within(Duration::from_secs(2))).await;
    assert!(begun.elapsed() < Duration::from_secs(3), "answered after {:?}", begun.elapsed());
    let done = outcomes(&settled).iter().filter(|outcome| **outcome == "done").count();
    assert!((1..40).contains(&done), "{done} of 40 were done");
    let are_expected = |outcome: &&str| matches!(*outcome, "done" | "not-begun" | "deadline");
    assert!(outcomes(&settled).iter().all(are_expected), "{settled:?}");

    // Time that was missing uses up no tries: a new message stands for each that came for it again and again.
    let anew: Vec<_> = std::iter::from_fn(|| queue.take("http://own")).collect();
    assert!(anew.iter().all(|new| new.attributes == [("SentAnew".to_owned(), "1".to_owned())]), "{anew:?}");
    let anew: BTreeSet<String> = anew.into_iter().map(|new| new.body).collect();
    let not_begun = || waiting.iter().zip(&settled).filter(|(_, settled)| outcome(settled) == "not-begun");
    let (again, first): (Vec<_>, Vec<_>) = not_begun().partition(|(message, _)| message.receive_count == 3);
    assert!(!again.is_empty() && !first.is_empty(), "{settled:?}");
    assert_eq!(anew, again.iter().map(|(message, _)| message.body.clone()).collect());
    assert!(again.iter().all(|(_, settled)| !settled.is_given_back()));
    assert!(first.iter().all(|(_, settled)| settled.is_given_back()));

    // But not for ever: whatever else is wrong with it would never be found.
    let worn = again.iter().map(|(message, _)| Delivery { sent_anew: 50, ..(*message).clone() }).collect();
    let settled_again = batch::run(&stage, worn, within(Duration::from_millis(40))).await;
    assert!(settled_again.iter().any(Settled::is_given_back), "{settled_again:?}");
    assert!(queue.is_empty("http://own"), "{settled_again:?}");

    waiting.retain(|m| settled.iter().any(|s| s.id == m.id && s.is_given_back()));
    let settled = batch::run(&stage, waiting.split_off(waiting.len() - 2), Deadline::default()).await;
    assert!(settled.iter().all(|s| !s.is_given_back()), "the rest is done when there is time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_documents_of_one_message_are_sent_on_each_for_itself_but_not_on_a_fifo_queue() {
    let keys: Vec<String> = (0..12).map(|i| format!("{i}.txt")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let (stage, store, queue) = stage_on(&keys);
    let trace = Trace::new(Some("Root=1-67891233-abcdef012345678912345678".into()), None, Some(1_000));
    let twice_and_unreadable = [&keys[..], &keys[..2], &["%FF.txt"]].concat();
    let message = Delivery { trace: trace.clone(), ..notification("1", &twice_and_unreadable) };
    let settled = batch::run(&stage, vec![message.clone()], Deadline::default()).await;
    assert_eq!((settled[0].outcomes.len(), settled[0].sent_apart.len()), (0, 14));
    assert!(!settled[0].is_given_back() && store.inner.keys("results").is_empty());
    let mut sent: Vec<_> = std::iter::from_fn(|| queue.take("http://own")).collect();
    let unreadable = sent.pop().expect("it stands for the record");
    assert_eq!(
        serde_json::from_str::<Value>(&unreadable.body).expect("JSON"),
        serde_json::from_str::<Value>(&notification("", &["%FF.txt"]).body).expect("JSON")
    );
    let of = |key: &&str| Handoff::first(ObjectRef::new("incoming", *key)).to_body();
    assert_eq!(
        sent.iter().map(|m| m.body.clone()).collect::<Vec<_>>(),
        keys.iter().map(of).collect::<Vec<_>>()
    );
    assert!(sent.iter().all(|message| message.trace == trace));

    let in_order = Delivery { group: Some("x".into()), ..message };
    let settled = batch::run(&stage, vec![in_order], Deadline::default()).await;
    assert_eq!((settled[0].outcomes.len(), settled[0].sent_apart.len()), (15, 0));
    assert_eq!(store.inner.keys("results").len(), 1 + 12);
    assert!(queue.is_empty("http://own"));
}

/// CloudWatch takes a hundred values a metric in a line, and a batch may have more documents.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_batchs_metrics_are_complete() {
    let keys: Vec<String> = (0..120).map(|i| format!("{i}.txt")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let (stage, ..) = stage_on(&keys);
    let messages = keys.chunks(10).map(|keys| notification(keys[0], keys)).collect();
    let settled = batch::run(&stage, messages, Deadline::default()).await;
    let mut tally = Tally::default();
    settled.iter().for_each(|message| tally.add(message));
    let lines: Vec<Value> =
        tally.lines(&stage.config).iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let counts: Vec<usize> =
        lines.iter().filter_map(|line| Some(line["DocumentMilliseconds"].as_array()?.len())).collect();
    assert_eq!(counts, [100, 20]);
    assert_eq!(lines[0]["Documents"], 120);
}

/// To CloudWatch what isn't written is unknown, and an alarm that holds it against something can't ring.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn that_nothing_came_through_is_written_beside_what_came_back() {
    let (stage, ..) = stage_on(&["panic.txt"]);
    let settled = batch::run(&stage, vec![message("1", "panic.txt")], Deadline::default()).await;
    let mut tally = Tally::default();
    settled.iter().for_each(|message| tally.add(message));
    let line: Value = serde_json::from_str(&tally.lines(&stage.config)[0]).expect("JSON");
    assert_eq!([&line["Retried"], &line["FailedTries"], &line["Documents"]], [1, 1, 0]);
}

/// Whatever ended their process before may end this one, and would take all of them along again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_came_before_come_back_apart_should_their_process_be_ended() {
    let (stage, _, queue) = stage_on(&["slow.txt", "a.txt", "b.txt"]);
    stage.task.model().warm().await.expect("the model runs");
    let again = |id, key| Delivery { receive_count: 2, ..message(id, key) };
    let batch = vec![again("1", "slow.txt"), again("2", "a.txt"), message("3", "b.txt")];
    let deadline = within(Duration::from_secs(20));
    let run = tokio::spawn({
        let stage = stage.clone();
        async move { batch::run(&stage, batch, deadline).await }
    });
    let hidden = loop {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let hidden: BTreeMap<_, _> = queue.hidden().into_iter().collect();
        if hidden.len() == 2 {
            break hidden;
        }
    };
    run.abort();
    assert!(hidden["1"] > Duration::from_secs(19), "not before this invocation is over");
    assert!(hidden["2"] > hidden["1"] + Duration::from_secs(40), "{hidden:?}");

    let alone = vec![again("1", "a.txt"), message("3", "b.txt")];
    batch::run(&stage, alone, within(Duration::from_secs(20))).await;
    assert_eq!(queue.hidden().len(), 2, "one alone has nobody to take along that came before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_never_be_done_in_an_invocation_is_rejected_with_what_to_do() {
    let (stage, store, _) = stage_on(&[]);
    let model = stage.task.model();
    let measured: Vec<_> = (0..40).map(|n| model.tokenizer.single(&[1000 + n; 100])).collect();
    model.engine.run(measured).await.expect("the model runs");
    let text: String = (0..20_000).map(|n| format!("Velmo Corp. lost {n}. ")).collect();
    let document = json!({"text": text, "entities": [{"name": "Velmo Corp."}]}).to_string();
    store.inner.insert("incoming", "long.json", document);
    let settled = batch::run(&stage, vec![message("1", "long.json")], within(Duration::from_secs(1))).await;
    let [(_, Outcome::Rejected(failure))] = &settled[0].outcomes[..] else { panic!("it is not rejected") };
    assert_eq!(failure.reason, Reason::TooLarge);
    assert!(
        failure.message.contains("tokens/s") && failure.message.contains("time-out"),
        "{}",
        failure.message
    );
}

/// A few kilobytes may name somebody thousands of times in one sentence, each time with a window of its own to be read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_document_that_is_much_work_is_rejected_before_any_of_it() {
    let (store, queue) = (Arc::new(Trouble::default()), Arc::new(MemoryQueue::default()));
    let text: String = (0..2000).map(|n| format!("Velmo lost {n} and ")).collect();
    let document = json!({"text": text, "entities": [{"name": "Velmo"}]}).to_string();
    store.inner.insert("incoming", "dense.json", document);
    let mut stage = with_ports(&load(sentiment_config()), Ports { store: store.clone(), queue });
    stage.config.limits.tokens.most = 100_000;
    let settled = batch::run(&Arc::new(stage), vec![message("1", "dense.json")], Deadline::default()).await;
    let [(_, Outcome::Rejected(failure))] = &settled[0].outcomes[..] else { panic!("it is not rejected") };
    assert!(failure.message.contains("BATON_LIMIT_TOKENS"), "{failure}");
}

/// Whatever made it panic, the message comes back as one at which the code fails, not as one that had no time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_outside_of_documents_is_told_as_one() {
    struct Panics;
    #[async_trait]
    impl Queue for Panics {
        async fn send_all(&self, _: &str, _: Vec<Message>) -> Vec<Result<(), Failure>> {
            panic!("at the dead letters")
        }
        async fn hide(&self, _: &str, messages: &[Hidden]) -> Vec<Result<(), Failure>> {
            messages.iter().map(|_| Ok(())).collect()
        }
    }
    let ports = Ports { store: Arc::new(Trouble::default()), queue: Arc::new(Panics) };
    let stage = Arc::new(with_ports(&load(sentiment_config()), ports));
    let poison = Delivery { body: "{".into(), ..message("1", "a.txt") };
    for deadline in [Deadline::default(), within(Duration::from_secs(20))] {
        let settled = batch::run(&stage, vec![poison.clone()], deadline).await;
        let [(None, Outcome::GivenBack(failure))] = &settled[0].outcomes[..] else { panic!("{settled:?}") };
        assert_eq!(failure.reason, Reason::Bug, "{failure}");
    }
}

/// It is no less begun than a document's, and so comes back after a while, like one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_can_not_be_read_counts_as_begun() {
    struct Slow;
    #[async_trait]
    impl Store for Slow {
        async fn get(&self, object: &ObjectRef, _: &Room) -> Result<Object, Failure> {
            panic!("nobody asks for {object}")
        }
        async fn look(&self, _: &ObjectRef) -> Result<Option<Seen>, Failure> {
            Ok(None)
        }
        async fn put(&self, _: &ObjectRef, _: Bytes, _: &Label, _: &Over) -> Result<Put, Failure> {
            std::future::pending().await
        }
    }
    let ports = Ports { store: Arc::new(Slow), queue: Arc::new(MemoryQueue::default()) };
    let mut stage = with_ports(&load(sentiment_config()), ports);
    stage.config.concurrency = 1;
    let poison = |id: &str| Delivery { body: "{".into(), ..message(id, "a.txt") };
    let settled =
        batch::run(&Arc::new(stage), vec![poison("1"), poison("2")], within(Duration::from_secs(1))).await;
    let reasons: BTreeSet<_> =
        settled.iter().flat_map(Settled::returned_for).map(|failure| failure.reason.as_str()).collect();
    assert_eq!(reasons, BTreeSet::from(["deadline", "not-begun"]), "one at a time was begun");
}

#[tokio::test]
async fn documents_wait_until_there_is_room_for_them() {
    let mut limits = Limits::default();
    (limits.object_bytes.most, limits.batch_bytes.most) = (10 << 20, 3 << 20);
    let room = Room::new(limits);
    let object = ObjectRef::new("incoming", "large.json");
    let first = room.reserve(&object, 2 << 20).await.expect("there is room");
    let mut second = Box::pin(room.reserve(&object, 2 << 20));
    assert!(tokio::time::timeout(Duration::from_millis(20), &mut second).await.is_err(), "it must wait");
    drop(first);
    let second = second.await.expect("now there is room");
    drop(second);
    room.reserve(&object, 9 << 20).await.expect("one larger than all the room is let in alone");
    let failure = room.reserve(&object, 11 << 20).await.expect_err("objects so large are not let in");
    assert_eq!(failure.reason, Reason::TooLarge);
    for part in ["s3://incoming/large.json", "object_bytes", "BATON_LIMIT_OBJECT_BYTES"] {
        assert!(failure.message.contains(part), "{part} is not in {}", failure.message);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gzip_bomb_is_rejected_and_costs_no_memory() {
    use std::io::Write;
    let (stage, store, _) = stage_on(&["a.txt"]);
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    (0..200).for_each(|_| bomb.write_all(&[b'a'; 1 << 20]).expect("memory takes it"));
    let mut bomb = bomb.finish().expect("memory takes it");
    let end = bomb.len();
    // It also lies about its size.
    bomb[end - 4..].copy_from_slice(&7u32.to_le_bytes());
    store.inner.insert("incoming", "bomb.gz", bomb);
    let batch = vec![message("1", "bomb.gz"), message("2", "a.txt")];
    let settled = batch::run(&stage, batch, Deadline::default()).await;
    assert_eq!(outcomes(&settled), ["too-large", "done"]);
}

/// Whoever asks for a turn on the only thread gets thousands while it is read, and a few otherwise.
#[tokio::test]
async fn a_document_that_takes_long_to_read_keeps_nobody_waiting() {
    let (stage, store, _) = stage_on(&[]);
    let names: Vec<_> = (0..4000).map(|i| json!({"name": format!("Velmo {i} Holdings")})).collect();
    let text = "Velmo 17 Holdings of Oslo met Quist and the others there. ".repeat(50_000);
    store.inner.insert("incoming", "long.json", json!({"text": text, "entities": names}).to_string());
    let turns = Arc::new(AtomicUsize::new(0));
    let asking = turns.clone();
    let other = tokio::spawn(async move {
        loop {
            asking.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    let settled = batch::run(&stage, vec![message("1", "long.json")], Deadline::default()).await;
    other.abort();
    assert_eq!(outcomes(&settled), ["too-large"], "the reading is all that is done of it");
    let turns = turns.load(Ordering::Relaxed);
    assert!(turns > 1000, "{turns} turns");
}
