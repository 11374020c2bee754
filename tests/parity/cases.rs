//! The models that are compared, and what PyTorch says of them.

use std::{fs, path::PathBuf};

use baton::model::{Model, Precision, Sequence, kernels::Isa};
use serde::Deserialize;

use crate::support::local::repository;

/// Each shows something that the others don't; tests/fixtures/README.md says what.
pub const FIXTURES: [&str; 33] = [
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
    "bert_published",
    "roberta_published",
    "deberta_v3_published",
    "modernbert_published",
];
pub const SHIPPED: [&str; 2] = ["ner", "sentiment"];
/// The portable kernels are for CPUs that have nothing else, and slow: short texts, and the first few, say enough.
const SHORT: usize = 24;
const FIRST: usize = 6;

#[derive(Deserialize)]
struct Parity {
    cases: Vec<Case>,
    w8a8_noise: Option<Noise>,
}

/// How far PyTorch's W8A8 is from itself when its sums are finished in f32, or with another last bit.
#[derive(Deserialize)]
pub struct Noise {
    pub mean: f32,
    pub max: f32,
}

#[derive(Deserialize)]
pub struct Case {
    pub text: String,
    pub pair: Option<String>,
    pub input_ids: Vec<u32>,
    pub token_type_ids: Vec<u32>,
    logits: Rows,
    /// PyTorch's, its linear layers in W8A8; shipped models only.
    logits_w8a8: Option<Rows>,
    /// For a text that was tokenised word by word.
    pub words: Option<Vec<String>>,
}

/// A row for a sequence head, one for each token for a token head.
#[derive(Deserialize)]
#[serde(untagged)]
enum Rows {
    One(Vec<f32>),
    Many(Vec<Vec<f32>>),
}

impl Case {
    pub fn sequence(&self) -> Sequence {
        Sequence { ids: self.input_ids.clone(), types: self.token_type_ids.clone() }
    }

    pub fn logits(&self) -> Vec<f32> {
        self.logits.flat()
    }

    pub fn logits_w8a8(&self) -> Vec<f32> {
        self.logits_w8a8.as_ref().expect("a shipped model's case").flat()
    }
}

impl Rows {
    fn flat(&self) -> Vec<f32> {
        match self {
            Rows::One(row) => row.clone(),
            Rows::Many(rows) => rows.concat(),
        }
    }
}

pub fn directory(name: &str) -> PathBuf {
    let parent = if SHIPPED.contains(&name) { "model-fetch/models" } else { "tests/fixtures/models" };
    repository(parent).join(name)
}

fn parity(name: &str) -> Parity {
    let file = match SHIPPED.contains(&name) {
        true => repository(&format!("tests/fixtures/shipped/{name}.json")),
        false => directory(name).join("parity.json"),
    };
    let bytes = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let parity: Parity = serde_json::from_slice(&bytes).unwrap();
    assert!(parity.cases.len() > 10, "{name}");
    parity
}

pub fn cases(name: &str) -> Vec<Case> {
    parity(name).cases
}

pub fn w8a8_noise(name: &str) -> Noise {
    parity(name).w8a8_noise.expect("a shipped model's file")
}

pub fn load(name: &str, threads: usize, isa: Isa, precision: Precision) -> Model {
    Model::load(&directory(name), threads, isa, Some(precision)).unwrap_or_else(|error| panic!("{error}"))
}

/// The sequences' logits, run together: packed with one another as the engine does it.
pub fn logits(model: &Model, sequences: Vec<Sequence>) -> Vec<Vec<f32>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let logits = runtime.block_on(model.engine.run(sequences)).unwrap();
    logits.iter().map(|logits| logits.rows().flatten().copied().collect()).collect()
}

pub fn bits(logits: &[f32]) -> Vec<u32> {
    logits.iter().map(|x| x.to_bits()).collect()
}

/// The cases that an instruction set is tried on.
pub fn tried(name: &str, isa: Isa) -> Vec<Case> {
    let is_slow = isa.name() == "portable";
    let cases = cases(name).into_iter().enumerate();
    let cases = cases.filter(|(i, case)| !is_slow || *i < FIRST || case.input_ids.len() <= SHORT);
    cases.map(|(_, case)| case).collect()
}
