//! A stage on the shipped models, for tests through the ports.

use std::{path::PathBuf, sync::Arc, time::Duration};

use baton::{
    config::{Prefix, StageConfig, TaskKind},
    queue::{MemoryQueue, Queue},
    stage::Stage,
    store::{MemoryStore, Room, Store},
};

/// What a stage reads from and writes to.
pub struct Ports {
    pub store: Arc<dyn Store>,
    pub queue: Arc<dyn Queue>,
}

/// A `sentiment` stage that reads from `incoming`, writes to `results` and hands on to two queues.
pub fn sentiment_config() -> StageConfig {
    let below = |prefix: &str| Prefix { bucket: "results".into(), prefix: prefix.into() };
    StageConfig {
        pipeline: "news".into(),
        next: vec!["next-a".into(), "next-b".into()],
        buckets: vec!["incoming".into()],
        dead_letters: Some("http://dead".into()),
        queue: Some("http://own".into()),
        backoff: Duration::from_secs(10),
        deadline_margin: Duration::from_millis(200),
        threads: 2,
        concurrency: 4,
        ..StageConfig::new(
            "sentiment",
            TaskKind::Sentiment,
            model("sentiment"),
            below("news"),
            below("rejected"),
        )
    }
}

/// A shipped model's directory.
pub fn model(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("model-fetch/models").join(name)
}

/// The stage on ports of its own.
pub fn load(config: StageConfig) -> Stage {
    let (store, queue) = (Arc::new(MemoryStore::default()), Arc::new(MemoryQueue::default()));
    Stage::load(config, store, queue).expect("the shipped model loads")
}

/// The same stage, its model shared, on other ports.
pub fn with_ports(stage: &Stage, ports: Ports) -> Stage {
    Stage {
        config: stage.config.clone(),
        task: stage.task.clone(),
        store: ports.store,
        queue: ports.queue,
        room: Room::new(stage.config.limits),
    }
}
