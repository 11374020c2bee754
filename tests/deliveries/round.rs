//! A bucket that documents come from and results go to, and that announces everything: nothing goes round.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use baton::{
    config::StageConfig,
    deadline::Deadline,
    error::Failure,
    faults::{Fault, Faults},
    forms::Form,
    handoff::{Handoff, ObjectRef},
    pipeline::{self, Done},
    queue::MemoryQueue,
    settle::{self, Outcome},
    stage::Stage,
    store::{Label, MemoryStore, Over, Store},
    trace::Trace,
};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::support::{
    deployment::{self, RESULTS},
    document,
    driven::{By, Driven},
    stage::{Ports, load, sentiment_config, with_ports},
};

const SOON: Duration = Duration::from_secs(60);
const NEWS: &str = "Velmo Corp. lost its customers on Monday.";

#[test]
fn a_notification_without_a_filter_brings_nothing_back_for_ever() {
    let aws = deployment::aws();
    let (s3, sqs) = (aws.s3(), aws.sqs());
    let [dead, ner, sentiment] = ["dead", "ner", "sentiment"].map(|name| sqs.create(name, json!({})));
    let more = [("BATON_BUCKETS", RESULTS.to_owned()), ("BATON_DLQ", dead.url.clone())];
    let first = Driven::start(By::Worker, &aws, "ner", &ner, &[&sentiment], 60, &more);
    let forms = ("BATON_OUTPUT_FORMS", "comprehend,lines".to_owned());
    let more = [more.as_slice(), &[forms]].concat();
    let second = Driven::start(By::Worker, &aws, "sentiment", &sentiment, &[], 60, &more);
    s3.notify(RESULTS, &ner.arn, "", "");
    // One mention, none, two: the lines of none are an empty file, which reads like an empty text.
    let documents = [
        ("a", NEWS),
        ("b", "It was mild on Monday."),
        ("c", "Velmo Corp. lost its customers. Velmo Corp. is ill."),
    ];
    for (name, text) in documents {
        s3.put(RESULTS, &format!("desk/{name}.txt"), text);
    }
    s3.put(RESULTS, "desk/bad.json", "{\"text\": ");

    for (name, _) in documents {
        s3.wait_object(RESULTS, &format!("news/sentiment/desk/{name}.txt.json"), SOON);
    }
    for queue in [&ner, &sentiment, &ner, &sentiment] {
        sqs.wait_empty(queue, SOON);
    }
    let written_of = |(name, _): (&str, &str)| {
        let results = [
            format!("news/ner/desk/{name}.txt.json"),
            format!("news/sentiment/desk/{name}.txt.json"),
            format!("news/sentiment.comprehend/desk/{name}.txt.json"),
            format!("news/sentiment.lines/desk/{name}.txt.jsonl"),
        ];
        let records = results.each_ref().map(|result| format!("rejected/ner/{result}.json"));
        [vec![format!("desk/{name}.txt")], results.into(), records.into()].concat()
    };
    let mut written = documents.map(written_of).concat();
    written.extend(["desk/bad.json", "rejected/ner/desk/bad.json.json"].map(str::to_owned));
    written.sort();
    assert_eq!(s3.list(RESULTS, ""), written);
    for (name, text) in documents {
        let result = s3.get(RESULTS, &format!("news/sentiment/desk/{name}.txt.json")).expect("it was listed");
        assert_eq!(document::enriched(&result.body)["text"], *text, "it is the document's still");
    }
    let count = |stage: &Driven<'_>| {
        let outcomes = stage.outcomes().into_iter();
        outcomes.fold(BTreeMap::new(), |mut counts, outcome| {
            *counts.entry(outcome).or_insert(0) += 1;
            counts
        })
    };
    // Each of the thirteen records was announced too.
    let ends = [("done".into(), 3), ("ignored".into(), 1), ("rejected".into(), 26)];
    assert_eq!(count(&first), BTreeMap::from(ends), "what S3 checks the queue with is ignored");
    assert_eq!(count(&second), BTreeMap::from([("done".into(), 3)]));
    assert_eq!(sqs.take_all(&dead).len(), 26, "each says what is wrong with the notification");
    for stage in ["ner", "sentiment"] {
        let key = format!("rejected/ner/news/{stage}/desk/a.txt.json.json");
        let record: Value =
            serde_json::from_slice(&s3.get(RESULTS, &key).expect("it was listed").body).unwrap();
        let said = document::text(&record["message"]);
        assert!(said.contains("give the bucket's notification the prefix of the documents"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_stage_wrote_is_known_by_its_place_and_all_else_in_the_bucket_is_taken() {
    let config = StageConfig { buckets: vec!["results".into(), "incoming".into()], ..sentiment_config() };
    let (store, queue) = (Arc::new(MemoryStore::default()), Arc::new(MemoryQueue::default()));
    let stage = Arc::new(with_ports(&load(config), Ports { store: store.clone(), queue }));
    let run = async |handoff: Handoff| -> Result<Done, Failure> {
        pipeline::run(&stage, &handoff, &Trace::default(), Deadline::default()).await
    };
    let bare = |key: &str| Handoff::first(ObjectRef::new("results", key));

    let forms = Form::ALL.map(|form| format!("news/{}/a.json{}", form.folder("sentiment"), form.end()));
    let others = ["news/sentiment/a.json.json", "rejected/sentiment/a.json.json"];
    for own in forms.iter().map(String::as_str).chain(others) {
        // None of them is there, so it was not asked for.
        let failure = run(bare(own)).await.expect_err(own);
        assert_eq!(failure.reason.as_str(), "bucket-not-allowed", "{failure}");
        let handed_on = run(Handoff { hop: 1, ..bare(own) }).await.expect_err(own);
        assert_eq!(handed_on.reason.as_str(), "object-missing", "what is handed on is what it is said to be");
    }
    for other in [
        // The stage before, by its bare address, as a replay sends it.
        "news/ner/a.json.json",
        "news/sentiment-2/a.json",
        "news/sentiment/typed.txt",
        "rejected/a.json",
        "desk/news/sentiment/a.json",
    ] {
        store.insert("results", other, json!({"text": NEWS}).to_string());
        let done = run(bare(other)).await.expect(other);
        assert!(matches!(done, Done::Computed { .. }), "{other}: {done:?}");
    }
    let elsewhere = Handoff::first(ObjectRef::new("incoming", "news/sentiment/a.json.json"));
    store.insert("incoming", &elsewhere.document.key, NEWS);
    run(elsewhere).await.expect("another bucket's is no result");

    // A form that reads like a document: the lines of one without mentions are an empty text.
    let form = "news/other.lines/desk/a.txt.jsonl";
    let label =
        Label { name: Some("desk/a.txt".into()), fingerprint: Some("its".into()), ..Label::default() };
    store
        .put(&ObjectRef::new("results", form), Bytes::new(), &label, &Over::Anything)
        .await
        .expect("no faults");
    let failure = run(bare(form)).await.expect_err("a stage wrote it, and no result");
    assert!(failure.message.contains("a form of a stage's result"), "{failure}");
    assert!(store.bytes("results", "news/sentiment/desk/a.txt.json").is_none());

    // A label that was copied along, or made up, gives no document another one's name.
    let label = Label { name: Some("desk/other.txt".into()), ..label };
    for key in ["desk/copy.json", "desk/other.txt.json", "news/ner/elsewhere.json"] {
        let result = store
            .bytes("results", "news/sentiment/results/news/ner/a.json.json.json")
            .expect("it was written");
        let text = String::from_utf8(result).expect("JSON").replace("\"sentiment\"", "\"other\"");
        let at = ObjectRef::new("results", key);
        store.put(&at, text.into_bytes().into(), &label, &Over::Anything).await.expect("no faults");
        let Done::Computed { output, .. } = run(bare(key)).await.expect(key) else { panic!("{key}") };
        assert_eq!(output.key, format!("news/sentiment/results/{key}.json"));
    }
    let key = "news/ner/desk/other.txt.json";
    let result = store.bytes("results", "desk/copy.json").expect("it was put");
    store
        .put(&ObjectRef::new("results", key), result.into(), &label, &Over::Anything)
        .await
        .expect("no faults");
    let Done::Computed { output, .. } = run(bare(key)).await.expect(key) else { panic!("{key}") };
    assert_eq!(output.key, "news/sentiment/desk/other.txt.json", "a stage's result keeps its name");

    let long = Label { name: None, ..label.clone() };
    let (key, result) = ("news/ner/desk/long.txt.json", store.bytes("results", key).expect("it was put"));
    store
        .put(&ObjectRef::new("results", key), result.into(), &long, &Over::Anything)
        .await
        .expect("no faults");
    let Done::Computed { output, .. } = run(bare(key)).await.expect(key) else { panic!("{key}") };
    assert_eq!(output.key, "news/sentiment/desk/long.txt.json", "also where the label had no room for it");

    // A later stage's, of when this one had another model: it is no new document.
    let (key, text) = ("news/later/desk/a.txt.json", result_of_other_model(&store));
    let label = Label { name: Some("desk/a.txt".into()), ..label.clone() };
    store
        .put(&ObjectRef::new("results", key), text.clone().into(), &label, &Over::Anything)
        .await
        .expect("no faults");
    let failure = run(bare(key)).await.expect_err("it went through this stage");
    assert!(failure.message.contains("went through this stage before"), "{failure}");
    // Of another pipeline it is one.
    store
        .put(&ObjectRef::new("results", "desk/a.json"), text.into(), &label, &Over::Anything)
        .await
        .expect("no faults");
    run(bare("desk/a.json")).await.expect("another model read it");

    // What somebody took out and put in again is a document like any other.
    let result = store.bytes("results", "news/sentiment/results/news/ner/a.json.json.json");
    store.insert("results", "desk/again.json", result.expect("it was written"));
    run(bare("desk/again.json")).await.expect("it has no label");
}

/// What the stage made of a document, as if it had had another model then.
fn result_of_other_model(store: &MemoryStore) -> Vec<u8> {
    let result = store.bytes("results", "news/sentiment/results/news/ner/a.json.json.json");
    let mut result: Value = serde_json::from_slice(&result.expect("it was written")).expect("JSON");
    let model = result.pointer_mut("/lineage/0/model").expect("its line");
    *model = "sha256:0".into();
    result.to_string().into_bytes()
}

/// Where two stages hear of everything, the record of one would be a bad document to the other, and its record to the first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_stages_record_is_rejected_without_a_record_of_it() {
    let config = StageConfig { buckets: vec!["results".into()], ..sentiment_config() };
    let (store, queue) = (Arc::new(MemoryStore::default()), Arc::new(MemoryQueue::default()));
    let stage = load(config);
    let stage = |name: &str| {
        let mut stage = with_ports(&stage, Ports { store: store.clone(), queue: queue.clone() });
        stage.config.stage = name.into();
        Arc::new(stage)
    };
    let reject = async |stage: Arc<Stage>, key: &str| {
        let handoff = Handoff::first(ObjectRef::new("results", key));
        match settle::document(&stage, handoff, Trace::default(), Deadline::default()).await {
            Outcome::Rejected(failure) => failure.message,
            other => panic!("{key}: {other:?}"),
        }
    };
    store.insert("results", "bad.json", "{\"text\": ");
    reject(stage("other"), "bad.json").await;
    let record = "rejected/other/bad.json.json";
    assert!(store.bytes("results", record).is_some());
    let said = reject(stage("sentiment"), record).await;
    assert!(said.contains("a stage's record of a rejection"), "{said}");
    assert!(store.bytes("results", &format!("rejected/sentiment/{record}.json")).is_none());
}

/// A label is whatever an uploader says: a document under a record's is rejected as any other is, and that is written down.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_with_the_label_of_a_record_is_written_down_as_rejected() {
    let config = StageConfig { buckets: vec!["results".into()], ..sentiment_config() };
    let faults = Arc::new(Faults::default());
    let store = Arc::new(MemoryStore::with_faults(faults.clone()));
    let stage = Arc::new(with_ports(
        &load(config),
        Ports { store: store.clone(), queue: Arc::new(MemoryQueue::default()) },
    ));
    let at = ObjectRef::new("results", "desk/a.txt");
    store.put(&at, Bytes::from(NEWS), &Label::record(), &Over::Anything).await.expect("no faults");
    let settled =
        || settle::document(&stage, Handoff::first(at.clone()), Trace::default(), Deadline::default());

    // Read, and then looked at: as long as nobody knows what it is, it comes back.
    faults.plan(faults.calls() + 1, Fault::BeforeEffect);
    let Outcome::GivenBack(failure) = settled().await else { panic!("it was not looked at") };
    assert!(failure.message.contains("was cut off"), "{failure}");
    let Outcome::Rejected(failure) = settled().await else { panic!("it is not rejected") };
    assert!(failure.message.contains("a stage's record of a rejection"), "{failure}");
    assert!(store.bytes("results", "rejected/sentiment/desk/a.txt.json").is_some());
}
