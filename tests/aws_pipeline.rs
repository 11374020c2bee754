//! The whole pipeline as it is deployed: a bucket's notification, two functions with their own event source
//! mappings, or two workers, and nothing but the services between them.

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::{
    deployment::{self, INCOMING, RESULTS},
    document::{self, entity, list, sentiment, stages, text},
    driven::{By, Driven},
    local::repository,
    ministack::Ministack,
    sqs::Queue,
};

const SOON: Duration = Duration::from_secs(120);
/// How long a message stays hidden, so that none comes a second time.
const HIDDEN_S: u32 = 120;

whoever_delivers! {
    a_document_put_in_the_bucket_comes_out_with_its_entities_and_what_is_said_about_them
    a_poison_document_ends_rejected_and_its_neighbours_do_not_notice
}

/// Both stages, deployed; documents that are put in the bucket go through.
struct Pipeline<'a> {
    aws: &'a Ministack,
    ner: Queue,
    sentiment: Queue,
    dead: Queue,
    _stages: [Driven<'a>; 2],
}

impl<'a> Pipeline<'a> {
    fn deploy(by: By, aws: &'a Ministack) -> Self {
        let dead = aws.sqs().create("dead", json!({}));
        let queue = |name| aws.sqs().create_with_redrive(name, HIDDEN_S, &dead, 3);
        let (ner, sentiment) = (queue("ner"), queue("sentiment"));
        let reads = ("BATON_BUCKETS", RESULTS.to_owned());
        let stages = [
            Driven::start(by, aws, "ner", &ner, &[&sentiment], HIDDEN_S, &[]),
            Driven::start(by, aws, "sentiment", &sentiment, &[], HIDDEN_S, &[reads]),
        ];
        aws.s3().notify(INCOMING, &ner.arn, "", "");
        Pipeline { aws, ner, sentiment, dead, _stages: stages }
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

fn a_document_put_in_the_bucket_comes_out_with_its_entities_and_what_is_said_about_them(by: By) {
    let aws = deployment::aws();
    let pipeline = Pipeline::deploy(by, &aws);
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

fn a_poison_document_ends_rejected_and_its_neighbours_do_not_notice(by: By) {
    let aws = deployment::aws();
    let pipeline = Pipeline::deploy(by, &aws);
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
