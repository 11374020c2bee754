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
fn what_a_vocabulary_cannot_spell_is_counted() {
    // BERT's own, the same in general, byte pairs that spell everything, and Unigrams.
    let cannot = "the 🜀 the 🜁";
    for (name, unknown) in [
        ("bert_token", 2),
        ("mpnet_token", 2),
        ("roberta_token", 0),
        ("xlm_roberta_token", 2),
        ("albert_token", 2),
        ("deberta_v3_token", 2),
    ] {
        let tokenizer = Copy::of(name).tokenizer().unwrap();
        let count = |text: &str| tokenizer.unknown(&tokenizer.pieces(text).unwrap().ids);
        assert_eq!((count(cannot), count("the")), (unknown, 0), "{name}");
    }
    let copy = Copy::of("bert_token");
    let mut general = copy.json("tokenizer.json");
    general["added_tokens"][0]["normalized"] = json!(true);
    copy.write("tokenizer.json", &general);
    let tokenizer = copy.tokenizer().unwrap();
    assert_eq!(tokenizer.unknown(&tokenizer.pieces(cannot).unwrap().ids), 2);
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
    let want = format!("tokenizer.json: its post_processor adds to a text {} special tokens", most + 1);
    assert!(said.contains(&want), "{said}");
}

#[test]
fn a_tokenizer_that_adds_no_special_tokens_is_refused() {
    for name in ["bert_sequence", "roberta_token", "modernbert_mean"] {
        let said = with_post_processor(name, json!(null)).refused();
        assert!(
            said.contains("tokenizer.json: its post_processor adds to a text no special tokens"),
            "{name}: {said}"
        );
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

#[test]
fn a_line_break_is_no_beginning_of_the_word_behind_it() {
    for name in ["roberta_token", "modernbert_token"] {
        let tokenizer = Copy::of(name).tokenizer().unwrap();
        for space in ["\n", "\t", "\r\n", " \n", "\u{a0}", "\u{2009}"] {
            let text = format!("He lives in{space}Qatar now.");
            let q = text.find('Q').unwrap();
            let pieces = tokenizer.pieces(&text).unwrap();
            let of_q: Vec<_> = pieces.ranges.iter().filter(|range| range.contains(&q)).collect();
            assert_eq!(of_q.len(), 1, "{name} {space:?}: {:?}", pieces.ranges);
        }
    }
}

#[test]
fn a_token_that_only_the_files_beside_tokenizer_json_add_is_refused() {
    let token = json!({"content": "Northwind", "special": true});
    for (file, value, place) in [
        ("added_tokens.json", json!({"Northwind": 15}), "added_tokens.json"),
        ("tokenizer_config.json", json!({"added_tokens_decoder": {"15": token}}), "`added_tokens_decoder`"),
        ("tokenizer_config.json", json!({"extra_special_tokens": ["Northwind"]}), "`extra_special_tokens`"),
        (
            "special_tokens_map.json",
            json!({"additional_special_tokens": [token]}),
            "`additional_special_tokens`",
        ),
        ("special_tokens_map.json", json!({"mask_token": "Northwind"}), "`mask_token`"),
        ("tokenizer_config.json", json!({"sep_token": token}), "`sep_token`"),
    ] {
        for name in ["bert_sequence", "roberta_token"] {
            let copy = Copy::of(name);
            copy.write(file, &value);
            let said = copy.refused();
            assert!(said.contains(place) && said.contains(" has the token `Northwind`"), "{name}: {said}");
            let mut tokenizer = copy.json("tokenizer.json");
            let content = tokenizer["added_tokens"][0]["content"].clone();
            let vocabulary = tokenizer["model"]["vocab"].as_object_mut().unwrap();
            let id = vocabulary
                .remove("Northwind")
                .unwrap_or_else(|| vocabulary[content.as_str().unwrap()].clone());
            tokenizer["added_tokens"].as_array_mut().unwrap().push(json!(
                {"id": id, "content": "Northwind", "single_word": false, "lstrip": false, "rstrip": false,
                 "normalized": false, "special": true}
            ));
            copy.write("tokenizer.json", &tokenizer);
            copy.tokenizer().unwrap_or_else(|e| panic!("{name} {file}: {e}"));
        }
    }
}

#[test]
fn what_transformers_reads_otherwise_than_by_tokenizer_json_is_refused() {
    for (key, value, why) in [
        ("tokenizer_class", json!("PhobertTokenizer"), "in Python alone"),
        ("tokenizer_class", json!("BertJapaneseTokenizer"), "in Python alone"),
        ("split_special_tokens", json!(true), "delete the key"),
        (
            "fast_tokenizer_files",
            json!(["tokenizer.json", "tokenizer.4.0.0.json"]),
            "\"tokenizer.4.0.0.json\"",
        ),
    ] {
        for name in ["bert_sequence", "roberta_sequence"] {
            let copy = Copy::of(name);
            copy.write("tokenizer_config.json", &json!({key: value}));
            let said = copy.refused();
            assert!(
                said.contains(&format!("tokenizer_config.json: `{key}` ")) && said.contains(why),
                "{said}"
            );
        }
    }
    let copy = Copy::of("bert_sequence");
    copy.write("special_tokens_map.json", &json!({"unk_token": "[UNK]", "bos_token": ""}));
    copy.write("tokenizer_config.json", &json!({"unk_token": "<unk>"}));
    copy.tokenizer().expect("special_tokens_map.json has the word, and nothing is no token");
    let copy = Copy::of("roberta_sequence");
    copy.set("tokenizer_class", json!("BertweetTokenizer"));
    assert!(copy.refused().contains("config.json: `tokenizer_class` is \"BertweetTokenizer\""));
    copy.set("tokenizer_class", json!("RobertaTokenizer"));
    let settings = json!({"split_special_tokens": false, "fast_tokenizer_files": ["tokenizer.json"]});
    copy.write("tokenizer_config.json", &settings);
    copy.tokenizer().unwrap();
}

#[test]
fn a_tokenizer_without_special_tokens_for_pairs_reads_single_texts() {
    for name in ["bert_sequence", "roberta_sequence"] {
        let copy = Copy::of(name);
        let specials = copy.tokenizer().unwrap().single(&[]).ids;
        let token = |id: u32| json!({"id": id.to_string(), "ids": [id], "tokens": ["?"]});
        let special = |id: u32| json!({"SpecialToken": {"id": id.to_string(), "type_id": 0}});
        let text = |id: &str, kind: u32| json!({"Sequence": {"id": id, "type_id": kind}});
        let copy = with_post_processor(
            name,
            json!({"type": "TemplateProcessing",
                   "single": [special(specials[0]), text("A", 0), special(specials[1])],
                   "pair": [text("A", 0), text("B", 1)],
                   "special_tokens": {specials[0].to_string(): token(specials[0]), specials[1].to_string(): token(specials[1])}}),
        );
        let tokenizer = copy.tokenizer().unwrap();
        assert_eq!(tokenizer.single(&[7]).ids, [specials[0], 7, specials[1]], "{name}");
        let said = tokenizer.reads_pairs().unwrap_err().to_string();
        assert!(
            said.contains("tokenizer.json: its post_processor adds to a pair no special tokens"),
            "{said}"
        );
        Copy::of(name).tokenizer().unwrap().reads_pairs().unwrap();
    }
}

#[test]
fn a_tokenizer_without_the_letter_a_is_read() {
    let copy = Copy::of("roberta_sequence");
    let want = copy.tokenizer().unwrap().pair(&[7], &[8]);
    let mut tokenizer = copy.json("tokenizer.json");
    let vocabulary = tokenizer["model"]["vocab"].as_object().unwrap().clone();
    let kept = |token: &str| !token.contains(['a', 'b']) || token.starts_with('<');
    tokenizer["model"]["vocab"] = vocabulary.into_iter().filter(|(token, _)| kept(token)).collect();
    let merges = tokenizer["model"]["merges"].as_array().unwrap().clone();
    let kept = |pair: &Value| pair.as_array().unwrap().iter().all(|piece| kept(piece.as_str().unwrap()));
    tokenizer["model"]["merges"] = merges.into_iter().filter(kept).collect();
    copy.write("tokenizer.json", &tokenizer);
    let tokenizer = copy.tokenizer().unwrap();
    assert_eq!(tokenizer.pieces("a").unwrap().ids, [0; 0]);
    assert_eq!(tokenizer.pair(&[7], &[8]), want);
}

#[test]
fn an_id_that_the_model_has_no_row_for_is_refused_with_its_token() {
    for (name, normalized) in [("bert_sequence", false), ("bert_sequence", true), ("roberta_token", false)] {
        let copy = Copy::of(name);
        let mut tokenizer = copy.json("tokenizer.json");
        // Which of the two tokenizers of BERT's reads it.
        tokenizer["added_tokens"][0]["normalized"] = json!(normalized);
        let vocabulary = tokenizer["model"]["vocab"].as_object_mut().unwrap();
        let token = vocabulary.keys().find(|token| token.contains("th")).unwrap().clone();
        vocabulary[&token] = json!(90_000);
        copy.write("tokenizer.json", &tokenizer);
        let said = copy.refused();
        let want =
            format!("tokenizer.json: the token `{token}` has the id 90000, but config.json's vocab_size is ");
        assert!(said.contains(&want), "{name}: {said}");
    }
    let copy = Copy::of("bert_sequence");
    let mut tokenizer = copy.json("tokenizer.json");
    tokenizer["post_processor"]["special_tokens"]["[CLS]"]["ids"] = json!([90_000]);
    copy.write("tokenizer.json", &tokenizer);
    let said = copy.refused();
    assert!(said.contains("adds to a text a special token of the id 90000"), "{said}");
}

#[test]
fn what_python_writes_for_infinity_is_named() {
    let copy = Copy::of("bert_sequence");
    for (text, key) in [("{\n  \"model_max_length\": Infinity}", "Infinity"), ("{\"a\": NaN}", "NaN")] {
        fs::write(copy.file("tokenizer_config.json"), text).unwrap();
        let said = copy.refused();
        assert!(
            said.contains("tokenizer_config.json: ") && said.contains("put a number or null there"),
            "{key}: {said}"
        );
    }
    fs::write(copy.file("tokenizer_config.json"), "{\"a\": Nan}").unwrap();
    assert!(!copy.refused().contains("Python"));
}

/// What no text with these characters would show otherwise before it is one of a deployed stage's.
#[test]
fn a_tokenizer_that_can_not_cut_a_text_of_rare_characters_is_refused_at_once() {
    for (name, key, value, why) in [
        ("xlm_roberta_sequence", "/model/unk_id", json!(null), "`unk_id` is missing"),
        ("bert_sequence", "/model/unk_token", json!("[NOPE]"), "Missing [UNK] token"),
        ("bert_sequence", "/decoder", json!({"type": "WordPiece", "prefix": "##"}), "tokenizer.json: "),
        ("bert_sequence", "/padding", json!(false), "tokenizer.json: "),
        (
            "roberta_sequence",
            "/normalizer",
            json!({"type": "Replace", "pattern": {"String": ""}, "content": "b"}),
            "the library fails at it",
        ),
    ] {
        let copy = Copy::of(name);
        let mut tokenizer = copy.json("tokenizer.json");
        *tokenizer.pointer_mut(key).unwrap() = value;
        copy.write("tokenizer.json", &tokenizer);
        let said = copy.refused();
        assert!(said.contains("tokenizer.json: ") && said.contains(why), "{name} {key}: {said}");
    }
}

#[test]
fn a_template_that_leaves_out_a_text_makes_no_pairs() {
    for normalized in [false, true] {
        let copy = Copy::of("bert_sequence");
        let mut tokenizer = copy.json("tokenizer.json");
        // Which of the two tokenizers of BERT's reads it.
        tokenizer["added_tokens"][0]["normalized"] = json!(normalized);
        let pair = tokenizer.pointer_mut("/post_processor/pair").unwrap().as_array_mut().unwrap();
        pair.retain(|place| place.pointer("/Sequence/id") != Some(&json!("B")));
        copy.write("tokenizer.json", &tokenizer);
        let said = copy.tokenizer().unwrap().reads_pairs().unwrap_err().to_string();
        assert!(said.contains("its post_processor leaves out a text"), "{said}");
    }
}

/// A model's directory is replaced by renaming while a process goes on with what it has loaded.
#[test]
fn a_tokenizer_json_that_is_replaced_changes_no_tokenizer_that_was_loaded() {
    let copy = Copy::of("bert_sequence");
    let tokenizer = copy.tokenizer().unwrap();
    fs::write(copy.file("tokenizer.json"), "{").unwrap();
    // Of these the fast tokenizer knows nothing.
    assert!(!tokenizer.pieces("the 北京 \u{13000}").unwrap().ids.is_empty());
}
