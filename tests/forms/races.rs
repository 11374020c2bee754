//! A result and its forms are of one making in the end, in whatever order who wrote them took their steps.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use baton::{
    config::StageConfig,
    deadline::Deadline,
    error::Failure,
    forms::Form,
    handoff::{Handoff, ObjectRef},
    pipeline::{self, Done},
    queue::MemoryQueue,
    stage::Stage,
    store::MemoryStore,
    trace::Trace,
};

use crate::support::stage::{Ports, load, sentiment_config, with_ports};

const DOCUMENT: &str = r#"{"text": "Velmo Corp. lost. Ada Quist won in Ostrava.", "entities": [
    {"name": "Velmo Corp.", "type": "ORG"}, {"name": "Ada Quist", "type": "PER"}, {"name": "Ostrava", "type": "LOC"}]}"#;
const SET: [&str; 3] = [
    "news/sentiment.comprehend/a.json.json",
    "news/sentiment.lines/a.json.jsonl",
    "news/sentiment/a.json.json",
];

type Set = BTreeMap<String, Vec<u8>>;
type Run<'a> = Pin<Box<dyn Future<Output = Result<Done, Failure>> + 'a>>;

fn asked_about(types: &[&str]) -> StageConfig {
    let entity_types = types.iter().map(|kind| (*kind).to_owned()).collect();
    StageConfig { forms: Form::ALL.to_vec(), entity_types, ..sentiment_config() }
}

fn written(store: &MemoryStore) -> Set {
    store
        .keys("results")
        .into_iter()
        .map(|key| (key.clone(), store.bytes("results", &key).unwrap()))
        .collect()
}

fn shown(set: &Set) -> String {
    let texts = set.iter().map(|(key, bytes)| format!("{key}\n  {}\n", String::from_utf8_lossy(bytes)));
    texts.collect()
}

fn handoff(sequencer: Option<&str>) -> Handoff {
    let sequencer = sequencer.map(str::to_owned);
    Handoff::first(ObjectRef { sequencer, ..ObjectRef::new("incoming", "a.json") })
}

/// Lets the runs take their steps as the dice fall, until all are settled; one that fails comes again.
async fn race(runners: &[(&Stage, &Handoff)], dice: &mut fastrand::Rng) {
    let begin = |(stage, handoff): &(&Stage, &Handoff)| -> Run<'static> {
        let stage = Arc::new(Stage {
            config: stage.config.clone(),
            task: stage.task.clone(),
            store: stage.store.clone(),
            queue: stage.queue.clone(),
            room: stage.room.clone(),
        });
        let handoff = (*handoff).clone();
        Box::pin(async move { pipeline::run(&stage, &handoff, &Trace::default(), Deadline::default()).await })
    };
    let mut running: Vec<(usize, Run<'static>)> =
        runners.iter().enumerate().map(|(i, runner)| (i, begin(runner))).collect();
    while !running.is_empty() {
        let chosen = dice.usize(..running.len());
        // A turn is one step or many: who runs far ahead meets others than who doesn't.
        for _ in 0..dice.usize(1..12) {
            let mut context = Context::from_waker(Waker::noop());
            match running[chosen].1.as_mut().poll(&mut context) {
                Poll::Pending => tokio::task::yield_now().await,
                Poll::Ready(Ok(_)) => {
                    drop(running.swap_remove(chosen));
                    break;
                }
                Poll::Ready(Err(_)) => {
                    let runner = running[chosen].0;
                    running[chosen].1 = begin(&runners[runner]);
                }
            }
        }
    }
}

#[tokio::test]
async fn racing_stages_of_other_configurations_leave_one_set() {
    let configs = [&["ORG"][..], &["PER"], &["LOC", "ORG"]].map(asked_about);
    let stages = configs.map(load);
    let mut sets = BTreeSet::new();
    for stage in &stages {
        let (store, queue) = (Arc::new(MemoryStore::default()), Arc::new(MemoryQueue::default()));
        store.insert("incoming", "a.json", DOCUMENT);
        let alone = Arc::new(with_ports(stage, Ports { store: store.clone(), queue }));
        pipeline::run(&alone, &handoff(None), &Trace::default(), Deadline::default())
            .await
            .expect("it comes through");
        let set = written(&store);
        assert_eq!(set.keys().collect::<Vec<_>>(), SET);
        sets.insert(set);
    }
    assert_eq!(sets.len(), stages.len(), "each makes another set");

    let mut last = BTreeSet::new();
    for seed in 0..400 {
        let mut dice = fastrand::Rng::with_seed(seed);
        let (store, queue) = (Arc::new(MemoryStore::default()), Arc::new(MemoryQueue::default()));
        store.insert("incoming", "a.json", DOCUMENT);
        let ports = || Ports { store: store.clone(), queue: queue.clone() };
        let stages = stages.each_ref().map(|stage| with_ports(stage, ports()));
        let handoff = handoff(None);
        // Some come twice, so that a result may be changed and changed back.
        let runners: Vec<_> = (0..5).map(|_| (&stages[dice.usize(..3)], &handoff)).collect();
        race(&runners, &mut dice).await;
        let set = written(&store);
        assert!(sets.contains(&set), "seed {seed}: a set of several makings: {}", shown(&set));
        last.insert(set);
    }
    assert_eq!(last.len(), stages.len(), "each was the last one now and then");
}

#[tokio::test]
async fn an_event_that_comes_late_touches_no_form_of_a_newer_result_wherever_they_meet() {
    let stage = load(asked_about(&["ORG", "PER"]));
    let newer = DOCUMENT.replace("lost", "was praised");
    let undisturbed = {
        let (store, queue) = (Arc::new(MemoryStore::default()), Arc::new(MemoryQueue::default()));
        store.insert("incoming", "a.json", newer.as_bytes());
        let alone = Arc::new(with_ports(&stage, Ports { store: store.clone(), queue }));
        pipeline::run(&alone, &handoff(Some("0A02")), &Trace::default(), Deadline::default())
            .await
            .expect("it comes through");
        written(&store)
    };
    for seed in 0..200 {
        let mut dice = fastrand::Rng::with_seed(seed);
        let (store, queue) = (Arc::new(MemoryStore::default()), Arc::new(MemoryQueue::default()));
        let ports = || Ports { store: store.clone(), queue: queue.clone() };
        // Each reads its own version, as on a bucket that keeps them.
        let versions = [("0A01", DOCUMENT), ("0A02", newer.as_str())];
        let handoffs = versions.map(|(sequencer, _)| handoff(Some(sequencer)));
        let stages = versions.map(|(sequencer, body)| {
            store.insert("incoming", sequencer, body);
            with_ports(&stage, ports())
        });
        let at = |i: usize| {
            let document = ObjectRef { key: versions[i].0.into(), ..handoffs[i].document.clone() };
            Handoff { document, name: Some("a.json".into()), ..handoffs[i].clone() }
        };
        let (late, new) = (at(0), at(1));
        race(&[(&stages[0], &late), (&stages[1], &new), (&stages[0], &late)], &mut dice).await;
        let set = written(&store);
        let [forms @ .., result] = &SET;
        let same = forms.iter().all(|key| set[*key] == undisturbed[*key]);
        assert!(same && set.len() == SET.len(), "seed {seed}: {}", shown(&set));
        assert!(String::from_utf8_lossy(&set[*result]).contains("was praised"), "seed {seed}");
    }
}
