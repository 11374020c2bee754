//! The process: what it needs to start, what it serves, and how it ends.

use std::time::Duration;

use serde_json::json;

use super::support::{
    deployment::{self, INCOMING, RESULTS, variables},
    otlp::Receiver,
    sqs::Counts,
    wait_for,
    worker::Worker,
};

const SOON: Duration = Duration::from_secs(60);
const NEWS: &str = "Velmo Corp. lost its customers on Monday. Ada Quist of Zoltar Widgets was pleased.";

#[test]
fn without_a_queue_it_does_not_start_and_says_all_that_is_wrong() {
    let mut environment = variables("ner", &[]);
    environment.push(("BATON_WORKER_LISTEN", "9090".to_owned()));
    environment.push(("BATON_WORKER_GRACE_S", "soon".to_owned()));
    let mut worker = Worker::start(&environment);
    assert_eq!(worker.wait_exit(SOON).code(), Some(2));
    let said = wait_for("what it says", SOON, || match worker.stderr() {
        said if said.ends_with('\n') => Ok(said),
        said => Err(said),
    });
    for part in ["BATON_QUEUE: is missing", "BATON_WORKER_LISTEN: `9090`", "BATON_WORKER_GRACE_S: `soon`"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}

#[test]
fn it_serves_health_and_metrics_and_sigterm_ends_it_in_peace() {
    let aws = deployment::aws();
    let (s3, sqs) = (aws.s3(), aws.sqs());
    let source = sqs.create("source", json!({"VisibilityTimeout": 600}));
    let mut environment = aws.sdk_environment();
    environment.extend(variables("ner", &[]));
    environment.push(("BATON_QUEUE", source.url.clone()));
    environment.push(("BATON_WORKER_LISTEN", "127.0.0.1:0".to_owned()));
    let mut worker = Worker::start(&environment);
    let http = worker.http();
    let get = |path: &str| http.send("GET", path, &[], b"");
    assert_eq!(get("/healthz").status, 200);
    wait_for("it to be ready", SOON, || match get("/readyz") {
        answer if answer.status == 200 => Ok(()),
        answer => Err(answer.text()),
    });
    for key in ["a.txt", "b.txt"] {
        s3.put(INCOMING, key, NEWS);
        sqs.send(&source, &format!("s3://{INCOMING}/{key}"));
    }
    sqs.send(&source, &format!("s3://{INCOMING}/missing.txt"));
    sqs.wait_empty(&source, SOON);

    let answer = get("/metrics");
    assert_eq!(
        answer.header("content-type"),
        Some("application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    let text = answer.text();
    let labels = r#"pipeline="news",stage="ner""#;
    for line in [
        format!(r#"baton_documents_total{{{labels},outcome="done",class="",reason=""}} 2"#),
        format!(
            r#"baton_documents_total{{{labels},outcome="rejected",class="reject",reason="object-missing"}} 1"#
        ),
        format!("baton_messages_received_total{{{labels}}} 3"),
        format!("baton_document_seconds_count{{{labels}}} 2"),
        format!("baton_pairs_total{{{labels}}} 4"),
        format!("baton_messages_in_work{{{labels}}} 0"),
        format!(r#"baton_polls_total{{{labels},result="succeeded"}}"#),
    ] {
        assert!(text.contains(&line), "{line} is not in {text}");
    }
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert_eq!((get("/").status, http.send("POST", "/metrics", &[], b"").status), (404, 405));

    worker.signal("TERM");
    assert!(worker.wait_exit(SOON).success());
    // CloudWatch reads the same counts from the log.
    let log = worker.stdout();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let documents: u64 = lines.filter_map(|line| line["Documents"].as_u64()).sum();
    assert_eq!(documents, 2, "{log}");
}

#[test]
fn told_to_stop_in_the_middle_it_leaves_no_message_hidden_and_none_half_done() {
    let aws = deployment::aws();
    let (s3, sqs) = (aws.s3(), aws.sqs());
    let source = sqs.create("source", json!({"VisibilityTimeout": 600}));
    let long = NEWS.repeat(60);
    for i in 0..100 {
        s3.put(INCOMING, &format!("{i}.txt"), &long);
        sqs.send(&source, &format!("s3://{INCOMING}/{i}.txt"));
    }
    let mut environment = aws.sdk_environment();
    environment.extend(variables("ner", &[]));
    environment.push(("BATON_QUEUE", source.url.clone()));
    let mut worker = Worker::start(&environment);
    s3.wait_count(RESULTS, "news/ner/", 10, SOON);
    worker.signal("TERM");
    assert!(worker.wait_exit(SOON).success());
    let done = s3.list(RESULTS, "news/ner/").len();
    assert!(done < 100, "it was done before it was told to stop");
    let expected = Counts { visible: 100 - done, in_flight: 0, delayed: 0 };
    assert_eq!(sqs.counts(&source), expected, "{done} are done");
    let given_back = given_back(&worker);
    assert!(
        !given_back.is_empty() && given_back.iter().all(|(_, reason)| reason == "not-begun"),
        "{given_back:?}"
    );
}

/// The documents that its log says were given back, and why.
fn given_back(worker: &Worker) -> Vec<(String, String)> {
    let log = worker.stdout();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let of = |line: &serde_json::Value, key: &str| {
        line[key].as_str().unwrap_or_else(|| panic!("{line} has no {key}")).to_owned()
    };
    let lines = lines.filter(|line| line["outcome"] == "given back");
    lines.map(|line| (of(&line, "document"), of(&line, "reason"))).collect()
}

#[test]
fn what_a_worker_gives_back_at_its_end_is_in_its_log() {
    let aws = deployment::aws();
    let source = aws.sqs().create("source", json!({"VisibilityTimeout": 600}));
    // Minutes of work: no sentence was read before.
    let long: String = (0..20_000).map(|n| format!("Velmo Corp. lost customer {n} on Monday. ")).collect();
    for i in 0..10 {
        aws.s3().put(INCOMING, &format!("{i}.txt"), &long);
        aws.sqs().send(&source, &format!("s3://{INCOMING}/{i}.txt"));
    }
    let mut environment = aws.sdk_environment();
    environment.extend(variables("ner", &[]));
    environment.push(("BATON_QUEUE", source.url.clone()));
    let mut worker = Worker::start(&environment);
    wait_for("all to be in hand", SOON, || match aws.sqs().counts(&source) {
        Counts { visible: 0, in_flight: 10, .. } => Ok(()),
        counts => Err(format!("{counts:?}")),
    });
    worker.signal("TERM");
    // Two signals at once may be one.
    wait_for("it to be told", SOON, || match worker.stdout() {
        log if log.contains("told to stop: finishing") => Ok(()),
        log => Err(log),
    });
    worker.signal("TERM");
    assert!(worker.wait_exit(SOON).success());
    let mut told = given_back(&worker);
    told.sort();
    let mut documents: Vec<_> = (0..10).map(|i| format!("s3://{INCOMING}/{i}.txt")).collect();
    documents.sort();
    assert_eq!(told.iter().map(|(document, _)| document.clone()).collect::<Vec<_>>(), documents);
    assert!(told.iter().any(|(_, reason)| reason == "deadline"), "{told:?}");
    assert_eq!(aws.sqs().counts(&source), Counts { visible: 10, in_flight: 0, delayed: 0 });
}

#[test]
fn its_documents_are_linked_to_what_sent_their_messages_as_on_lambda() {
    let receiver = Receiver::start();
    let aws = deployment::aws();
    let source = aws.sqs().create("source", json!({"VisibilityTimeout": 600}));
    let mut environment = aws.sdk_environment();
    environment.extend(variables("ner", &[]));
    environment.push(("BATON_QUEUE", source.url.clone()));
    environment.push(("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint()));
    let mut worker = Worker::start(&environment);
    aws.s3().put(INCOMING, "a.txt", NEWS);
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let attributes = json!({"traceparent": {"DataType": "String", "StringValue": traceparent}});
    let body = format!("s3://{INCOMING}/a.txt");
    aws.sqs().send_with(&source, &body, json!({"MessageAttributes": attributes}));
    aws.sqs().wait_empty(&source, SOON);
    worker.signal("TERM");
    assert!(worker.wait_exit(SOON).success());

    // The last spans leave before the process does.
    let spans = receiver.spans();
    let document = spans.iter().find(|span| span.name == "document").expect("the document's span");
    let links: Vec<u128> =
        document.links.iter().map(|l| l.trace_id.iter().fold(0, |n, b| n << 8 | u128::from(*b))).collect();
    assert_eq!(links, [0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736]);
}
