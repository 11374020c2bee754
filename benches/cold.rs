//! The ledger of a cold start: from the start of the process to the first document's logits, part by part, and the
//! most memory that it took. Run it several times; every run is one start (page cache warm from the second on).
//!
//! ```text
//! taskset -c 0 cargo bench --bench cold -- [model-fetch/models/ner]
//! ```

use std::{path::Path, time::Instant};

use baton::model::{Model, Tokenizer, config::ModelConfig, encoder::Encoder, kernels::Isa, weights::Weights};

/// A short document, as the samples have it.
const SENTENCES: [&str; 6] = [
    "Northwind Logistics raised its forecast on Tuesday after a quarter that investors had written off.",
    "Chief executive Mira Halvorsen said demand for cold storage had doubled.",
    "Its rival Quorvane, which is based in Gdynia, fell 4.2% in early trading.",
    "Analysts at Brightmoor Bank kept their rating and warned that fuel would stay expensive.",
    "\"We did not expect this,\" said Teodor Lasko, who manages funds in Oslo.",
    "The company will publish its annual report on 12 March.",
];

fn main() {
    let start = Instant::now();
    let before = process_milliseconds();
    let model = std::env::args().skip(1).find(|argument| argument != "--bench");
    let model =
        model.unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/model-fetch/models/ner").into());
    let directory = Path::new(&model);
    if std::env::var_os("PARTS").is_some() {
        return parts(directory);
    }
    let model = Model::load(directory, 1, Isa::detect(), None).expect("a model");
    let loaded = start.elapsed();
    let sequences = SENTENCES.map(|sentence| {
        let pieces = model.tokenizer.pieces(sentence).expect("a text that can be cut");
        model.tokenizer.single(&pieces.ids)
    });
    let tokens: usize = sequences.iter().map(|sequence| sequence.ids.len()).sum();
    let cut = start.elapsed();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let logits = runtime.block_on(model.engine.run(sequences.to_vec())).expect("logits");
    let ran = start.elapsed();
    let milliseconds = |duration: std::time::Duration| duration.as_secs_f64() * 1e3;
    println!("before main          {before:6.1} ms");
    println!("model loaded         {:6.1} ms", milliseconds(loaded));
    println!("{} sentences cut      {:6.1} ms", logits.len(), milliseconds(cut - loaded));
    println!("{tokens} tokens classified {:6.1} ms", milliseconds(ran - cut));
    println!("in all               {:6.1} ms", before + milliseconds(ran));
    println!("peak memory          {:6.1} MB", peak_megabytes());
}

/// The parts of loading, one after another.
fn parts(directory: &Path) {
    let mut since = Instant::now();
    let mut lap = |what: &str| {
        println!("{what:20} {:6.1} ms", since.elapsed().as_secs_f64() * 1e3);
        since = Instant::now();
    };
    let config = ModelConfig::read(directory).expect("a model's config.json");
    lap("config.json");
    let tokenizer = Tokenizer::load(directory, &config).expect("a model's tokenizer.json");
    lap("tokenizer.json");
    let weights = Weights::open(directory, &config).expect("a model's weights");
    lap("weights mapped");
    let precision = config.storage.precision();
    let encoder = Encoder::load(config, weights, Isa::detect(), precision).expect("a model that fits");
    lap("weights packed");
    drop((tokenizer, encoder));
}

/// Since the process was started, as the kernel counts it: to a hundredth of a second.
fn process_milliseconds() -> f64 {
    let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let uptime: f64 = read("/proc/uptime").split(' ').next().and_then(|s| s.parse().ok()).unwrap_or(0.0);
    let stat = read("/proc/self/stat");
    // The 22nd field; the 2nd, in parentheses, may hold spaces.
    let started = stat.rsplit(')').next().and_then(|rest| rest.split(' ').nth(20)?.parse::<f64>().ok());
    started.map_or(0.0, |ticks| (uptime - ticks / 100.0).max(0.0) * 1e3)
}

fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    let kilobytes: f64 = line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0.0);
    kilobytes / 1024.0
}
