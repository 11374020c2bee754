//! Nothing is lost and nothing is done twice, whatever single call fails and wherever the process dies.
//!
//! A run of mixed documents goes through a stage on ports in memory. Every port call in turn fails in every way,
//! and the process is ended at every call and at every await of a document; after redelivery the world must look
//! as it does after the undisturbed run.

mod support;

use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use baton::{
    batch,
    config::StageConfig,
    deadline::Deadline,
    event::Delivery,
    faults::{Fault, Faults},
    forms::Form,
    handoff::{Handoff, ObjectRef},
    pipeline,
    queue::MemoryQueue,
    settle::Settled,
    stage::Stage,
    store::MemoryStore,
    trace::Trace,
};
use serde_json::json;
use support::stage::{Ports, sentiment_config, with_ports};

const GOOD: [(&str, &str); 4] = [
    ("plain.txt", "Zoltar Widgets Ltd. failed its customers again. Nobody at Zoltar was sorry."),
    (
        "news/a.json",
        r#"{"text":"Ada Quist praised Velmo Corp. on Monday.","entities":[{"name":"Velmo Corp."}]}"#,
    ),
    (
        "news/b.json",
        r#"{"text":"Velmo Corp. lost. Ada Quist won.","entities":[{"name":"Velmo Corp."},{"name":"Ada Quist"}],"x":1.50}"#,
    ),
    ("empty.json", r#"{"text":""}"#),
];
const BAD: [(&str, &str); 2] = [
    ("bad.json", "{\"text\": "),
    ("off.json", r#"{"text":"Velmo","entities":[{"name":"Velmo","mentions":[{"begin":0,"end":9}]}]}"#),
];

/// A stage that writes every form besides its results.
fn config() -> StageConfig {
    StageConfig { forms: Form::ALL.to_vec(), ..sentiment_config() }
}

/// What users can see when all is done.
#[derive(Debug, PartialEq)]
struct World {
    objects: BTreeMap<String, Vec<u8>>,
    handed_on: BTreeMap<String, usize>,
    dead: BTreeMap<String, usize>,
}

struct Ran {
    world: World,
    calls: usize,
    deliveries: usize,
    killed: bool,
}

/// One life after another of the process, until the source queue is empty. What an earlier version of Baton left lies
/// at `there`.
async fn run(stage: &Stage, messages: &[Delivery], there: &[String], fault: Option<(usize, Fault)>) -> Ran {
    let faults = Arc::new(Faults::default());
    if let Some((call, fault)) = fault {
        faults.plan(call, fault);
    }
    let store = Arc::new(MemoryStore::with_faults(faults.clone()));
    let queue = Arc::new(MemoryQueue::with_faults(faults.clone()));
    for (key, body) in GOOD.iter().chain(&BAD) {
        store.insert("incoming", key, *body);
    }
    there.iter().for_each(|key| store.insert("results", key, "as it was"));
    let stage = Arc::new(with_ports(stage, Ports { store: store.clone(), queue: queue.clone() }));
    for (key, body) in many() {
        store.insert("incoming", &key, body);
    }
    let mut waiting = messages.to_vec();
    let (mut deliveries, mut killed) = (0, false);
    while !waiting.is_empty() {
        deliveries += 1;
        assert!(deliveries < 10, "{fault:?}: messages come back for ever: {waiting:?}");
        waiting.iter_mut().for_each(|message| message.receive_count += 1);
        let life = batch::run(&stage, waiting.clone(), Deadline::default());
        let settled: Vec<Settled> = tokio::select! {
            settled = life => settled,
            // The process is gone, and nothing of it answers: all its messages come back.
            () = faults.killed() => { killed = true; continue }
        };
        let given_back = |id: &str| settled.iter().any(|s| s.id == id && s.is_given_back());
        waiting.retain(|message| given_back(&message.id));
        while let Some(message) = queue.take("http://own") {
            let id = format!("apart {}", queue.len("http://own"));
            waiting.push(Delivery { id, body: message.body, ..Delivery::default() });
        }
    }
    Ran { world: look(&store, &queue), calls: faults.calls(), deliveries, killed }
}

fn mixed() -> Vec<Delivery> {
    let mut messages: Vec<Delivery> = GOOD.iter().chain(&BAD).enumerate().map(delivery).collect();
    messages.push(Delivery { id: "poison".into(), body: "{".into(), ..Delivery::default() });
    messages
}

/// More documents than are done together if they come in one message.
fn many() -> impl Iterator<Item = (String, &'static str)> {
    let three = ["one", "two", "three"];
    GOOD.iter().flat_map(move |(key, body)| three.map(|folder| (format!("{folder}/{key}"), *body)))
}

/// A message of them all.
fn of_many() -> Delivery {
    let record = |(key, _)| {
        json!({"eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "incoming"}, "object": {"key": key}}})
    };
    let body = json!({"Records": many().map(record).collect::<Vec<_>>()}).to_string();
    Delivery { id: "many".into(), receipt: "many".into(), body, ..Delivery::default() }
}

fn delivery((i, (key, _)): (usize, &(&str, &str))) -> Delivery {
    let body = Handoff::first(ObjectRef::new("incoming", *key)).to_body();
    Delivery { id: format!("m{i}"), receipt: format!("r{i}"), body, ..Delivery::default() }
}

fn look(store: &MemoryStore, queue: &MemoryQueue) -> World {
    let objects = store.keys("results").into_iter().map(|key| {
        let bytes = store.bytes("results", &key).expect("it was listed");
        (key, bytes)
    });
    let mut handed_on = BTreeMap::new();
    for next in ["next-a", "next-b"] {
        while let Some(message) = queue.take(next) {
            let handoff: Handoff = serde_json::from_str(&message.body).expect("a handoff");
            *handed_on.entry(format!("{next} {}", handoff.document.key)).or_default() += 1;
        }
    }
    let mut dead = BTreeMap::new();
    while let Some(message) = queue.take("http://dead") {
        *dead.entry(message.body).or_default() += 1;
    }
    World { objects: objects.collect(), handed_on, dead }
}

fn assert_same_but_for_repetitions(world: &World, undisturbed: &World, what: &str) {
    assert_eq!(world.objects, undisturbed.objects, "{what}: other results or records");
    let names = |map: &BTreeMap<String, usize>| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&world.handed_on), names(&undisturbed.handed_on), "{what}: a handoff is missing");
    assert_eq!(names(&world.dead), names(&undisturbed.dead), "{what}: a dead letter is missing");
}

#[tokio::test]
async fn every_call_fails_once_in_every_way_and_the_world_looks_the_same() {
    let stage = support::stage::load(config());
    let undisturbed = run(&stage, &mixed(), &[], None).await;
    assert_eq!(undisturbed.deliveries, 1);
    assert_eq!(undisturbed.world.objects.len(), 3 * GOOD.len() + BAD.len() + 1);
    assert_eq!(undisturbed.world.handed_on.len(), 2 * GOOD.len());
    assert!(undisturbed.world.handed_on.values().chain(undisturbed.world.dead.values()).all(|n| *n == 1));
    assert_eq!(undisturbed.world.dead.len(), BAD.len() + 1);

    // Where nothing is yet, and where all is to be written over.
    let there: Vec<String> = undisturbed.world.objects.keys().cloned().collect();
    for there in [&[][..], &there] {
        every_call_fails(&stage, &mixed(), there, &undisturbed.world).await;
    }
}

async fn every_call_fails(stage: &Stage, messages: &[Delivery], there: &[String], undisturbed: &World) {
    let calls = run(stage, messages, there, None).await.calls;
    let (mut cuts, mut kills) = (0, 0);
    for (fault, call) in Fault::ALL.into_iter().flat_map(|fault| (0..calls).map(move |call| (fault, call))) {
        let what = format!("over {}, call {call}: {fault:?}", there.len());
        let ran = run(stage, messages, there, Some((call, fault))).await;
        let kill = matches!(fault, Fault::KilledBefore | Fault::KilledAfter);
        assert_eq!(ran.killed, kill, "{what} was not reached");
        assert!(ran.deliveries > 1 || !kill, "{what} changed nothing");
        assert_same_but_for_repetitions(&ran.world, undisturbed, &what);
        cuts += 1;
        kills += usize::from(ran.killed);
    }
    println!("{cuts} cuts tried at {calls} calls, {kills} of them deaths of the process");
}

#[tokio::test]
async fn a_message_of_many_documents_does_what_a_message_for_each_does_whatever_fails() {
    let stage = support::stage::load(config());
    let undisturbed = run(&stage, &[of_many()], &[], None).await;
    assert_eq!(undisturbed.deliveries, 2, "first they are sent apart");
    let documents: Vec<_> = many().collect();
    let each = documents.iter().map(|(key, body)| (key.as_str(), *body)).collect::<Vec<_>>();
    let each: Vec<Delivery> = each.iter().enumerate().map(delivery).collect();
    assert_eq!(undisturbed.world, run(&stage, &each, &[], None).await.world);
    every_call_fails(&stage, &[of_many()], &[], &undisturbed.world).await;
}

/// Polls a future until it has waited `waits` times, then drops it; its output if it was done before.
async fn dropped_after<F: Future>(future: F, waits: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut waited = 0;
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if waited == waits => Poll::Ready(None),
        Poll::Pending => {
            waited += 1;
            Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn a_document_is_dropped_at_every_await_and_comes_through_the_next_time() {
    let stage = support::stage::load(config());
    let (key, body) = GOOD[2];
    let fresh = || {
        let (store, queue) = (Arc::new(MemoryStore::default()), Arc::new(MemoryQueue::default()));
        store.insert("incoming", key, body);
        let stage = Arc::new(with_ports(&stage, Ports { store: store.clone(), queue: queue.clone() }));
        (stage, store, queue)
    };
    let handoff = Handoff::first(ObjectRef::new("incoming", key));
    let (undisturbed, store, queue) = fresh();
    pipeline::run(&undisturbed, &handoff, &Trace::default(), Deadline::default())
        .await
        .expect("it comes through");
    let undisturbed = look(&store, &queue);

    let mut cuts = 0;
    loop {
        let (stage, store, queue) = fresh();
        let first =
            dropped_after(pipeline::run(&stage, &handoff, &Trace::default(), Deadline::default()), cuts)
                .await;
        pipeline::run(&stage, &handoff, &Trace::default(), Deadline::default())
            .await
            .expect("it comes through");
        assert_same_but_for_repetitions(
            &look(&store, &queue),
            &undisturbed,
            &format!("dropped at await {cuts}"),
        );
        if first.is_some() {
            break;
        }
        cuts += 1;
    }
    assert!(cuts >= 10, "{cuts} awaits are fewer than a document has");
    println!("{cuts} awaits of a document, dropped at each");
}

#[tokio::test]
async fn what_failed_is_postponed_the_longer_the_more_often_it_came() {
    let stage = support::stage::load(config());
    let faults = Arc::new(Faults::default());
    (0..100).for_each(|call| faults.plan(call, Fault::BeforeEffect));
    let (store, queue) = (Arc::new(MemoryStore::with_faults(faults)), Arc::new(MemoryQueue::default()));
    let stage = Arc::new(with_ports(&stage, Ports { store, queue: queue.clone() }));
    let mut longest = Vec::new();
    for receive_count in [1, 3, 30] {
        for _ in 0..20 {
            let message = Delivery { receive_count, ..delivery((0, &GOOD[0])) };
            let settled = batch::run(&stage, vec![message], Deadline::default()).await;
            assert!(settled[0].is_given_back());
        }
        let seen = queue.hidden();
        assert_eq!(seen.len(), 20 * (longest.len() + 1), "each failure is postponed once");
        assert!(seen.iter().all(|(receipt, _)| receipt == "r0"));
        longest.push(seen[seen.len() - 20..].iter().map(|(_, delay)| *delay).max().unwrap_or_default());
    }
    assert!(longest[0] <= Duration::from_secs(10) && longest[1] <= Duration::from_secs(40), "{longest:?}");
    assert!(longest[0] < longest[1] && longest[1] < longest[2], "{longest:?}");
    assert!(longest[2] <= Duration::from_secs(900), "{longest:?}");
}
