//! Tokens a second of the encoder, variants interleaved in one process: what benches/RESULTS.md reports.
//!
//! ```text
//! taskset -c 0 cargo bench --bench encoder -- [--model DIR] [--rounds N] [VARIANT …]
//! ```
//! A variant is `precision/isa/token budget`, such as `int8/avx512vnni/192`. Pairs run in the file's order; chunks
//! are cut as the engine cuts them. Every round runs every variant once on this thread, so that what else the
//! machine does meets them alike; ratios are between medians.

mod pairs;

use std::{path::Path, time::Instant};

use baton::model::{Precision, config::ModelConfig, encoder::Encoder, kernels::Isa, weights::Weights};
use pairs::{run, sequences};

struct Options {
    model: String,
    rounds: usize,
    variants: Vec<String>,
}

struct Variant {
    name: String,
    encoder: Encoder,
    budget: usize,
    seconds: Vec<f64>,
}

fn main() {
    let options = options();
    let directory = Path::new(&options.model);
    let config = ModelConfig::read(directory).expect("a model's config.json");
    let sequences = sequences(directory, &config);
    let tokens: usize = sequences.iter().map(|sequence| sequence.ids.len()).sum();
    println!("{}: {} pairs, {tokens} tokens, one thread", options.model, sequences.len());
    let mut variants: Vec<Variant> =
        options.variants.iter().map(|name| variant(name, directory, &config)).collect();
    for round in 0..=options.rounds {
        for variant in &mut variants {
            let start = Instant::now();
            run(&variant.encoder, &sequences, variant.budget);
            // The first round fills caches and scratch.
            if round > 0 {
                variant.seconds.push(start.elapsed().as_secs_f64());
            }
        }
    }
    report(&mut variants, tokens);
}

fn options() -> Options {
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/model-fetch/models/sentiment");
    let mut options = Options { model: model.into(), rounds: 9, variants: Vec::new() };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => {}
            "--model" => options.model = arguments.next().expect("a directory after --model"),
            "--rounds" => {
                let rounds = arguments.next().and_then(|n| n.parse().ok());
                options.rounds = rounds.expect("a number after --rounds");
            }
            _ => options.variants.push(argument),
        }
    }
    if options.variants.is_empty() {
        let isas = Isa::available().into_iter().filter(|isa| isa.name() != "portable");
        options.variants =
            isas.flat_map(|isa| ["f32", "int8"].map(|p| format!("{p}/{}/192", isa.name()))).collect();
    }
    options
}

fn variant(name: &str, directory: &Path, config: &ModelConfig) -> Variant {
    let parts: Vec<&str> = name.split('/').collect();
    let [precision, isa, budget] = parts[..] else { panic!("{name} is no precision/isa/budget") };
    let precision = Precision::named(precision).unwrap_or_else(|| panic!("{precision} is no precision"));
    let isa = Isa::named(isa).unwrap_or_else(|e| panic!("{e}"));
    let budget = budget.parse().unwrap_or_else(|_| panic!("{budget} is no number"));
    let weights = Weights::open(directory, config).expect("a model's weights");
    let encoder = Encoder::load(config.clone(), weights, isa, precision).expect("a model that fits");
    Variant { name: name.into(), encoder, budget, seconds: Vec::new() }
}

fn report(variants: &mut [Variant], tokens: usize) {
    println!("{:24} {:>10} {:>10} {:>8}", "", "median t/s", "best t/s", "× first");
    let mut first = None;
    for variant in variants {
        variant.seconds.sort_by(f64::total_cmp);
        let (median, best) = (variant.seconds[variant.seconds.len() / 2], variant.seconds[0]);
        let speed = |seconds: f64| tokens as f64 / seconds;
        let ratio = speed(median) / *first.get_or_insert(speed(median));
        println!("{:24} {:10.0} {:10.0} {ratio:8.2}", variant.name, speed(median), speed(best));
    }
}
