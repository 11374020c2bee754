//! What Baton doesn't know it keeps, byte for byte.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::support::local::Workplace;

type Raw<'a> = BTreeMap<String, &'a RawValue>;

const KEPT: [(&str, &str); 9] = [
    ("price", "1.50"),
    ("exponent", "6.02E+23"),
    ("beyond doubles", "9007199254740993"),
    ("thirty digits", "123456789012345678901234567890"),
    ("negative zero", "-0.0"),
    ("nothing", "null"),
    ("escaped", r#""caf\u00e9 \/ \ud83d\ude00""#),
    ("nested", r#"{"b": [1.10, {"a": 0.1000000000000000055511151231257827}], "a": {}}"#),
    ("", "[ ]"),
];

fn fields() -> String {
    KEPT.iter().map(|(name, value)| format!(", \"{name}\": {value}")).collect()
}

fn assert_kept(fields: &Raw<'_>) {
    for (name, value) in KEPT {
        assert_eq!(fields[name].get(), value, "{name:?}");
    }
}

#[test]
fn unknown_fields_survive_byte_for_byte_in_documents_entities_and_mentions() {
    let unknown = fields();
    let body = format!(
        r#"{{"id": "a-1"{unknown}, "text": "Northwind fell.", "entities": [{{"name": "Northwind"{unknown},
            "mentions": [{{"begin": 0, "end": 9{unknown}}}]}}]}}"#
    );
    let place = Workplace::with([("a.json", body.as_str())]);
    place.run(&[]).expect(0);

    for stage in ["ner", "sentiment"] {
        let output = place.output(stage, "a.json");
        let document: Raw<'_> = serde_json::from_slice(&output).unwrap();
        assert_kept(&document);
        let entities: Vec<Raw<'_>> = serde_json::from_str(document["entities"].get()).unwrap();
        assert_kept(&entities[0]);
        let mentions: Vec<Raw<'_>> = serde_json::from_str(entities[0]["mentions"].get()).unwrap();
        assert_kept(&mentions[0]);
        assert_eq!(mentions[0]["text"].get(), "\"Northwind\"");
    }
}

#[test]
fn fields_keep_their_order_and_what_baton_adds_comes_after_them() {
    let place =
        Workplace::with([("a.json", r#"{"zeta": 1, "text": "Northwind fell.", "alpha": 2, "id": "x"}"#)]);
    place.run(&[]).expect(0);
    let bytes = place.output("sentiment", "a.json");
    let document: indexmap::IndexMap<String, &RawValue> = serde_json::from_slice(&bytes).unwrap();
    let names: Vec<&str> = document.keys().map(String::as_str).collect();
    let added = ["offsetUnit", "sentences", "entities", "annotations", "lineage"];
    assert_eq!(names, [&["zeta", "text", "alpha", "id"][..], &added].concat());
}

#[test]
fn what_an_earlier_run_or_another_tool_annotated_stays() {
    let body = r#"{"text": "Northwind fell.", "annotations": {"topics": {"task": "x", "scores": [1.0, 2.50]}},
        "lineage": [{"stage": "topics", "by": "hand"}]}"#;
    let place = Workplace::with([("a.json", body)]);
    place.run(&[]).expect(0);
    let bytes = place.output("sentiment", "a.json");
    let document: Raw<'_> = serde_json::from_slice(&bytes).unwrap();
    let annotations: Raw<'_> = serde_json::from_str(document["annotations"].get()).unwrap();
    assert_eq!(annotations["topics"].get(), r#"{"task": "x", "scores": [1.0, 2.50]}"#);
    let lineage: Vec<serde_json::Value> = serde_json::from_str(document["lineage"].get()).unwrap();
    let stages: Vec<_> = lineage.iter().map(|line| line["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["topics", "ner", "sentiment"]);
    assert_eq!(lineage[0]["by"], "hand");
}
