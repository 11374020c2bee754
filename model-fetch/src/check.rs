//! `check`: a folder → whether Baton loads it, what it is, how fast it is here, and whether it computes what
//! PyTorch did. The only part of this program that knows Baton.

mod facts;
mod parity;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use baton::{
    model::{
        Model, Sequence,
        config::{HeadKind, ModelConfig, Storage},
        kernels::Isa,
    },
    telemetry::peak_megabytes,
};

use crate::{
    error::Error,
    output::{plain, say},
    progress::size,
};

/// How long the speed is measured.
const MEASURED: Duration = Duration::from_secs(1);
/// A sentence of news, as long as they are on average, about; and how many a caller has at a time.
const SENTENCE: &str = "The supplier said on Monday that its earnings had fallen for a third quarter, because two of \
                        its largest customers had cancelled their orders.";
const AT_ONCE: usize = 64;

pub fn run(folder: &Path) -> Result<(), Error> {
    let facts = facts::Facts::read(folder)?;
    say(folder.display())?;
    line("architecture", &plain(&facts.architecture))?;
    line("size", &format!("{} parameters, {} on disk", millions(facts.parameters), size(facts.bytes)))?;

    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let isa = Isa::detect();
    let begun = Instant::now();
    let model = Model::load(folder, threads, isa, None).map_err(|e| Error::lasting(e.to_string()))?;
    let loaded = begun.elapsed();
    let config = &model.config;
    let storage = match config.storage {
        Storage::Float => "floats",
        Storage::Int8PerChannel => "int8 per channel",
        Storage::Int8WeightsOnly => "int8 per channel, computed in floats",
    };
    let shape = format!(
        "{} layers of {}, {storage}, up to {} tokens",
        config.layers, config.hidden, config.max_tokens
    );
    line("shape", &shape)?;
    let head = match config.head {
        HeadKind::Sequence => "classifies a text",
        HeadKind::Token => "classifies every token",
    };
    line("head", &plain(&format!("{head}: {}", config.labels.join(", "))))?;
    line("digest", &model.reference().digest)?;

    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|e| Error::lasting(format!("can't start a runtime: {e}")))?;
    let rate = runtime.block_on(tokens_per_second(&model))?;
    let peak = peak_megabytes()
        .map_or("unknown here".to_owned(), |megabytes| size((megabytes * f64::from(1 << 20)) as u64));
    line("loaded in", &format!("{} ms; peak memory {peak}", loaded.as_millis()))?;
    line("speed here", &format!("{rate:.0} tokens/s, {threads} threads, {}", isa.name()))?;
    match runtime.block_on(parity::compare(&model, folder))? {
        Some(verdict) => {
            line("parity", &verdict.text)?;
            if verdict.holds { Ok(()) } else { Err(Error::wrong_bytes("parity.json is not met")) }
        }
        None => line("parity", "no parity.json to compare with"),
    }
}

/// Why Baton could not load the model in a folder, as far as its configuration tells.
pub fn doubt(folder: &Path) -> Option<String> {
    let error = ModelConfig::read(folder).err()?.to_string();
    // Where it lies for the moment is nobody's business.
    Some(error.replace(&format!("{}/", folder.display()), ""))
}

fn line(what: &str, text: &str) -> Result<(), Error> {
    say(format_args!("  {what:13} {text}"))
}

fn millions(n: u64) -> String {
    if n < 1_000_000 { n.to_string() } else { format!("{:.1} M", n as f64 / 1e6) }
}

async fn tokens_per_second(model: &Model) -> Result<f64, Error> {
    let pieces = model.tokenizer.pieces(SENTENCE).map_err(Error::lasting)?;
    let room = model.tokenizer.room().min(pieces.ids.len());
    let sentence = &pieces.ids[..room];
    let mut others = 0..;
    let mut run = async || {
        let batch: Vec<Sequence> = others.by_ref().take(AT_ONCE).map(|n| other(model, sentence, n)).collect();
        let tokens: usize = batch.iter().map(|sequence| sequence.ids.len()).sum();
        model.engine.run(batch).await.map(|_| tokens).map_err(|e| Error::lasting(e.to_string()))
    };
    run().await?;
    let (begun, mut tokens) = (Instant::now(), 0);
    while begun.elapsed() < MEASURED {
        tokens += run().await?;
    }
    Ok(tokens as f64 / begun.elapsed().as_secs_f64())
}

/// The sentence with another beginning: what was asked before, or is asked twice at once, is not run again.
fn other(model: &Model, sentence: &[u32], number: u32) -> Sequence {
    let mut ids = sentence.to_vec();
    let vocabulary = model.config.vocabulary as u32;
    for (id, digit) in ids.iter_mut().zip([number % vocabulary, number / vocabulary % vocabulary]) {
        *id = digit;
    }
    model.tokenizer.single(&ids)
}
