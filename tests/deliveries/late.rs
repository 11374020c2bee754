//! Too little time, and messages that come back after a while.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{
    deployment::{Deployed, INCOMING, RESULTS},
    event::{self, Record},
    lambda::Function,
    local::program,
    runtime_api::{Invocation, Outcome},
    wait_for, zip,
};

const SOON: Duration = Duration::from_secs(120);

/// A document that takes a good part of a second; no sentence in it, nor in another one, is one that was asked before.
fn long(number: usize) -> String {
    let sentence = |n: usize| {
        let sum = 100 * number + n;
        format!(
            "Velmo Corp. said on Monday that it had lost {sum} dollars more than Ada Quist had thought possible. "
        )
    };
    let text: String = (0..100).map(sentence).collect();
    json!({"text": text, "entities": [{"name": "Velmo Corp."}, {"name": "Ada Quist"}]}).to_string()
}

#[test]
fn a_batch_far_too_large_for_the_time_out_is_answered_before_it() {
    // The slower arithmetic, so that forty documents are too many for any machine.
    let mut stage = Deployed::start_with("sentiment", &[("BATON_PRECISION", "f32".to_owned())]);
    let records: Vec<Record> = (0..40)
        .map(|i| {
            stage.put(&format!("{i}.json"), long(i));
            Record::new(&format!("m{i}"), &format!("s3://{INCOMING}/{i}.json"))
        })
        .collect();
    stage.runtime.wait_ready();
    let outcome =
        stage.runtime.invoke(Invocation::new(event::sqs_event(records)).timeout(Duration::from_secs(6)));
    let Outcome::Response(response) = outcome else { panic!("{outcome:?}") };
    let given_back = event::failures(&response).len();
    let done = stage.results().len();
    assert_eq!(
        (given_back + done, done > 0, given_back > 0),
        (40, true, true),
        "{done} done, {given_back} given back"
    );
}

#[test]
fn on_lambda_no_invocation_runs_into_its_time_out_and_all_documents_come_through() {
    let aws = crate::support::deployment::aws();
    let (s3, sqs, lambda) = (aws.s3(), aws.sqs(), aws.lambda());
    let dead = sqs.create("dead", json!({}));
    // As few tries as a queue may have: what lacked time only has lost none.
    let source = sqs.create_with_redrive("source", 30, &dead, 5);
    let mut environment = crate::support::deployment::variables("sentiment", &[]);
    environment.push(("BATON_QUEUE", source.url.clone()));
    let zip = zip::launcher(program());
    lambda.create(&Function { name: "sentiment", zip: &zip, environment: &environment, timeout_s: 3 });
    lambda.reserve_concurrency("sentiment", 1);
    for i in 0..20 {
        s3.put(INCOMING, &format!("{i}.json"), long(i));
        sqs.send(&source, &format!("s3://{INCOMING}/{i}.json"));
    }
    let mapping = lambda.trigger("sentiment", &source, Some(2));
    s3.wait_count(RESULTS, "news/sentiment/", 20, SOON);
    sqs.wait_empty(&source, SOON);
    assert!(!aws.log().contains("timed out after"), "an invocation ran into its time-out");
    assert!(!lambda.last_result(&mapping).contains("FAILED"), "{}", lambda.last_result(&mapping));
    assert!(sqs.take_all(&dead).is_empty());
}

#[test]
fn what_failed_comes_back_after_its_backoff_not_after_the_queues_time_out() {
    let mut stage = Deployed::start("sentiment");
    let source = stage.aws.sqs().create("source", json!({"VisibilityTimeout": 600}));
    let more = [
        ("BATON_QUEUE", source.url.clone()),
        ("BATON_BACKOFF_S", "1".to_owned()),
        ("BATON_BUCKETS", "no-such-bucket".to_owned()),
    ];
    let mut environment = stage.aws.sdk_environment();
    environment.extend(crate::support::deployment::variables("sentiment", &[]));
    environment.extend(more);
    stage.runtime = crate::support::runtime_api::Runtime::start(program(), &environment);
    stage.aws.sqs().send(&source, "s3://no-such-bucket/a.json");
    let first = stage.aws.sqs().receive(&source, 5).remove(0);
    let record = Record::new(&first.id, &first.body).receipt(&first.receipt);
    assert_eq!(stage.deliver([record]), vec![first.id.clone()]);
    let begun = Instant::now();
    let again = wait_for("the message", Duration::from_secs(20), || {
        stage.aws.sqs().receive(&source, 1).pop().ok_or_else(|| "nothing".into())
    });
    assert_eq!(again.id, first.id);
    assert!(begun.elapsed() < Duration::from_secs(20));
}
