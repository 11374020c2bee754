//! Logs. On AWS a JSON line for every message's document, with what CloudWatch can filter by; nothing of a
//! document's text is ever in them. For a person at a terminal, warnings in plain words.

mod metrics;

use std::time::Duration;

use tracing::Level;
use tracing_subscriber::{EnvFilter, fmt};

use crate::{
    config::StageConfig,
    document::contract::Annotation,
    pipeline::Done,
    settle::{Outcome, Settled},
};

/// JSON lines on standard output, where Lambda reads them. `filter` is as in `RUST_LOG`; without one, Baton's own
/// at info and others' warnings.
pub fn start_json(filter: Option<&str>) {
    let filter = EnvFilter::new(filter.unwrap_or("warn,baton=info"));
    let logs = fmt().json().flatten_event(true).with_current_span(false).with_span_list(false);
    logs.with_env_filter(filter).with_target(false).init();
}

/// Warnings on standard error, for a person.
pub fn start_plain() {
    fmt().with_max_level(Level::WARN).with_writer(std::io::stderr).without_time().with_target(false).init();
}

/// Says what became of a message, a line for each of its documents.
pub fn settled(config: &StageConfig, message: &Settled) {
    let (stage, id) = (config.stage.as_str(), message.id.as_str());
    for what in &message.ignored {
        tracing::info!(stage, message = id, outcome = "ignored", what);
    }
    for (handoff, outcome) in &message.outcomes {
        let document = handoff.as_ref().map(|handoff| handoff.document.to_string());
        match outcome {
            Outcome::Done(done) => match &**done {
                Done::Computed { output, annotation, took, model } => {
                    let Counts { inputs, tokens, windowed } = counts(annotation);
                    let (output, took, model) = (output.to_string(), took.as_millis(), model.as_millis());
                    let (took_ms, model_ms) = (took as u64, model as u64);
                    tracing::info!(
                        stage,
                        message = id,
                        document,
                        outcome = "done",
                        output,
                        inputs,
                        tokens,
                        windowed,
                        took_ms,
                        model_ms
                    );
                }
                Done::Repeated { output } => {
                    let output = output.to_string();
                    tracing::info!(stage, message = id, document, outcome = "repeated", output);
                }
                Done::Stale => tracing::info!(stage, message = id, document, outcome = "stale"),
            },
            Outcome::Rejected(failure) => {
                let (reason, why) = (failure.reason.as_str(), failure.message.as_str());
                tracing::warn!(stage, message = id, document, outcome = "rejected", reason, why);
            }
            Outcome::GivenBack(failure) => {
                let (reason, why) = (failure.reason.as_str(), failure.message.as_str());
                tracing::warn!(stage, message = id, document, outcome = "given back", reason, why);
            }
        }
    }
}

/// Writes the metrics of a batch to the log; `cold` is how long the process took to get ready, in its first batch.
pub fn metrics(config: &StageConfig, settled: &[Settled], cold: Option<Duration>) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    for line in metrics::lines(config, settled, cold) {
        // A log that can't be written to has nowhere to say so.
        let _ = writeln!(out, "{line}");
    }
}

/// What a stage did to a document, in numbers.
struct Counts {
    /// Inputs of the model: sentences, or pairs.
    inputs: usize,
    tokens: usize,
    windowed: usize,
}

fn counts(annotation: &Annotation) -> Counts {
    match annotation {
        Annotation::Ner { counts: c, .. } => {
            Counts { inputs: c.sentences, tokens: c.tokens, windowed: c.windowed }
        }
        Annotation::Sentiment { counts: c, .. } => {
            Counts { inputs: c.pairs, tokens: c.tokens, windowed: c.windowed }
        }
    }
}
