//! Baton's logits are PyTorch's, on every instruction set, alone or in any batch.
//!
//! `tests/fixtures` says how the numbers were made that these compare with.

mod support;

use std::{fs, path::PathBuf};

use baton::model::{Model, Precision, Sequence, kernels::Isa};
use serde::Deserialize;
use support::local::repository;

/// Each shows something that the others don't; tests/fixtures/README.md says what.
const FIXTURES: [&str; 29] = [
    "bert_sequence",
    "bert_token",
    "bert_relu",
    "bert_odd",
    "bert_sharded",
    "bert_relative",
    "roberta_relative",
    "albert_relative",
    "distilbert_sequence",
    "distilbert_token",
    "roberta_sequence",
    "roberta_token",
    "xlm_roberta_sequence",
    "xlm_roberta_token",
    "camembert_sequence",
    "camembert_token",
    "electra_sequence",
    "electra_token",
    "mpnet_sequence",
    "mpnet_token",
    "albert_sequence",
    "albert_token",
    "deberta_v2_sequence",
    "deberta_v2_token",
    "deberta_v3_sequence",
    "deberta_v3_token",
    "modernbert_sequence",
    "modernbert_mean",
    "modernbert_token",
];
const SHIPPED: [&str; 2] = ["ner", "sentiment"];
/// Of f32 logits, as DESIGN promises it.
const CLOSE: f32 = 1e-4;
/// The portable kernels are for CPUs that have nothing else, and slow: a few short texts say enough.
const SHORT: usize = 24;

#[derive(Deserialize)]
struct Parity {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    pair: Option<String>,
    input_ids: Vec<u32>,
    token_type_ids: Vec<u32>,
    logits: Rows,
    /// For a text that was tokenised word by word.
    words: Option<Vec<String>>,
}

/// A row for a sequence head, one for each token for a token head.
#[derive(Deserialize)]
#[serde(untagged)]
enum Rows {
    One(Vec<f32>),
    Many(Vec<Vec<f32>>),
}

impl Case {
    fn sequence(&self) -> Sequence {
        Sequence { ids: self.input_ids.clone(), types: self.token_type_ids.clone() }
    }

    fn logits(&self) -> Vec<f32> {
        match &self.logits {
            Rows::One(row) => row.clone(),
            Rows::Many(rows) => rows.concat(),
        }
    }
}

fn directory(name: &str) -> PathBuf {
    let parent = if SHIPPED.contains(&name) { "model-fetch/models" } else { "tests/fixtures/models" };
    repository(parent).join(name)
}

fn cases(name: &str) -> Vec<Case> {
    let file = match SHIPPED.contains(&name) {
        true => repository(&format!("tests/fixtures/shipped/{name}.json")),
        false => directory(name).join("parity.json"),
    };
    let bytes = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let parity: Parity = serde_json::from_slice(&bytes).unwrap();
    assert!(parity.cases.len() > 10, "{name}");
    parity.cases
}

fn load(name: &str, threads: usize, isa: Isa) -> Model {
    Model::load(&directory(name), threads, isa, Some(Precision::F32))
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The sequences' logits, run together: packed with one another as the engine does it.
fn logits(model: &Model, sequences: Vec<Sequence>) -> Vec<Vec<f32>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let logits = runtime.block_on(model.engine.run(sequences)).unwrap();
    logits.iter().map(|logits| logits.rows().flatten().copied().collect()).collect()
}

fn bits(logits: &[f32]) -> Vec<u32> {
    logits.iter().map(|x| x.to_bits()).collect()
}

#[track_caller]
fn assert_close(what: &str, ours: &[f32], theirs: &[f32]) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let off = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    // Not `off > CLOSE`, which a NaN would pass.
    assert!(off <= CLOSE && ours.iter().all(|x| x.is_finite()), "{what}: off by {off}");
}

/// The cases that an instruction set is tried on.
fn tried(name: &str, isa: Isa) -> Vec<Case> {
    let enough = if isa.name() == "portable" { SHORT } else { usize::MAX };
    let cases: Vec<_> = cases(name).into_iter().filter(|case| case.input_ids.len() <= enough).collect();
    assert!(cases.len() >= 3, "{name}: {} cases for {}", cases.len(), isa.name());
    cases
}

#[test]
fn texts_and_pairs_get_the_ids_and_types_that_transformers_gives_them() {
    for name in FIXTURES.into_iter().chain(["sentiment"]) {
        let Model { tokenizer, config, .. } = load(name, 1, Isa::detect());
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
    let tokenizer = load("ner", 1, Isa::detect()).tokenizer;
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
            let ours = logits(&load(name, 2, isa), cases.iter().map(Case::sequence).collect());
            for (case, ours) in cases.iter().zip(&ours) {
                let what = format!("{name} on {}: {:?} {:?}", isa.name(), case.text, case.pair);
                assert_close(&what, ours, &case.logits());
            }
        }
    }
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    for name in FIXTURES.into_iter().chain(SHIPPED) {
        let fastest = load(name, 2, Isa::detect());
        for isa in Isa::available().into_iter().skip(1) {
            let sequences: Vec<_> = tried(name, isa).iter().map(Case::sequence).collect();
            let (ours, others) =
                (logits(&fastest, sequences.clone()), logits(&load(name, 2, isa), sequences));
            for (i, (ours, others)) in ours.iter().zip(&others).enumerate() {
                assert_eq!(bits(ours), bits(others), "{name}: sequence {i} on {}", isa.name());
            }
        }
    }
}

#[test]
fn a_sequence_has_the_same_bits_alone_and_in_any_company() {
    for name in FIXTURES.into_iter().chain(SHIPPED) {
        let (one, three) = (load(name, 1, Isa::detect()), load(name, 3, Isa::detect()));
        let sequences: Vec<_> = cases(name).iter().map(Case::sequence).collect();
        let alone: Vec<_> = sequences.iter().map(|s| logits(&one, vec![s.clone()]).remove(0)).collect();

        let together = logits(&one, sequences.clone());
        let backwards = logits(&three, sequences.iter().rev().cloned().collect());
        // Each behind every other one: of other lengths, in chunks that begin elsewhere.
        let crowd: Vec<_> = sequences.iter().flat_map(|s| [sequences[3].clone(), s.clone()]).collect();
        let crowd = logits(&three, crowd);
        for (i, alone) in alone.iter().enumerate() {
            let company = [&together[i], &backwards[sequences.len() - 1 - i], &crowd[2 * i + 1]];
            for other in company {
                assert_eq!(bits(alone), bits(other), "{name}: sequence {i}");
            }
        }
    }
}

#[test]
fn candle_transformers_own_bert_agrees() {
    use candle_core::{DType, Device, Tensor};
    use candle_nn::{Module, VarBuilder, linear};
    use candle_transformers::models::bert::{BertModel, Config};

    let name = "bert_sequence";
    let weights = fs::read(directory(name).join("model.safetensors")).unwrap();
    let vb = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu).unwrap();
    let config: Config =
        serde_json::from_slice(&fs::read(directory(name).join("config.json")).unwrap()).unwrap();
    let bert = BertModel::load(vb.pp("bert"), &config).unwrap();
    let model = load(name, 1, Isa::detect());
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
