//! What happens to a document while an earlier version of it is being computed.

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use baton::{
    deadline::Deadline,
    error::Failure,
    handoff::{Handoff, ObjectRef},
    pipeline::{self, Done},
    queue::MemoryQueue,
    stage::Stage,
    store::{Label, MemoryStore, Object, Over, Put, Room, Seen, Store},
    trace::Trace,
};
use bytes::Bytes;

use crate::support::stage::{Ports, load, sentiment_config, with_ports};

const NEWS: &str = "Velmo Corp. lost its customers.";
const PLACE: (&str, &str) = ("results", "news/sentiment/a.txt.json");

/// A store that lets something happen after the first look at a result.
struct Meanwhile {
    store: Arc<MemoryStore>,
    happens: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
}

#[async_trait]
impl Store for Meanwhile {
    async fn get(&self, object: &ObjectRef, room: &Room) -> Result<Object, Failure> {
        self.store.get(object, room).await
    }

    async fn look(&self, at: &ObjectRef) -> Result<Option<Seen>, Failure> {
        let seen = self.store.look(at).await;
        let happens = self.happens.lock().expect("nobody panicked").take();
        if let Some(happens) = happens {
            happens.await;
        }
        seen
    }

    async fn put(&self, at: &ObjectRef, bytes: Bytes, label: &Label, over: &Over) -> Result<Put, Failure> {
        self.store.put(at, bytes, label, over).await
    }
}

async fn run(stage: &Arc<Stage>, sequencer: &str) -> Done {
    let sequencer = Some(sequencer.to_owned());
    let handoff = Handoff::first(ObjectRef { sequencer, ..ObjectRef::new("incoming", "a.txt") });
    let done = pipeline::run(stage, &handoff, &Trace::default(), Deadline::default()).await;
    done.expect("it comes through")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_was_changed_back_while_the_version_between_was_computed_stays_as_it_is() {
    let (store, queue) = (Arc::new(MemoryStore::default()), Arc::new(MemoryQueue::default()));
    let loaded = load(sentiment_config());
    let on = |store: Arc<dyn Store>| Arc::new(with_ports(&loaded, Ports { store, queue: queue.clone() }));
    let stage = on(store.clone());
    store.insert("incoming", "a.txt", NEWS);
    run(&stage, "0A01").await;
    let first = store.bytes(PLACE.0, PLACE.1);

    store.insert("incoming", "a.txt", "Velmo Corp. won.");
    let changed_back = {
        let store = store.clone();
        async move {
            store.insert("incoming", "a.txt", NEWS);
            run(&stage, "0A03").await;
        }
    };
    let happens = Mutex::new(Some(Box::pin(changed_back) as Pin<Box<_>>));
    let done = run(&on(Arc::new(Meanwhile { store: store.clone(), happens })), "0A02").await;
    assert!(matches!(done, Done::Stale), "{done:?}");
    assert!(store.bytes(PLACE.0, PLACE.1) == first);
    assert_eq!(store.writes(PLACE.0, PLACE.1), 2, "and its label is the newest version's");
}
