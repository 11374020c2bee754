//! Which forms a stage may have, where they lie, and when they are written.

use serde_json::json;

use crate::{
    run,
    support::{
        deployment::{Deployed, INCOMING, RESULTS},
        event::Record,
        local::Workplace,
    },
};

const NEWS: &str = "Northwind Energy was praised by Anna Kovac on Monday.";

#[test]
fn forms_lie_beside_the_results_and_no_documents_name_brings_two_together() {
    let names = ["a", "a.json", "a.jsonl", "lines/a", "comprehend/a.json"];
    let place = Workplace::with(names.map(|name| (name, NEWS)));
    run(&place, "\"lines\"", "[\"lines\", \"comprehend\", \"lines\"]").expect(0);
    let expected = names.iter().flat_map(|name| {
        [
            format!("ner.lines/{name}.jsonl"),
            format!("ner/{name}.json"),
            format!("sentiment.comprehend/{name}.json"),
            format!("sentiment.lines/{name}.jsonl"),
            format!("sentiment/{name}.json"),
        ]
    });
    let expected: std::collections::BTreeSet<String> = expected.collect();
    assert_eq!(expected.len(), 5 * names.len());
    assert_eq!(place.results().into_keys().collect::<std::collections::BTreeSet<_>>(), expected);
}

#[test]
fn without_the_setting_nothing_else_is_written_and_the_result_is_the_same() {
    let (plain, both) = (Workplace::with([("a.txt", NEWS)]), Workplace::with([("a.txt", NEWS)]));
    run(&plain, "", "").expect(0);
    run(&both, "", "[\"comprehend\", \"lines\"]").expect(0);
    assert_eq!(plain.results().len(), 2);
    assert_eq!(plain.output("sentiment", "a.txt"), both.output("sentiment", "a.txt"));
}

#[test]
fn a_form_that_a_stage_cannot_have_is_refused_with_why() {
    let place = Workplace::with([("a.txt", NEWS)]);
    for (ner, sentiment, said) in [
        (
            "\"comprehend\"",
            "",
            "stage \"ner\": output: `comprehend` shows what sentiment finds; this stage's task is ner",
        ),
        (
            "",
            "[\"parquet\"]",
            "stage \"sentiment\": output: `parquet` is no form of a result; Baton has comprehend, lines",
        ),
        ("", "7", "expected the name of a form, or a list of them"),
    ] {
        let ran = run(&place, ner, sentiment).expect(2);
        assert!(ran.stderr.contains(said), "{said:?} is not in {}", ran.stderr);
    }
    assert!(place.results().is_empty());
}

#[test]
fn turned_on_later_the_forms_of_documents_done_before_are_written() {
    let mut stage = Deployed::start("sentiment");
    let document = json!({"text": NEWS, "entities": [{"name": "Northwind Energy"}]}).to_string();
    stage.put("a.json", &document);
    let record = || Record::new("m1", &format!("s3://{INCOMING}/a.json"));
    assert!(stage.deliver([record()]).is_empty());
    let before = stage.output("sentiment", "a.json");
    assert_eq!(stage.results(), ["news/sentiment/a.json.json"]);

    let mut environment = stage.aws.sdk_environment();
    environment.extend(crate::support::deployment::variables("sentiment", &[&stage.next]));
    environment.push(("BATON_OUTPUT_FORMS", " lines, comprehend".to_owned()));
    let program = crate::support::local::program();
    stage.runtime = crate::support::runtime_api::Runtime::start(program, &environment);
    assert!(stage.deliver([record()]).is_empty());
    let keys = [
        "news/sentiment.comprehend/a.json.json",
        "news/sentiment.lines/a.json.jsonl",
        "news/sentiment/a.json.json",
    ];
    assert_eq!(stage.results(), keys);
    assert_eq!(stage.output("sentiment", "a.json"), before);
    let s3 = stage.aws.s3();
    let about = keys.map(|key| s3.head(RESULTS, key).expect("it was listed"));
    let fingerprints = about.each_ref().map(|object| object.metadata["baton-fingerprint"].as_str());
    assert_eq!([fingerprints[2]; 2], fingerprints[..2], "they are of one making");
    let types = about.each_ref().map(|object| object.content_type.as_str());
    assert_eq!(types, ["application/json", "application/x-ndjson", "application/json"]);
}

#[test]
fn a_key_that_only_a_form_makes_too_long_is_rejected_before_anything_is_written() {
    // 1024 bytes with `news/sentiment/` before it and `.json` after it; a form's key is longer.
    let name = "k".repeat(1004);
    let forms = [("BATON_OUTPUT_FORMS", "lines".to_owned())];
    let mut stage = Deployed::start_with("sentiment", &forms);
    stage.put(&name, NEWS);
    assert!(stage.deliver([Record::new("m1", &format!("s3://{INCOMING}/{name}"))]).is_empty());
    let written = stage.results();
    assert_eq!(written.len(), 1, "{written:?}");
    assert!(written[0].starts_with("rejected/"), "{written:?}");
}
