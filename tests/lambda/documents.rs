//! One message, one document: what is written for it and what is handed on.

use serde_json::{Value, json};

use super::support::{
    deployment::{Deployed, INCOMING, RESULTS},
    document::{entity, sentiment, stages, text},
    event::{Record, SEQUENCER, created},
    runtime_api::Runtime,
    sent::Sent,
};

const NEWS: &str = "Regulators fined Northwind Energy after the blackout. “It was an awful failure by Northwind Energy,” \
                    said Anna Kovac, who praised Larkfield Capital.";

#[test]
fn a_notification_gives_an_enriched_document_and_the_next_handoff() {
    let mut ner = Deployed::start("ner");
    ner.put("desk/article.json", json!({"id": "n-1", "text": NEWS}).to_string());
    assert!(ner.deliver([Record::new("m1", &created(INCOMING, "desk/article.json"))]).is_empty());

    let document = ner.enriched("ner", "desk/article.json");
    assert_eq!((document["id"].as_str(), document["text"].as_str()), (Some("n-1"), Some(NEWS)));
    assert_eq!(document["sentences"].as_array().unwrap().len(), 2);
    assert_eq!(entity(&document, "Northwind Energy")["type"], "ORG");
    assert_eq!(entity(&document, "Northwind Energy")["mentions"].as_array().unwrap().len(), 2);
    assert_eq!(entity(&document, "Anna Kovac")["type"], "PER");
    let line = &document["lineage"][0];
    assert_eq!(
        (&line["input"]["bucket"], &line["input"]["key"]),
        (&json!(INCOMING), &json!("desk/article.json"))
    );
    assert_eq!(line["model"], document["annotations"]["ner"]["model"]["digest"]);

    let output = ner.aws.s3().get(RESULTS, "news/ner/desk/article.json.json").unwrap();
    assert_eq!(output.content_type, "application/json");
    let etag = output.etag.trim_matches('"');
    let object = json!({"bucket": RESULTS, "key": "news/ner/desk/article.json.json", "etag": etag,
        "sequencer": SEQUENCER});
    let handoff =
        json!({"baton": 1, "document": object, "name": "desk/article.json", "pipeline": "news", "hop": 1});
    assert_eq!(ner.handed_on(), [handoff]);
}

#[test]
fn a_handoff_gives_the_next_stage_its_document() {
    let reads = ("BATON_BUCKETS", RESULTS.to_owned());
    let mut stage = Deployed::start_with("sentiment", &[reads]);
    let begin = NEWS.find("Northwind").unwrap();
    let mentions = json!([{"begin": begin, "end": begin + 16}]);
    let entities = json!([{"id": "e1", "name": "Northwind Energy", "type": "ORG", "mentions": mentions}]);
    let input = json!({"text": NEWS, "entities": entities, "annotations": {"ner": {"task": "ner"}},
        "lineage": [{"stage": "ner", "task": "ner", "model": "sha256:0", "input": {"bucket": "b", "key": "k"}}]});
    stage.aws.s3().put(RESULTS, "news/ner/a.json.json", input.to_string());
    let document = json!({"bucket": RESULTS, "key": "news/ner/a.json.json"});
    let handoff = json!({"baton": 1, "document": document, "name": "a.json", "pipeline": "news", "hop": 1});
    assert!(stage.deliver([Record::new("m1", &handoff.to_string())]).is_empty());

    let document = stage.enriched("sentiment", "a.json");
    assert_eq!(stages(&document), ["ner", "sentiment"]);
    let (line, mentions) = sentiment(&document, "Northwind Energy");
    assert_eq!((line["label"].as_str(), mentions.len()), (Some("negative"), 1));
    assert_eq!(stage.handed_on()[0]["hop"], 2);
}

#[test]
fn the_same_message_twice_and_in_another_process_writes_the_same_bytes() {
    let mut ner = Deployed::start("ner");
    ner.put("a.json", json!({"text": NEWS}).to_string());
    let message = || Record::new("m1", &created(INCOMING, "a.json"));
    assert!(ner.deliver([message()]).is_empty());
    let first = (ner.output("ner", "a.json"), ner.handed_on());

    assert!(ner.deliver([message().receive_count(2)]).is_empty());
    assert_eq!((ner.output("ner", "a.json"), ner.handed_on()), first);

    let mut environment = ner.aws.sdk_environment();
    environment.extend(super::support::deployment::variables("ner", &[&ner.next]));
    ner.runtime = Runtime::start(super::support::local::program(), &environment);
    ner.put("b.txt", "Another document in the same batch, about Larkfield Capital.");
    assert!(ner.deliver([Record::new("m2", &created(INCOMING, "b.txt")), message()]).is_empty());
    assert_eq!(ner.output("ner", "a.json"), first.0);
    assert_eq!(ner.handed_on()[0], first.1[0]);
}

#[test]
fn keys_with_spaces_pluses_and_letters_of_any_script_name_their_object_and_its_output() {
    let mut ner = Deployed::start("ner");
    // As S3 writes them in notifications, and what they are.
    let keys = [
        ("red+flower%2B1.json", "red flower+1.json"),
        ("%C3%B6vning+%2B+r%C3%A9sum%C3%A9/%E6%96%B0%E8%81%9E.txt", "övning + résumé/新聞.txt"),
        ("100%25+%26+%22more%22.json", "100% & \"more\".json"),
    ];
    for (_, key) in keys {
        ner.put(key, NEWS);
    }
    let records = keys.iter().map(|(encoded, _)| Record::new(encoded, &created(INCOMING, encoded)));
    assert!(ner.deliver(records.collect::<Vec<_>>()).is_empty());

    let names: Vec<String> = ner.handed_on().iter().map(|body| text(&body["name"]).to_owned()).collect();
    for (_, key) in keys {
        assert_eq!(ner.enriched("ner", key)["lineage"][0]["input"]["key"], key);
        assert!(names.iter().any(|name| name == key), "{key} is not in {names:?}");
    }
    assert_eq!(ner.results().len(), 3, "nothing was rejected: {:?}", ner.results());
}

#[test]
fn the_name_comes_from_the_object_where_the_message_has_none() {
    let mut ner = Deployed::start("ner");
    ner.put("ünï/a+b c.txt", NEWS);
    assert!(ner.deliver([Record::new("m1", &format!("s3://{INCOMING}/ünï/a+b c.txt"))]).is_empty());

    let mut environment = ner.aws.sdk_environment();
    environment.extend(super::support::deployment::variables("sentiment", &[]));
    environment.push(("BATON_BUCKETS", RESULTS.to_owned()));
    ner.runtime = Runtime::start(super::support::local::program(), &environment);
    // What a person types to have the second stage done again.
    let again = json!({"bucket": RESULTS, "key": "news/ner/ünï/a+b c.txt.json"}).to_string();
    assert!(ner.deliver([Record::new("m2", &again)]).is_empty());
    assert_eq!(stages(&ner.enriched("sentiment", "ünï/a+b c.txt")), ["ner", "sentiment"]);
}

#[test]
fn the_trace_of_a_message_goes_along_with_its_handoff() {
    let sqs = Sent::start();
    let mut ner = Deployed::start_with("ner", &[("AWS_ENDPOINT_URL_SQS", sqs.endpoint())]);
    let trace = "Root=1-69b2cb97-3f1c7a90be5542d8a6e1c034;Parent=7d1c9b0e44f2a358;Sampled=1";
    ner.put("traced.txt", NEWS);
    ner.put("untraced.txt", NEWS);
    let records = [
        Record::new("m1", &created(INCOMING, "traced.txt")).trace(trace),
        Record::new("m2", &created(INCOMING, "untraced.txt")),
    ];
    assert!(ner.deliver(records).is_empty());

    let messages = sqs.messages();
    assert_eq!(messages.len(), 2);
    for message in messages {
        let body: Value = serde_json::from_str(text(&message["MessageBody"])).unwrap();
        let header = message["MessageSystemAttributes"]["AWSTraceHeader"]["StringValue"].as_str();
        assert_eq!(header, (body["name"] == "traced.txt").then_some(trace), "{message}");
    }
}

#[test]
fn a_result_goes_to_every_next_queue() {
    let mut ner = Deployed::start("ner");
    let second = ner.aws.sqs().create("second", json!({}));
    let mut environment = ner.aws.sdk_environment();
    environment.extend(super::support::deployment::variables("ner", &[&ner.next, &second]));
    ner.runtime = Runtime::start(super::support::local::program(), &environment);
    ner.put("a.txt", NEWS);
    assert!(ner.deliver([Record::new("m1", &created(INCOMING, "a.txt"))]).is_empty());
    let bodies = [&ner.next, &second].map(|queue| ner.aws.sqs().take_all(queue)[0].json());
    assert_eq!(bodies[0], bodies[1]);
    assert_eq!(bodies[0]["name"], "a.txt");
}
