//! Many messages, one answer: each fails, is rejected or succeeds alone.

use serde_json::json;

use super::support::{
    deployment::{Deployed, INCOMING, variables},
    document::text,
    event::{Record, created, s3_notification},
    local::program,
    runtime_api::Runtime,
};

const NEWS: &str = "Northwind Energy was fined on Monday. Anna Kovac praised Larkfield Capital.";

#[test]
fn what_can_never_come_through_is_written_down_and_its_neighbours_do_not_notice() {
    let mut alone = Deployed::start("ner");
    for name in ["first.txt", "last.txt"] {
        alone.put(name, NEWS);
        assert!(alone.deliver([Record::new(name, &created(INCOMING, name))]).is_empty());
    }

    let mut ner = Deployed::start("ner");
    ner.put("first.txt", NEWS);
    ner.put("last.txt", NEWS);
    let mentions = json!([{"begin": 0, "end": 8, "text": "Northwind"}]);
    let off = json!({"text": NEWS, "entities": [{"id": "e7", "name": "Northwind", "mentions": mentions}]});
    ner.put("off.json", off.to_string());
    let poison = r#"{"baton":1,"document":{"bucket":"incoming","key":"cut o"#;
    let failures = ner.deliver([
        Record::new("good-1", &created(INCOMING, "first.txt")),
        Record::new("poison", poison),
        Record::new("missing", &created(INCOMING, "never+was.txt")),
        Record::new("off", &created(INCOMING, "off.json")),
        Record::new("good-2", &created(INCOMING, "last.txt")),
    ]);
    assert!(failures.is_empty(), "rejected is settled, not given back: {failures:?}");

    let record = ner.rejection("ner", "messages/poison");
    assert_eq!((&record["reason"], &record["body"]), (&json!("invalid-message"), &json!(poison)));
    assert!(text(&record["message"]).contains("the body is no JSON"), "{record}");
    let record = ner.rejection("ner", "never was.txt");
    assert_eq!(
        (&record["reason"], &record["message"]),
        (&json!("object-missing"), &json!("there is no s3://incoming/never was.txt"))
    );
    let record = ner.rejection("ner", "off.json");
    assert_eq!(record["reason"], "invalid-offsets");
    for part in ["mention 0 of entity \"e7\"", "\"Northwind\"", "\"Northwin\"", "0..8"] {
        assert!(text(&record["message"]).contains(part), "{part} is not in {record}");
    }
    assert_eq!(record["handoff"]["document"]["key"], "off.json");

    for name in ["first.txt", "last.txt"] {
        ner.enriched("ner", name);
        assert_eq!(ner.output("ner", name), alone.output("ner", name), "{name}");
    }
    assert_eq!(ner.handed_on(), alone.handed_on());
    assert_eq!(ner.results().len(), 5);
}

#[test]
fn a_rejected_handoff_sent_again_comes_through_when_its_document_is_mended() {
    let mut ner = Deployed::start("ner");
    ner.put("a.json", "{");
    assert!(ner.deliver([Record::new("m1", &created(INCOMING, "a.json"))]).is_empty());
    let handoff = ner.rejection("ner", "a.json")["handoff"].to_string();

    ner.put("a.json", json!({"text": NEWS}).to_string());
    assert!(ner.deliver([Record::new("m2", &handoff)]).is_empty());
    assert_eq!(ner.enriched("ner", "a.json")["text"], NEWS);
}

#[test]
fn the_message_of_what_was_rejected_goes_to_the_dead_letters_as_it_was_with_the_reason_beside_it() {
    let mut ner = Deployed::start("ner");
    let dead = ner.aws.sqs().create("dead", json!({}));
    let mut environment = ner.aws.sdk_environment();
    environment.extend(variables("ner", &[&ner.next]));
    environment.push(("BATON_DLQ", dead.url.clone()));
    ner.runtime = Runtime::start(program(), &environment);
    ner.put("good.txt", NEWS);
    let missing = created(INCOMING, "missing.txt");
    let records = [Record::new("missing", &missing), Record::new("good", &created(INCOMING, "good.txt"))];
    assert!(ner.deliver(records).is_empty());

    let messages = ner.aws.sqs().take_all(&dead);
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].body, missing);
    assert_eq!(messages[0].attribute("Reason"), Some("object-missing"));
    assert_eq!(messages[0].attribute("Stage"), Some("ner"));
    assert_eq!(ner.rejection("ner", "missing.txt")["message"].as_str(), messages[0].attribute("Message"));
    assert_eq!(ner.handed_on().len(), 1);
}

#[test]
fn test_events_and_events_of_no_creation_succeed_and_do_nothing() {
    let mut ner = Deployed::start("ner");
    ner.put("a.txt", NEWS);
    let test = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-03-01T09:00:00.118Z","Bucket":"incoming"}"#;
    let failures = ner.deliver([
        Record::new("test", test),
        Record::new("removed", &s3_notification("ObjectRemoved:Delete", INCOMING, "a.txt")),
        Record::new("tagged", &s3_notification("ObjectTagging:Put", INCOMING, "a.txt")),
    ]);
    assert!(failures.is_empty(), "{failures:?}");
    assert!(ner.results().is_empty() && ner.handed_on().is_empty(), "{:?}", ner.results());
}

#[test]
fn a_document_in_a_bucket_that_is_not_named_is_rejected_unread() {
    let mut ner = Deployed::start("ner");
    ner.aws.s3().create_bucket("private");
    ner.aws.s3().put("private", "secret.txt", NEWS);
    assert!(ner.deliver([Record::new("m1", "s3://private/secret.txt")]).is_empty());

    let record = ner.rejection("ner", "private/secret.txt");
    assert_eq!(record["reason"], "bucket-not-allowed");
    let message = text(&record["message"]);
    assert!(message.contains("private") && message.contains("BATON_BUCKETS"), "{message}");
    assert!(ner.handed_on().is_empty());
    assert_eq!(ner.results().len(), 1);
}

#[test]
fn one_message_may_hold_several_documents_and_each_has_its_own_end() {
    let mut ner = Deployed::start("ner");
    ner.put("a.txt", NEWS);
    ner.put("b.txt", NEWS);
    let record = |key| {
        serde_json::from_str::<serde_json::Value>(&created(INCOMING, key)).unwrap()["Records"][0].clone()
    };
    let body = json!({"Records": [record("a.txt"), record("missing.txt"), record("b.txt")]});
    assert!(ner.deliver([Record::new("m1", &body.to_string())]).is_empty());

    ner.enriched("ner", "a.txt");
    ner.enriched("ner", "b.txt");
    assert_eq!(ner.rejection("ner", "missing.txt")["reason"], "object-missing");
    assert_eq!(ner.handed_on().len(), 2);
}

#[test]
fn an_empty_batch_is_answered() {
    assert!(Deployed::start("ner").deliver([]).is_empty());
}

#[test]
fn objects_for_which_there_is_no_room_yet_are_opened_again_when_there_is() {
    let mut ner = Deployed::start_with("ner", &[("BATON_LIMIT_BATCH_BYTES", "600000".into())]);
    let names: Vec<String> = (0..5).map(|i| format!("{i}.json")).collect();
    let filler = |i: usize| "x".repeat(400_000 + i);
    for (i, name) in names.iter().enumerate() {
        ner.put(name, json!({"text": NEWS, "filler": filler(i)}).to_string());
    }
    let records: Vec<_> = names.iter().map(|name| Record::new(name, &created(INCOMING, name))).collect();
    assert!(ner.deliver(records).is_empty());
    for (i, name) in names.iter().enumerate() {
        assert_eq!(ner.enriched("ner", name)["filler"], filler(i), "{name} is whole");
    }
}
