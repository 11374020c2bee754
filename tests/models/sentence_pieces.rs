//! sentencepiece's file in the place of tokenizer.json: the same tokenizer as transformers 4 makes of it, or a refusal.

use std::{
    fs,
    path::{Path, PathBuf},
};

use prost::Message;
use serde_json::{Value, json};

use super::copy::{Copy, assert_alike, texts};

fn pieces(name: &str, file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pieces").join(name).join(file)
}

/// A copy of a model whose tokenizer is one of these.
fn with(model: &str, name: &str, files: &[&str]) -> Copy {
    let copy = Copy::of(model);
    fs::remove_file(copy.file("tokenizer.json")).unwrap();
    let _ = fs::remove_file(copy.file("tokenizer_config.json"));
    for file in files {
        fs::copy(pieces(name, file), copy.file(file)).unwrap();
    }
    copy
}

#[test]
fn sentence_pieces_cut_as_the_tokenizer_json_that_they_stand_for() {
    let odd = [
        "",
        " ",
        "  Two  spaces\tand a tab\nand a break ",
        "Ａ ﬁne zero\u{200b}width name of Ａｂ\u{a0}Ltd",
        "Quorvane’s Quorvaneless offer",
        "a [MASK] b <mask> c <s> d </s> e [SEP] f [PAD] g",
        "don't (really), 3.5% — naïve 東京 😀",
        "<s>NOTUSED is no word",
        "a [UNK] b <unk> c [UNK]",
    ];
    for (model, name, file, settings) in [
        ("deberta_v3_sequence", "deberta_v2", "spm.model", None),
        ("deberta_v3_token", "deberta_v2_cut", "spm.model", Some("tokenizer_config.json")),
        ("xlm_roberta_sequence", "xlm_roberta", "sentencepiece.bpe.model", None),
        ("camembert_token", "camembert", "sentencepiece.bpe.model", None),
    ] {
        let want = with(model, name, &["tokenizer.json"]).tokenizer().unwrap();
        let files: Vec<&str> = [file].into_iter().chain(settings).collect();
        let copy = with(model, name, &files);
        let got = copy.tokenizer().unwrap_or_else(|e| panic!("{name}: {e}"));
        let parity = copy.json("parity.json");
        assert_alike(name, &got, &want, texts(&parity).chain(odd));
    }
}

/// As much of sentencepiece's file as these tests change.
#[derive(Message)]
struct Trainer {
    #[prost(int32, optional, tag = "3")]
    model: Option<i32>,
    #[prost(bool, optional, tag = "35")]
    byte_fallback: Option<bool>,
}

#[derive(Message)]
struct File {
    #[prost(message, optional, tag = "2")]
    trainer: Option<Trainer>,
}

#[test]
fn sentence_pieces_that_are_cut_otherwise_or_no_file_of_them_are_refused() {
    let copy = with("deberta_v3_sequence", "deberta_v2", &["spm.model"]);
    let whole = fs::read(copy.file("spm.model")).unwrap();
    // What comes later in a message is put over what came before.
    let changed =
        |trainer: Trainer| [whole.clone(), File { trainer: Some(trainer) }.encode_to_vec()].concat();
    for (bytes, what) in [
        (changed(Trainer { model: Some(2), byte_fallback: None }), "not a plain Unigram model's"),
        (changed(Trainer { model: None, byte_fallback: Some(true) }), "not a plain Unigram model's"),
        (whole[..whole.len() - 3].to_vec(), "is no sentencepiece model"),
        (b"version https://git-lfs.github.com/spec/v1\n".to_vec(), "git lfs pull"),
        (Vec::new(), "spm.model: "),
    ] {
        fs::write(copy.file("spm.model"), bytes).unwrap();
        let said = copy.refused();
        assert!(said.contains("spm.model: ") && said.contains(what), "{what}: {said}");
    }
    fs::remove_file(copy.file("spm.model")).unwrap();
    let said = copy.refused();
    assert!(said.contains("has no tokenizer.json, and of spm.model in its place: "), "{said}");
}

#[test]
fn tokens_added_to_sentence_pieces_are_found_with_their_ids() {
    let copy = with("deberta_v3_sequence", "deberta_v2", &["spm.model"]);
    copy.write("added_tokens.json", &json!({"[MASK]": 300}));
    let want = with("deberta_v3_sequence", "deberta_v2", &["tokenizer.json"]).tokenizer().unwrap();
    let text = "a [MASK] b";
    assert_eq!(copy.tokenizer().unwrap().pieces(text).unwrap(), want.pieces(text).unwrap());
    copy.write("added_tokens.json", &json!({"[MASK]": 300, "Tessaly": 301}));
    assert!(copy.tokenizer().unwrap().pieces("of Tessaly").unwrap().ids.contains(&301));
    let not_next: Value = json!({"Tessaly": 999});
    copy.write("added_tokens.json", &not_next);
    assert!(copy.refused().contains("gives the token `Tessaly` the id 999"), "{}", copy.refused());
}
