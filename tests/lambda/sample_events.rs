//! The events in `samples/events` go through as they are, when the objects that they name are there.

use serde_json::{Value, json};

use super::support::{
    deployment::{Deployed, variables},
    document::{list, stages, text},
    event::failures,
    local::{program, repository},
    runtime_api::{Invocation, Runtime},
};

const DOCUMENTS: &str = "baton-documents";
const ENRICHED: &str = "baton-enriched";

/// The documents that the events name, and the sample files that they were written from.
const NAMED: [(&str, &str); 6] = [
    ("incoming/energy/Northwind fine+1.json", "energy/northwind-fined-over-blackout.json"),
    ("incoming/markets/2026-03-12-new-york-close.json", "markets/2026-03-12-new-york-close.json"),
    ("incoming/politics/Port Ellery - övning + résumé.txt", "regional/mattock-island-ferry.txt"),
    ("incoming/science/calloway-sodium-grant.json", "science/calloway-sodium-grant.json"),
    ("incoming/courts/Lakeshore vs. Northwind+exhibit 118%.json", "courts/lakeshore-vs-northwind.json"),
    ("incoming/regional/mattock-island-ferry.txt", "regional/mattock-island-ferry.txt"),
];

#[test]
fn the_sample_events_go_through_both_stages() {
    let mut ner = Deployed::start("ner");
    let s3 = ner.aws.s3();
    for bucket in [DOCUMENTS, ENRICHED] {
        s3.create_bucket(bucket);
        s3.enable_versioning(bucket);
    }
    for (key, file) in NAMED {
        s3.put(DOCUMENTS, key, std::fs::read(repository("samples/documents").join(file)).unwrap());
    }
    let stage = |task: &str, reads: &str, next: &Deployed| {
        let mut environment = next.aws.sdk_environment();
        environment.extend(variables(task, &[&next.next]));
        environment.push(("BATON_BUCKETS", reads.to_owned()));
        environment.push(("BATON_OUTPUT", format!("s3://{ENRICHED}/enriched")));
        environment.push(("BATON_REJECTED", format!("s3://{ENRICHED}/rejected")));
        Runtime::start(program(), &environment)
    };

    ner.runtime = stage("ner", DOCUMENTS, &ner);
    for event in ["sqs-test-event", "sqs-s3-notification", "sqs-mixed"] {
        assert_eq!(send(&mut ner, event), [""; 0], "{event}");
    }
    let keys = s3.list(ENRICHED, "enriched/ner/");
    let mut expected: Vec<String> = NAMED.iter().map(|(key, _)| format!("enriched/ner/{key}.json")).collect();
    expected.sort();
    assert_eq!(keys, expected);
    let rejected = s3.list(ENRICHED, "rejected/");
    assert_eq!(rejected.len(), 1, "the message that breaks off: {rejected:?}");
    let record: Value = serde_json::from_slice(&s3.get(ENRICHED, &rejected[0]).unwrap().body).unwrap();
    assert_eq!(record["reason"], "invalid-message");
    assert_eq!(ner.handed_on().len(), NAMED.len());

    ner.runtime = stage("sentiment", ENRICHED, &ner);
    assert_eq!(send(&mut ner, "sqs-handoff"), [""; 0]);
    for (key, _) in &NAMED[..2] {
        let object = s3.get(ENRICHED, &format!("enriched/sentiment/{key}.json")).unwrap();
        let document = super::support::document::enriched(&object.body);
        assert_eq!(stages(&document), ["ner", "sentiment"]);
        assert!(list(&document["annotations"]["sentiment"]["mentions"]).len() > 5, "{key}");
    }
    assert_eq!(
        ner.handed_on().iter().map(|body| body["hop"].clone()).collect::<Vec<_>>(),
        [json!(2), json!(2)]
    );
}

/// Sends a sample event; the ids that it gives back.
fn send(deployed: &mut Deployed, name: &str) -> Vec<String> {
    let file = repository("samples/events").join(format!("{name}.json"));
    let mut event: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    for record in event["Records"].as_array_mut().unwrap() {
        record["body"] = with_versions_of(deployed, text(&record["body"])).into();
    }
    failures(&deployed.runtime.invoke(Invocation::new(event)).response())
}

/// The body with the version ids that the objects have here: a store gives its own.
fn with_versions_of(deployed: &Deployed, body: &str) -> String {
    let Ok(mut message) = serde_json::from_str::<Value>(body) else { return body.to_owned() };
    let s3 = deployed.aws.s3();
    let set = |place: &mut Value, field: &str, bucket: &str, key: &str| {
        if place.get(field).is_some() {
            let version = s3.head(bucket, key).unwrap_or_else(|| panic!("no {key} in {bucket}")).version;
            place[field] = version.expect("the bucket keeps versions").into();
        }
    };
    for record in message["Records"].as_array_mut().into_iter().flatten() {
        let object = &mut record["s3"]["object"];
        let key = text(&object["key"]).replace('+', " ");
        let key = percent_encoding::percent_decode_str(&key).decode_utf8().unwrap().into_owned();
        set(object, "versionId", DOCUMENTS, &key);
    }
    if message.get("detail").is_some() {
        let object = &mut message["detail"]["object"];
        let key = text(&object["key"]).to_owned();
        set(object, "version-id", DOCUMENTS, &key);
    }
    if message.get("baton").is_some() {
        let document = &mut message["document"];
        let key = text(&document["key"]).to_owned();
        set(document, "versionId", ENRICHED, &key);
    }
    message.to_string()
}
