//! What must hold whoever takes the messages out of the queue: Lambda's poller, or the stage as a worker.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    deployment::{self, INCOMING, RESULTS},
    document,
    driven::{By, Driven},
    wait_for,
};

const SOON: Duration = Duration::from_secs(60);
const NEWS: &str = "Velmo Corp. lost its customers on Monday. Ada Quist of Zoltar Widgets was pleased.";

crate::whoever_delivers! {
    documents_come_through_are_handed_on_and_leave_the_queue
    poison_ends_among_the_rejections_and_the_dead_letters
    what_fails_comes_back_and_comes_through_when_its_cause_is_gone
    what_fails_for_ever_ends_among_the_dead_letters
    a_message_that_is_sent_again_computes_nothing_and_is_handed_on_again
    a_forced_message_computes_again_and_so_does_the_next_stage
    a_message_of_many_documents_becomes_a_message_for_each
}

fn url(key: &str) -> String {
    format!("s3://{INCOMING}/{key}")
}

fn documents_come_through_are_handed_on_and_leave_the_queue(by: By) {
    let aws = deployment::aws();
    let (s3, sqs) = (aws.s3(), aws.sqs());
    let (source, next) = (sqs.create("source", json!({})), sqs.create("next", json!({})));
    let keys: Vec<String> = (0..40).map(|i| format!("desk/ünï {i}.txt")).collect();
    for key in &keys {
        s3.put(INCOMING, key, NEWS);
        sqs.send(&source, &url(key));
    }
    let _stage = Driven::start(by, &aws, "ner", &source, &[&next], 60, &[]);
    sqs.wait_empty(&source, SOON);
    for key in &keys {
        let object = s3.get(RESULTS, &format!("news/ner/{key}.json")).expect("what left the queue is there");
        assert_eq!(document::enriched(&object.body)["text"], NEWS);
    }
    let mut names: Vec<_> =
        sqs.take_all(&next).iter().map(|m| document::text(&m.json()["name"]).to_owned()).collect();
    names.sort();
    let mut expected = keys;
    expected.sort();
    assert_eq!(names, expected);
}

fn poison_ends_among_the_rejections_and_the_dead_letters(by: By) {
    let aws = deployment::aws();
    let (s3, sqs) = (aws.s3(), aws.sqs());
    let (dead, source) = (sqs.create("dead", json!({})), sqs.create("source", json!({})));
    s3.put(INCOMING, "good.txt", NEWS);
    s3.put(INCOMING, "bad.json", "{\"text\": ");
    for body in [url("good.txt"), url("bad.json"), "no message".into(), url("missing.txt")] {
        sqs.send(&source, &body);
    }
    let _stage = Driven::start(by, &aws, "ner", &source, &[], 60, &[("BATON_DLQ", dead.url.clone())]);
    sqs.wait_empty(&source, SOON);
    let letters = sqs.take_all(&dead);
    let mut reasons: Vec<_> = letters
        .iter()
        .map(|letter| (letter.body.clone(), letter.attribute("Reason").unwrap_or_default()))
        .collect();
    reasons.sort();
    assert_eq!(
        reasons,
        [
            ("no message".to_owned(), "invalid-message"),
            (url("bad.json"), "invalid-json"),
            (url("missing.txt"), "object-missing")
        ]
    );
    assert_eq!(s3.list(RESULTS, "rejected/ner/").len(), 3);
    assert_eq!(s3.list(RESULTS, "news/"), ["news/ner/good.txt.json"]);
}

fn what_fails_comes_back_and_comes_through_when_its_cause_is_gone(by: By) {
    let aws = deployment::aws();
    let (s3, sqs) = (aws.s3(), aws.sqs());
    let source = sqs.create("source", json!({"VisibilityTimeout": 600}));
    let next = format!("{}-next", source.url);
    s3.put(INCOMING, "a.txt", NEWS);
    sqs.send(&source, &url("a.txt"));
    let more = [("BATON_NEXT", next), ("BATON_BACKOFF_S", "1".into()), ("BATON_BACKOFF_MAX_S", "1".into())];
    let stage = Driven::start(by, &aws, "ner", &source, &[], 600, &more);
    wait_for("the message to be given back twice", SOON, || match stage.outcomes() {
        outcomes if outcomes.len() >= 2 => Ok(()),
        outcomes => Err(format!("{outcomes:?}")),
    });
    let next = sqs.create("source-next", json!({}));
    sqs.wait_empty(&source, SOON);
    assert_eq!(sqs.take_all(&next)[0].json()["name"], "a.txt");
    let outcomes = stage.outcomes();
    // It was written before it could be handed on, and is not computed again.
    assert_eq!(outcomes.last().map(String::as_str), Some("repeated"), "{outcomes:?}");
    assert!(outcomes[..outcomes.len() - 1].iter().all(|outcome| outcome == "given back"), "{outcomes:?}");
}

fn what_fails_for_ever_ends_among_the_dead_letters(by: By) {
    let aws = deployment::aws();
    let (s3, sqs) = (aws.s3(), aws.sqs());
    let dead = sqs.create("dead", json!({}));
    let source = sqs.create_with_redrive("source", 600, &dead, 3);
    s3.put(INCOMING, "a.txt", NEWS);
    sqs.send(&source, &url("a.txt"));
    let nowhere = ("BATON_OUTPUT", "s3://no-such-bucket/news".to_owned());
    let more = [nowhere, ("BATON_BACKOFF_S", "1".into()), ("BATON_BACKOFF_MAX_S", "1".into())];
    let stage = Driven::start(by, &aws, "ner", &source, &[], 600, &more);
    let letters = sqs.take(&dead, 1, SOON);
    assert_eq!(letters[0].body, url("a.txt"));
    assert_eq!(stage.outcomes(), ["given back"; 3]);
    assert!(s3.list(RESULTS, "").is_empty(), "it was no fault of the document's");
}

fn a_message_that_is_sent_again_computes_nothing_and_is_handed_on_again(by: By) {
    let aws = deployment::aws();
    let (s3, sqs) = (aws.s3(), aws.sqs());
    let (source, next) = (sqs.create("source", json!({})), sqs.create("next", json!({})));
    s3.enable_versioning(RESULTS);
    s3.put(INCOMING, "a.txt", NEWS);
    let stage = Driven::start(by, &aws, "ner", &source, &[&next], 60, &[]);
    for _ in 0..2 {
        sqs.send(&source, &url("a.txt"));
        sqs.wait_empty(&source, SOON);
    }
    let bodies: Vec<Value> = sqs.take(&next, 2, SOON).iter().map(|message| message.json()).collect();
    assert_eq!(bodies[0], bodies[1], "both mean the one version of the result");
    wait_for("its log", SOON, || {
        let outcomes = stage.outcomes();
        if outcomes == ["done", "repeated"] { Ok(()) } else { Err(format!("{outcomes:?}")) }
    });
}

fn a_forced_message_computes_again_and_so_does_the_next_stage(by: By) {
    let aws = deployment::aws();
    let (s3, sqs) = (aws.s3(), aws.sqs());
    let source = sqs.create("source", json!({}));
    // FIFO, where a message that looks the same is dropped for five minutes.
    let next = sqs.create("next.fifo", json!({}));
    s3.enable_versioning(RESULTS);
    s3.put(INCOMING, "a.txt", NEWS);
    let stage = Driven::start(by, &aws, "ner", &source, &[&next], 60, &[]);
    let place = json!({"bucket": INCOMING, "key": "a.txt"});
    for force in [false, true] {
        sqs.send(&source, &json!({"baton": 1, "document": place, "force": force}).to_string());
        sqs.wait_empty(&source, SOON);
    }
    let bodies: Vec<Value> = sqs.take(&next, 2, SOON).iter().map(|message| message.json()).collect();
    assert_eq!((&bodies[0]["force"], &bodies[1]["force"]), (&Value::Null, &json!(true)));
    assert_ne!(bodies[0]["document"]["versionId"], bodies[1]["document"]["versionId"]);
    wait_for("its log", SOON, || {
        let outcomes = stage.outcomes();
        if outcomes == ["done", "done"] { Ok(()) } else { Err(format!("{outcomes:?}")) }
    });
}

fn a_message_of_many_documents_becomes_a_message_for_each(by: By) {
    let aws = deployment::aws();
    let (s3, sqs) = (aws.s3(), aws.sqs());
    let (source, next) = (sqs.create("source", json!({})), sqs.create("next", json!({})));
    let keys: Vec<String> = (0..25).map(|i| format!("{i}.txt")).collect();
    keys.iter().for_each(|key| {
        s3.put(INCOMING, key, NEWS);
    });
    let record = |key: &String| {
        json!({"eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": INCOMING}, "object": {"key": key}}})
    };
    let records: Vec<Value> = keys.iter().map(record).collect();
    sqs.send(&source, &json!({ "Records": records }).to_string());
    let stage = Driven::start(by, &aws, "ner", &source, &[&next], 60, &[]);
    assert_eq!(sqs.take(&next, keys.len(), SOON).len(), keys.len());
    assert_eq!(s3.list(RESULTS, "news/ner/").len(), keys.len());
    wait_for("its log", SOON, || {
        let outcomes = stage.outcomes();
        let count = |what: &str| outcomes.iter().filter(|outcome| *outcome == what).count();
        let counts = (count("sent apart"), count("done"), outcomes.len());
        if counts == (25, 25, 50) { Ok(()) } else { Err(format!("{outcomes:?}")) }
    });
}
