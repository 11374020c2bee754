//! The whole pipeline as it is deployed: a bucket's notification, two functions with their own event source
//! mappings, and nothing but the services between them.

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::{
    deployment::{self, INCOMING, RESULTS},
    document::{self, entity, list, sentiment, stages, text},
    lambda::{Function, Mapping},
    local::{program, repository},
    ministack::Ministack,
    sqs::Queue,
    zip,
};

const SOON: Duration = Duration::from_secs(120);
/// As the templates have it: the queue waits six times as long as the function may take.
const TIMEOUT_S: u32 = 20;

/// Both stages, deployed; documents that are put in the bucket go through.
struct Pipeline {
    aws: Ministack,
    ner: Queue,
    sentiment: Queue,
    dead: Queue,
}

impl Pipeline {
    fn deploy() -> Self {
        let aws = deployment::aws();
        let dead = aws.sqs().create("dead", json!({}));
        let queue = |name| aws.sqs().create_with_redrive(name, 6 * TIMEOUT_S, &dead, 3);
        let (ner, sentiment) = (queue("ner"), queue("sentiment"));
        let function = zip::bootstrap(program());
        let last = ("BATON_BUCKETS", RESULTS.to_owned());
        let stages = [("ner", &ner, vec![&sentiment], None), ("sentiment", &sentiment, vec![], Some(last))];
        for (name, queue, next, more) in stages {
            let mut environment = deployment::variables(name, &next);
            environment.extend(more);
            let function = Function { name, zip: &function, environment: &environment, timeout_s: TIMEOUT_S };
            aws.lambda().create(&function);
            // One process a stage: each loads its model.
            aws.lambda().reserve_concurrency(name, 1);
            aws.lambda().trigger(name, queue, Mapping { concurrency: Some(2), ..Mapping::default() });
        }
        aws.s3().notify(INCOMING, &ner.arn, "", "");
        Pipeline { aws, ner, sentiment, dead }
    }

    fn put(&self, key: &str, body: impl AsRef<[u8]>) {
        self.aws.s3().put(INCOMING, key, body);
    }

    /// The last stage's document, checked.
    #[track_caller]
    fn result(&self, key: &str) -> Value {
        let object = self.aws.s3().wait_object(RESULTS, &format!("news/sentiment/{key}.json"), SOON);
        document::enriched(&object.body)
    }

    /// Waits until every message is settled; none may have ended among the dead letters.
    #[track_caller]
    fn wait_settled(&self) {
        self.aws.sqs().wait_empty(&self.ner, SOON);
        self.aws.sqs().wait_empty(&self.sentiment, SOON);
        assert_eq!(self.aws.sqs().peek(&self.dead), [Value::Null; 0]);
    }
}

#[test]
fn a_document_put_in_the_bucket_comes_out_with_its_entities_and_what_is_said_about_them() {
    let pipeline = Pipeline::deploy();
    let news = "Regulators fined Northwind Energy on Monday. “Northwind Energy has failed its customers terribly,” said \
                Anna Kovac. She praised Larkfield Capital for its excellent and honest work.";
    pipeline.put("desk/red flower+1.json", json!({"id": "n-1", "text": news, "price": 1.5}).to_string());
    let sample = std::fs::read(repository("samples/documents/energy/northwind-first-quarter.json")).unwrap();
    pipeline.put("energy/first-quarter.json", &sample);

    let document = pipeline.result("desk/red flower+1.json");
    assert_eq!((&document["id"], &document["price"]), (&json!("n-1"), &json!(1.5)));
    assert_eq!(stages(&document), ["ner", "sentiment"]);
    let inputs: Vec<_> = list(&document["lineage"]).iter().map(|line| text(&line["input"]["key"])).collect();
    assert_eq!(inputs, ["desk/red flower+1.json", "news/ner/desk/red flower+1.json.json"]);

    let northwind = entity(&document, "Northwind Energy");
    let sentences: Vec<_> = list(&northwind["mentions"]).iter().map(|m| m["sentence"].as_u64()).collect();
    assert_eq!((northwind["type"].as_str(), sentences), (Some("ORG"), vec![Some(0), Some(1)]));
    assert_eq!(entity(&document, "Anna Kovac")["type"], "PER");

    let (line, mentions) = sentiment(&document, "Northwind Energy");
    assert_eq!((line["label"].as_str(), mentions.len()), (Some("negative"), 2));
    assert!(mentions[1]["scores"]["negative"].as_f64() > Some(0.6), "{mentions:#?}");
    let (line, _) = sentiment(&document, "Larkfield Capital");
    assert_eq!(line["label"], "positive");

    // A whole article: its checks are those of every enriched document.
    let article = pipeline.result("energy/first-quarter.json");
    assert!(list(&article["annotations"]["sentiment"]["mentions"]).len() > 10);
    pipeline.wait_settled();
    assert_eq!(pipeline.aws.s3().list(RESULTS, "").len(), 4);
}

#[test]
fn a_poison_document_ends_rejected_and_its_neighbours_do_not_notice() {
    let pipeline = Pipeline::deploy();
    let news =
        |i: u32| format!("Northwind Energy lost {i} customers. Anna Kovac of Larkfield Capital was pleased.");
    for i in 0..3 {
        pipeline.put(&format!("before-{i}.txt"), news(i));
    }
    pipeline.put("poison.json", r#"{"text": "Northwind Ener"#);
    pipeline.aws.sqs().send(&pipeline.ner, "no message at all");
    for i in 0..3 {
        pipeline.put(&format!("after-{i}.txt"), news(i));
    }

    for i in 0..3 {
        let [before, after] = ["before", "after"].map(|when| {
            let mut document = pipeline.result(&format!("{when}-{i}.txt"));
            document.as_object_mut().unwrap().remove("lineage").unwrap();
            document
        });
        assert_eq!(before, after, "the same text beside the poison");
        assert_eq!(before["text"], news(i));
    }
    pipeline.wait_settled();
    let s3 = pipeline.aws.s3();
    let record = s3.wait_object(RESULTS, "rejected/ner/poison.json.json", SOON);
    let record: Value = serde_json::from_slice(&record.body).unwrap();
    assert_eq!(record["reason"], "invalid-json");
    assert!(text(&record["message"]).contains("begins like a JSON object but isn't one"), "{record}");
    assert_eq!(s3.list(RESULTS, "rejected/").len(), 2, "the document, and the message that was none");
    assert_eq!(s3.list(RESULTS, "news/").len(), 2 * 6);
}
