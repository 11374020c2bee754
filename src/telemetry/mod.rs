//! What is told of the work: logs, metrics, how a process began. On AWS a JSON line for every message's document, with what CloudWatch can filter by; nothing of a
//! document's text is in them unless debugging is asked for. For a person at a terminal, warnings in plain words.

mod metrics;
mod outcomes;

use std::{panic::PanicHookInfo, time::Duration};

use tracing_subscriber::{EnvFilter, Layer, fmt, layer::SubscriberExt, util::SubscriberInitExt};

pub use metrics::Tally;
pub use outcomes::{Invocation, settled};

use crate::{
    config::StageConfig,
    document::contract::Annotation,
    model::{Loading, expected_panics},
    spans,
};

/// How long it took a process to get ready, and its parts. The model is loaded while the clients are built.
#[derive(Clone, Copy, Debug, Default)]
pub struct ColdStart {
    /// Building the clients of S3 and SQS.
    pub sdk: Duration,
    /// Loading the model.
    pub loading: Loading,
    /// Running the model for the first time.
    pub first_inference: Duration,
    /// All of it, from configuration to ready.
    pub total: Duration,
}

impl ColdStart {
    /// Its parts and then the whole, each by its metric's name.
    pub fn ledger(&self) -> [(&'static str, Duration); 5] {
        [
            ("ColdStartSdkMilliseconds", self.sdk),
            ("ColdStartTokenizerMilliseconds", self.loading.tokenizer),
            ("ColdStartWeightsMilliseconds", self.loading.weights),
            ("ColdStartFirstInferenceMilliseconds", self.first_inference),
            ("ColdStartMilliseconds", self.total),
        ]
    }
}

/// JSON lines on standard output, where Lambda reads them, and spans where they are wanted. `filter` is as in
/// `RUST_LOG`; without one, Baton's own at info and others' warnings.
///
/// # Errors
/// What is wrong with OpenTelemetry's variables.
pub fn start_json(filter: Option<&str>) -> Result<(), String> {
    let filter = EnvFilter::new(filter.unwrap_or("warn,baton=info"));
    let logs = fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
    let spans = spans::layer()?;
    tracing_subscriber::registry().with(spans).with(logs.with_target(false).with_filter(filter)).init();
    std::panic::set_hook(Box::new(tell_panic));
    Ok(())
}

/// Says where it was, and not what it said: that may quote a document.
fn tell_panic(panic: &PanicHookInfo<'_>) {
    if expected_panics::are_expected() {
        return;
    }
    let place = panic.location().map(tracing::field::display);
    tracing::error!(place, "a defect: the code panicked");
}

/// Warnings on standard error, for a person: Baton's own. What fails in AWS's SDK comes back as an error, and says
/// more than its warnings on the way (that there is no IMDS on a desk).
pub fn start_plain() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !expected_panics::are_expected() {
            tell(panic);
        }
    }));
    fmt()
        .with_env_filter("warn,aws=off")
        .with_writer(std::io::stderr)
        .without_time()
        .with_target(false)
        .init();
}

/// Says that the process is ready for its first document.
pub fn ready(config: &StageConfig, cold: &ColdStart) {
    tracing::info!(
        stage = config.stage,
        sdk_ms = milliseconds(cold.sdk),
        tokenizer_ms = milliseconds(cold.loading.tokenizer),
        weights_ms = milliseconds(cold.loading.weights),
        first_inference_ms = milliseconds(cold.first_inference),
        total_ms = milliseconds(cold.total),
        "ready"
    );
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e4).round() / 10.0
}

/// Writes metrics to the log.
pub fn metrics(config: &StageConfig, tally: &Tally) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    for line in tally.lines(config) {
        // A log that can't be written to has nowhere to say so.
        let _ = writeln!(out, "{line}");
    }
}

/// The most memory that this process had so far, in MB; None where the system doesn't say.
pub fn peak_megabytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// What a stage did to a document, in numbers.
pub struct Counts {
    /// What was asked: sentences of `ner`, mentions of `sentiment`, the inputs of `classify`.
    pub inputs: usize,
    /// Tokens that the model read for it.
    pub tokens: usize,
    /// Those of them for words that its vocabulary can't spell.
    pub unknown: usize,
    /// Of these sentences, mentions and texts, those that were too long to be read at once.
    pub windowed: usize,
}

/// The numbers of an annotation.
pub fn counts(annotation: &Annotation) -> Counts {
    match annotation {
        Annotation::Ner { counts: c, .. } => {
            Counts { inputs: c.sentences, tokens: c.tokens, unknown: c.unknown, windowed: c.windowed }
        }
        Annotation::Classify { counts: c, .. } => {
            Counts { inputs: c.inputs, tokens: c.tokens, unknown: c.unknown, windowed: c.windowed }
        }
        Annotation::Sentiment { counts: c, .. } => {
            Counts { inputs: c.pairs, tokens: c.tokens, unknown: c.unknown, windowed: c.windowed }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{PipeReader, Read},
        panic,
    };

    #[test]
    fn a_panic_is_logged_by_its_place_and_not_quoted() {
        let (mut log, write): (PipeReader, _) = std::io::pipe().expect("a pipe");
        let subscriber =
            tracing_subscriber::fmt().json().with_writer(move || write.try_clone().expect("a handle"));
        // The hook is the process's: what another test says meanwhile is lost, not that it failed.
        let before = panic::take_hook();
        panic::set_hook(Box::new(super::tell_panic));
        let caught = tracing::subscriber::with_default(subscriber.finish(), || {
            panic::catch_unwind(|| panic!("at «Velmo lost its case»"))
        });
        panic::set_hook(before);
        assert!(caught.is_err());
        let mut said = String::new();
        log.read_to_string(&mut said).expect("text");
        assert!(said.contains("the code panicked") && said.contains(&format!("{}:", file!())), "{said}");
        assert!(!said.contains("Velmo"), "{said}");
    }
}
