//! `output = "comprehend"`: what reads Amazon Comprehend's targeted sentiment reads this.

use std::{collections::BTreeSet, fs, io::Read};

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::{
    json, result, run,
    support::{
        document::{entity, list, number, text},
        local::{Workplace, repository},
    },
};

/// The text has characters of one to four bytes, and its own offsets count another unit than Comprehend's.
const DOCUMENT: &str = r#"{"offsetUnit": "utf8", "text": "👋 Zoë Åkerström hails ÜNAL & Co. Regulators fined Northwind Energy heavily, and Northwind has failed its customers terribly in Ostrava.",
    "entities": [{"id": "u", "name": "Ünal & Co", "type": "COMPANY", "aliases": ["ÜNAL & Co."]}, {"name": "Regulators"}]}"#;

#[test]
fn a_result_is_byte_for_byte_the_shape_of_comprehends_and_agrees_with_the_enriched_document() {
    let place = Workplace::with([("desk/a.json", DOCUMENT)]);
    run(&place, "", "\"comprehend\"").expect(0);
    let line = result(&place, "sentiment.comprehend/desk/a.json.json");
    let enriched = place.enriched("desk/a.json");
    let whole: Vec<char> = text(&enriched["text"]).chars().collect();

    let mut expected = Vec::new();
    let said = list(&enriched["annotations"]["sentiment"]["mentions"]);
    for entity in list(&enriched["entities"]) {
        let mut mentions = Vec::new();
        for mention in said.iter().filter(|mention| mention["entity"] == entity["id"]) {
            let points = |bytes: &Value| text(&enriched["text"])[..number(bytes)].chars().count();
            let (begin, end) = (points(&mention["begin"]), points(&mention["end"]));
            let words: String = whole[begin..end].iter().collect();
            let kind = match entity["type"].as_str() {
                Some("PER") => "PERSON",
                Some("ORG" | "COMPANY") => "ORGANIZATION",
                None => "OTHER",
                other => panic!("sentiment isn't asked about {other:?}"),
            };
            let score = |label: &str| match mention["scores"][label].as_f64().expect("a number") {
                0.0 => "0".to_owned(),
                1.0 => "1".to_owned(),
                score => score.to_string(),
            };
            let (positive, negative, neutral) = (score("positive"), score("negative"), score("neutral"));
            let label = text(&mention["label"]).to_uppercase();
            mentions.push(format!(
                r#"{{"BeginOffset":{begin},"EndOffset":{end},"Score":1,"GroupScore":1,"Text":{words:?},"Type":"{kind}","MentionSentiment":{{"Sentiment":"{label}","SentimentScore":{{"Positive":{positive},"Negative":{negative},"Neutral":{neutral},"Mixed":0}}}}}}"#
            ));
        }
        if !mentions.is_empty() {
            expected
                .push(format!(r#"{{"DescriptiveMentionIndex":[0],"Mentions":[{}]}}"#, mentions.join(",")));
        }
    }
    assert!(expected.len() >= 3, "{enriched:#}");
    let expected = format!("{{\"Entities\":[{}],\"File\":\"desk/a.json\"}}\n", expected.join(","));
    assert_eq!(line, expected);
}

#[test]
fn a_text_without_entities_has_an_empty_list() {
    let place = Workplace::with([("none.txt", "It rained all day."), ("empty.json", r#"{"text": ""}"#)]);
    run(&place, "", "\"comprehend\"").expect(0);
    let shape = |name: &str| result(&place, &format!("sentiment.comprehend/{name}.json"));
    assert_eq!(shape("none.txt"), "{\"Entities\":[],\"File\":\"none.txt\"}\n");
    assert_eq!(shape("empty.json"), "{\"Entities\":[],\"File\":\"empty.json\"}\n");
}

#[test]
fn the_descriptive_mention_is_the_name_itself_or_else_the_longest() {
    let body = r#"{"text": "NWE fell. Northwind fell. Northwind Energy of Bristol fell. Northwind again. Quill fell. Q. T. Quill rose.",
        "entities": [
            {"id": "n", "name": "Northwind", "mentions": [{"begin": 0, "end": 3}, {"begin": 10, "end": 19}, {"begin": 26, "end": 42}]},
            {"id": "q", "name": "Quentin Quill", "mentions": [{"begin": 77, "end": 82}, {"begin": 89, "end": 100}]}]}"#;
    let place = Workplace::with([("a.json", body)]);
    run(&place, "", "\"comprehend\"").expect(0);
    let shape = json(&result(&place, "sentiment.comprehend/a.json.json"));
    let named: Vec<_> = list(&shape["Entities"])
        .iter()
        .map(|entity| text(&entity["Mentions"][number(&entity["DescriptiveMentionIndex"][0])]["Text"]))
        .collect();
    assert!(named.starts_with(&["Northwind", "Q. T. Quill"]), "{named:?} in {shape:#}");
}

/// The service model that AWS's own clients are made from.
fn service_model() -> Value {
    let packages = fs::read_dir(repository(".venv/lib")).expect("`make test` makes .venv");
    let found = packages.filter_map(|python| {
        let botocore = python.ok()?.path().join("site-packages/botocore/data/comprehend/2017-11-27");
        fs::read(botocore.join("service-2.json.gz")).ok()
    });
    let packed = found.last().expect("botocore is in .venv");
    let mut model = String::new();
    GzDecoder::new(&packed[..]).read_to_string(&mut model).expect("it is gzipped text");
    json(&model)
}

/// Checks that a value is of a shape of the model: types, allowed words, and every member, each known.
#[track_caller]
fn assert_of_shape(model: &Value, shape: &str, value: &Value) {
    let about = &model["shapes"][shape];
    match text(&about["type"]) {
        "structure" => {
            let wanted: BTreeSet<_> = about["members"].as_object().expect("members").keys().collect();
            let there: BTreeSet<_> = value.as_object().expect("an object").keys().collect();
            assert_eq!(there, wanted, "{shape}: {value}");
            for (name, member) in about["members"].as_object().expect("members") {
                assert_of_shape(model, text(&member["shape"]), &value[name]);
            }
        }
        "list" => {
            list(value).iter().for_each(|item| assert_of_shape(model, text(&about["member"]["shape"]), item));
        }
        "string" => {
            let words = about["enum"].as_array();
            assert!(value.is_string() && words.is_none_or(|words| words.contains(value)), "{shape}: {value}");
        }
        "integer" => assert!(value.is_u64(), "{shape}: {value}"),
        "float" => {
            let number = value.as_f64().unwrap_or_else(|| panic!("{shape}: {value}"));
            assert!((0.0..=1.0).contains(&number), "{shape}: {value}");
        }
        other => panic!("say here what a {other} is: {shape}"),
    }
}

#[test]
fn it_is_what_botocores_model_says_of_a_response() {
    let model = service_model();
    let response = text(&model["operations"]["DetectTargetedSentiment"]["output"]["shape"]);
    let place = Workplace::with_samples();
    place.put("desk/a.json", DOCUMENT);
    run(&place, "", "\"comprehend\"").expect(0);
    let shapes: Vec<_> =
        place.results().into_iter().filter(|(key, _)| key.contains(".comprehend/")).collect();
    assert_eq!(shapes.len(), 15);
    let mut kinds = BTreeSet::new();
    for (key, bytes) in shapes {
        let mut shape = json(&String::from_utf8(bytes).expect("UTF-8"));
        let file =
            shape.as_object_mut().expect("an object").remove("File").expect("only the output file has it");
        assert_eq!(format!("sentiment.comprehend/{}.json", text(&file)), key);
        assert_of_shape(&model, response, &shape);
        for entity in list(&shape["Entities"]) {
            let mentions = list(&entity["Mentions"]);
            assert!(number(&entity["DescriptiveMentionIndex"][0]) < mentions.len());
            kinds.extend(mentions.iter().map(|mention| text(&mention["Type"]).to_owned()));
        }
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["ORGANIZATION", "OTHER", "PERSON"]);
}

#[test]
fn every_type_has_comprehends_word() {
    let types = ["PER", "Person", "ORG", "organisation", "COMPANY", "LOC", "GPE", "MISC", "colour"];
    let entities: Vec<_> = types
        .iter()
        .enumerate()
        .map(|(i, kind)| serde_json::json!({"name": "it", "type": kind, "mentions": [{"begin": i, "end": i + 1}]}))
        .collect();
    let body = serde_json::json!({"text": "abcdefghi", "entities": entities}).to_string();
    let place = Workplace::with([("a.json", body.as_str())]);
    let file = place.path("pipeline.toml");
    let model = repository("model-fetch/models/sentiment").display().to_string();
    let stage = format!("name = \"s\"\ntask = \"sentiment\"\nmodel = \"{model}\"\noutput = [\"comprehend\"]");
    let stage = format!("[pipeline]\nname = \"p\"\n[[stage]]\n{stage}\nentity_types = {types:?}\n");
    fs::write(&file, stage).expect("a file");
    place.run_pipeline(&file, &[]).expect(0);
    let shape = json(&result(&place, "s.comprehend/a.json.json"));
    let words: Vec<_> = list(&shape["Entities"]).iter().map(|e| text(&e["Mentions"][0]["Type"])).collect();
    assert_eq!(
        words,
        [
            "PERSON",
            "PERSON",
            "ORGANIZATION",
            "ORGANIZATION",
            "ORGANIZATION",
            "LOCATION",
            "LOCATION",
            "OTHER",
            "OTHER"
        ]
    );
    assert_eq!(entity(&json(&result(&place, "s/a.json.json")), "it")["type"], "PER");
}
