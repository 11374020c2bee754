//! `baton.json`: what a model's directory says of its inputs and labels.

use std::path::Path;

use baton::model::{Model, Sequence, TargetInputs, kernels::Isa};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    models::{annotated, assert_scores, copy, pipeline, scores, softmax},
    support::{
        document::{enriched, list},
        local::Workplace,
    },
};

const SENTENCE: &str = "The board rejected the offer, said Quorvane.";
const TARGET: &str = "offer";

/// The document with the sentence and its target.
fn targeted() -> String {
    let begin = SENTENCE.find(TARGET).unwrap();
    let mention = json!({"begin": begin, "end": begin + TARGET.len()});
    json!({"text": SENTENCE, "entities": [{"id": "e", "name": TARGET, "mentions": [mention]}]}).to_string()
}

/// The sentiment of the target, by a copy of a fixture with this baton.json.
#[track_caller]
fn sentiment(place: &Workplace, description: Option<Value>) -> Value {
    let model = copy(place, "bert_sequence", |_| {}, description.as_ref());
    place.put("a.json", targeted());
    let found = annotated(place, &pipeline(place, "sentiment", &model, ""), "a.json");
    list(&found["mentions"])[0].clone()
}

fn load(model: &Path) -> Model {
    Model::load(model, 1, Isa::detect(), None).unwrap_or_else(|error| panic!("{error}"))
}

/// The probabilities of an input that was made by hand.
fn probabilities(model: &Model, input: Sequence) -> Vec<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let logits = runtime.block_on(model.engine.run(vec![input])).unwrap();
    softmax(&logits[0].rows().next().unwrap().iter().map(|x| f64::from(*x)).collect::<Vec<_>>())
}

#[test]
fn a_target_marked_in_the_text_is_read_as_that_text() {
    let place = Workplace::new();
    let found = sentiment(&place, Some(json!({"input": {"template": "{before}$ {target} ${after}"}})));
    let plain = copy(&place, "bert_sequence", |_| {}, None);
    place.put("a.json", json!({"text": SENTENCE.replace("offer", "$ offer $")}).to_string());
    let read = annotated(&place, &pipeline(&place, "classify", &plain, ""), "a.json");
    assert_eq!(found["scores"], list(&read["sentences"])[0]["scores"]);
    assert_ne!(
        scores(&found),
        scores(&sentiment(&place, None)),
        "marked or not is the same, so this shows nothing"
    );
}

#[test]
fn a_question_about_the_target_is_read_as_the_second_text() {
    let place = Workplace::new();
    let template = json!({"input": {"template": ["{sentence}", "what do you think of {target}?"]}});
    let found = sentiment(&place, Some(template));
    let model = load(&copy(&place, "bert_sequence", |_| {}, None));
    let ids = |text: &str| model.tokenizer.pieces(text).unwrap().ids;
    let pair = model.tokenizer.pair(&ids(SENTENCE), &ids("what do you think of offer?"));
    assert_scores("a question", &found, &probabilities(&model, pair));
}

#[test]
fn the_pair_is_what_is_read_without_a_description_and_may_be_written_out() {
    let place = Workplace::new();
    let pair = sentiment(&place, None);
    for input in [
        json!("pair"),
        json!({"template": ["{sentence}", "{target}"]}),
        json!({"template": ["{before}{target}{after}", "{target}"]}),
    ] {
        assert_eq!(sentiment(&place, Some(json!({"input": input}))), pair, "{input}");
    }
    let turned = sentiment(&place, Some(json!({"input": {"template": ["{target}", "{sentence}"]}})));
    assert_ne!(turned, pair);
}

#[test]
fn the_targets_tokens_in_the_sentence_get_the_second_texts_type_where_that_is_asked() {
    let place = Workplace::new();
    let found = sentiment(&place, Some(json!({"mark": "token_types"})));
    let model = load(&copy(&place, "bert_sequence", |_| {}, None));
    let pieces = model.tokenizer.pieces(SENTENCE).unwrap();
    let mut pair = model.tokenizer.pair(&pieces.ids, &model.tokenizer.pieces(TARGET).unwrap().ids);
    let place_of_target = SENTENCE.find(TARGET).unwrap()..SENTENCE.find(TARGET).unwrap() + TARGET.len();
    let mut marked = 0;
    for (i, range) in pieces.ranges.iter().enumerate() {
        if place_of_target.contains(&range.start) {
            pair.types[1 + i] = 1;
            marked += 1;
        }
    }
    assert!(marked > 0 && marked < pieces.ids.len());
    assert_scores("marked", &found, &probabilities(&model, pair));
    assert_ne!(
        scores(&found),
        scores(&sentiment(&place, None)),
        "marked or not is the same, so this shows nothing"
    );
}

#[test]
fn a_marker_that_training_wrote_into_config_json_is_heard() {
    let place = Workplace::new();
    let by = |marker: Value| {
        let trained =
            |config: &mut Value| config["target_sentiment"] = json!({"input": "pair", "marker": marker});
        copy(&place, "bert_sequence", trained, None)
    };
    place.put("a.json", targeted());
    let scored = |model: &Path| {
        let found = annotated(&place, &pipeline(&place, "sentiment", model, ""), "a.json");
        scores(&list(&found["mentions"])[0])
    };
    assert_eq!(
        scored(&by(json!("token_types"))),
        scores(&sentiment(&place, Some(json!({"mark": "token_types"}))))
    );
    assert_eq!(scored(&by(Value::Null)), scores(&sentiment(&place, None)));
    let ran = place.run_pipeline(&pipeline(&place, "sentiment", &by(json!("bold")), ""), &[]).expect(2);
    assert!(ran.stderr.contains("config.json: `target_sentiment.marker` is \"bold\""), "{}", ran.stderr);
    let one_type = |config: &mut Value| config["type_vocab_size"] = 1.into();
    let model = copy(&place, "bert_sequence", one_type, Some(&json!({"mark": "token_types"})));
    let ran = place.run_pipeline(&pipeline(&place, "sentiment", &model, ""), &[]).expect(2);
    assert!(
        ran.stderr.contains("baton.json: `mark`") && ran.stderr.contains("type_vocab_size"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_same_name_twice_in_a_sentence_is_asked_twice_where_its_place_decides() {
    let text = "Quorvane sued Quorvane.";
    for (description, differs) in [
        (None, false),
        (Some(json!({"mark": "token_types"})), true),
        (Some(json!({"input": {"template": "{before}[{target}]{after}"}})), true),
    ] {
        let place = Workplace::with([(
            "a.json",
            json!({"text": text, "entities": [{"name": "Quorvane"}]}).to_string().as_str(),
        )]);
        let model = copy(&place, "bert_sequence", |_| {}, description.as_ref());
        let found = annotated(&place, &pipeline(&place, "sentiment", &model, ""), "a.json");
        let mentions = list(&found["mentions"]);
        assert_eq!(mentions.len(), 2);
        assert_eq!(scores(&mentions[0]) != scores(&mentions[1]), differs, "{description:?}: {found:#}");
    }
}

#[test]
fn labels_without_names_get_them_and_labels_of_one_name_are_one() {
    let place = Workplace::new();
    let named = sentiment(&place, None);
    let numbered =
        |config: &mut Value| config["id2label"] = json!({"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"});
    let asked = |labels: Value| {
        let model = copy(&place, "bert_sequence", numbered, Some(&json!({"labels": labels})));
        place.put("a.json", targeted());
        let found = annotated(&place, &pipeline(&place, "sentiment", &model, ""), "a.json");
        list(&found["mentions"])[0].clone()
    };
    let renamed = asked(json!({"LABEL_0": "negative", "LABEL_1": "neutral", "LABEL_2": "positive"}));
    assert_eq!(renamed, named);
    let merged = asked(json!({"LABEL_0": "negative", "LABEL_1": "negative", "LABEL_2": "positive"}));
    let [negative, neutral, positive] = scores(&named)[..] else { panic!("{named}") };
    assert_scores("merged", &merged, &[negative + neutral, positive]);
    let label = if negative + neutral > positive { "negative" } else { "positive" };
    assert_eq!(merged["label"], label);
}

#[test]
fn a_taggers_labels_get_names_too() {
    let place = Workplace::with([(
        "a.txt",
        "Anna Kovac left Northwind Energy plc, said Zoë Åkerström of Söhne & Co.",
    )]);
    let entities = |model: &Path| {
        place.run_pipeline(&pipeline(&place, "ner", model, ""), &[]).expect(0);
        enriched(&place.output("topics", "a.txt"))["entities"].clone()
    };
    let plain = entities(&copy(&place, "bert_token", |_| {}, None));
    assert!(!list(&plain).is_empty());
    let kinds = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"];
    let numbered = |config: &mut Value| {
        config["id2label"] = (0..9).map(|i| (i.to_string(), json!(format!("LABEL_{i}")))).collect();
    };
    let names: Value = (0..9).map(|i| (format!("LABEL_{i}"), json!(kinds[i]))).collect();
    assert_eq!(entities(&copy(&place, "bert_token", numbered, Some(&json!({"labels": names})))), plain);
    let unnamed = copy(&place, "bert_token", numbered, None);
    let ran = place.run_pipeline(&pipeline(&place, "ner", &unnamed, ""), &[]).expect(2);
    for part in ["LABEL_", "baton.json can rename"] {
        assert!(ran.stderr.contains(part), "{part} is not in {}", ran.stderr);
    }
}

#[test]
fn several_labels_at_once_can_be_said_of_a_model_whose_config_does_not() {
    let place = Workplace::with([("a.txt", "Why?")]);
    let silent = |config: &mut Value| drop(config.as_object_mut().unwrap().remove("problem_type"));
    let told = json!({"problem_type": "multi_label_classification"});
    let one = copy(&place, "bert_odd", silent, None);
    let several = copy(&place, "bert_odd", silent, Some(&told));
    let one = annotated(&place, &pipeline(&place, "classify", &one, ""), "a.txt");
    assert!(one["document"]["label"].is_string());
    let several = annotated(&place, &pipeline(&place, "classify", &several, ""), "a.txt");
    assert!(several["document"]["labels"].is_array());
}

#[track_caller]
fn refused(fixture: &str, task: &str, description: &str) -> String {
    let place = Workplace::with([("a.txt", "Why?")]);
    let model = copy(&place, fixture, |_| {}, None);
    std::fs::write(model.join("baton.json"), description).unwrap();
    let ran = place.run_pipeline(&pipeline(&place, task, &model, ""), &[]).expect(2);
    assert!(place.results().is_empty());
    ran.stderr
}

#[test]
fn everything_that_is_wrong_is_said_at_once_each_with_file_and_key() {
    let said = refused(
        "bert_sequence",
        "sentiment",
        &json!({
            "input": {"template": ["{sentense}", ""]},
            "mark": "bold",
            "labels": {"LABEL_0": "negative", "neutral": ""},
            "max_tokens": 1024,
            "problem_type": "ranking",
            "windows": 3,
        })
        .to_string(),
    );
    for (key, what) in [
        ("input", "{sentense}"),
        ("input", "{sentence}, {before}, {target}, {after}"),
        ("input", "empty segment"),
        ("mark", "\"bold\""),
        ("labels", "\"LABEL_0\", which is none of the model's labels: negative, neutral, positive"),
        ("labels", "gives \"neutral\" an empty name"),
        ("max_tokens", "1024; it must be a whole number from 16 to 512"),
        ("problem_type", "\"ranking\""),
        ("windows", "is no key of it"),
    ] {
        let line =
            said.lines().find(|line| line.contains(&format!("baton.json: `{key}`")) && line.contains(what));
        assert!(line.is_some(), "no line with {key} and {what} in {said}");
    }
    assert_eq!(said.lines().count(), 9 - 1, "{said}");
}

#[test]
fn a_description_that_the_model_cannot_meet_is_refused() {
    let cases = [
        (
            "bert_sequence",
            "sentiment",
            r#"{"input": {"template": "what of {target}?"}}"#,
            "must have the sentence once",
        ),
        (
            "bert_sequence",
            "sentiment",
            r#"{"input": {"template": "{sentence} {before}{target}{after}"}}"#,
            "must have the sentence once",
        ),
        (
            "bert_sequence",
            "sentiment",
            r#"{"input": {"template": ["{before}{target}", "{after}"]}}"#,
            "must have the sentence once",
        ),
        (
            "bert_sequence",
            "sentiment",
            r#"{"input": {"template": "{target}: {before}{after}"}}"#,
            "between {before} and {after}",
        ),
        ("bert_sequence", "sentiment", r#"{"input": {"template": "{sentence}"}}"#, "has no {target}"),
        (
            "bert_sequence",
            "sentiment",
            r#"{"input": {"template": "{sentence} {target"}}"#,
            "which is no place",
        ),
        (
            "bert_sequence",
            "sentiment",
            r#"{"input": {"template": ["{sentence}", "{target}", "?"]}}"#,
            "has 3 segments",
        ),
        (
            "bert_sequence",
            "sentiment",
            r#"{"input": "text"}"#,
            "{\"template\": [\"{sentence}\", \"{target}\"]}",
        ),
        ("bert_sequence", "sentiment", r#"{"max_tokens": 8}"#, "from 16 to"),
        ("bert_sequence", "sentiment", r#"{"labels": ["negative"]}"#, "must be an object"),
        ("bert_sequence", "sentiment", r#"[]"#, "baton.json"),
        ("bert_sequence", "sentiment", r#"{"input""#, "baton.json"),
        ("bert_sequence", "classify", r#"{"input": "pair"}"#, "with a target"),
        ("bert_token", "ner", r#"{"input": "pair"}"#, "`input` is for models that classify texts"),
        ("bert_token", "ner", r#"{"mark": "token_types"}"#, "`mark` is for models that classify texts"),
    ];
    for (fixture, task, description, part) in cases {
        let said = refused(fixture, task, description);
        assert!(said.contains(part), "{description}: {part} is not in {said}");
    }
    let place = Workplace::with([("a.txt", "Why?")]);
    let several = json!({"problem_type": "multi_label_classification"});
    let model = copy(&place, "bert_sequence", |_| {}, Some(&several));
    let ran = place.run_pipeline(&pipeline(&place, "sentiment", &model, ""), &[]).expect(2);
    let said = ["labels that exclude each other", "`problem_type` in config.json or baton.json"];
    assert!(said.iter().all(|part| ran.stderr.contains(part)), "{}", ran.stderr);
}

/// What must hold of every sentence, long or short, and every target in it.
fn holds(model: &Model, words: usize, at: usize, length: usize) {
    let word = |i: usize| if i.is_multiple_of(3) { "plant" } else { "offer" };
    let (at, end) = (at % words, (at % words + length).min(words));
    let sentence: Vec<&str> =
        (0..words).map(|i| if (at..end).contains(&i) { "Quorvane" } else { word(i) }).collect();
    let begin = sentence[..at].iter().map(|w| w.len() + 1).sum::<usize>();
    let target = sentence[at..end].join(" ");
    let sentence = sentence.join(" ");
    let ids = |text: &str| model.tokenizer.pieces(text).unwrap().ids;
    let mut inputs = TargetInputs::new(model);
    let input = inputs.input(&sentence, &(begin..begin + target.len())).unwrap();
    let (read, most) = (input.sequence.ids, model.config.max_tokens);
    assert!(read.len() <= most && input.sequence.types.len() == read.len());
    let (first, second) = model.description.template.fill(&sentence, &(begin..begin + target.len()));
    let whole = ids(&first.text).len() + second.as_ref().map_or(0, |second| ids(&second.text).len());
    let specials = if second.is_some() { 3 } else { 2 };
    assert_eq!(input.windowed, whole + specials > most, "{words} {at} {length}");
    // A window begins with a whole word, so a part of one may be left out besides.
    let longest_word = ids("Quorvane").len();
    assert!(!input.windowed || read.len() + longest_word > most, "room is left, though something was cut");
    let marked = [ids("["), ids(&target), ids("]")].concat();
    if second.is_none() && marked.len() < most - 16 {
        let there = read.windows(marked.len()).any(|run| run == marked);
        assert!(there, "the target lost its marks: {words} {at} {length}");
    }
    let around = [ids("about"), ids("in")];
    assert!(second.is_some() || read[1..].starts_with(&around[0]), "what stands before the sentence is gone");
}

#[test]
fn an_over_long_sentence_is_cut_to_a_window_that_keeps_the_target_its_marks_and_all_around_it() {
    let place = Workplace::new();
    let with = |input: Value| {
        load(&copy(&place, "bert_sequence", |_| {}, Some(&json!({"max_tokens": 40, "input": input}))))
    };
    let marked = with(json!({"template": "about {before}[{target}]{after} in 2031"}));
    let asked = with(json!({"template": ["{sentence}", "what of {target}?"]}));
    let turned = with(json!({"template": ["{target}", "{before}[{target}]{after}"]}));
    proptest!(|(words in 1usize..120, at in 0usize..120, length in 1usize..30)| {
        for model in [&marked, &asked, &turned] {
            holds(model, words, at, length);
        }
    });
}

/// White space where a long sentence was cut, a piece of its own for some tokenizers, took the place of one in the window.
#[test]
fn a_window_is_the_same_wherever_its_long_sentence_is_cut() {
    let place = Workplace::new();
    let template = json!({"input": {"template": "{before}$ {target} ${after}"}});
    let model = load(&copy(&place, "xlm_roberta_sequence", |_| {}, Some(&template)));
    let filler = "the mill closed and nobody of its owners knew what for ".repeat(40);
    let text = format!("{filler}Quorvane {filler}");
    let window = |cut: usize| {
        let target = filler.len() - cut..filler.len() - cut + "Quorvane".len();
        let input = TargetInputs::new(&model).input(&text[cut..text.len() - cut], &target).unwrap();
        assert!(input.windowed);
        input.sequence
    };
    let whole = window(1);
    (0..60).for_each(|cut| assert!(window(cut) == whole, "cut by {cut}"));
}

#[test]
fn a_sentence_with_a_word_of_kilobytes_is_read_to_its_end() {
    let place = Workplace::new();
    let model = load(&copy(&place, "bert_sequence", |_| {}, None));
    let word = "7".repeat(60 * model.config.max_tokens);
    let tokens = |sentence: &str| {
        let input = TargetInputs::new(&model).input(sentence, &(0..8)).unwrap();
        assert!(!input.windowed, "{:?}", input.sequence.ids);
        input.sequence.ids.len()
    };
    let lost = tokens(&format!("Quorvane {word} lost money."));
    assert_eq!(
        lost,
        tokens(&format!("Quorvane {word}")) + tokens("Quorvane lost money.") - tokens("Quorvane")
    );
}

#[test]
fn what_was_cut_is_counted() {
    let place = Workplace::new();
    let long = "The offer was rejected by the board and ".repeat(12) + "Quorvane rose.";
    let description = json!({"max_tokens": 40, "input": {"template": "{before}[{target}]{after}"}});
    let model = copy(&place, "bert_sequence", |_| {}, Some(&description));
    place.put("a.json", json!({"text": long, "entities": [{"name": "Quorvane"}]}).to_string());
    let found = annotated(&place, &pipeline(&place, "sentiment", &model, ""), "a.json");
    assert_eq!((&found["counts"]["windowed"], &found["counts"]["tokens"]), (&1.into(), &40.into()));
}
