//! The model: that it loads, how long a cold start takes, how fast it is, and how much memory the function needs.

use std::time::{Duration, Instant};

use super::Findings;
use crate::{config::StageConfig, task::Task, telemetry::peak_megabytes};

const MEGABYTE: usize = 1 << 20;

pub(super) async fn check(config: &StageConfig, memory: u32, findings: &mut Findings) {
    let begun = Instant::now();
    let task = match Task::load(config) {
        Ok(task) => task,
        Err(e) => {
            let advice = "give BATON_MODEL a directory with a model that this task can use";
            return findings.wrong("model", e.to_string(), advice);
        }
    };
    let model = task.model();
    let loaded = begun.elapsed();
    if let Err(failure) = model.warm().await {
        let advice =
            "try it with `baton classify`; if other models fail too, it is a defect of Baton's: report it";
        return findings.wrong("model", failure.message, advice);
    }
    let (first, loading) = (begun.elapsed() - loaded, model.loading);
    let reference = model.reference();
    let found = format!("{} ({})", reference.name, reference.digest);
    match task.caution() {
        None => findings.good("model", found),
        Some(caution) => findings.doubtful("model", found, caution),
    }
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    findings.note(
        "cold start",
        format!(
            "{}: tokenizer {} beside weights {}, first run {}",
            ms(loaded + first),
            ms(loading.tokenizer),
            ms(loading.weights),
            ms(first)
        ),
    );
    // The short run had one thread: more of them than cores are no faster than so many.
    let cores = std::thread::available_parallelism().map_or(config.threads, usize::from);
    let speed =
        model.engine.pace().tokens_per_second() * (cores.min(config.threads) as f64 / config.threads as f64);
    let on = if config.threads > cores { format!(" on {cores} cores") } else { String::new() };
    findings.note(
        "speed",
        format!("about {speed:.0} tokens a second with {} threads{on}, by one short run", config.threads),
    );
    room(config, memory, findings);
}

/// Bytes that a mention and its answer take while its document is in work: eight documents of 70,000 mentions took 760 MB.
const A_MENTION: usize = 1400;

/// What the process has used, and what documents in work and the cache may add to it.
fn room(config: &StageConfig, memory: u32, findings: &mut Findings) {
    let Some(peak) = peak_megabytes() else {
        return findings.note("memory", "can't be measured on this system");
    };
    let limits = &config.limits;
    // Documents are in work as their bytes, their text, its sentences and inputs, and what is made of them; what is made of
    // one may be all there is. Ten of 6 MB that name nobody took 160 MB.
    let made =
        limits.result_bytes.most.saturating_add(config.forms.len().saturating_mul(limits.form_bytes.most));
    let documents =
        limits.batch_bytes.most.saturating_mul(4).saturating_add(limits.batch_bytes.most.max(made));
    let documents = documents / MEGABYTE;
    let need = peak as usize + documents + config.cache_bytes / MEGABYTE;
    let found = format!(
        "{peak:.0} MB now, up to {need} MB with {documents} MB of documents in work; it has {memory} MB"
    );
    // What is found in a text is counted by no limit in bytes.
    let dense = config.concurrency.saturating_mul(limits.mentions.most).saturating_mul(A_MENTION) / MEGABYTE;
    if need <= memory as usize && need.saturating_add(dense) > memory as usize {
        findings.note(
            "memory",
            format!(
                "{} documents at once that each name {} mentions would take {} MB: if such come, give it that, or \
                 lower BATON_CONCURRENCY or BATON_LIMIT_MENTIONS",
                config.concurrency,
                limits.mentions.most,
                need.saturating_add(dense)
            ),
        );
    }
    findings.check(need <= memory as usize, "memory", found, || {
        format!("give the function {need} MB, or lower BATON_LIMIT_BATCH_BYTES, BATON_LIMIT_FORM_BYTES or BATON_CACHE_BYTES")
    });
}
