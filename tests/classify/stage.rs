//! The task `classify`, as a stage of a pipeline.

use baton::model::{Model, kernels::Isa};
use serde_json::{Value, json};

use super::{
    models::{annotated, assert_scores, cases, copy, fixture, pipeline, scores, sigmoid, softmax},
    support::{
        document::list,
        local::{Workplace, repository},
    },
};

const TWO: &str = "The offer was rejected. Why?";

#[test]
fn a_document_has_the_scores_that_pytorch_computes_and_the_label_with_the_highest() {
    let place = Workplace::new();
    let cases = cases("bert_relu");
    for (i, case) in cases.iter().enumerate() {
        place.put(&format!("{i}.json"), json!({"text": case.text}).to_string());
    }
    let pipeline = pipeline(&place, "classify", &fixture("bert_relu"), "over = \"document\"");
    place.run_pipeline(&pipeline, &[]).expect(0);
    for (i, case) in cases.iter().enumerate() {
        let document: Value = serde_json::from_slice(&place.output("topics", &format!("{i}.json"))).unwrap();
        let annotation = &document["annotations"]["topics"];
        assert_eq!((&annotation["task"], &annotation["over"]), (&"classify".into(), &"document".into()));
        assert_eq!(annotation["model"]["name"], "bert_relu");
        let expected = softmax(&case.logits);
        assert_scores(&case.text, &annotation["document"], &expected);
        let label = if expected[0] > expected[1] { "no" } else { "yes" };
        assert_eq!(annotation["document"]["label"], label, "{}", case.text);
        assert!(annotation["document"].get("labels").is_none());
        let counts = &annotation["counts"];
        assert_eq!((&counts["inputs"], &counts["windowed"]), (&1.into(), &0.into()), "{}", case.text);
        assert_eq!(counts["tokens"], case.input_ids.len());
        assert_eq!(document["lineage"][0]["task"], "classify");
    }
}

#[test]
fn labels_of_a_multi_label_model_have_scores_of_their_own_and_are_given_from_the_threshold_on() {
    let place = Workplace::new();
    let cases = cases("bert_odd");
    for (i, case) in cases.iter().enumerate() {
        place.put(&format!("{i}.json"), json!({"text": case.text}).to_string());
    }
    for threshold in [None, Some(0.35)] {
        let more = threshold.map_or(String::new(), |t| format!("threshold = {t}\n")) + "over = \"document\"";
        place.run_pipeline(&pipeline(&place, "classify", &fixture("bert_odd"), &more), &[]).expect(0);
        for (i, case) in cases.iter().enumerate() {
            let document: Value =
                serde_json::from_slice(&place.output("topics", &format!("{i}.json"))).unwrap();
            let class = &document["annotations"]["topics"]["document"];
            assert_scores(&case.text, class, &sigmoid(&case.logits));
            let reached: Vec<&String> = class["scores"]
                .as_object()
                .unwrap()
                .iter()
                .filter(|(_, score)| score.as_f64().unwrap() >= threshold.unwrap_or(0.5))
                .map(|(label, _)| label)
                .collect();
            assert_eq!(class["labels"], json!(reached), "{threshold:?}: {class}");
            assert!(class.get("label").is_none());
        }
    }
}

/// A model may have thousands of labels, and a document a hundred thousand sentences.
#[test]
fn labels_of_all_sentences_are_counted_before_they_are_in_memory() {
    let labels: usize =
        ["climate", "governance", "labour", "product"].map(|label| label.len() + 5).iter().sum();
    for (over, bytes) in [("sentences", 2 * labels), ("document", labels)] {
        let place = Workplace::with([("a.txt", TWO)]);
        let more = format!("over = {over:?}\n[limits]\nresult_bytes = {}", bytes - 1);
        place.run_pipeline(&pipeline(&place, "classify", &fixture("bert_odd"), &more), &[]).expect(1);
        let record: Value = serde_json::from_slice(&place.output("rejected/topics", "a.txt")).unwrap();
        let message = record["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("result_bytes is {bytes},")), "{message}");
    }
}

#[test]
fn every_sentence_has_its_labels_and_the_document_their_mean_and_counts() {
    for name in ["bert_relu", "bert_odd"] {
        let place = Workplace::with([("a.txt", TWO)]);
        let found = annotated(&place, &pipeline(&place, "classify", &fixture(name), ""), "a.txt");
        assert_eq!(found["over"], "sentences", "the default");
        let scored = |text: &str| {
            let case = cases(name).into_iter().find(|case| case.text == text).unwrap();
            if name == "bert_odd" { sigmoid(&case.logits) } else { softmax(&case.logits) }
        };
        let expected = [scored("The offer was rejected."), scored("Why?")];
        let sentences = found["sentences"].as_array().unwrap();
        assert_eq!(sentences.len(), 2);
        for (i, (sentence, expected)) in sentences.iter().zip(&expected).enumerate() {
            assert_eq!(sentence["sentence"], i);
            assert_scores(name, sentence, expected);
        }
        let mean: Vec<f64> = expected[0].iter().zip(&expected[1]).map(|(a, b)| (a + b) / 2.0).collect();
        assert_scores(name, &found["document"], &mean);
        for (label, count) in found["document"]["sentences"].as_object().unwrap() {
            let has = |s: &&Value| {
                s["label"] == **label || s["labels"].as_array().is_some_and(|l| l.contains(&json!(label)))
            };
            assert_eq!(*count, sentences.iter().filter(has).count(), "{label} in {found:#}");
        }
        let told = &found["counts"];
        let counts = json!({
            "sentences": 2, "inputs": 2, "tokens": told["tokens"], "windowed": 0, "unknown": told["unknown"],
        });
        assert_eq!(*told, counts);
    }
}

/// Twenty pieces, and a model that takes fourteen: the second part begins three before the first one's end, so the
/// first one's scores stand for 13 pieces and the second one's for 7.
#[test]
fn a_text_too_long_for_the_model_is_read_in_parts_whose_scores_are_averaged_by_their_tokens() {
    let place = Workplace::new();
    let model = copy(&place, "bert_relu", |_| {}, Some(&json!({"max_tokens": 16})));
    let text = "Why not ? ".repeat(20);
    let loaded = Model::load(&model, 1, Isa::detect(), None).unwrap();
    let ids = loaded.tokenizer.pieces(&text).unwrap().ids[..20].to_vec();
    let words = loaded.tokenizer.pieces(&text).unwrap().ranges[19].end;
    place.put("long.txt", &text[..words]);
    let parts = [&ids[..14], &ids[11..]].map(|ids| loaded.tokenizer.single(ids)).to_vec();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let logits = runtime.block_on(loaded.engine.run(parts)).unwrap();
    let of = |i: usize| {
        softmax(&logits[i].rows().next().unwrap().iter().map(|x| f64::from(*x)).collect::<Vec<_>>())
    };
    let expected: Vec<f64> = of(0).iter().zip(of(1)).map(|(a, b)| (13.0 * a + 7.0 * b) / 20.0).collect();
    assert!((of(0)[0] - of(1)[0]).abs() > 1e-3, "the parts are alike, so this shows nothing");

    for (over, sentences) in [("document", 0), ("sentences", 1)] {
        let over = format!("over = \"{over}\"");
        let whole = json!({"text": &text[..words], "sentences": [{"begin": 0, "end": words}]});
        place.put("long.json", whole.to_string());
        let found = annotated(&place, &pipeline(&place, "classify", &model, &over), "long.json");
        assert_scores(&over, &found["document"], &expected);
        let counts = json!({"sentences": 1, "inputs": 2, "tokens": 16 + 11, "windowed": 1, "unknown": 0});
        assert_eq!(found["counts"], counts, "{over}");
        assert_eq!(found["sentences"].as_array().unwrap().len(), sentences);
    }
}

/// 256 inputs are a turn.
#[test]
fn sentences_that_fill_a_turn_or_begin_another_are_all_asked_about() {
    let place = Workplace::new();
    for count in [1, 255, 256, 257, 600] {
        place.put(&format!("{count}.txt"), "The mill closed. ".repeat(count));
    }
    let pipeline = pipeline(&place, "classify", &fixture("bert_relu"), "");
    annotated(&place, &pipeline, "1.txt");
    for count in [1, 255, 256, 257, 600] {
        let found: Value = serde_json::from_slice(&place.output("topics", &format!("{count}.txt"))).unwrap();
        let found = &found["annotations"]["topics"];
        assert_eq!((&found["counts"]["inputs"], list(&found["sentences"]).len()), (&count.into(), count));
    }
}

#[test]
fn a_document_of_any_length_is_read_to_its_end() {
    // More than one run of the tokenizer, and a last word that changes the last part alone.
    let text = "The mill closed after the flood of last spring. ".repeat(3000);
    let place =
        Workplace::with([("a.txt", text.as_str()), ("b.txt", &(text.clone() + &"Why? ".repeat(400)))]);
    let pipeline = pipeline(&place, "classify", &fixture("bert_relu"), "over = \"document\"");
    let short = annotated(&place, &pipeline, "a.txt");
    let long: Value = serde_json::from_slice(&place.output("topics", "b.txt")).unwrap();
    let long = &long["annotations"]["topics"];
    assert_eq!((&short["counts"]["windowed"], &long["counts"]["windowed"]), (&1.into(), &1.into()));
    assert!(long["counts"]["inputs"].as_u64() > short["counts"]["inputs"].as_u64());
    let loaded = Model::load(&fixture("bert_relu"), 1, Isa::detect(), None).unwrap();
    let pieces = loaded.tokenizer.pieces(text.trim()).unwrap().ids.len();
    let inputs = short["counts"]["inputs"].as_u64().unwrap() as usize;
    // Each part but the last is read with a quarter of the next one.
    assert_eq!(short["counts"]["tokens"], pieces + 2 * inputs + (510 / 4) * (inputs - 1));
}

#[test]
fn a_document_with_nothing_in_it_has_no_labels() {
    for over in ["document", "sentences"] {
        let place = Workplace::with([("empty.json", r#"{"text": ""}"#), ("blank.txt", " \n\u{a0} ")]);
        let model = fixture("bert_relu");
        let pipeline = pipeline(&place, "classify", &model, &format!("over = \"{over}\""));
        for name in ["empty.json", "blank.txt"] {
            let found = annotated(&place, &pipeline, name);
            assert_eq!((&found["document"], &found["sentences"]), (&Value::Null, &json!([])), "{name}");
            let none = json!({"sentences": 0, "inputs": 0, "tokens": 0, "windowed": 0, "unknown": 0});
            assert_eq!(found["counts"], none);
        }
    }
}

#[test]
fn whatever_decides_a_result_makes_it_anew_and_nothing_else_does() {
    let place = Workplace::with([("a.txt", TWO)]);
    let model = copy(&place, "bert_odd", |_| {}, None);
    let written = |more: &str| {
        place.run_pipeline(&pipeline(&place, "classify", &model, more), &[]).expect(0);
        place.output("topics", "a.txt")
    };
    let first = written("");
    assert_eq!(written("over = \"sentences\"\nthreshold = 0.5"), first, "the defaults, written out");
    let mut seen = vec![first.clone()];
    for more in ["over = \"document\"", "threshold = 0.55", "precision = \"int8\""] {
        let now = written(more);
        assert!(!seen.contains(&now), "{more} changed nothing");
        seen.push(now);
        assert_eq!(written(""), first, "back from {more}");
    }
    std::fs::write(model.join("baton.json"), r#"{"labels": {"labour": "work"}}"#).unwrap();
    let described: Value = serde_json::from_slice(&written("")).unwrap();
    assert!(described["annotations"]["topics"]["document"]["scores"].get("work").is_some());
    let digest = |document: &Value| document["annotations"]["topics"]["model"]["digest"].clone();
    assert_ne!(digest(&described), digest(&serde_json::from_slice(&first).unwrap()));
}

#[test]
fn a_run_that_ends_in_classify_shows_every_label_with_its_counts_and_strongest_text() {
    let place = Workplace::with([("a.txt", TWO), ("b.txt", "Profit")]);
    let ran = place.run_pipeline(&pipeline(&place, "classify", &fixture("bert_relu"), ""), &[]).expect(0);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let header: Vec<&str> = lines[0].split_whitespace().collect();
    assert_eq!(header, ["topics", "documents", "sentences"]);
    let counts = |label: &str| -> usize {
        let row = lines.iter().find(|line| line.trim_start().starts_with(label)).unwrap();
        row.split_whitespace().last().unwrap().parse().unwrap()
    };
    assert_eq!(counts("no") + counts("yes"), 3, "{}", ran.stdout);
    let strongest: Vec<_> = lines.iter().filter(|line| line.contains(".txt)")).collect();
    assert!(!strongest.is_empty(), "{}", ran.stdout);
    for line in strongest {
        assert!(
            ["The offer was rejected.", "Why?", "Profit"].iter().any(|text| line.contains(text)),
            "{line}"
        );
    }
    assert!(lines.last().unwrap().starts_with("2 of 2 documents came through"));

    let over = pipeline(&place, "classify", &fixture("bert_relu"), "over = \"document\"");
    let ran = place.run_pipeline(&over, &[]).expect(0);
    let header: Vec<&str> = ran.stdout.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(header, ["topics", "documents"], "{}", ran.stdout);
}

#[test]
fn classify_goes_between_other_stages_and_leaves_what_they_found() {
    let place = Workplace::with([("a.txt", "Anna Kovac left Northwind Energy. Why?")]);
    let models = repository("model-fetch/models").display().to_string();
    let topics = fixture("bert_odd").display().to_string();
    let stage = |name: &str, task: &str, model: &str, next: &str| {
        format!("[[stage]]\nname = \"{name}\"\ntask = \"{task}\"\nmodel = \"{model}\"\nnext = [{next}]\n")
    };
    let file = place.path("pipeline.toml");
    let text = "[pipeline]\nname = \"p\"\n".to_owned()
        + &stage("ner", "ner", &format!("{models}/ner"), "\"topics\"")
        + &stage("topics", "classify", &topics, "\"sentiment\"")
        + &stage("sentiment", "sentiment", &format!("{models}/sentiment"), "");
    std::fs::write(&file, text).unwrap();
    place.run_pipeline(&file, &[]).expect(0);
    let document = place.enriched("a.txt");
    let stages: Vec<&String> = document["annotations"].as_object().unwrap().keys().collect();
    assert_eq!(stages, ["ner", "topics", "sentiment"]);
    assert_eq!(scores(&document["annotations"]["topics"]["document"]).len(), 4);
    assert_eq!(document["annotations"]["sentiment"]["mentions"].as_array().unwrap().len(), 2);
}

#[track_caller]
fn refused(model: &std::path::Path, task: &str, more: &str) -> String {
    let place = Workplace::with([("a.txt", TWO)]);
    let ran = place.run_pipeline(&pipeline(&place, task, model, more), &[]).expect(2);
    assert!(place.results().is_empty(), "something was begun");
    ran.stderr
}

#[test]
fn a_setting_that_is_wrong_or_has_no_effect_is_named() {
    let said =
        refused(&fixture("bert_odd"), "classify", "over = \"words\"\nthreshold = 1.5\nprecision = \"int4\"");
    for part in [
        "over: `words` can't be",
        "sentences, document",
        "threshold: 1.5 is no",
        "precision: `int4`",
        "f32, int8",
    ] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    let said = refused(&fixture("bert_token"), "ner", "over = \"document\"\nthreshold = 0.5");
    for part in ["over: is a setting of the task classify", "threshold: is a setting", "this stage's is ner"]
    {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    let said = refused(&fixture("bert_relu"), "classify", "threshold = 0.5");
    for part in ["the threshold", "several labels at once", "problem_type"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}

#[test]
fn a_model_that_classifies_no_texts_is_refused_with_what_it_is_for() {
    let said = refused(&fixture("bert_token"), "classify", "");
    assert!(said.contains("needs a text classifier") && said.contains("`ner`"), "{said}");
    let said = refused(&repository("model-fetch/models/sentiment"), "classify", "");
    assert!(said.contains("with a target") && said.contains("`sentiment`"), "{said}");
    let place = Workplace::new();
    let number = |config: &mut Value| config["problem_type"] = "regression".into();
    let said = refused(&copy(&place, "bert_relu", number, None), "classify", "");
    assert!(said.contains("a number, not labels"), "{said}");
    let unknown = |config: &mut Value| config["problem_type"] = "ranking".into();
    let said = refused(&copy(&place, "bert_relu", unknown, None), "classify", "");
    assert!(said.contains("config.json: `problem_type` is \"ranking\""), "{said}");
}

#[test]
fn a_line_break_or_an_escape_in_a_label_leaves_every_row_whole() {
    let place = Workplace::with([("a.txt", TWO), ("b.txt", "Profit")]);
    let labels = json!({"labels": {"no": "n\n\u{1b}[31mo", "yes": "y\nes"}});
    let renamed = copy(&place, "bert_relu", |_| {}, Some(&labels));
    let table = |model: &std::path::Path| {
        place.run_pipeline(&pipeline(&place, "classify", model, ""), &[]).expect(0).stdout
    };
    let (plain, broken) = (table(&fixture("bert_relu")), table(&renamed));
    assert!(!broken.contains(|c: char| c.is_control() && c != '\n'), "{broken:?}");
    let words = |table: &str| table.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let as_plain = broken.replace("n [31mo", "no").replace("y es", "yes");
    assert_eq!(words(&as_plain), words(&plain));
}
