//! Baton and stock candle-transformers as `compare.py` runs them: a variant a line on standard input, the seconds that
//! it took for all pairs a line on standard output.
//!
//! | variant | what runs |
//! |---|---|
//! | `baton/int8/avx512vnni` | Baton's encoder: precision, instruction set (`best` for the CPU's best), 192 tokens a chunk |
//! | `candle/sorted/4` | stock candle-transformers in f32, padded: order, batch size |
//!
//! The first argument is a folder that `export.py` filled.

#[path = "../pairs/mod.rs"]
mod pairs;
mod stock;

use std::{
    collections::HashMap,
    io::{BufRead, Write},
    path::Path,
    time::Instant,
};

use baton::model::{
    Precision, Sequence, config::ModelConfig, encoder::Encoder, kernels::Isa, weights::Weights,
};

const TOKEN_BUDGET: usize = 192;

enum Peer {
    Baton(Box<Encoder>),
    Candle { model: Box<stock::Model>, order: Vec<usize>, batch: usize },
}

fn main() {
    let folder = std::env::args().skip(1).find(|a| a != "--bench").expect("the folder that export.py filled");
    let shipped = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/model-fetch/models/sentiment"));
    let config = ModelConfig::read(shipped).expect("a model's config.json");
    let sequences = pairs::sequences(shipped, &config);
    let mut peers: HashMap<String, Peer> = HashMap::new();
    for line in std::io::stdin().lock().lines() {
        let variant = line.expect("a line of text");
        if variant == "tokens" {
            println!("{}", sequences.iter().map(|s| s.ids.len()).sum::<usize>());
            continue;
        }
        let peer = peers
            .entry(variant.clone())
            .or_insert_with(|| load(&variant, shipped, &config, Path::new(&folder), &sequences));
        let begun = Instant::now();
        match peer {
            Peer::Baton(encoder) => pairs::run(encoder, &sequences, TOKEN_BUDGET),
            Peer::Candle { model, order, batch } => {
                order.chunks(*batch).for_each(|chunk| model.run(&sequences, chunk));
            }
        }
        println!("{}", begun.elapsed().as_secs_f64());
        std::io::stdout().flush().expect("somebody reads");
    }
}

fn load(variant: &str, shipped: &Path, config: &ModelConfig, folder: &Path, sequences: &[Sequence]) -> Peer {
    match variant.split('/').collect::<Vec<_>>()[..] {
        ["baton", precision, isa] => {
            let precision = Precision::named(precision).unwrap_or_else(|| panic!("{variant}: no precision"));
            let isa = if isa == "best" { Ok(Isa::detect()) } else { Isa::named(isa) };
            let weights = Weights::open(shipped, config).expect("a model's weights");
            let isa = isa.unwrap_or_else(|e| panic!("{variant}: {e}"));
            Peer::Baton(Box::new(
                Encoder::load(config.clone(), weights, isa, precision).expect("a model that fits"),
            ))
        }
        ["candle", order, batch] => {
            let mut places: Vec<usize> = (0..sequences.len()).collect();
            if order == "sorted" {
                places.sort_by_key(|&i| sequences[i].ids.len());
            }
            let batch = batch.parse().unwrap_or_else(|_| panic!("{variant}: no batch size"));
            Peer::Candle { model: Box::new(stock::Model::load(folder)), order: places, batch }
        }
        _ => panic!("{variant} is no variant"),
    }
}
