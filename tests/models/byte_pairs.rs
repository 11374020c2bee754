//! RoBERTa's vocab.json and merges.txt in the place of tokenizer.json: the same tokenizer, or a refusal.

use std::fs;

use baton::model::{Precision, Tokenizer, config::ModelConfig};
use serde_json::{Value, json};

use super::copy::{Copy, assert_alike, fixture, texts};

/// A copy that has these two files instead of its tokenizer.json.
fn of_byte_pairs(name: &str) -> Copy {
    let copy = Copy::of(name);
    let tokenizer = copy.json("tokenizer.json");
    copy.write("vocab.json", &tokenizer["model"]["vocab"]);
    let pair = |pair: &Value| format!("{} {}\n", pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
    let merges: String = tokenizer["model"]["merges"].as_array().unwrap().iter().map(pair).collect();
    fs::write(copy.file("merges.txt"), format!("#version: 0.2\n{merges}\n")).unwrap();
    fs::remove_file(copy.file("tokenizer.json")).unwrap();
    let _ = fs::remove_file(copy.file("tokenizer_config.json"));
    copy
}

#[test]
fn byte_pairs_cut_as_the_tokenizer_json_that_they_stand_for() {
    let odd = [" two  spaces ", "a <mask> and </s> in the text", "naïve 😀 £5\tx\ny", "", "we'll <s>"];
    for name in ["roberta_sequence", "roberta_token", "roberta_published"] {
        let copy = of_byte_pairs(name);
        let config = ModelConfig::read(copy.path()).unwrap();
        let want = Tokenizer::load(&fixture(name), &config).unwrap();
        let got = Tokenizer::load(copy.path(), &config).unwrap_or_else(|e| panic!("{e}"));
        let parity = copy.json("parity.json");
        assert_alike(name, &got, &want, texts(&parity).chain(odd));
        assert!(copy.load(Precision::F32).reference().digest.starts_with("sha256:"));
    }
}

#[test]
fn a_space_before_the_text_is_as_tokenizer_config_json_says() {
    let copy = of_byte_pairs("roberta_sequence");
    let first = |copy: &Copy| copy.tokenizer().unwrap().pieces("bank").unwrap().ids;
    let without = first(&copy);
    copy.write(
        "tokenizer_config.json",
        &json!({"add_prefix_space": true, "tokenizer_class": "RobertaTokenizerFast"}),
    );
    let with = first(&copy);
    assert_ne!(without, with);
    copy.write("tokenizer_config.json", &json!({"add_prefix_space": null}));
    assert_eq!(first(&copy), without);
    let whole = Copy::of("roberta_sequence");
    let mut tokenizer = whole.json("tokenizer.json");
    tokenizer["pre_tokenizer"]["add_prefix_space"] = json!(true);
    whole.write("tokenizer.json", &tokenizer);
    assert_eq!(first(&whole), with);
}

#[test]
fn byte_pairs_that_can_not_be_read_are_refused() {
    let refused = |change: &dyn Fn(&Copy)| {
        let copy = of_byte_pairs("roberta_sequence");
        change(&copy);
        copy.refused()
    };
    let said = refused(&|copy| fs::remove_file(copy.file("merges.txt")).unwrap());
    assert!(said.contains("has no tokenizer.json, and of merges.txt in its place: "), "{said}");
    let said = refused(&|copy| fs::remove_file(copy.file("vocab.json")).unwrap());
    assert!(said.contains("has no tokenizer.json, and of vocab.json in its place: "), "{said}");
    for line in ["h", "h e l", " e", "h "] {
        let said =
            refused(&|copy| fs::write(copy.file("merges.txt"), format!("#version: 0.2\n{line}\n")).unwrap());
        assert!(said.contains(&format!("merges.txt:2: `{line}` is no pair of pieces")), "{said}");
    }
    let said = refused(&|copy| fs::write(copy.file("merges.txt"), "#version: 0.2\nh zzz\n").unwrap());
    assert!(said.contains("vocab.json: ") && said.contains("zzz"), "{said}");
    let said = refused(&|copy| fs::write(copy.file("merges.txt"), "h e\n").unwrap());
    assert!(said.contains("merges.txt: doesn't begin with `#version: 0.2`"), "{said}");
    let said = refused(&|copy| copy.write("tokenizer_config.json", &json!({"sep_token": "[SEP]"})));
    assert!(said.contains("vocab.json: has no token `[SEP]`"), "{said}");
    let said = refused(&|copy| {
        copy.write("tokenizer_config.json", &json!({"tokenizer_class": "BertweetTokenizer"}))
    });
    assert!(said.contains("tokenizer_config.json: `tokenizer_class` is \"BertweetTokenizer\""), "{said}");
    let said = refused(&|copy| fs::write(copy.file("vocab.json"), "[]").unwrap());
    assert!(said.contains("vocab.json: "), "{said}");
}

#[test]
fn a_roberta_with_berts_tokenizer_has_a_vocab_txt() {
    let copy = Copy::of_vocab_txt("bert_sequence");
    let bert = copy.tokenizer().unwrap();
    let roberta = Copy::of("roberta_sequence");
    fs::remove_file(roberta.file("tokenizer.json")).unwrap();
    fs::copy(copy.file("vocab.txt"), roberta.file("vocab.txt")).unwrap();
    roberta.write("tokenizer_config.json", &json!({"tokenizer_class": "BertTokenizer"}));
    let text = "Northwind said that the offer was too low.";
    assert_eq!(roberta.tokenizer().unwrap().pieces(text).unwrap(), bert.pieces(text).unwrap());
}

#[test]
fn a_mask_that_is_named_as_a_bare_text_takes_the_space_before_it_along_all_the_same() {
    let copy = of_byte_pairs("roberta_sequence");
    let of = |copy: &Copy| copy.tokenizer().unwrap().pieces("a <mask> b").unwrap();
    let own = of(&copy);
    copy.write("special_tokens_map.json", &json!({"mask_token": "<mask>"}));
    assert_eq!(of(&copy), own);
    copy.write("special_tokens_map.json", &json!({"mask_token": {"content": "<mask>", "lstrip": false}}));
    assert_ne!(of(&copy), own);
}
