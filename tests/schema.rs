//! The published schemas are the committed ones, and everything that goes in or out is valid by them.
//!
//! `UPDATE_SAMPLES=1 cargo test --test schema` writes the committed files anew, for a reviewer to look at.

mod support;

use std::{collections::BTreeMap, fs, io::Read};

use baton::{config::TaskKind, forms::Form};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use sha2::{Digest, Sha256};
use support::{
    deployment::{Deployed, INCOMING},
    event::{Record, created},
    local::{Workplace, repository, run, sample_run, tree},
};

const NAMES: [&str; 4] = ["document", "enriched", "handoff", "rejection"];

/// One of the published schemas, ready to check with.
struct Schema {
    name: &'static str,
    schemas: boon::Schemas,
    index: boon::SchemaIndex,
}

impl Schema {
    #[track_caller]
    fn published(name: &'static str) -> Self {
        let schema: Value = serde_json::from_str(&run(["schema", name]).expect(0).stdout).unwrap();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
        let url = format!("file:///{name}.schema.json");
        compiler.add_resource(&url, schema).unwrap();
        let index = compiler.compile(&url, &mut schemas).unwrap_or_else(|error| panic!("{name}: {error}"));
        Schema { name, schemas, index }
    }

    fn allows(&self, value: &Value) -> Result<(), String> {
        self.schemas.validate(value, self.index).map_err(|error| format!("{error:#}"))
    }

    #[track_caller]
    fn assert_allows(&self, what: &str, bytes: &[u8]) {
        let value = serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
        self.allows(&value).unwrap_or_else(|error| panic!("{what} is no valid {}: {error}", self.name));
    }
}

/// Results are known by what they were made from, and code is a part of that: if a change of them is meant, raise
/// `baton::stage::RESULTS`, and write down here what the samples come to now.
#[test]
fn code_that_makes_other_results_has_another_number() {
    let digest = |results: &BTreeMap<String, Vec<u8>>| -> String {
        let all: Vec<u8> =
            results.iter().flat_map(|(name, bytes)| [name.as_bytes(), b"\n", bytes].concat()).collect();
        Sha256::digest(&all).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    assert_eq!(
        (
            baton::stage::RESULTS,
            digest(&sample_run().results).as_str(),
            digest(&forms_and_classes()).as_str()
        ),
        (
            10,
            "49d29bd3b23cceea4e563bc5fe59710d6beccc4cea150fd98892d3f081b11847",
            "0ed045e1590480a62a93743e97db9745ff43edc6bcf7a2740067e7bf52c9bc29"
        )
    );
}

/// What the samples' run has nothing of: every form, and labels of a model that isn't shipped.
fn forms_and_classes() -> BTreeMap<String, Vec<u8>> {
    let place = Workplace::new();
    place.put("short.json", fs::read(repository("samples/short.json")).unwrap());
    let stage = |name: &str, task: TaskKind, model: &str, more: &str| {
        let model = repository(model);
        let forms = Form::ALL.into_iter().filter(|form| form.tasks().contains(&task)).map(Form::name);
        let (task, forms) = (task.name(), json!(forms.collect::<Vec<_>>()));
        format!("[[stage]]\nname = {name:?}\ntask = {task:?}\nmodel = {model:?}\noutput = {forms}\n{more}\n")
    };
    let pipeline = [
        "[pipeline]\nname = \"all\"\n".to_owned(),
        stage("ner", TaskKind::Ner, "model-fetch/models/ner", "next = [\"sentiment\"]"),
        stage(
            "sentiment",
            TaskKind::Sentiment,
            "model-fetch/models/sentiment",
            "next = [\"topics\", \"whole\"]",
        ),
        stage("topics", TaskKind::Classify, "tests/fixtures/models/bert_odd", "over = \"sentences\""),
        stage("whole", TaskKind::Classify, "tests/fixtures/models/bert_odd", "over = \"document\""),
    ];
    fs::write(place.path("p.toml"), pipeline.concat()).unwrap();
    place.run_pipeline(&place.path("p.toml"), &[]).expect(0);
    let results = place.results();
    assert_eq!(results.len(), 4 + 3, "{:?}", results.keys());
    results
}

/// A committed file must say what the binary says now.
#[track_caller]
fn assert_committed(path: &str, now: &str) {
    let file = repository(path);
    if std::env::var_os("UPDATE_SAMPLES").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, now).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(committed, now, "{path}: write it anew with UPDATE_SAMPLES=1");
}

/// JSON with a line for each value, and every value as it was written: `40.00` stays `40.00`.
fn pretty(json: &str) -> String {
    fn parts<'a, T: Deserialize<'a>>(json: &'a str) -> T {
        serde_json::from_str(json).unwrap()
    }
    fn at(json: &str, indent: &str) -> String {
        let inner = format!("{indent}  ");
        let lines: Vec<String> = match json.as_bytes()[0] {
            b'{' => {
                let fields: IndexMap<String, &RawValue> = parts(json);
                fields
                    .iter()
                    .map(|(name, value)| format!("{}: {}", json!(name), at(value.get(), &inner)))
                    .collect()
            }
            b'[' => parts::<Vec<&RawValue>>(json).iter().map(|value| at(value.get(), &inner)).collect(),
            _ => return json.to_owned(),
        };
        let [open, close] = [&json[..1], &json[json.len() - 1..]];
        match lines.is_empty() {
            true => format!("{open}{close}"),
            false => format!("{open}\n{inner}{}\n{indent}{close}", lines.join(&format!(",\n{inner}"))),
        }
    }
    at(json, "") + "\n"
}

fn unzipped(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match bytes.starts_with(&[0x1f, 0x8b]) {
        true => drop(flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap()),
        false => plain.extend_from_slice(bytes),
    }
    plain
}

#[test]
fn the_committed_schemas_are_what_the_binary_prints() {
    for name in NAMES {
        let printed = run(["schema", name]).expect(0).stdout;
        assert_committed(&format!("samples/schemas/{name}.schema.json"), &printed);
    }
}

#[test]
fn every_sample_document_and_every_output_of_it_is_valid() {
    let (document, enriched) = (Schema::published("document"), Schema::published("enriched"));
    let place = Workplace::with_samples();
    let mut checked = 0;
    for (name, bytes) in tree(&place.documents()).iter().filter(|(name, _)| !name.ends_with(".txt")) {
        document.assert_allows(name, &unzipped(bytes));
        checked += 1;
    }
    assert!(checked >= 10, "{checked} documents");
    assert_eq!(sample_run().results.len(), 2 * 14);
    for (name, bytes) in &sample_run().results {
        enriched.assert_allows(name, bytes);
        // An output may come in again.
        document.assert_allows(name, bytes);
    }
}

#[test]
fn what_any_classifier_gives_sentences_and_documents_is_valid() {
    let (document, enriched) = (Schema::published("document"), Schema::published("enriched"));
    for (model, over) in [("bert_relu", "sentences"), ("bert_odd", "sentences"), ("bert_odd", "document")] {
        let place =
            Workplace::with([("a.txt", "The offer was rejected. Why?"), ("empty.json", r#"{"text": ""}"#)]);
        let model = repository(&format!("tests/fixtures/models/{model}"));
        let stage = format!("name = \"topics\"\ntask = \"classify\"\nmodel = {model:?}\nover = \"{over}\"");
        fs::write(place.path("p.toml"), format!("[pipeline]\nname = \"p\"\n[[stage]]\n{stage}\n")).unwrap();
        place.run_pipeline(&place.path("p.toml"), &[]).expect(0);
        let results = place.results();
        assert_eq!(results.len(), 2);
        for (name, bytes) in &results {
            enriched.assert_allows(name, bytes);
            document.assert_allows(name, bytes);
        }
    }
}

#[test]
fn the_enriched_sample_is_what_the_pipeline_makes_of_the_short_document() {
    let place = Workplace::new();
    place.put("short.json", fs::read(repository("samples/short.json")).unwrap());
    place.run(&[]).expect(0);
    Schema::published("document")
        .assert_allows("short.json", &fs::read(repository("samples/short.json")).unwrap());
    let enriched = String::from_utf8(place.output("sentiment", "short.json")).unwrap();
    assert_committed("samples/enriched.json", &pretty(&enriched));
    Schema::published("enriched")
        .assert_allows("the sample", &fs::read(repository("samples/enriched.json")).unwrap());
}

#[test]
fn the_samples_of_handoff_and_rejection_are_what_the_function_makes_of_the_short_document() {
    let mut ner = Deployed::start("ner");
    let short = fs::read(repository("samples/short.json")).unwrap();
    ner.put("desk/short.json", &short);
    let mut off: Value = serde_json::from_slice(&short).unwrap();
    off["entities"] = json!([{"id": "e7", "name": "Northwind", "mentions": [{"begin": 60, "end": 69, "text": "Northwnd"}]}]);
    ner.put("desk/off.json", off.to_string());
    let records = ["desk/short.json", "desk/off.json"].map(|key| Record::new(key, &created(INCOMING, key)));
    assert!(ner.deliver(records).is_empty());

    let handoffs = ner.handed_on();
    assert_eq!(handoffs.len(), 1);
    assert_committed("samples/handoff.json", &pretty(&handoffs[0].to_string()));
    let rejection = ner.rejection("ner", "desk/off.json");
    assert_committed("samples/rejection.json", &pretty(&rejection.to_string()));

    let (handoff, record) = (Schema::published("handoff"), Schema::published("rejection"));
    handoff.allows(&handoffs[0]).unwrap();
    record.allows(&rejection).unwrap();
    handoff.allows(&rejection["handoff"]).unwrap();
    assert!(ner.deliver([Record::new("m3", "nothing known")]).is_empty());
    record.allows(&ner.rejection("ner", "messages/m3")).unwrap();
}

#[test]
fn every_rejection_of_a_run_is_valid() {
    let place = Workplace::with([
        ("cut.json", "{"),
        ("off.json", r#"{"text": "a", "sentences": [{"begin": 2, "end": 3}]}"#),
    ]);
    place.run(&[]).expect(1);
    let schema = Schema::published("rejection");
    let records = tree(&place.out().join("rejected"));
    assert_eq!(records.len(), 2);
    records.iter().for_each(|(name, bytes)| schema.assert_allows(name, bytes));
}

#[test]
fn the_schemas_refuse_what_the_binary_refuses() {
    let document = Schema::published("document");
    let place = Workplace::new();
    let wrong = [
        json!({"title": "no text"}),
        json!({"text": 3}),
        json!({"text": "a", "offsetUnit": "characters"}),
        json!({"text": "a", "language": 7}),
        json!({"text": "a", "entities": {}}),
        json!({"text": "a", "entities": [{"type": "ORG"}]}),
        json!({"text": "a", "entities": [{"name": " "}]}),
        json!({"text": "a", "entities": [{"name": "a", "mentions": [{"begin": 0}]}]}),
        json!({"text": "a", "entities": [{"name": "a", "mentions": [{"begin": -1, "end": 1}]}]}),
        json!({"text": "a", "sentences": [{"begin": "0", "end": 1}]}),
        json!({"text": "a", "ambiguous": "none"}),
    ];
    for (i, wrong) in wrong.iter().enumerate() {
        assert!(document.allows(wrong).is_err(), "{wrong}");
        place.put(&format!("{i}.json"), wrong.to_string());
    }
    place.run(&[]).expect(1);
    for (i, wrong) in wrong.iter().enumerate() {
        assert_eq!(place.rejection(&format!("{i}.json"))["reason"], "invalid-document", "{wrong}");
    }
    let nulls = json!({"text": "a", "id": null, "title": null, "language": null, "entities": null, "sentences": null});
    document.allows(&nulls).unwrap();
}

#[test]
fn what_other_tools_left_among_the_findings_is_valid_and_a_wrong_finding_is_not() {
    let (document, enriched) = (Schema::published("document"), Schema::published("enriched"));
    let place = Workplace::new();
    let others = json!({
        "text": "Castellan Bank fell.",
        "lineage": [{"any": 1}, "s", null, {"stage": "ocr", "task": "extract"}],
        "annotations": {
            "mine": {"x": 1}, "summary": "It fell.", "more": {"task": "summarise"}, "spacy": {"task": "ner", "labels": []}
        }
    });
    document.allows(&others).unwrap();
    place.put("a.json", others.to_string());
    place.run(&[]).expect(0);
    let result: Value = serde_json::from_slice(&place.output("sentiment", "a.json")).unwrap();
    assert_eq!(result["annotations"]["mine"], json!({"x": 1}));
    enriched.allows(&result).unwrap();
    for (at, key) in [("/annotations/ner", "counts"), ("/lineage/4", "input")] {
        let mut wrong = result.clone();
        wrong.pointer_mut(at).unwrap().as_object_mut().unwrap().remove(key).unwrap();
        assert!(enriched.allows(&wrong).is_err(), "{at} without {key}");
    }
}
