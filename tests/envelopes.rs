//! Every envelope that a document may come in, with one parser: none is misread, and nothing makes it panic.

use baton::{
    error::Reason,
    handoff::{Handoff, ONE_BY_ONE, ObjectRef, entries, parse},
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn form_encoded(key: &str) -> String {
    let safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'*' | b'/');
    let encoded = |b: u8| match b {
        b' ' => "+".to_owned(),
        b if safe(b) => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    key.bytes().map(encoded).collect()
}

fn s3_record(name: &str, document: &ObjectRef) -> Value {
    json!({
        "eventVersion": "2.3", "eventSource": "aws:s3", "awsRegion": "eu-west-1", "eventName": name,
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": document.bucket, "arn": "arn:aws:s3:::x"},
               "object": {"key": form_encoded(&document.key), "size": 9, "eTag": document.etag,
                          "versionId": document.version_id, "sequencer": document.sequencer}}})
}

fn s3_event(records: &[Value]) -> Value {
    json!({ "Records": records })
}

fn sns(message: &str) -> Value {
    json!({"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:t",
           "Subject": "Amazon S3 Notification", "Message": message, "Timestamp": "2026-11-24T00:00:00.000Z"})
}

fn event_bridge(kind: &str, document: &ObjectRef) -> Value {
    json!({"version": "0", "id": "1", "detail-type": kind, "source": "aws.s3", "account": "123456789012",
           "detail": {"version": "0", "bucket": {"name": document.bucket}, "reason": "PutObject",
                      "object": {"key": document.key, "size": 9, "etag": document.etag,
                                 "version-id": document.version_id, "sequencer": document.sequencer}}})
}

fn documents(body: &str) -> Vec<ObjectRef> {
    let announced = parse(body).unwrap_or_else(|failure| panic!("{failure} in {body}"));
    assert!(announced.ignored.is_empty() && announced.unreadable.is_empty(), "{announced:?}");
    announced.handoffs.into_iter().map(|handoff| handoff.document).collect()
}

fn ignored(body: &str) -> Vec<String> {
    let announced = parse(body).unwrap_or_else(|failure| panic!("{failure} in {body}"));
    assert!(announced.handoffs.is_empty() && announced.unreadable.is_empty(), "{announced:?}");
    announced.ignored
}

prop_compose! {
    fn any_document()(
        bucket in "[a-z0-9][a-z0-9.-]{1,20}[a-z0-9]",
        key in "[^\\x00]{1,40}",
        etag in proptest::option::of("[0-9a-f]{32}"),
        version_id in proptest::option::of("[A-Za-z0-9._]{8,32}"),
        sequencer in proptest::option::of("[0-9A-F]{16,18}"),
    ) -> ObjectRef {
        ObjectRef { bucket, key, version_id, etag, sequencer }
    }
}

proptest! {
    #[test]
    fn no_valid_body_is_misread(first in any_document(), second in any_document()) {
        let both = [first.clone(), second.clone()];
        let records = both.clone().map(|document| s3_record("ObjectCreated:Put", &document));
        let direct = s3_event(&records).to_string();
        prop_assert_eq!(documents(&direct), both.to_vec());
        prop_assert_eq!(documents(&sns(&direct).to_string()), both.to_vec());
        prop_assert_eq!(documents(&event_bridge("Object Created", &first).to_string()), vec![first.clone()]);
        let handoff = Handoff::first(first.clone()).next(second.clone(), "a name", "news");
        let handoff = Handoff { force: true, ..handoff };
        prop_assert_eq!(parse(&handoff.to_body()).unwrap().handoffs, vec![handoff]);
        let plain = ObjectRef::new(&first.bucket, &first.key);
        let typed = json!({"bucket": first.bucket, "key": first.key}).to_string();
        prop_assert_eq!(documents(&typed), vec![plain.clone()]);
        // What a person types may have a line break behind it, and keys can't end in white space there.
        if plain.key.trim_end() == plain.key {
            prop_assert_eq!(documents(&format!("{plain}\n")), vec![plain]);
        }
    }

    #[test]
    fn no_body_makes_it_panic(body in "\\PC{0,200}") {
        if let Err(failure) = parse(&body) {
            prop_assert_eq!(failure.reason, Reason::InvalidMessage);
        }
    }

    #[test]
    fn no_damaged_body_makes_it_panic(document in any_document(), at in 0usize..600, byte in any::<u8>()) {
        let mut body = sns(&s3_event(&[s3_record("ObjectCreated:Put", &document)]).to_string()).to_string().into_bytes();
        let at = at % body.len();
        body[at] = byte;
        let _ = parse(&String::from_utf8_lossy(&body));
        let _ = parse(&String::from_utf8_lossy(&body[..at]));
    }
}

#[test]
fn creations_of_every_kind_announce_a_document_and_nothing_else_does() {
    let document = ObjectRef::new("incoming", "a.json");
    for kind in ["Put", "Post", "Copy", "CompleteMultipartUpload"] {
        for prefix in ["", "s3:"] {
            let name = format!("{prefix}ObjectCreated:{kind}");
            let announced = documents(&s3_event(&[s3_record(&name, &document)]).to_string());
            assert_eq!(announced, std::slice::from_ref(&document));
        }
    }
    for name in [
        "ObjectRemoved:Delete",
        "ObjectRemoved:DeleteMarkerCreated",
        "ObjectRestore:Completed",
        "ObjectTagging:Put",
    ] {
        let what = ignored(&s3_event(&[s3_record(name, &document)]).to_string());
        assert_eq!(what, [format!("{name} of s3://incoming/a.json")]);
    }
    assert_eq!(ignored(&event_bridge("Object Deleted", &document).to_string()).len(), 1);
    assert_eq!(
        ignored(r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"incoming"}"#),
        ["s3:TestEvent"]
    );
    assert_eq!(ignored(&sns(r#"{"Event":"s3:TestEvent"}"#).to_string()), ["s3:TestEvent"]);
    assert_eq!(
        ignored(r#"{"Records":[]}"#),
        ["an event without records"],
        "it is not passed over in silence"
    );
}

#[test]
fn a_removal_beside_a_creation_is_ignored_and_the_creation_is_not() {
    let document = ObjectRef::new("incoming", "a.json");
    let records = ["ObjectRemoved:Delete", "ObjectCreated:Put"].map(|name| s3_record(name, &document));
    let announced = parse(&s3_event(&records).to_string()).unwrap();
    assert_eq!((announced.handoffs.len(), announced.ignored.len()), (1, 1));
}

#[test]
fn a_folder_marker_is_no_document_whoever_announces_it() {
    let folder = ObjectRef::new("incoming", "2026/");
    let mut record = s3_record("ObjectCreated:Put", &folder);
    let mut event = event_bridge("Object Created", &folder);
    assert_eq!(documents(&event.to_string()), [folder], "what has bytes is no marker");
    record["s3"]["object"]["size"] = json!(0);
    event["detail"]["object"]["size"] = json!(0);
    for body in [s3_event(&[record]), event] {
        assert_eq!(ignored(&body.to_string()), ["the folder marker s3://incoming/2026/"]);
    }
}

#[test]
fn an_unreadable_record_costs_none_of_its_neighbours() {
    let [a, c] = ["a.txt", "c.txt"].map(|key| ObjectRef::new("incoming", key));
    let good = |document| s3_record("ObjectCreated:Put", document);
    let broken = |pointer: &str, value: Value| {
        let mut record = good(&a);
        *record.pointer_mut(pointer).expect("the record has it") = value;
        record
    };
    for (bad, says) in [
        (broken("/s3/object/key", json!("%FF.txt")), "record 1 has the key `%FF.txt`, which is no UTF-8"),
        (broken("/s3/object/key", json!("")), "record 1 names a document without a bucket or a key"),
        (broken("/s3/bucket/name", json!("")), "record 1 names a document without a bucket or a key"),
        (broken("/s3/object", json!({})), "record 1 is not as it should be: missing field `key`"),
        (broken("/eventSource", json!("aws:sns")), "record 1 is from aws:sns"),
        (broken("/eventVersion", json!("3.0")), "record 1 has eventVersion 3.0"),
        (json!(7), "record 1 is not as it should be"),
    ] {
        let direct = s3_event(&[good(&a), bad.clone(), good(&c)]).to_string();
        for body in [direct.clone(), sns(&direct).to_string()] {
            let announced = parse(&body).unwrap_or_else(|failure| panic!("{failure} in {body}"));
            let read: Vec<_> = announced.handoffs.iter().map(|handoff| &handoff.document).collect();
            assert_eq!(read, [&a, &c], "{body}");
            let [unreadable] = &announced.unreadable[..] else { panic!("{announced:?}") };
            assert_eq!((unreadable.index, unreadable.failure.reason), (1, Reason::InvalidMessage));
            assert!(unreadable.failure.message.starts_with(says), "{says:?}: {}", unreadable.failure.message);
            let alone: Value = serde_json::from_str(&unreadable.body()).expect("JSON");
            assert_eq!(alone, s3_event(std::slice::from_ref(&bad)), "sent again, it comes alone");
        }
    }
}

#[test]
fn what_holds_unreadable_records_and_no_document_is_no_message_and_its_records_are_told_apart() {
    let removed = s3_record("ObjectRemoved:Delete", &ObjectRef::new("incoming", "a.txt"));
    let body = s3_event(&[removed, json!({}), json!(7)]).to_string();
    let failure = parse(&body).expect_err("it announces nothing that could be done");
    assert!(failure.message.starts_with("record 1 is not as it should be"), "{failure}");
    let entries = entries(&body).expect("it is a notification");
    let indices: Vec<_> = entries.unreadable.iter().map(|record| record.index).collect();
    assert_eq!((indices, entries.ignored.len()), (vec![1, 2], 1));
}

#[test]
fn a_message_full_of_unreadable_records_has_few_outcomes_and_none_of_them_is_left_out() {
    let document = ObjectRef::new("incoming", "a.txt");
    let mut records: Vec<Value> = (0..1000).map(|n| json!(n)).collect();
    records.push(s3_record("ObjectCreated:Put", &document));
    let announced = parse(&s3_event(&records).to_string()).expect("one record is readable");
    assert_eq!(announced.handoffs.len(), 1);
    assert_eq!(announced.unreadable.len(), ONE_BY_ONE + 1);
    let written = announced.unreadable.iter().flat_map(|unreadable| {
        let body: Value = serde_json::from_str(&unreadable.body()).expect("JSON");
        body["Records"].as_array().expect("records").clone()
    });
    assert_eq!(written.collect::<Vec<_>>(), records[..1000]);
    let rest = &announced.unreadable[ONE_BY_ONE].failure.message;
    assert!(rest.starts_with("the first of all further records") && rest.contains("record 100 "), "{rest}");
}

#[test]
fn keys_of_notifications_are_decoded_and_those_of_eventbridge_are_not() {
    let mut record = s3_record("ObjectCreated:Put", &ObjectRef::new("incoming", ""));
    record["s3"]["object"]["key"] = json!("red+flower%2B1.json");
    assert_eq!(documents(&s3_event(&[record]).to_string())[0].key, "red flower+1.json");
    let raw = ObjectRef::new("incoming", "red+flower%2B1.json");
    assert_eq!(documents(&event_bridge("Object Created", &raw).to_string())[0].key, raw.key);
}

#[test]
fn a_record_that_cannot_be_read_is_written_down_as_it_came() {
    let record = r#"{"eventName": "ObjectCreated:Put", "s3": 1.50, "more": [[[12345678901234567890123]]]}"#;
    let body = format!(r#"{{"Records": [{record}]}}"#);
    assert_eq!(entries(&body).unwrap().unreadable[0].body(), format!(r#"{{"Records":[{record}]}}"#));
}

/// A message has room for a megabyte of one, and logs and records quote it many times over.
#[test]
fn a_key_that_no_log_has_room_for_is_shown_by_its_beginning() {
    let shown = ObjectRef::new("incoming", "é".repeat(1 << 19)).to_string();
    assert!(shown.starts_with("s3://incoming/éé") && shown.ends_with("éé…"), "{shown:.50}");
    assert!(shown.len() < 1100, "{}", shown.len());
    let longest = ObjectRef::new("incoming", "k".repeat(1024));
    assert_eq!(longest.to_string(), format!("s3://incoming/{}", longest.key), "what S3 can have is whole");
}

#[test]
fn what_is_no_message_says_what_would_be() {
    let of_sns = json!({"Records": [{"EventSource": "aws:sns", "eventSource": "aws:sns", "eventName": "x",
                        "s3": {"bucket": {"name": "b"}, "object": {"key": "k"}}}]});
    let version_3 = {
        let mut record = s3_record("ObjectCreated:Put", &ObjectRef::new("incoming", "a"));
        record["eventVersion"] = json!("3.0");
        s3_event(&[record])
    };
    for (body, says) in [
        ("{\"Records\":[{\"s3\":{}}]}".to_owned(), "record 0 is not as it should be"),
        ("{}".to_owned(), "in no form that Baton knows"),
        ("[1]".to_owned(), "in no form that Baton knows"),
        ("hello".to_owned(), "the body is no JSON"),
        ("s3://bucket".to_owned(), "write s3://bucket/key"),
        (r#"{"bucket":"","key":"a"}"#.to_owned(), "without a bucket or a key"),
        (r#"{"baton":2,"document":{"bucket":"b","key":"k"}}"#.to_owned(), "version 2; this Baton speaks 1"),
        (r#"{"baton":1}"#.to_owned(), "missing field `document`"),
        (
            format!(r#"{{"baton":{}}}"#, "[\n".repeat(9) + &"]".repeat(9)),
            "version [[[[[[[[[]]]]]]]]]; this Baton",
        ),
        (r#"{"bucket":"a","bucket":"b","key":"k"}"#.to_owned(), "duplicate field `bucket`"),
        (r#"{"bucket":"b","key":"\ud800"}"#.to_owned(), "unexpected end of hex escape"),
        (r#"{"bucket":"b","key":"k","\ud800":1}"#.to_owned(), "unexpected end of hex escape"),
        (r#"{"bucket":"b","key":1}"#.to_owned(), "in no form that Baton knows"),
        (
            format!(r#"{{"Records":[{}{}]}}"#, "[".repeat(9999), "]".repeat(9999)),
            "record 0 is not as it should be",
        ),
        (of_sns.to_string(), "from aws:sns"),
        (version_3.to_string(), "eventVersion 3.0"),
        (sns("not json").to_string(), "`Message` is no JSON"),
        (sns(&sns("{}").to_string()).to_string(), "in no form that Baton knows"),
    ] {
        let failure = parse(&body).expect_err(&body);
        assert_eq!(failure.reason, Reason::InvalidMessage);
        assert!(failure.message.contains(says), "{body}: {says:?} is not in {:?}", failure.message);
    }
}

/// XML, and so SQS, has no such characters; a key may have them.
#[test]
fn a_handoff_of_a_key_that_sqs_could_not_carry_travels_all_the_same() {
    let place = ObjectRef::new("incoming", "a\u{FFFE}\u{FFFF}\u{7F}.json".to_owned());
    let body = Handoff::first(place.clone()).to_body();
    assert!(!body.contains(['\u{FFFE}', '\u{FFFF}']), "{body}");
    assert_eq!(documents(&body), [place]);
}
