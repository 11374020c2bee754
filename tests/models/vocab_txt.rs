//! A vocab.txt in the place of tokenizer.json: the same tokenizer, or a refusal.

use std::fs;

use baton::model::{Precision, Tokenizer, config::ModelConfig};
use serde_json::json;

use super::copy::{Copy, assert_alike, fixture, texts};

#[test]
fn vocab_txt_alone_cuts_as_the_tokenizer_json_that_it_stands_for() {
    for (name, settings) in [
        ("bert_sequence", None),
        ("bert_token", None),
        ("electra_token", Some(json!({}))),
        ("distilbert_token", Some(json!({"do_lower_case": false, "unk_token": {"content": "[UNK]"}}))),
        ("mpnet_token", Some(json!({"sep_token": "</s>", "strip_accents": null}))),
        ("bert_odd", Some(json!({"strip_accents": false}))),
    ] {
        let copy = Copy::of(name);
        let config = ModelConfig::read(copy.path()).unwrap();
        let want = Tokenizer::load(&fixture(name), &config).unwrap();
        let tokenizer = copy.json("tokenizer.json");
        let vocabulary = tokenizer["model"]["vocab"].as_object().unwrap();
        let mut tokens: Vec<_> = vocabulary.iter().map(|(token, id)| (id.as_u64(), token.as_str())).collect();
        tokens.sort();
        let lines: Vec<_> = tokens.iter().map(|(_, token)| *token).collect();
        if let Some(settings) = settings {
            fs::write(copy.file("vocab.txt"), lines.join("\n") + "\n").unwrap();
            fs::write(copy.file("tokenizer_config.json"), settings.to_string()).unwrap();
        }
        fs::remove_file(copy.file("tokenizer.json")).unwrap();
        let got = Tokenizer::load(copy.path(), &config).unwrap_or_else(|e| panic!("{e}"));
        assert_alike(name, &got, &want, texts(&copy.json("parity.json")));
        let model = copy.load(Precision::F32);
        assert!(model.reference().digest.starts_with("sha256:"), "{name}");
    }
}

#[test]
fn blank_lines_at_the_end_of_a_vocab_txt_are_no_tokens() {
    let copy = Copy::of_vocab_txt("bert_sequence");
    let config = ModelConfig::read(copy.path()).unwrap();
    let text = fs::read_to_string(copy.file("vocab.txt")).unwrap();
    for end in ["\n", "\r\n\n", ""] {
        fs::write(copy.file("vocab.txt"), format!("{}{end}", text.trim_end())).unwrap();
        Tokenizer::load(copy.path(), &config).unwrap_or_else(|e| panic!("{end:?}: {e}"));
    }
}

#[test]
fn a_directory_without_a_tokenizer_says_how_to_make_one() {
    let without = |name: &str| {
        let copy = Copy::of(name);
        fs::remove_file(copy.file("tokenizer.json")).unwrap();
        copy
    };
    let said = without("albert_token").refused();
    assert!(said.contains("has no tokenizer.json; make one in Python") && !said.contains('\n'), "{said}");
    let said = without("electra_token").refused();
    assert!(said.contains("has no tokenizer.json, and of vocab.txt in its place"), "{said}");

    let copy = without("bert_token");
    fs::write(copy.file("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\nnorth\n").unwrap();
    let said = copy.refused();
    assert!(said.contains("vocab.txt: has no token `[SEP]`"), "{said}");

    let copy = without("bert_token");
    fs::write(copy.file("tokenizer_config.json"), r#"{"do_basic_tokenize": false}"#).unwrap();
    let said = copy.refused();
    assert!(said.contains("tokenizer_config.json: `do_basic_tokenize` is false; Baton has true"), "{said}");
}

#[test]
fn a_vocab_txt_of_another_tokenizer_is_refused() {
    for (key, value, then) in [
        ("word_tokenizer_type", json!("mecab"), "Baton has no such tokenizer"),
        ("word_tokenizer_type", json!("basic"), "Baton has no such tokenizer"),
        ("subword_tokenizer_type", json!("character"), "Baton has no such tokenizer"),
        ("do_word_tokenize", json!(false), "Baton has no such tokenizer"),
        ("do_subword_tokenize", json!(false), "Baton has no such tokenizer"),
        ("mecab_kwargs", json!({"mecab_dic": "ipadic"}), "Baton has no such tokenizer"),
        ("tokenizer_class", json!("BertJapaneseTokenizer"), "Baton has no such tokenizer"),
        ("tokenizer_class", json!("RoFormerTokenizerFast"), "make a tokenizer.json in Python"),
        ("tokenizer_class", json!("BertTokenizerFastFast"), "make a tokenizer.json in Python"),
        ("tokenizer_class", json!(["BertTokenizer"]), "make a tokenizer.json in Python"),
    ] {
        let copy = Copy::of_vocab_txt("bert_token");
        copy.write("tokenizer_config.json", &json!({key: value}));
        let said = copy.refused();
        assert!(said.contains(&format!("tokenizer_config.json: `{key}` is {value}")), "{said}");
        assert!(said.contains(then) && !said.contains('\n'), "{said}");
    }
    let copy = Copy::of_vocab_txt("bert_token");
    copy.set("tokenizer_class", json!("BertJapaneseTokenizer"));
    let said = copy.refused();
    assert!(said.contains("/config.json: `tokenizer_class` is \"BertJapaneseTokenizer\""), "{said}");
    // The tokenizer's own file says it better.
    copy.write("tokenizer_config.json", &json!({"tokenizer_class": "BertTokenizer", "mecab_kwargs": null}));
    copy.load(Precision::F32);
}

#[test]
fn every_class_that_cuts_as_bert_does_makes_its_tokenizer_of_vocab_txt() {
    for class in ["BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer", "ElectraTokenizerFast"] {
        let copy = Copy::of_vocab_txt("electra_token");
        let want = copy.tokenizer().unwrap();
        copy.write("tokenizer_config.json", &json!({"tokenizer_class": class}));
        let got = copy.tokenizer().unwrap();
        assert_eq!(got.pair(&[7], &[8]).ids, want.pair(&[7], &[8]).ids, "{class}");
    }
    // A class has special tokens of its own, whatever the architecture's are.
    let copy = Copy::of_vocab_txt("mpnet_token");
    let settings = |class: &str| json!({"tokenizer_class": class, "cls_token": "<s>", "sep_token": "</s>", "unk_token": "<unk>"});
    copy.write("tokenizer_config.json", &settings("MPNetTokenizer"));
    assert_eq!(copy.tokenizer().unwrap().pair(&[7], &[8]).ids, [0, 7, 2, 2, 8, 2]);
    copy.write("tokenizer_config.json", &settings("BertTokenizer"));
    assert_eq!(copy.tokenizer().unwrap().pair(&[7], &[8]).ids, [0, 7, 2, 8, 2]);
}

/// The ids of a text that has two added tokens, and some of vocab.txt's.
fn ids(tokenizer: &Tokenizer, text: &str) -> Vec<u32> {
    tokenizer.pieces(text).unwrap().ids
}

#[test]
fn tokens_added_to_a_vocab_txt_are_found_in_texts_with_their_ids() {
    let whole = |id: u32, content: &str, special: bool| {
        json!({"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
               "normalized": !special, "special": special})
    };
    // What transformers makes of them.
    let want = Copy::of("bert_sequence");
    let mut tokenizer = want.json("tokenizer.json");
    let tokens = tokenizer["added_tokens"].as_array_mut().unwrap();
    tokens.extend([whole(267, "said", true), whole(460, "[E]", true), whole(461, "Quorvane-x", false)]);
    want.write("tokenizer.json", &tokenizer);
    let want = want.tokenizer().unwrap();

    let added = json!({"Quorvane-x": 461, "[E]": 460});
    let decoder = json!({
        "1": {"content": "[UNK]", "special": true, "normalized": false},
        "460": {"content": "[E]", "special": true},
        "461": {"content": "Quorvane-x", "lstrip": false, "rstrip": false, "single_word": false,
                "normalized": true, "special": false},
    });
    let listed = json!(["[E]", {"content": "said", "normalized": false, "__type": "AddedToken"}]);
    for files in [
        json!({"added_tokens.json": added, "tokenizer_config.json": {"additional_special_tokens": listed}}),
        json!({"added_tokens.json": added, "special_tokens_map.json": {"additional_special_tokens": listed}}),
        json!({
            "added_tokens.json": added,
            "special_tokens_map.json": {"additional_special_tokens": ["[E]"]},
            "tokenizer_config.json": {"additional_special_tokens": ["said"]},
        }),
        json!({"tokenizer_config.json":
            {"added_tokens_decoder": decoder, "additional_special_tokens": listed}}),
        // As it is saved by transformers 4.34 and later: everything in two places.
        json!({
            "added_tokens.json": added,
            "special_tokens_map.json": {"additional_special_tokens": ["[none]"]},
            "tokenizer_config.json": {"added_tokens_decoder": decoder, "extra_special_tokens": {"to_say": "said"}},
        }),
    ] {
        let copy = Copy::of_vocab_txt("bert_sequence");
        for (name, value) in files.as_object().unwrap() {
            copy.write(name, value);
        }
        let got = copy.tokenizer().unwrap_or_else(|e| panic!("{files}: {e}"));
        for text in [
            "the [E]Quorvane-x[E] said [e] no",
            "QUORVANE-X saidish SAID [SEP] north",
            "aquorvane-xb [E]",
            "no more than the north",
        ] {
            assert_eq!(got.pieces(text).unwrap(), want.pieces(text).unwrap(), "{files}: {text}");
        }
        let found = ids(&got, "[E] QUORVANE-x the");
        assert_eq!(found, [460, 461, 131], "{files}");
    }
}

#[test]
fn a_special_token_that_was_added_may_begin_every_input() {
    let copy = Copy::of_vocab_txt("bert_sequence");
    copy.write("added_tokens.json", &json!({"[FIRST]": 460}));
    copy.write("tokenizer_config.json", &json!({"cls_token": "[FIRST]"}));
    assert_eq!(copy.tokenizer().unwrap().single(&[7]).ids, [460, 7, 3]);
}

#[test]
fn added_tokens_whose_ids_can_not_be_told_are_refused() {
    let token = |content: &str| json!({"content": content, "special": true});
    for (name, value, want) in [
        (
            "tokenizer_config.json",
            json!({"additional_special_tokens": ["[E]"]}),
            "tokenizer_config.json: `additional_special_tokens` has `[E]`, which has no id; give it",
        ),
        (
            "special_tokens_map.json",
            json!({"additional_special_tokens": [token("[E]")]}),
            "special_tokens_map.json: `additional_special_tokens` has `[E]`, which has no id; give it",
        ),
        (
            "tokenizer_config.json",
            json!({"additional_special_tokens": 7}),
            "tokenizer_config.json: `additional_special_tokens` is 7: ",
        ),
        (
            "added_tokens.json",
            json!({"said": 460}),
            "added_tokens.json gives the token `said` the id 460, and it has the id 267 already; correct it",
        ),
        (
            "tokenizer_config.json",
            json!({"added_tokens_decoder": {"460": token("[E]"), "461": token("[E]")}}),
            "`added_tokens_decoder` gives the token `[E]` the id 461, and it has the id 460 already; correct it",
        ),
        (
            "added_tokens.json",
            json!({"[E]": 460, "[F]": 462}),
            "added_tokens.json gives the token `[F]` the id 462, and the next one after those before it is 461",
        ),
        (
            "added_tokens.json",
            json!({"[E]": 3}),
            "added_tokens.json gives the token `[E]` the id 3, and the next one after those before it is 460",
        ),
        (
            "added_tokens.json",
            json!({"[E]": 460, "[F]": 460}),
            "added_tokens.json gives the token `[F]` the id 460, and the next one after those before it is 461",
        ),
    ] {
        let copy = Copy::of_vocab_txt("bert_sequence");
        copy.write(name, &value);
        let said = copy.tokenizer().err().unwrap_or_else(|| panic!("{name} {value} was loaded"));
        assert!(said.contains(want) && !said.contains('\n'), "{name} {value}: {said}");
    }
    let copy = Copy::of_vocab_txt("bert_sequence");
    copy.write("tokenizer_config.json", &json!({"added_tokens_decoder": {"460": token("[E]")}}));
    copy.write("added_tokens.json", &json!({"[E]": 460, "[F]": 461}));
    let said = copy.tokenizer().err().expect("two files that don't agree");
    assert!(
        said.contains("added_tokens.json: gives the token `[F]` the id 461, and `added_tokens_dec"),
        "{said}"
    );
}

#[test]
fn more_added_tokens_than_the_model_has_are_refused() {
    let copy = Copy::of_vocab_txt("bert_sequence");
    copy.write("added_tokens.json", &json!({"[E]": 460}));
    let said = copy.refused();
    assert!(said.contains("vocab.txt: has 461 tokens, but config.json's vocab_size is 460"), "{said}");
}
