//! Dead letters are sent again, and deleted only when they were.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    aws_and_queue, counts, replay, sent_keys,
    support::{deployment::INCOMING, event::created},
};

#[test]
fn letters_are_sent_with_all_their_documents_and_then_deleted() {
    let (aws, queue) = aws_and_queue();
    let dead = aws.sqs().create("dead", json!({}));
    let (sqs, url) = (aws.sqs(), |key: &str| format!("s3://{INCOMING}/{key}"));
    for i in 0..25 {
        sqs.send(&dead, &url(&format!("{i:02}.txt")));
    }
    let record = |key| {
        serde_json::from_str::<serde_json::Value>(&created(INCOMING, key)).unwrap()["Records"][0].clone()
    };
    sqs.send(&dead, &json!({"Records": [record("x.txt"), record("y.txt")]}).to_string());
    sqs.send(&dead, "no message");
    let ran = replay(&aws, &queue, &["--dead-letters", &dead.url]).expect(0);
    assert_eq!(counts(&ran), BTreeMap::from([("listed", 28), ("sent", 28)]));
    assert!(sqs.peek(&dead).is_empty());
    let messages = sqs.take_all(&queue);
    assert_eq!(messages.iter().filter(|message| message.body == "no message").count(), 1);
    assert_eq!(messages.len(), 28);
}

#[test]
fn what_is_not_sent_stays_and_is_visible_again() {
    let (aws, queue) = aws_and_queue();
    let dead = aws.sqs().create("dead", json!({"VisibilityTimeout": 600}));
    let sqs = aws.sqs();
    for key in ["a.txt", "b.json", "a.txt"] {
        sqs.send(&dead, &format!("s3://{INCOMING}/{key}"));
    }
    let arguments = ["--dead-letters", &dead.url, "--glob", "*.txt"];
    let ran = replay(&aws, &queue, &arguments).expect(0);
    let expected = [("listed", 3), ("filtered out", 1), ("of a document listed before", 1), ("sent", 1)];
    assert_eq!(counts(&ran), BTreeMap::from(expected));
    let stay = format!("2 letters stay in {}: 1 filtered out, 1 of a document listed before", dead.url);
    assert!(ran.stdout.contains(&stay), "{}", ran.stdout);
    assert_eq!(sent_keys(&aws, &queue), ["a.txt"]);
    let counted = sqs.counts(&dead);
    assert_eq!((counted.visible, counted.in_flight), (2, 0), "they can be seen at once");

    let dry = replay(&aws, &queue, &["--dead-letters", &dead.url, "--dry-run"]).expect(0);
    assert_eq!(counts(&dry), BTreeMap::from([("listed", 2), ("sent", 2)]));
    let counted = sqs.counts(&dead);
    assert_eq!((counted.visible, counted.in_flight), (2, 0));
    assert!(sqs.peek(&queue).is_empty());
}

#[test]
fn a_letter_that_is_one_again_after_an_earlier_run_is_told_of_and_not_taken_for_sent() {
    let (aws, queue) = aws_and_queue();
    let dead = aws.sqs().create("dead", json!({}));
    let folder = tempfile::tempdir().expect("a folder");
    let checkpoint = |name: &str| folder.path().join(name).display().to_string();
    let again =
        |name: &str| replay(&aws, &queue, &["--dead-letters", &dead.url, "--checkpoint", &checkpoint(name)]);
    let message = format!("s3://{INCOMING}/a.txt");
    aws.sqs().send(&dead, &message);
    again("one").expect(0);
    aws.sqs().send(&dead, &message);
    let ran = again("one").expect(1);
    assert_eq!(counts(&ran), BTreeMap::from([("listed", 1), ("failed", 1)]));
    assert!(ran.stdout.contains("another --checkpoint sends it once more"), "{}", ran.stdout);
    assert_eq!(aws.sqs().peek(&dead).len(), 1);
    again("two").expect(0);
    assert!(aws.sqs().peek(&dead).is_empty());
}

#[test]
fn a_letter_that_names_a_document_twice_is_deleted_when_it_was_sent() {
    let (aws, queue) = aws_and_queue();
    let dead = aws.sqs().create("dead", json!({}));
    let record = |sequencer: &str| {
        let mut record: serde_json::Value = serde_json::from_str(&created(INCOMING, "a.txt")).unwrap();
        record["Records"][0]["s3"]["object"]["sequencer"] = sequencer.into();
        record["Records"][0].take()
    };
    aws.sqs().send(&dead, &json!({"Records": [record("01"), record("02")]}).to_string());
    let ran = replay(&aws, &queue, &["--dead-letters", &dead.url]).expect(0);
    let expected = [("listed", 2), ("of a document listed before", 1), ("sent", 1)];
    assert_eq!(counts(&ran), BTreeMap::from(expected));
    assert!(!ran.stdout.contains("stays") && aws.sqs().peek(&dead).is_empty(), "{}", ran.stdout);
}

#[test]
fn letters_that_somebody_else_has_received_are_told_of() {
    let (aws, queue) = aws_and_queue();
    let dead = aws.sqs().create("dead", json!({"VisibilityTimeout": 600}));
    aws.sqs().send(&dead, &format!("s3://{INCOMING}/a.txt"));
    assert_eq!(aws.sqs().receive(&dead, 1).len(), 1);
    aws.sqs().send(&dead, &format!("s3://{INCOMING}/b.txt"));
    let ran = replay(&aws, &queue, &["--dead-letters", &dead.url]).expect(1);
    assert_eq!(counts(&ran), BTreeMap::from([("listed", 1), ("sent", 1)]));
    assert!(
        ran.stdout.contains("about 1 more were not looked at, as SQS counts: somebody else"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_letter_that_announces_nothing_is_deleted_unless_it_is_a_dry_run() {
    let (aws, queue) = aws_and_queue();
    let dead = aws.sqs().create("dead", json!({}));
    let test = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": INCOMING});
    aws.sqs().send(&dead, &test.to_string());
    let expected = BTreeMap::from([("listed", 1), ("no document (folders, deletions)", 1)]);
    let dry = replay(&aws, &queue, &["--dead-letters", &dead.url, "--dry-run"]).expect(0);
    assert_eq!(counts(&dry), expected);
    assert_eq!(aws.sqs().counts(&dead).visible, 1);
    let ran = replay(&aws, &queue, &["--dead-letters", &dead.url]).expect(0);
    assert_eq!(counts(&ran), expected);
    assert!(!ran.stdout.contains("stay"), "{}", ran.stdout);
    assert!(aws.sqs().peek(&dead).is_empty() && aws.sqs().peek(&queue).is_empty());
}

#[test]
fn a_letter_that_cannot_be_sent_is_not_deleted() {
    let (aws, mut queue) = aws_and_queue();
    let dead = aws.sqs().create("dead", json!({"VisibilityTimeout": 600}));
    aws.sqs().send(&dead, &format!("s3://{INCOMING}/a.txt"));
    queue.url.push_str("-gone");
    replay(&aws, &queue, &["--dead-letters", &dead.url]).expect(1);
    let counted = aws.sqs().counts(&dead);
    assert_eq!((counted.visible, counted.in_flight), (1, 0));
}

#[test]
fn in_a_fifo_queue_letters_come_when_those_before_them_are_gone_and_what_stands_behind_others_is_told() {
    let (aws, queue) = aws_and_queue();
    let dead = aws.sqs().create("dead.fifo", json!({"VisibilityTimeout": 600}));
    let send = |key: &str| {
        let more = json!({"MessageGroupId": "one", "MessageDeduplicationId": key});
        aws.sqs().send_with(&dead, &format!("s3://{INCOMING}/{key}"), more);
    };
    (0..25).for_each(|i| send(&format!("{i:02}.txt")));
    // Seven at a time: the ten that SQS gives at once are more than a batch, and less than two.
    let ran = replay(&aws, &queue, &["--dead-letters", &dead.url, "--rate", "7"]).expect(0);
    assert_eq!(counts(&ran), BTreeMap::from([("listed", 25), ("sent", 25)]));
    assert_eq!(sent_keys(&aws, &queue).len(), 25);

    (0..3).for_each(|i| send(&format!("{i:02}.md")));
    send("stays.json");
    (3..25).for_each(|i| send(&format!("{i:02}.md")));
    let ran = replay(&aws, &queue, &["--dead-letters", &dead.url, "--glob", "*.md"]).expect(1);
    assert_eq!(counts(&ran), BTreeMap::from([("listed", 10), ("filtered out", 1), ("sent", 9)]));
    assert!(ran.stdout.contains("about 16 more were not looked at: in a FIFO queue"), "{}", ran.stdout);
    let counted = aws.sqs().counts(&dead);
    assert_eq!((counted.visible, counted.in_flight), (17, 0));
}
