//! Whatever call of a worker's fails, and wherever it dies: its messages come back, and the world ends as it does
//! undisturbed.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use baton::{
    config::WorkerConfig,
    faults::{Fault, Faults},
    handoff::{Handoff, ObjectRef},
    mode::worker::{Consumer, Health, Metrics},
    queue::{MemoryQueue, Message, Queue},
    stage::Stage,
    store::MemoryStore,
    telemetry::ColdStart,
};
use tokio::sync::mpsc;

use super::support::stage::{Ports, load, sentiment_config, with_ports};

const OWN: &str = "http://own";
const GOOD: [(&str, &str); 3] = [
    ("plain.txt", "Zoltar Widgets Ltd. failed its customers again. Nobody at Zoltar was sorry."),
    ("a.json", r#"{"text":"Ada Quist praised Velmo Corp.","entities":[{"name":"Velmo Corp."}]}"#),
    ("b.json", r#"{"text":"Velmo Corp. lost.","entities":[{"name":"Velmo Corp."}],"x":1.50}"#),
];
const BAD: (&str, &str) = ("bad.json", "{\"text\": ");

/// What users can see: the objects' bytes; which messages were handed on, and which are dead.
#[derive(Debug, PartialEq)]
struct World {
    objects: BTreeMap<String, Vec<u8>>,
    handed_on: BTreeMap<String, usize>,
    dead: BTreeMap<String, usize>,
}

/// One life of the worker after the other, until its queue is empty. How many there were.
async fn run(stage: &Stage, fault: Option<(usize, Fault)>) -> (World, usize) {
    let faults = Arc::new(Faults::default());
    let store = Arc::new(MemoryStore::with_faults(faults.clone()));
    let queue = Arc::new(MemoryQueue::with_faults(faults.clone()));
    for (key, body) in GOOD.iter().chain([&BAD]) {
        store.insert("incoming", key, *body);
        let body = Handoff::first(ObjectRef::new("incoming", *key)).to_body();
        queue.send(OWN, Message { body, ..Message::default() }).await.expect("nothing is planned yet");
    }
    if let Some((call, fault)) = fault {
        faults.plan(faults.calls() + call, fault);
    }
    let stage = Arc::new(with_ports(stage, Ports { store: store.clone(), queue: queue.clone() }));
    let mut lives = 0;
    while !queue.is_empty(OWN) {
        lives += 1;
        let config = WorkerConfig {
            queue: OWN.into(),
            // Undisturbed, nothing is to come back; otherwise, all that was in hand, soon.
            visibility: fault.map_or(Duration::from_secs(60), |_| Duration::from_millis(100)),
            grace: Duration::from_secs(30),
            listen: None,
        };
        let metrics = Arc::new(Metrics::new(&stage.config));
        let health = Arc::new(Health::default());
        let consumer =
            Consumer::new(stage.clone(), queue.clone(), config, health, metrics, ColdStart::default());
        let (stop, stopped) = mpsc::channel(1);
        let life = consumer.run(stopped);
        let done = async {
            let begun = Instant::now();
            while !queue.is_empty(OWN) {
                assert!(
                    begun.elapsed() < Duration::from_secs(30),
                    "{fault:?}: its messages come back for ever"
                );
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            stop.send(()).await.expect("it listens");
            // Once more, or it would wait for what its last poll may bring.
            let _ = stop.send(()).await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = life => {}
            () = done => {}
            // All that stands for the process is dropped here.
            () = faults.killed() => {}
        }
    }
    let objects = store.keys("results").into_iter();
    let objects =
        objects.map(|key| (key.clone(), store.bytes("results", &key).unwrap_or_default())).collect();
    let count = |name: &str| {
        let mut counts = BTreeMap::new();
        while let Some(message) = queue.take(name) {
            *counts.entry(message.body).or_default() += 1;
        }
        counts
    };
    (World { objects, handed_on: count("next-a"), dead: count("http://dead") }, lives)
}

#[tokio::test]
async fn whatever_call_fails_and_wherever_it_dies_nothing_is_lost() {
    let mut config = sentiment_config();
    config.backoff = Duration::from_millis(10);
    config.next = vec!["next-a".into()];
    let stage = load(config);
    let (undisturbed, lives) = run(&stage, None).await;
    assert_eq!((lives, undisturbed.objects.len()), (1, GOOD.len() + 1));
    assert!(undisturbed.handed_on.values().chain(undisturbed.dead.values()).all(|count| *count == 1));
    assert_eq!((undisturbed.handed_on.len(), undisturbed.dead.len()), (GOOD.len(), 1));

    let mut deaths = 0;
    for (n, fault) in Fault::ALL.into_iter().enumerate() {
        // Four documents take some twenty calls, from the first poll to the last delete.
        for call in (n % 2..24).step_by(2) {
            let (world, lives) = run(&stage, Some((call, fault))).await;
            assert_eq!(world.objects, undisturbed.objects, "{fault:?} at call {call}");
            let names = |counts: &BTreeMap<String, usize>| counts.keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(&world.handed_on), names(&undisturbed.handed_on), "{fault:?} at call {call}");
            assert_eq!(names(&world.dead), names(&undisturbed.dead), "{fault:?} at call {call}");
            deaths += lives - 1;
        }
    }
    assert!(deaths >= 10, "the process died {deaths} times");
}
