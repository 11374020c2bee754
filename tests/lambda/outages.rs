//! What may pass gives back exactly the messages that it touched, and never raises an error: that would give back
//! the whole batch and slow the queue down.

use serde_json::json;

use super::support::{
    deployment::{Deployed, INCOMING, deliver, variables},
    event::{Record, created},
    local::program,
    runtime_api::Runtime,
};

const NEWS: &str = "Northwind Energy was fined on Monday.";
const TEST_EVENT: &str = r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"incoming"}"#;

#[test]
fn when_s3_goes_away_the_messages_that_need_it_come_back_and_the_others_do_not() {
    let mut ner = Deployed::start("ner");
    ner.put("a.txt", NEWS);
    assert!(ner.deliver([Record::new("before", &created(INCOMING, "a.txt"))]).is_empty());

    let Deployed { mut runtime, aws, .. } = ner;
    drop(aws);
    let failures = deliver(
        &mut runtime,
        [
            Record::new("a", &created(INCOMING, "a.txt")),
            Record::new("test", TEST_EVENT),
            Record::new("b", &created(INCOMING, "b.txt")),
        ],
    );
    assert_eq!(failures, ["a", "b"]);
}

#[test]
fn a_batch_that_wholly_fails_is_answered_not_raised() {
    let mut environment = variables("ner", &[]);
    environment.push(("AWS_ENDPOINT_URL", closed_port()));
    let mut runtime = Runtime::start(program(), &environment);
    let ids = ["1", "2", "3", "4"];
    let records = ids.map(|id| Record::new(id, &created(INCOMING, &format!("{id}.txt"))));
    assert_eq!(deliver(&mut runtime, records), ids);
    // It is the same process, ready for the next batch.
    assert!(deliver(&mut runtime, [Record::new("5", TEST_EVENT)]).is_empty());
}

#[test]
fn a_rejection_that_cannot_be_written_down_comes_back() {
    let nowhere = ("BATON_REJECTED", "s3://no-such-bucket/rejected".to_owned());
    let mut ner = Deployed::start_with("ner", &[nowhere]);
    ner.put("good.txt", NEWS);
    let failures = ner.deliver([
        Record::new("poison", "not a message"),
        Record::new("good", &created(INCOMING, "good.txt")),
        Record::new("missing", &created(INCOMING, "missing.txt")),
    ]);
    assert_eq!(failures, ["poison", "missing"]);
    ner.enriched("ner", "good.txt");
}

#[test]
fn a_result_that_cannot_be_written_or_handed_on_comes_back() {
    let nowhere = ("BATON_OUTPUT", "s3://no-such-bucket/news".to_owned());
    let mut ner = Deployed::start_with("ner", &[nowhere]);
    ner.put("a.txt", NEWS);
    assert_eq!(ner.deliver([Record::new("a", &created(INCOMING, "a.txt"))]), ["a"]);
    assert!(ner.handed_on().is_empty(), "nothing is handed on before it is written");

    let gone = format!("{}-gone", ner.next.url);
    let mut environment = ner.aws.sdk_environment();
    environment.extend(variables("ner", &[&ner.next]));
    environment.push(("BATON_NEXT", gone));
    ner.runtime = Runtime::start(program(), &environment);
    assert_eq!(ner.deliver([Record::new("a", &created(INCOMING, "a.txt"))]), ["a"]);
    ner.enriched("ner", "a.txt");

    // When the queue is there, the message that came back is handed on.
    let gone = ner.aws.sqs().create("next-gone", json!({}));
    assert!(ner.deliver([Record::new("a", &created(INCOMING, "a.txt"))]).is_empty());
    assert_eq!(ner.aws.sqs().take_all(&gone)[0].json()["name"], "a.txt");
}

/// An address on which nobody answers: the port was free a moment ago.
fn closed_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
    format!("http://{}", listener.local_addr().expect("an address"))
}
