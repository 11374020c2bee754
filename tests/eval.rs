//! `make eval`'s script scores what the binary writes: on small data whose right answers are plain, and with a mistake
//! or two put into it, the numbers can be worked out by hand.

mod support;

use std::{path::Path, process::Command};

use serde_json::{Value, json};
use support::local::{Ran, Workplace, program, repository};

fn eval(data: &Path, more: &[&str]) -> Ran {
    let script = repository("model-fetch/eval/eval.py");
    let mut command = Command::new("python3");
    Ran::of(command.arg(script).arg(data).arg("--baton").arg(program()).args(more))
}

#[track_caller]
fn scores(data: &Path, more: &[&str]) -> Value {
    let ran = eval(data, &[&["--json"], more].concat()).expect(0);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout))
}

fn data(name: &str) -> std::path::PathBuf {
    repository("tests/data/eval").join(name)
}

/// Five targets, the last of which the data calls positive though nothing good is said of it.
#[test]
fn targets_are_scored_by_macro_f1_and_confusion() {
    for precision in ["f32", "int8"] {
        let found = scores(&data("targets.jsonl"), &["--precision", precision]);
        assert_eq!((&found["task"], &found["n"]), (&"sentiment".into(), &5.into()));
        assert_eq!(found["accuracy"], 80.0, "{found:#}");
        let f1 = |label: &str| found["classes"][label]["f1"].as_f64().unwrap();
        assert_eq!((f1("negative"), f1("neutral"), f1("positive")), (100.0, 66.67, 66.67));
        assert_eq!(found["macro_f1"], 77.78);
        let row = |negative: u8, neutral: u8, positive: u8| json!({"negative": negative, "neutral": neutral, "positive": positive});
        let confusion = json!({"negative": row(2, 0, 0), "neutral": row(0, 1, 0), "positive": row(0, 1, 1)});
        assert_eq!(found["confusion"], confusion);
    }
}

/// All five are answered with nine tenths or more, so that all are in one range of probability: four are right.
#[test]
fn how_far_probabilities_are_from_being_right_is_scored() {
    let found = scores(&data("targets.jsonl"), &[]);
    let [mean, error] = ["mean_probability", "calibration_error"].map(|key| found[key].as_f64().unwrap());
    assert!((90.0..100.0).contains(&mean), "{found:#}");
    assert!((mean - 80.0 - error).abs() < 0.02, "{found:#}");
}

#[test]
fn sentences_with_one_named_label_are_read_too() {
    let place = Workplace::new();
    let file = place.path("mentions.jsonl");
    let line = |end: usize, label: &str| {
        let sentence = "Larkfield lied to its customers.";
        json!({"sentence": sentence, "mention": "Larkfield", "begin": 0, "end": end, "label": label})
            .to_string()
    };
    std::fs::write(&file, line(9, "negative") + "\n").unwrap();
    assert_eq!(scores(&file, &[])["accuracy"], 100.0);
    std::fs::write(&file, line(9, "negative") + "\n" + &line(9, "good") + "\n").unwrap();
    let ran = eval(&file, &[]).expect(1);
    assert!(ran.stderr.contains("mentions.jsonl:2: 'good' is missing"), "{}", ran.stderr);
    std::fs::write(&file, line(900, "negative")).unwrap();
    let ran = eval(&file, &[]).expect(1);
    assert!(ran.stderr.contains("1 rejected") && ran.stderr.contains("invalid-offsets"), "{}", ran.stderr);
}

/// Six entities, one of which the data calls an organisation though it is a city.
#[test]
fn tagged_words_are_scored_as_whole_entities_at_their_exact_places() {
    let found = scores(&data("words.conll"), &[]);
    assert_eq!((&found["task"], &found["n"]), (&"ner".into(), &2.into()));
    let of = |kind: &str| {
        let class = &found["classes"][kind];
        ["gold", "found", "precision", "recall"].map(|key| class[key].as_f64().unwrap())
    };
    assert_eq!(of("PER"), [3.0, 3.0, 100.0, 100.0], "{found:#}");
    assert_eq!(of("ORG"), [2.0, 1.0, 100.0, 50.0], "{found:#}");
    assert_eq!(of("LOC"), [1.0, 2.0, 50.0, 100.0], "{found:#}");
    assert_eq!(found["micro"]["f1"], 83.33);
    let row = |loc: u8, org: u8, per: u8| json!({"LOC": loc, "ORG": org, "PER": per, "nothing": 0});
    let confusion =
        json!({"LOC": row(1, 0, 0), "ORG": row(1, 1, 0), "PER": row(0, 0, 3), "nothing": row(0, 0, 0)});
    assert_eq!(found["confusion"], confusion, "{found:#}");
}

/// As CoNLL-2003 has it: four columns apart by blanks, documents' beginnings, and an `I-` that begins an entity.
#[test]
fn columns_between_word_and_tag_and_marks_of_documents_are_left_out() {
    let place = Workplace::new();
    let file = place.path("columns.conll");
    let body = "-DOCSTART- -X- -X- O\n\nAnna NNP B-NP I-PER\nKovac NNP I-NP I-PER\nleft VBD B-VP O\n. . O O\n\n\
                -DOCSTART- -X- -X- O\n\nParis NNP B-NP I-LOC\n";
    std::fs::write(&file, body).unwrap();
    let found = scores(&file, &[]);
    assert_eq!((&found["n"], &found["classes"]["PER"]["f1"]), (&2.into(), &json!(100.0)), "{found:#}");
    assert_eq!(found["classes"]["LOC"]["gold"], 1);
}

#[test]
fn types_that_the_data_does_not_tag_are_left_out_and_said_to_be() {
    let place = Workplace::new();
    let file = place.path("persons.conll");
    std::fs::write(&file, "Anna\tB-PER\nKovac\tI-PER\nleft\tO\nNorthwind\tO\nEnergy\tO\n.\tO\n").unwrap();
    let found = scores(&file, &[]);
    assert_eq!((&found["micro"]["f1"], &found["not_in_the_data"]), (&json!(100.0), &json!({"ORG": 1})));
}

#[test]
fn a_person_is_one_whatever_the_data_calls_the_type() {
    let place = Workplace::new();
    let file = place.path("persons.conll");
    std::fs::write(&file, "Anna\tB-PERSON\nKovac\tI-PERSON\nleft\tO\n.\tO\n").unwrap();
    let found = scores(&file, &[]);
    assert_eq!(found["classes"]["PER"]["f1"], 100.0, "{found:#}");
    assert_eq!(found["not_in_the_data"], json!({}));
}

#[test]
fn labels_that_the_model_does_not_have_are_said() {
    let place = Workplace::new();
    let file = place.path("rockets.conll");
    std::fs::write(&file, "Anna\tB-PERSON\nsaw\tO\nAriane\tB-ROCKET\n.\tO\n").unwrap();
    assert_eq!(scores(&file, &[])["not_in_the_model"], json!(["ROCKET"]));
    let ran = eval(&file, &[]).expect(0);
    let line = "never found, since the model has no such labels: ROCKET\n";
    assert!(ran.stdout.ends_with(line), "{}", ran.stdout);

    let file = place.path("texts.jsonl");
    let model = repository("tests/fixtures/models/bert_relu").display().to_string();
    let text = |label: &str| json!({"text": "Why?", "label": label}).to_string() + "\n";
    std::fs::write(&file, text("yes") + &text("perhaps")).unwrap();
    assert_eq!(scores(&file, &["--model", &model])["not_in_the_model"], json!(["perhaps"]));
    assert_eq!(scores(&data("targets.jsonl"), &[])["not_in_the_model"], json!([]));
}

#[test]
fn texts_are_scored_by_the_labels_of_any_classifier() {
    let place = Workplace::new();
    let file = place.path("texts.jsonl");
    let model = repository("tests/fixtures/models/bert_relu").display().to_string();
    let text = |label: &str| json!({"text": "Why?", "label": label}).to_string() + "\n";
    std::fs::write(&file, text("yes") + &text("no")).unwrap();
    assert!(eval(&file, &[]).expect(1).stderr.contains("--model"));
    let found = scores(&file, &["--model", &model]);
    assert_eq!((&found["task"], &found["accuracy"]), (&"classify".into(), &json!(50.0)));
    // One text, asked twice: one answer is right, so that what is surer than a half is too sure by the rest.
    let error = found["mean_probability"].as_f64().unwrap() - 50.0;
    assert!(error > 0.0 && (found["calibration_error"].as_f64().unwrap() - error).abs() < 0.02, "{found:#}");

    let several = repository("tests/fixtures/models/bert_odd").display().to_string();
    // What the fixture's logits say: 1.31, -0.78, 0.06 and -0.50.
    let right = json!({"text": "Why?", "labels": ["climate", "labour"]}).to_string() + "\n";
    let half = json!({"text": "Why?", "labels": ["climate", "product"]}).to_string() + "\n";
    std::fs::write(&file, right + &half).unwrap();
    let found = scores(&file, &["--model", &several]);
    assert_eq!(found["all_labels_right"], 50.0);
    assert_eq!(found["micro"]["f1"], 75.0, "{found:#}");
    assert_eq!(found["classes"]["climate"]["f1"], 100.0);
}

#[test]
fn a_person_gets_a_table() {
    let ran = eval(&data("targets.jsonl"), &[]).expect(0);
    for part in [
        "sentiment on targets.jsonl: 5 targets",
        "macro-F1 77.78",
        "precision  recall",
        "rows: what the data says",
    ] {
        assert!(ran.stdout.contains(part), "{part} is not in {}", ran.stdout);
    }
}

#[test]
fn data_that_cannot_be_read_is_named_with_its_line() {
    let place = Workplace::new();
    for (name, body, said) in [
        ("a.conll", "Anna\tB-PER\nKovac\n", "a.conll:2: 'Kovac' is no word"),
        ("b.jsonl", "{\"text\": \"a\", \"label\": \"b\"}\n{\n", "b.jsonl:2: "),
        ("c.jsonl", "{\"text\": \"a\"}\n", "c.jsonl:1: has neither targets"),
        ("d.jsonl", "", "is empty"),
        ("f.jsonl", "{\"text\": \"a\", \"label\": 1}\n", "f.jsonl:1: 'label' is 1; labels are strings"),
        ("g.jsonl", "{\"text\": \"a\", \"labels\": \"b\"}\n", "g.jsonl:1: 'labels' is \"b\""),
        ("h.jsonl", "{\"text\": 1, \"label\": \"b\"}\n", "h.jsonl:1: 'text' is 1"),
        ("i.jsonl", "1\n", "i.jsonl:1: is no JSON object"),
        ("j.jsonl", "{\"targets\": [1]}\n", "j.jsonl:1: "),
        ("e.csv", "a,b\n", ".conll or .jsonl"),
    ] {
        std::fs::write(place.path(name), body).unwrap();
        let ran = eval(&place.path(name), &[]).expect(1);
        assert!(ran.stderr.starts_with("eval: ") && ran.stderr.contains(said), "{name}: {}", ran.stderr);
    }
    assert!(eval(&place.path("nowhere.conll"), &[]).expect(1).stderr.contains("nowhere.conll"));
}

/// A damaged export or a changed tokenisation loses tens of points, another training a few: the floors are some points
/// below what the models' cards say.
#[test]
fn the_shipped_models_have_not_lost_what_they_were_trained_to_do() {
    let apart = |name: &str| repository("model-fetch/train/data").join(name);
    let sentiment = scores(&apart("org_sentences.jsonl"), &[]);
    assert!(sentiment["macro_f1"].as_f64().unwrap() > 92.0, "{sentiment:#}");
    let ner = scores(&apart("newswire_dev.conll"), &[]);
    assert!(ner["micro"]["f1"].as_f64().unwrap() > 87.0, "{ner:#}");
}
