//! The pairs of `benches/pairs.jsonl`, and a run over them as the engine does it.

use std::path::Path;

use baton::model::{
    Sequence, Tokenizer,
    config::ModelConfig,
    encoder::{Encoder, Forward},
};
use candle_core::{Device, Tensor};

/// The pairs in the file's order.
pub fn sequences(directory: &Path, config: &ModelConfig) -> Vec<Sequence> {
    let tokenizer = Tokenizer::load(directory, config).expect("a model's tokenizer.json");
    let pieces = |value: &serde_json::Value| {
        let text = value.as_str().expect("a string");
        tokenizer.pieces(text).expect("a text that can be cut").ids
    };
    let pairs = include_str!("../pairs.jsonl").lines().map(|line| {
        let pair: serde_json::Value = serde_json::from_str(line).expect("a line of pairs.jsonl");
        tokenizer.pair(&pieces(&pair["sentence"]), &pieces(&pair["mention"]))
    });
    pairs.collect()
}

/// Every sequence once, in chunks of at most `budget` tokens.
pub fn run(encoder: &Encoder, sequences: &[Sequence], budget: usize) {
    let mut rest = sequences;
    while !rest.is_empty() {
        let mut tokens = 0;
        let fitting = rest.iter().take_while(|sequence| {
            tokens += sequence.ids.len();
            tokens <= budget
        });
        let (chunk, after) = rest.split_at(fitting.count().max(1));
        rest = after;
        let ids: Vec<u32> = chunk.iter().flat_map(|s| s.ids.iter().copied()).collect();
        let types: Vec<u32> = chunk.iter().flat_map(|s| s.types.iter().copied()).collect();
        let lengths: Vec<usize> = chunk.iter().map(|s| s.ids.len()).collect();
        let forward = Forward { encoder, types: &types, lengths: &lengths };
        let count = ids.len();
        let ids = Tensor::from_vec(ids, count, &Device::Cpu).expect("a tensor of ids");
        std::hint::black_box(ids.apply_op1_no_bwd(&forward).expect("logits"));
    }
}
