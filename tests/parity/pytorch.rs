//! In f32: the same pieces, and the same logits but for the order of sums.

use std::fs;

use baton::model::{Model, Precision, kernels::Isa};
use candle_core::{DType, Device, Tensor};
use candle_nn::{Module, VarBuilder, linear};
use candle_transformers::models::bert::{BertModel, Config};

use crate::{
    cases::{Case, FIXTURES, SHIPPED, cases, directory, load, logits, tried},
    support::local::repository,
};

/// As the README promises it.
const CLOSE: f32 = 1e-4;

#[track_caller]
fn assert_close(what: &str, ours: &[f32], theirs: &[f32]) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let off = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    // Not `off > CLOSE`, which a NaN would pass.
    assert!(off <= CLOSE && ours.iter().all(|x| x.is_finite()), "{what}: off by {off}");
}

#[test]
fn texts_and_pairs_get_the_ids_and_types_that_transformers_gives_them() {
    for name in FIXTURES.into_iter().chain(["sentiment"]) {
        let Model { tokenizer, config, .. } = load(name, 1, Isa::detect(), Precision::F32);
        for case in cases(name) {
            let first = tokenizer.pieces(&case.text).unwrap();
            let sequence = match &case.pair {
                None => tokenizer.single(&first.ids),
                Some(pair) => tokenizer.pair(&first.ids, &tokenizer.pieces(pair).unwrap().ids),
            };
            assert_eq!(sequence.ids, case.input_ids, "{name}: {:?} {:?}", case.text, case.pair);
            // Architectures without token types ignore what a tokenizer says of them.
            let last = config.types.saturating_sub(1) as u32;
            let types: Vec<u32> = case.token_type_ids.iter().map(|kind| last.min(*kind)).collect();
            assert_eq!(sequence.types, types, "{name}: {:?} {:?}", case.text, case.pair);
            for (id, range) in first.ids.iter().zip(&first.ranges) {
                assert!(
                    case.text.get(range.clone()).is_some(),
                    "{name}: piece {id} at {range:?} of {:?}",
                    case.text
                );
            }
        }
    }
}

#[test]
fn words_get_the_pieces_that_the_shipped_ner_model_learnt_from() {
    let tokenizer = load("ner", 1, Isa::detect(), Precision::F32).tokenizer;
    for case in cases("ner") {
        let words = case.words.expect("a list of words");
        let ids: Vec<u32> = words.iter().flat_map(|word| tokenizer.pieces(word).unwrap().ids).collect();
        assert_eq!(tokenizer.single(&ids).ids, case.input_ids, "{:?}", case.text);
    }
}

#[test]
fn logits_are_pytorchs_on_every_instruction_set() {
    for name in FIXTURES.into_iter().chain(SHIPPED) {
        for isa in Isa::available() {
            let cases = tried(name, isa);
            let ours =
                logits(&load(name, 2, isa, Precision::F32), cases.iter().map(Case::sequence).collect());
            for (case, ours) in cases.iter().zip(&ours) {
                let what = format!("{name} on {}: {:?} {:?}", isa.name(), case.text, case.pair);
                assert_close(&what, ours, &case.logits());
            }
        }
    }
}

#[test]
fn candle_transformers_own_bert_agrees() {
    let name = "bert_sequence";
    let weights = fs::read(directory(name).join("model.safetensors")).unwrap();
    let vb = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu).unwrap();
    let config: Config =
        serde_json::from_slice(&fs::read(directory(name).join("config.json")).unwrap()).unwrap();
    let bert = BertModel::load(vb.pp("bert"), &config).unwrap();
    let model = load(name, 1, Isa::detect(), Precision::F32);
    let (hidden, labels) = (model.config.hidden, model.config.labels.len());
    let pooler = linear(hidden, hidden, vb.pp("bert.pooler.dense")).unwrap();
    let classifier = linear(hidden, labels, vb.pp("classifier")).unwrap();

    for case in cases(name) {
        let row = |ids: &[u32]| Tensor::new(ids, &Device::Cpu).unwrap().unsqueeze(0).unwrap();
        let states = bert.forward(&row(&case.input_ids), &row(&case.token_type_ids), None).unwrap();
        let first = states.narrow(1, 0, 1).unwrap().squeeze(1).unwrap();
        let pooled = pooler.forward(&first).unwrap().tanh().unwrap();
        let theirs: Vec<f32> = classifier.forward(&pooled).unwrap().flatten_all().unwrap().to_vec1().unwrap();
        assert_close(&case.text, &logits(&model, vec![case.sequence()])[0], &theirs);
    }
}

#[test]
fn every_fixture_is_compared() {
    let all = fs::read_dir(repository("tests/fixtures/models")).unwrap();
    let mut all: Vec<_> = all.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    all.sort();
    let mut compared = FIXTURES;
    compared.sort();
    assert_eq!(all, compared);
}
