//! A stage as it is deployed: its buckets, its next queue, its variables, and the process that runs it.

use serde_json::{Value, json};

use super::{
    document,
    event::{self, Record},
    local::{program, repository},
    ministack::Ministack,
    runtime_api::{Invocation, Runtime},
    sqs::Queue,
};

/// The bucket that documents come from.
pub const INCOMING: &str = "incoming";
/// The bucket that results go to.
pub const RESULTS: &str = "results";

/// A stage with everything around it. Dropping it ends the process first, then its AWS.
pub struct Deployed {
    pub runtime: Runtime,
    pub next: Queue,
    pub aws: Ministack,
}

/// A stage's variables; its name is its task's.
pub fn variables(task: &str, next: &[&Queue]) -> Vec<(&'static str, String)> {
    let model = repository(&format!("model-fetch/models/{task}"));
    let next: Vec<&str> = next.iter().map(|queue| queue.url.as_str()).collect();
    vec![
        ("BATON_STAGE", task.to_owned()),
        ("BATON_TASK", task.to_owned()),
        ("BATON_MODEL", model.display().to_string()),
        ("BATON_OUTPUT", format!("s3://{RESULTS}/news")),
        ("BATON_REJECTED", format!("s3://{RESULTS}/rejected")),
        ("BATON_NEXT", next.join(",")),
        ("BATON_BUCKETS", INCOMING.to_owned()),
        ("BATON_PIPELINE", "news".to_owned()),
        ("BATON_THREADS", "2".to_owned()),
    ]
}

/// An AWS with the two buckets.
pub fn aws() -> Ministack {
    let aws = Ministack::start();
    [INCOMING, RESULTS].iter().for_each(|bucket| aws.s3().create_bucket(bucket));
    aws
}

impl Deployed {
    /// A stage that does `task`.
    pub fn start(task: &str) -> Self {
        Self::start_with(task, &[])
    }

    /// As `start`, with variables that are set over its own.
    pub fn start_with(task: &str, more: &[(&'static str, String)]) -> Self {
        let aws = aws();
        let next = aws.sqs().create("next", json!({}));
        let mut environment = aws.sdk_environment();
        environment.extend(variables(task, &[&next]));
        environment.extend_from_slice(more);
        let runtime = Runtime::start(program(), &environment);
        Deployed { runtime, next, aws }
    }

    /// Puts a document where the stage reads.
    pub fn put(&self, key: &str, body: impl AsRef<[u8]>) {
        self.aws.s3().put(INCOMING, key, body);
    }

    /// Gives the stage one batch; the ids of the messages that it gives back.
    #[track_caller]
    pub fn deliver(&mut self, records: impl IntoIterator<Item = Record>) -> Vec<String> {
        deliver(&mut self.runtime, records)
    }

    /// The bytes that the stage wrote for a document of that name.
    #[track_caller]
    pub fn output(&self, stage: &str, name: &str) -> Vec<u8> {
        let key = format!("news/{stage}/{name}.json");
        let object = self.aws.s3().get(RESULTS, &key);
        let there = || self.aws.s3().list(RESULTS, "");
        object.unwrap_or_else(|| panic!("no {key} among {:?}", there())).body
    }

    /// The enriched document, checked.
    #[track_caller]
    pub fn enriched(&self, stage: &str, name: &str) -> Value {
        document::enriched(&self.output(stage, name))
    }

    /// A rejection record by its place below the stage's rejections.
    #[track_caller]
    pub fn rejection(&self, stage: &str, place: &str) -> Value {
        let key = format!("rejected/{stage}/{place}.json");
        let object = self.aws.s3().get(RESULTS, &key);
        let there = || self.aws.s3().list(RESULTS, "");
        let body = object.unwrap_or_else(|| panic!("no {key} among {:?}", there())).body;
        serde_json::from_slice(&body).expect("a record is JSON")
    }

    /// All keys in the bucket for results.
    pub fn results(&self) -> Vec<String> {
        self.aws.s3().list(RESULTS, "")
    }

    /// The bodies of the messages that were handed on, by their documents' names.
    #[track_caller]
    pub fn handed_on(&self) -> Vec<Value> {
        let messages = self.aws.sqs().take_all(&self.next);
        let mut bodies: Vec<_> = messages.iter().map(super::sqs::Message::json).collect();
        bodies.sort_by_key(|body| body["name"].to_string());
        bodies
    }
}

/// Gives a running stage one batch; the ids of the messages that it gives back.
#[track_caller]
pub fn deliver(runtime: &mut Runtime, records: impl IntoIterator<Item = Record>) -> Vec<String> {
    let event = event::sqs_event(records);
    event::failures(&runtime.invoke(Invocation::new(event)).response())
}
