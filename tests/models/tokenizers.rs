//! tokenizer.json: what it must have, and whole words of every kind of it.

use std::fs;

use baton::model::{Precision, Tokenizer, config::ModelConfig};
use serde_json::{Value, json};

use super::copy::{Copy, fixture, logits};

#[test]
fn a_tokenizer_config_that_contradicts_tokenizer_json_is_refused() {
    for (name, key, value, part) in [
        ("bert_token", "do_lower_case", json!(true), "normalizer.lowercase"),
        ("bert_sequence", "do_lower_case", json!(false), "normalizer.lowercase"),
        ("electra_token", "do_lower_case", json!("yes"), "normalizer.lowercase"),
        ("bert_odd", "strip_accents", json!(true), "normalizer.strip_accents"),
        ("bert_sequence", "strip_accents", json!(false), "normalizer.strip_accents"),
        ("mpnet_token", "tokenize_chinese_chars", json!(false), "normalizer.handle_chinese_chars"),
        ("roberta_token", "add_prefix_space", json!(true), "pre_tokenizer.add_prefix_space"),
        ("modernbert_mean", "add_prefix_space", json!(true), "pre_tokenizer.add_prefix_space"),
    ] {
        let copy = Copy::of(name);
        copy.write("tokenizer_config.json", &json!({key: value}));
        let said = copy.refused();
        let want =
            format!("tokenizer_config.json: `{key}` is {value}, but with `{part}` in tokenizer.json it is ");
        assert!(said.contains(&want) && !said.contains('\n'), "{name}: {said}");
        assert!(
            said.contains("save the tokenizer anew") && said.contains(&format!("delete `{key}`")),
            "{said}"
        );

        // With a token that only the general tokenizer finds.
        let mut tokenizer = copy.json("tokenizer.json");
        tokenizer["added_tokens"][0]["normalized"] = json!(true);
        copy.write("tokenizer.json", &tokenizer);
        assert_eq!(copy.refused(), said, "{name}");
    }
}

#[test]
fn a_tokenizer_config_that_agrees_or_says_nothing_is_taken() {
    for (name, settings) in [
        (
            "bert_token",
            json!({"do_lower_case": false, "strip_accents": false, "tokenize_chinese_chars": true}),
        ),
        ("bert_sequence", json!({"do_lower_case": true, "strip_accents": true})),
        ("bert_odd", json!({"do_lower_case": null, "strip_accents": null, "tokenize_chinese_chars": null})),
        // Only what a tokenizer.json has can be contradicted.
        ("bert_odd", json!({"add_prefix_space": true})),
        ("roberta_token", json!({"do_lower_case": true, "add_prefix_space": false})),
        ("xlm_roberta_token", json!({"do_lower_case": true, "add_prefix_space": true})),
        ("albert_token", json!({"do_lower_case": false, "strip_accents": true})),
    ] {
        let copy = Copy::of(name);
        let want = logits(&copy.load(Precision::F32));
        copy.write("tokenizer_config.json", &settings);
        assert!(logits(&copy.load(Precision::F32)) == want, "{name} {settings}");
    }
}

/// A tokenizer.json of the fixture whose texts stand among this.
fn with_post_processor(name: &str, post_processor: Value) -> Copy {
    let copy = Copy::of(name);
    let mut tokenizer = copy.json("tokenizer.json");
    tokenizer["post_processor"] = post_processor;
    fs::write(copy.file("tokenizer.json"), tokenizer.to_string()).unwrap();
    copy
}

#[test]
fn special_tokens_that_leave_a_text_no_room_are_refused() {
    let special = |id: &str| json!({"SpecialToken": {"id": id, "type_id": 0}});
    let text = |id: &str| json!({"Sequence": {"id": id, "type_id": 0}});
    let most = ModelConfig::read(&fixture("bert_sequence")).unwrap().max_tokens - 8;
    let template = |specials: usize| {
        let before = |rest: &[Value]| [&vec![special("[CLS]"); specials][..], rest].concat();
        json!({"type": "TemplateProcessing",
               "single": before(&[text("A")]), "pair": before(&[text("A"), text("B")]),
               "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}}})
    };
    with_post_processor("bert_sequence", template(most)).load(Precision::F32);
    let said = with_post_processor("bert_sequence", template(most + 1)).refused();
    let want = format!("tokenizer.json: its post_processor adds {} special tokens", most + 1);
    assert!(said.contains(&want), "{said}");
}

#[test]
fn a_tokenizer_that_adds_no_special_tokens_is_refused() {
    for name in ["bert_sequence", "roberta_token", "modernbert_mean"] {
        let said = with_post_processor(name, json!(null)).refused();
        assert!(said.contains("tokenizer.json: its post_processor adds no special tokens"), "{name}: {said}");
    }
}

/// Every word of a text begins with a piece of its own, from its first letter, and its pieces reach its end: so a
/// token classifier's labels fall on whole words, whatever the tokenizer makes of the spaces between them.
#[test]
fn words_come_out_whole_from_every_kind_of_tokenizer() {
    const TEXT: &str =
        "Zoë Åkerström-Vance of Brellin  Söhne paid €55\u{a0}million in 東京 🚀 on 3 May, at ½ price";
    for name in [
        "bert_token",
        "roberta_token",
        "modernbert_token",
        "xlm_roberta_token",
        "camembert_token",
        "deberta_v3_token",
        "albert_token",
    ] {
        let config = ModelConfig::read(&fixture(name)).unwrap();
        let pieces = Tokenizer::load(&fixture(name), &config).unwrap().pieces(TEXT).unwrap();
        for word in TEXT.split_whitespace() {
            let from = word.as_ptr() as usize - TEXT.as_ptr() as usize;
            let to = from + word.len();
            let of_word: Vec<_> =
                pieces.ranges.iter().filter(|range| range.start < to && from < range.end).collect();
            let what = format!("{name}: {word:?} of {:?}", of_word);
            assert_eq!(of_word.iter().map(|range| range.start).min(), Some(from), "{what}");
            assert_eq!(of_word.iter().map(|range| range.end).max(), Some(to), "{what}");
        }
        assert!(pieces.ranges.is_sorted_by_key(|range| range.start), "{name}: {:?}", pieces.ranges);
    }
}

/// As transformers' tokenizer classes have it; of those that say nothing, as the version that wrote the files.
#[test]
fn a_pair_has_token_types_only_where_transformers_gives_them_to_the_model() {
    let with_types = |settings: Value| {
        let copy = Copy::of("bert_sequence");
        let mut all = copy.json("tokenizer_config.json");
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        copy.write("tokenizer_config.json", &all);
        copy.tokenizer().unwrap().pair(&[7], &[8]).types
    };
    for settings in [
        json!({}),
        json!({"tokenizer_class": "BertTokenizer", "backend": "tokenizers"}),
        json!({"tokenizer_class": "ElectraTokenizerFast"}),
        json!({"tokenizer_class": "PreTrainedTokenizerFast"}),
        json!({"tokenizer_class": "AlbertTokenizer", "model_input_names": null}),
        json!({"tokenizer_class": "DistilBertTokenizer", "model_input_names": ["input_ids", "token_type_ids"]}),
    ] {
        assert_eq!(with_types(settings.clone()), [0, 0, 0, 1, 1], "{settings}");
    }
    for settings in [
        json!({"tokenizer_class": "DistilBertTokenizer"}),
        json!({"tokenizer_class": "TokenizersBackend", "backend": "tokenizers"}),
        json!({"tokenizer_class": "AlbertTokenizer", "backend": "tokenizers"}),
        json!({"tokenizer_class": "BertTokenizer", "model_input_names": ["input_ids", "attention_mask"]}),
    ] {
        assert_eq!(with_types(settings.clone()), [0; 5], "{settings}");
    }
    let copy = Copy::of_vocab_txt("bert_sequence");
    copy.set("tokenizer_class", json!("DistilBertTokenizerFast"));
    assert_eq!(copy.tokenizer().unwrap().pair(&[7], &[8]).types, [0; 5]);
}

#[test]
fn a_dropout_of_merges_that_a_training_left_cuts_no_text_otherwise() {
    let copy = Copy::of("roberta_sequence");
    let text = "Northwind said on Tuesday that Quorvane’s offer was too low.";
    let right = copy.tokenizer().unwrap().pieces(text).unwrap();
    let mut tokenizer = copy.json("tokenizer.json");
    tokenizer["model"]["dropout"] = json!(0.9);
    copy.write("tokenizer.json", &tokenizer);
    for _ in 0..20 {
        assert_eq!(copy.tokenizer().unwrap().pieces(text).unwrap(), right);
    }
}
