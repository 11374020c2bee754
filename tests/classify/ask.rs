//! `baton classify`: one text through a model, for a person or a machine.

use std::{io::Write, path::Path, process::Command};

use serde_json::Value;

use super::{
    models::{assert_scores, cases, copy, fixture, sigmoid, softmax},
    support::{
        document::list,
        local::{Ran, Workplace, program, repository, run},
    },
};

fn ask(model: &Path, more: &[&str]) -> Ran {
    run(["classify", "--model", model.to_str().unwrap()].iter().chain(more))
}

/// The same with something on standard input.
fn ask_with_input(model: &Path, more: &[&str], input: &[u8]) -> Ran {
    let mut command = Command::new(program());
    Ran::with_input(command.args(["classify", "--model"]).arg(model).args(more), input)
}

fn shipped(name: &str) -> std::path::PathBuf {
    repository("model-fetch/models").join(name)
}

/// The printed lines of labels: whether the model gives the label, its name, its score.
fn labels(ran: &Ran) -> Vec<(bool, String, f64)> {
    let lines = ran.stdout.lines().filter_map(|line| {
        let (begin, score) = line.trim_end().rsplit_once("  ")?;
        let (mark, label) = (begin.starts_with('*'), begin.trim_start_matches('*').trim().to_owned());
        Some((mark, label, score.trim().parse().ok()?))
    });
    lines.collect()
}

#[test]
fn labels_are_printed_by_their_scores_which_are_pytorchs() {
    for name in ["bert_relu", "bert_odd"] {
        let case = cases(name).into_iter().find(|case| case.text == "The offer was rejected.").unwrap();
        let ran = ask(&fixture(name), &[&case.text]).expect(0);
        let expected = if name == "bert_odd" { sigmoid(&case.logits) } else { softmax(&case.logits) };
        let mut expected = expected;
        expected.sort_by(|a, b| b.total_cmp(a));
        let found = labels(&ran);
        assert_eq!(found.len(), expected.len(), "{}", ran.stdout);
        for ((given, label, score), expected) in found.iter().zip(expected) {
            assert!((score - expected).abs() < 1.5e-4, "{name}, {label}: {score}, not {expected}");
            let most = if name == "bert_odd" { *score >= 0.5 } else { *score == found[0].2 };
            assert_eq!(*given, most, "{}", ran.stdout);
        }
        assert_eq!(ran.stderr, "");
    }
}

#[test]
fn the_text_comes_from_arguments_or_from_standard_input() {
    let model = fixture("bert_relu");
    let said = ask(&model, &["Why not?"]).expect(0).stdout;
    assert_eq!(ask(&model, &["Why", "not?"]).expect(0).stdout, said);
    assert_eq!(ask_with_input(&model, &[], b"Why not?\n").expect(0).stdout, said);
    assert_eq!(ask_with_input(&model, &["-"], b"Why not?\r\n").expect(0).stdout, said);
}

#[test]
fn standard_input_is_read_as_a_stage_reads_a_document() {
    let (model, sentiment) = (fixture("bert_relu"), shipped("sentiment"));
    let json = r#"{"title": "Asked", "text": "Why not?", "entities": [{"name": "Nobody"}]}"#;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(json.as_bytes()).unwrap();
    let said = ask(&model, &["Why not?"]).expect(0).stdout;
    for input in [json.as_bytes(), &gzip.finish().unwrap(), "\u{feff}Why not?".as_bytes()] {
        assert_eq!(ask_with_input(&model, &[], input).expect(0).stdout, said);
    }
    let json =
        br#"{"text": "Northwind failed its customers.", "language": "en", "entities": [{"name": "Velmo"}]}"#;
    let said =
        ask(&sentiment, &["--target", "Northwind", "Northwind failed its customers."]).expect(0).stdout;
    assert_eq!(ask_with_input(&sentiment, &["--target", "Northwind"], json).expect(0).stdout, said);
    for (input, says) in
        [(&br#"{"text": 3}"#[..], "`text`"), (b"{", "begins like a JSON object"), (b" \n", "is empty")]
    {
        let ran = ask_with_input(&model, &[], input).expect(2);
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
    }
}

#[test]
fn the_name_of_a_file_is_no_text_and_a_text_may_begin_with_a_hyphen() {
    let model = fixture("bert_relu");
    let file = repository("README.md").display().to_string();
    let ran = ask(&model, &[&file]).expect(2);
    assert!(
        ran.stderr.contains(&format!("{file} is a file; what is in it is read by `- < {file}`")),
        "{}",
        ran.stderr
    );
    let said = ask(&model, &["-5% drop in sales"]).expect(0).stdout;
    assert_eq!(ask(&model, &["-5%", "drop", "in", "sales"]).expect(0).stdout, said);
    assert_eq!(ask_with_input(&model, &["-"], b"-5% drop in sales").expect(0).stdout, said);
    for misspelt in ["--jsn", "-json"] {
        let ran = ask(&model, &[misspelt, "Why not?"]).expect(2);
        assert!(
            ran.stderr.contains(misspelt) && ran.stderr.contains("there is no such option"),
            "{}",
            ran.stderr
        );
    }
    assert!(ask(&model, &["Why not?", "--json"]).expect(0).stdout.starts_with('{'));
}

#[test]
fn a_backtrace_is_no_part_of_what_is_wrong_with_a_model() {
    let place = Workplace::new();
    let model = copy(&place, "bert_relu", |_| {}, None);
    std::fs::write(model.join("model.safetensors"), "not tensors").unwrap();
    let mut command = Command::new(program());
    command.args(["classify", "--model"]).arg(&model).arg("Why not?").env("RUST_BACKTRACE", "1");
    let said = Ran::of(&mut command).stderr;
    assert!(said.contains("not readable safetensors: ") && said.lines().count() == 1, "{said}");
}

#[test]
fn sentences_are_answered_one_by_one_where_that_is_asked() {
    let ran = ask(&fixture("bert_relu"), &["--over", "sentences", "The offer was rejected. Why?"]).expect(0);
    for part in ["“The offer was rejected.”", "“Why?”", "mean of 2 sentences:"] {
        assert!(ran.stdout.contains(part), "{part} is not in {}", ran.stdout);
    }
}

#[test]
fn a_text_too_long_for_the_model_is_said_to_be() {
    let ran = ask(&fixture("bert_relu"), &[&"Why not? ".repeat(400)]).expect(0);
    assert!(
        ran.stdout.contains("1 input was too long for the model and read in overlapping parts"),
        "{}",
        ran.stdout
    );
}

#[test]
fn words_that_the_model_cannot_spell_are_counted() {
    let ran = ask(&shipped("ner"), &["Anna Kovac สวัสดี 🜀 left."]).expect(0);
    let want = "2 of 9 tokens are words that the model's vocabulary can't spell\n";
    assert!(ran.stdout.ends_with(want), "{}", ran.stdout);
    let ran = ask(&shipped("ner"), &["Anna Kovac left."]).expect(0);
    assert!(!ran.stdout.contains("tokens"), "{}", ran.stdout);
}

#[test]
fn a_tagger_answers_with_the_entities_that_it_finds_and_where() {
    let ran = ask(&shipped("ner"), &["Zoë left. Anna Kovac of Northwind Energy stayed."]).expect(0);
    let row = |name: &str| ran.stdout.lines().find(|line| line.contains(name)).unwrap_or_default();
    assert!(row("Anna Kovac").contains("PER") && row("Anna Kovac").contains("10..20"), "{}", ran.stdout);
    assert!(row("Northwind Energy").contains("ORG"), "{}", ran.stdout);
    assert_eq!(ask(&shipped("ner"), &["It rained."]).expect(0).stdout, "no entities found\n");
}

#[test]
fn an_escape_in_a_text_or_a_label_does_not_reach_the_terminal() {
    let place = Workplace::new();
    let text = "Lark\u{1b}[31mfield was praised.\u{7} Why?";
    let labels = serde_json::json!({"labels": {"yes": "y\u{1b}[31m\nes"}});
    let renamed = copy(&place, "bert_relu", |_| {}, Some(&labels));
    for (model, more, shown) in [
        (&shipped("sentiment"), &["--target", "Lark\u{1b}[31mfield"][..], "“Lark[31mfield was praised."),
        (&shipped("ner"), &[], ""),
        (&renamed, &["--over", "sentences"], "y[31m es"),
    ] {
        let ran = ask(model, &[more, &[text]].concat()).expect(0);
        assert!(ran.stdout.contains(shown), "{:?}", ran.stdout);
        assert!(!ran.stdout.contains(|c: char| c.is_control() && c != '\n'), "{:?}", ran.stdout);
    }
}

#[test]
fn a_text_is_cut_into_sentences_as_its_language_is() {
    let text = "Am 3. Oktober kam er. Er ging.";
    for (language, sentences) in [("de", 2), ("German", 2), ("en", 3)] {
        let ran =
            ask(&fixture("bert_relu"), &["--over", "sentences", "--language", language, text]).expect(0);
        assert!(
            ran.stdout.contains(&format!("mean of {sentences} sentences:")),
            "{language}: {}",
            ran.stdout
        );
    }
    let ran = ask(&fixture("bert_relu"), &["--language", "deutsch", text]).expect(2);
    assert!(ran.stderr.contains("`deutsch` is no language tag"), "{}", ran.stderr);
}

#[test]
fn a_target_is_answered_in_each_of_its_sentences_and_over_all_of_them() {
    let text =
        "Northwind failed its customers and lied to them. It rained. Northwind was praised for its honesty.";
    let ran = ask(&shipped("sentiment"), &["--target", "Northwind", text]).expect(0);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines[0], "“Northwind failed its customers and lied to them.”");
    assert!(lines[1].trim_start().starts_with("negative"), "{}", ran.stdout);
    assert_eq!(lines[4], "“Northwind was praised for its honesty.”");
    assert!(lines[5].trim_start().starts_with("positive"), "{}", ran.stdout);
    assert!(lines[8].starts_with("over 2 mentions: "), "{}", ran.stdout);
    assert!(!ran.stdout.contains("rained"));
}

/// As a stage reads it: with one of two marks left, the JSON itself was taken for the text.
#[test]
fn a_target_in_a_document_with_two_byte_order_marks_is_answered_of_its_text() {
    let input = "\u{feff}\u{feff}{\"text\":\"Northwind failed its customers.\"}";
    let ran = ask_with_input(&shipped("sentiment"), &["--target", "Northwind"], input.as_bytes()).expect(0);
    assert_eq!(ran.stdout.lines().next(), Some("“Northwind failed its customers.”"));
}

/// No number there, and no text that isn't read, is made another one, or none.
#[test]
fn a_machine_gets_a_documents_own_fields_as_they_came() {
    let own = r#""x":1e400,"y":"\ud800","z":12345678901234567890123,"v":1.10"#;
    let ran = ask_with_input(
        &fixture("bert_relu"),
        &["--json"],
        format!(r#"{{"text":"Why not?",{own}}}"#).as_bytes(),
    );
    let stdout = ran.expect(0).stdout;
    assert!(stdout.contains(own) && stdout.lines().count() == 1, "{stdout}");
}

/// The library panics at it, which is the file's fault and no defect.
#[test]
fn a_tokenizer_at_which_the_library_fails_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["config.json", "model.safetensors", "tokenizer.json"] {
        std::fs::copy(fixture("camembert_sequence").join(file), folder.path().join(file)).unwrap();
    }
    let file = folder.path().join("tokenizer.json");
    let mut tokenizer: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    tokenizer["post_processor"]["special_tokens"].as_object_mut().unwrap().remove("</s>");
    std::fs::write(&file, tokenizer.to_string()).unwrap();
    let ran = ask(folder.path(), &["Why not?"]).expect(2);
    assert!(ran.stderr.contains("tokenizer.json") && ran.stderr.lines().count() == 1, "{}", ran.stderr);
}

/// No stage made it, whatever stages made what it came from.
#[test]
fn what_is_asked_by_hand_has_no_lineage() {
    let line = r#"{"stage": "ner", "task": "ner", "model": "m", "input": {"bucket": "b", "key": "k"}}"#;
    let document = format!(r#"{{"text": "Why not?", "lineage": [{line}]}}"#);
    let ran = ask_with_input(&fixture("bert_relu"), &["--json"], document.as_bytes()).expect(0);
    let written: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(written["lineage"], serde_json::json!([]));
}

#[test]
fn a_machine_gets_the_document_that_a_stage_would_write() {
    let case = cases("bert_relu").into_iter().find(|case| case.text == "Why?").unwrap();
    let ran = ask(&fixture("bert_relu"), &["--json", "Why?"]).expect(0);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_scores("Why?", &document["annotations"]["classify"]["document"], &softmax(&case.logits));
    let ran = ask(&shipped("ner"), &["--json", "Anna Kovac left."]).expect(0);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(list(&document["entities"])[0]["name"], "Anna Kovac");
    let ran = ask(&shipped("sentiment"), &["--json", "--target", "Kovac", "Anna Kovac left."]).expect(0);
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(list(&document["annotations"]["sentiment"]["mentions"]).len(), 1);
}

#[test]
fn a_target_that_the_text_does_not_name_gives_status_1_and_a_way_on() {
    for (target, text, hint) in [
        ("Larkfield", "Northwind fell.", "give a name that the text has"),
        ("northwind", "Northwind fell.", "with other capitals"),
        ("wind", "Northwind fell.", "inside other words"),
    ] {
        let ran = ask(&shipped("sentiment"), &["--target", target, text]).expect(1);
        assert!(ran.stderr.contains(&format!("the text doesn't name {target:?}")), "{}", ran.stderr);
        assert!(ran.stderr.contains(hint), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn what_cannot_be_asked_gives_status_2_and_says_what_can() {
    let (tagger, sentiment, topics) = (shipped("ner"), shipped("sentiment"), fixture("bert_relu"));
    for (model, more, parts) in [
        (&tagger, &["--target", "Kovac", "Kovac left."][..], &["leave out --target"][..]),
        (&sentiment, &["Kovac left."], &["add --target"]),
        (&sentiment, &["--target", " ", "Kovac left."], &["--target is empty"]),
        (
            &sentiment,
            &["--target", "Kovac", "--threshold", "0.5", "Kovac left."],
            &["--threshold", "leave it out"],
        ),
        (&tagger, &["--over", "sentences", "Kovac left."], &["--over", "leave it out"]),
        (
            &sentiment,
            &["--target", "Kovac", "--over", "document", "Kovac left."],
            &["--over", "leave it out"],
        ),
        (&topics, &["--threshold", "0.5", "Kovac left."], &["--threshold", "several labels at once"]),
        (&topics, &["--threshold", "2", "Kovac left."], &["--threshold", "above 0 and up to 1"]),
        (&topics, &["--over", "words", "Kovac left."], &["--over", "sentences, document"]),
        (&topics, &["--precision", "int4", "Kovac left."], &["--precision", "f32, int8"]),
        (&topics, &[" \t"], &["the text is empty"]),
        (&Path::new("nowhere").to_owned(), &["a"], &["--model: nowhere is no directory", "config.json"]),
        (&repository("samples"), &["a"], &["samples/config.json"]),
        (
            &topics,
            &["--target", "Kovac", "Kovac left."],
            &["negative, neutral and positive", "no, yes", "baton.json"],
        ),
    ] {
        let ran = ask(model, more).expect(2);
        for part in parts {
            assert!(ran.stderr.contains(part), "{more:?}: {part} is not in {}", ran.stderr);
        }
        assert_eq!(ran.stdout, "");
    }
    let ran = ask_with_input(&topics, &[], b"caf\xe9").expect(2);
    assert!(ran.stderr.contains("byte 3 (0xe9) is not UTF-8"), "{}", ran.stderr);
}

#[test]
fn a_model_that_says_nothing_of_targets_is_asked_with_a_warning() {
    let place = Workplace::new();
    let model = copy(&place, "bert_sequence", |_| {}, None);
    let ran = ask(&model, &["--target", "Kovac", "Kovac left."]).expect(0);
    assert!(ran.stderr.contains("doesn't say that it was trained on targets"), "{}", ran.stderr);
    let described = copy(&place, "bert_sequence", |_| {}, Some(&serde_json::json!({"input": "pair"})));
    let again = ask(&described, &["--target", "Kovac", "Kovac left."]).expect(0);
    assert_eq!((again.stderr.as_str(), again.stdout), ("", ran.stdout));
}
