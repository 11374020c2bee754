//! What the log says of a document, and what it doesn't.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::{
    deployment::{Deployed, INCOMING},
    event::{Record, created},
    wait_for,
};

/// The log's line on that document, as soon as it is there.
fn line_on(ner: &Deployed, key: &str) -> Value {
    wait_for("the line", Duration::from_secs(20), || {
        let log = ner.runtime.stdout();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let document = format!("s3://{INCOMING}/{key}");
        lines
            .into_iter()
            .find(|line| line["document"] == document && !line["outcome"].is_null())
            .ok_or(log.clone())
    })
}

#[test]
fn a_line_for_each_document_says_what_became_of_it_and_nothing_of_its_text() {
    let mut ner = Deployed::start("ner");
    let mentions = json!([{"begin": 0, "end": 6, "text": "Alice "}]);
    let entities = json!([{"id": "e1", "name": "Alice", "mentions": mentions}]);
    ner.put("off.json", json!({"text": "Secret plans.", "entities": entities}).to_string());
    ner.put("good.txt", "Secret plans of Northwind Energy.");
    let records = ["off.json", "good.txt"].map(|key| Record::new(key, &created(INCOMING, key)));
    assert!(ner.deliver(records).is_empty());

    let line = line_on(&ner, "off.json");
    assert_eq!((&line["outcome"], &line["class"]), (&json!("rejected"), &json!("reject")));
    assert_eq!((&line["reason"], &line["message"]), (&json!("invalid-offsets"), &json!("off.json")));
    assert!(line["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{line}");
    let line = line_on(&ner, "good.txt");
    assert_eq!(line["outcome"], "done");
    assert!(line["tokens"].is_u64() && line["cold"] == true, "{line}");
    let steps = ["fetch_ms", "look_ms", "read_ms", "model_ms", "write_ms", "hand_on_ms"]
        .map(|step| line[step].as_f64());
    let sum: f64 = steps.into_iter().map(|step| step.expect("a time")).sum();
    let took = line["took_ms"].as_f64().expect("a time");
    assert!(sum > 0.0 && sum <= took + 0.5, "the steps are within the whole: {line}");
    let log = ner.runtime.stdout();
    assert!(!log.contains("Secret") && !log.contains("Alice"), "{log}");
}

#[test]
fn who_asks_for_debugging_is_told_why_a_document_was_rejected() {
    let mut ner = Deployed::start_with("ner", &[("BATON_LOG", " baton=debug\n".to_owned())]);
    ner.put("bad.json", "{\"text\": 7}");
    assert!(ner.deliver([Record::new("m1", &created(INCOMING, "bad.json"))]).is_empty());
    line_on(&ner, "bad.json");
    wait_for("the reason", Duration::from_secs(20), || {
        let log = ner.runtime.stdout();
        if log.contains("\"why\":") { Ok(()) } else { Err(log) }
    });
}
