//! Spans over OTLP: what happened to a document, step by step, and where its message came from.

use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use super::support::{
    deployment::{Deployed, INCOMING},
    event::{Record, created},
    otlp::Receiver,
    wait_for,
};

const NEWS: &str = "Northwind Energy was fined on Monday. Anna Kovac praised Larkfield Capital.";
const XRAY: &str = "Root=1-69b2cb97-3f1c7a90be5542d8a6e1c034;Parent=7d1c9b0e44f2a358;Sampled=1";
const W3C: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_step_of_a_document_is_a_span_and_its_message_s_traces_are_links() {
    let receiver = Receiver::start();
    let mut ner = Deployed::start_with("ner", &[("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint())]);
    ner.put("a.txt", NEWS);
    let record = Record::new("m1", &created(INCOMING, "a.txt")).trace(XRAY).traceparent(W3C);
    assert!(ner.deliver([record]).is_empty());

    let steps = BTreeSet::from(["document", "fetch", "look", "read", "model", "write", "hand on"]);
    let spans = wait_for("the spans", Duration::from_secs(20), || {
        let spans = receiver.spans();
        let names: BTreeSet<_> = spans.iter().map(|span| span.name.as_str()).collect();
        if names == steps { Ok(spans.clone()) } else { Err(format!("{names:?}")) }
    });
    let document = spans.iter().find(|span| span.name == "document").unwrap();
    assert!(spans.iter().all(|span| span.trace_id == document.trace_id), "one document is one trace");
    let below = spans.iter().filter(|span| span.parent_span_id == document.span_id);
    assert_eq!(below.count(), steps.len() - 1);
    let links: Vec<_> = document.links.iter().map(|l| (hex(&l.trace_id), hex(&l.span_id))).collect();
    let link = |trace: &str, span: &str| (trace.to_owned(), span.to_owned());
    let w3c = link("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    assert_eq!(links, [w3c, link("69b2cb973f1c7a90be5542d8a6e1c034", "7d1c9b0e44f2a358")]);
    assert!(receiver.services().iter().all(|name| name.contains("baton-ner")), "{:?}", receiver.services());
    let said = format!("{spans:?}");
    assert!(
        said.contains("s3://incoming/a.txt") && !said.contains("Northwind") && !said.contains("praised"),
        "{said}"
    );

    // The next stage's span will be linked to the step that sent it the message.
    let hand_on = spans.iter().find(|span| span.name == "hand on").unwrap();
    let message = &ner.aws.sqs().take_all(&ner.next)[0];
    let parent = format!("00-{}-{}-01", hex(&hand_on.trace_id), hex(&hand_on.span_id));
    assert_eq!(message.attribute("traceparent"), Some(parent.as_str()));
}

#[test]
fn without_an_exporter_a_message_s_traces_go_along_as_they_came() {
    let mut ner = Deployed::start("ner");
    ner.put("a.txt", NEWS);
    assert!(ner.deliver([Record::new("m1", &created(INCOMING, "a.txt")).traceparent(W3C)]).is_empty());
    assert_eq!(ner.aws.sqs().take_all(&ner.next)[0].attribute("traceparent"), Some(W3C));
}

#[test]
fn a_collector_that_is_gone_costs_no_document() {
    let endpoint = Receiver::start().endpoint();
    let mut ner = Deployed::start_with("ner", &[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)]);
    ner.put("a.txt", NEWS);
    assert!(ner.deliver([Record::new("m1", &created(INCOMING, "a.txt"))]).is_empty());
    ner.enriched("ner", "a.txt");
    let told = wait_for("a word of it", Duration::from_secs(20), || {
        let log = ner.runtime.stdout();
        let told = log.lines().filter(|line| line.contains("spans could not be sent")).count();
        if told > 0 { Ok(told) } else { Err(log) }
    });
    assert_eq!(told, 1, "once a minute is enough");
}

#[test]
fn opentelemetrys_own_variables_turn_spans_off_and_name_the_service() {
    let receiver = Receiver::start();
    let with = |more: (&'static str, &str)| {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
        let mut ner = Deployed::start_with("ner", &[endpoint, (more.0, more.1.to_owned())]);
        ner.put("a.txt", NEWS);
        assert!(ner.deliver([Record::new("m1", &created(INCOMING, "a.txt"))]).is_empty());
        ner.enriched("ner", "a.txt");
        ner
    };
    for off in [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")] {
        drop(with(off));
        assert!(receiver.spans().is_empty(), "{off:?}");
    }
    for (more, name) in [
        (("OTEL_RESOURCE_ATTRIBUTES", "service.namespace=x,service.name=mine"), "mine"),
        (("OTEL_SERVICE_NAME", ""), "baton-ner"),
    ] {
        let _running = with(more);
        wait_for("its spans", Duration::from_secs(20), || {
            let services = receiver.services();
            if services.iter().any(|said| said.contains(name)) {
                Ok(())
            } else {
                Err(format!("{services:?}"))
            }
        });
    }
}

#[test]
fn the_age_of_a_document_is_counted_from_the_first_message_about_it_through_all_stages() {
    let mut ner = Deployed::start("ner");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let (sent, before) = ((now - 3_000).to_string(), (now - 60_000).to_string());
    let message = |key: &str| Record::new(key, &created(INCOMING, key)).attribute("SentTimestamp", &sent);
    ner.put("first.txt", NEWS);
    assert!(ner.deliver([message("first.txt")]).is_empty());
    assert_eq!(ner.aws.sqs().take_all(&ner.next)[0].attribute("BatonSince"), Some(sent.as_str()));
    ner.put("later.txt", NEWS);
    assert!(ner.deliver([message("later.txt").named("BatonSince", &before)]).is_empty());
    assert_eq!(ner.aws.sqs().take_all(&ner.next)[0].attribute("BatonSince"), Some(before.as_str()));

    // What is no such moment is none.
    for (i, odd) in ["", "abc", "-1", "0", "1e3", " 5", "18446744073709551615"].into_iter().enumerate() {
        let key = format!("odd-{i}.txt");
        ner.put(&key, NEWS);
        assert!(ner.deliver([message(&key).named("BatonSince", odd)]).is_empty());
        assert_eq!(
            ner.aws.sqs().take_all(&ner.next)[0].attribute("BatonSince"),
            Some(sent.as_str()),
            "{odd}"
        );
    }

    let log = wait_for("all lines", Duration::from_secs(20), || {
        let log = ner.runtime.stdout();
        if log.matches("\"age_ms\":").count() == 9 { Ok(log) } else { Err(log) }
    });
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let ages: Vec<f64> = lines.iter().filter_map(|line| line["age_ms"].as_f64()).collect();
    assert!((3_000.0..50_000.0).contains(&ages[0]) && ages[1] >= 60_000.0, "{ages:?}");
    let metrics = lines.iter().filter_map(|line| line["AgeMilliseconds"].as_array()).flatten();
    assert_eq!(metrics.filter_map(Value::as_f64).collect::<Vec<_>>(), ages);
}
