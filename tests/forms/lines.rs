//! `output = "lines"`: a line for each mention, and the table of Athena's that reads them.

use std::fs;

use serde_json::Value;

use crate::{
    json, result, run,
    support::{
        document::{list, number, text},
        local::{Workplace, repository},
    },
};

const DOCUMENT: &str = r#"{"id": "n-1", "published": "2026-03-12T09:30:00Z", "offsetUnit": "utf16",
    "text": "👋 Anna Kovac praised Larkfield Capital in Ostrava.\nNorthwind \"failed\" its customers terribly."}"#;

fn lines(place: &Workplace, path: &str) -> Vec<Value> {
    result(place, path).lines().map(json).collect()
}

/// The names and types in `infra/athena.sql`.
fn columns() -> Vec<(String, String)> {
    let sql = fs::read_to_string(repository("infra/athena.sql")).expect("the table");
    let (_, table) = sql.split_once("CREATE EXTERNAL TABLE IF NOT EXISTS mentions (\n").expect("a table");
    let (columns, rest) = table.split_once("\n)\n").expect("the end of the columns");
    assert!(rest.starts_with("ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'\n"), "{rest}");
    assert!(rest.contains("enriched/sentiment.lines/"), "{rest}");
    let words = columns.lines().map(|line| line.trim_end_matches(',').split_whitespace());
    words
        .map(|mut words| {
            let mut word = || words.next().expect("a name and a type").to_owned();
            (word(), word())
        })
        .collect()
}

#[test]
fn every_mention_is_a_line_that_agrees_with_the_enriched_document() {
    let place = Workplace::with([("desk/a.json", DOCUMENT)]);
    run(&place, "\"lines\"", "\"lines\"").expect(0);
    let enriched = place.enriched("desk/a.json");
    let units: Vec<u16> = text(&enriched["text"]).encode_utf16().collect();
    let points: Vec<char> = text(&enriched["text"]).chars().collect();
    let written = lines(&place, "sentiment.lines/desk/a.json.jsonl");
    let mentions: usize =
        list(&enriched["entities"]).iter().map(|entity| list(&entity["mentions"]).len()).sum();
    assert_eq!(written.len(), mentions);
    assert!(written.is_sorted_by_key(|line| number(&line["begin_offset"])), "in the order of the text");
    let mut labelled = 0;
    for line in &written {
        assert_eq!((&line["document"], &line["document_id"]), (&"desk/a.json".into(), &"n-1".into()));
        assert_eq!(line["published"], "2026-03-12");
        let place = number(&line["begin_offset"])..number(&line["end_offset"]);
        assert_eq!(points[place].iter().collect::<String>(), text(&line["mention"]));
        let sentence = &enriched["sentences"][number(&line["sentence"])];
        let sentence = &units[number(&sentence["begin"])..number(&sentence["end"])];
        assert_eq!(String::from_utf16(sentence).expect("whole characters"), text(&line["sentence_text"]));
        let said = list(&enriched["annotations"]["sentiment"]["mentions"])
            .iter()
            .find(|said| said["entity"] == line["entity_id"] && said["sentence"] == line["sentence"]);
        assert_eq!(
            said.is_some(),
            line["entity_type"] != "LOC",
            "sentiment isn't asked about places: {line}"
        );
        let Some(said) = said else {
            assert!(
                ["label", "score", "negative", "neutral", "positive"].iter().all(|key| line[key].is_null())
            );
            continue;
        };
        labelled += 1;
        assert_eq!(line["label"], said["label"]);
        assert!(["negative", "neutral", "positive"].iter().all(|label| line[label] == said["scores"][label]));
        let score = line["positive"].as_f64().unwrap() - line["negative"].as_f64().unwrap();
        assert!((line["score"].as_f64().unwrap() - score).abs() < 1e-9, "{line}");
    }
    assert!(labelled >= 2 && labelled < written.len(), "{labelled} of {}", written.len());

    let found = lines(&place, "ner.lines/desk/a.json.jsonl");
    assert_eq!(found.len(), written.len(), "ner has the same mentions");
    assert!(found.iter().all(|line| line["label"].is_null() && line["sentence_text"].is_string()));
}

#[test]
fn the_table_has_the_lines_keys_in_their_order_and_of_their_types() {
    let place = Workplace::with_samples();
    run(&place, "\"lines\"", "[\"lines\"]").expect(0);
    let columns = columns();
    let names: Vec<_> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let mut seen = std::collections::BTreeSet::new();
    for (key, bytes) in place.results().into_iter().filter(|(key, _)| key.ends_with(".jsonl")) {
        for line in String::from_utf8(bytes).expect("UTF-8").lines().map(json) {
            let line = line.as_object().expect("an object");
            assert_eq!(line.keys().collect::<Vec<_>>(), names, "{key}");
            for ((name, kind), value) in
                columns.iter().zip(line.values()).filter(|(_, value)| !value.is_null())
            {
                let fits = match kind.as_str() {
                    "string" => value.is_string(),
                    "bigint" => value.is_i64(),
                    "double" => value.is_number(),
                    other => panic!("say here what a {other} is"),
                };
                assert!(fits, "{name} {kind}: {value}");
                seen.insert(name.clone());
            }
        }
    }
    assert_eq!(seen.len(), columns.len(), "a column that is always null was not checked: {seen:?}");
}

#[test]
fn a_text_without_mentions_is_an_empty_file() {
    let place = Workplace::with([("none.txt", "It rained all day.")]);
    run(&place, "", "\"lines\"").expect(0);
    assert_eq!(result(&place, "sentiment.lines/none.txt.jsonl"), "");
}

#[test]
fn of_a_very_long_sentence_there_is_what_stands_around_the_mention() {
    let long = "and ü ".repeat(1000);
    let body =
        serde_json::json!({"text": format!("{long}Northwind {long}"), "entities": [{"name": "Northwind"}]});
    let place = Workplace::with([("a.json", body.to_string().as_str())]);
    run(&place, "", "\"lines\"").expect(0);
    let written = lines(&place, "sentiment.lines/a.json.jsonl");
    let line = written.iter().find(|line| line["mention"] == "Northwind").expect("it is found");
    let around = text(&line["sentence_text"]);
    assert!(
        around.starts_with('…') && around.ends_with('…') && around.contains("ü Northwind and"),
        "{around}"
    );
    assert!((1500..2100).contains(&around.len()), "{} bytes", around.len());
}

#[test]
fn a_form_that_would_be_too_large_is_rejected_with_the_limit_to_raise() {
    let place = Workplace::with([("a.txt", "Northwind fell. Northwind rose."), ("b.txt", "It rained.")]);
    let file = place.path("pipeline.toml");
    let model = repository("model-fetch/models/ner").display().to_string();
    let stage =
        format!("[[stage]]\nname = \"ner\"\ntask = \"ner\"\nmodel = \"{model}\"\noutput = \"lines\"\n");
    fs::write(&file, format!("[pipeline]\nname = \"p\"\n[limits]\nform_bytes = 300\n{stage}"))
        .expect("a file");
    place.run_pipeline(&file, &[]).expect(1);
    let record = place.rejection("a.txt");
    assert_eq!(record["reason"], "too-large");
    assert!(text(&record["message"]).contains("BATON_LIMIT_FORM_BYTES"), "{record}");
    assert_eq!(
        place.results().into_keys().collect::<Vec<_>>(),
        ["ner.lines/b.txt.jsonl", "ner/b.txt.json", "rejected/ner/a.txt.json"]
    );
}

#[test]
fn a_sentence_has_all_of_a_mention_that_begins_before_it() {
    let body = serde_json::json!({
        "text": "Now Northwind fell.", "sentences": [{"begin": 6, "end": 19}],
        "entities": [{"name": "Northwind", "type": "ORG", "mentions": [{"begin": 4, "end": 13}]}]
    });
    let place = Workplace::with([("a.json", body.to_string().as_str())]);
    run(&place, "", "\"lines\"").expect(0);
    let written = lines(&place, "sentiment.lines/a.json.jsonl");
    let of_northwind = written.iter().filter(|line| line["mention"] == "Northwind");
    let texts: Vec<_> = of_northwind.map(|line| text(&line["sentence_text"]).to_owned()).collect();
    assert_eq!(texts, ["Northwind fell."]);
}
