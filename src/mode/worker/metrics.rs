//! What a worker tells Prometheus: counters since its start, and what it has in hand now.

use std::borrow::Cow;

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Metric, Registry, Unit},
};

use crate::{
    config::StageConfig,
    error::{Class, Failure, Reason},
    model::Counts,
    pipeline::Done,
    settle::{Outcome, Settled},
    telemetry,
};

/// Of the text that [`Metrics::render`] gives.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A document's end: `class` and `reason` are empty for one that came through.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct End {
    outcome: &'static str,
    class: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Poll {
    result: &'static str,
}

/// A worker's metrics.
pub struct Metrics {
    registry: Registry,
    documents: Family<End, Counter>,
    messages: Counter,
    polls: Family<Poll, Counter>,
    pairs: Counter,
    tokens: Counter,
    unknown: Counter,
    windowed: Counter,
    asked: Counter,
    recalled: Counter,
    document: Histogram,
    model: Histogram,
    age: Histogram,
    /// Messages whose documents are being worked on.
    pub in_work: Gauge,
    /// Messages that were received and are not settled yet.
    pub held: Gauge,
}

impl Metrics {
    /// All at zero.
    pub fn new(config: &StageConfig) -> Self {
        let label = |name: &'static str, value: &str| (Cow::Borrowed(name), Cow::Owned(value.to_owned()));
        let labels = [label("pipeline", &config.pipeline), label("stage", &config.stage)];
        let mut registry = Registry::with_prefix_and_labels("baton", labels.into_iter());
        let shown = &mut registry;
        let metrics = Metrics {
            documents: metric(shown, "documents", "Documents, by how they ended"),
            messages: metric(shown, "messages_received", "Messages received"),
            polls: metric(shown, "polls", "Calls that asked the queue for messages"),
            pairs: metric(
                shown,
                "pairs",
                "What was asked: sentences of ner, mentions of sentiment, inputs of classify",
            ),
            tokens: metric(shown, "tokens", "Tokens that the model read for it"),
            unknown: metric(
                shown,
                "unknown_tokens",
                "Those of them for words that its vocabulary can't spell",
            ),
            windowed: metric(
                shown,
                "windowed",
                "Sentences, mentions and texts that were too long to be read at once",
            ),
            asked: metric(shown, "model_inputs", "Sequences that documents asked the model about"),
            recalled: metric(
                shown,
                "model_inputs_recalled",
                "Those of them that it had read before, or was just reading",
            ),
            document: timed(
                shown,
                "document",
                "A document that was computed, from its message to its handoff",
            ),
            model: timed(
                shown,
                "model",
                "The part of it that the model took, waiting for its turn there included",
            ),
            age: histogram(
                shown,
                "document_age",
                "A document that was computed, from the first message to the first stage to this stage's handoff",
                0.25,
            ),
            in_work: metric(shown, "messages_in_work", "Messages being worked on"),
            held: metric(shown, "messages_held", "Messages received and not settled yet"),
            registry,
        };
        // Of a series that begins with its first event Prometheus sees no increase.
        for end in ends() {
            metrics.documents.get_or_create(&end).inc_by(0);
        }
        for result in ["succeeded", "failed"] {
            metrics.polls.get_or_create(&Poll { result }).inc_by(0);
        }
        metrics
    }

    /// A poll that succeeded, with so many messages.
    pub fn received(&self, messages: usize) {
        self.polls.get_or_create(&Poll { result: "succeeded" }).inc();
        self.messages.inc_by(messages as u64);
    }

    /// A poll that failed.
    pub fn poll_failed(&self) {
        self.polls.get_or_create(&Poll { result: "failed" }).inc();
    }

    /// What became of a message.
    pub fn settled(&self, message: &Settled) {
        for (_, outcome) in &message.outcomes {
            let end = match outcome {
                Outcome::Done(done) => self.done(done),
                Outcome::Rejected(failure) => failed("rejected", failure),
                Outcome::GivenBack(failure) => failed("given_back", failure),
            };
            self.documents.get_or_create(&end).inc();
        }
    }

    /// How often the model was asked.
    pub fn asked(&self, counts: Counts) {
        self.asked.inc_by(counts.asked as u64);
        self.recalled.inc_by(counts.recalled as u64);
    }

    fn done(&self, done: &Done) -> End {
        let outcome = match done {
            Done::Computed { annotation, times, .. } => {
                let counts = telemetry::counts(annotation);
                for (counter, n) in [
                    (&self.pairs, counts.inputs),
                    (&self.tokens, counts.tokens),
                    (&self.unknown, counts.unknown),
                    (&self.windowed, counts.windowed),
                ] {
                    counter.inc_by(n as u64);
                }
                self.document.observe(times.total.as_secs_f64());
                self.model.observe(times.model.as_secs_f64());
                times.age.into_iter().for_each(|age| self.age.observe(age.as_secs_f64()));
                "done"
            }
            Done::Repeated { .. } => "repeated",
            Done::Stale => "stale",
        };
        End { outcome, class: "", reason: "" }
    }

    /// All of them, as Prometheus reads them.
    pub fn render(&self) -> String {
        let mut text = String::new();
        // Writing to memory fails for nothing.
        let _ = text::encode(&mut text, &self.registry);
        text
    }
}

/// The ends that documents come to, those that are likely enough to be waited for.
fn ends() -> impl Iterator<Item = End> {
    let through = ["done", "repeated", "stale"].map(|outcome| End { outcome, class: "", reason: "" });
    let of = |outcome, class: Class| {
        let end = move |reason: Reason| End { outcome, class: class.as_str(), reason: reason.as_str() };
        move |reasons: &'static [Reason]| reasons.iter().copied().map(end)
    };
    let rejected = of("rejected", Class::Reject)(&[
        Reason::InvalidMessage,
        Reason::BucketNotAllowed,
        Reason::ObjectMissing,
        Reason::TooLarge,
        Reason::InvalidGzip,
        Reason::NotUtf8,
        Reason::InvalidJson,
        Reason::InvalidDocument,
        Reason::InvalidOffsets,
        Reason::InvalidKey,
    ]);
    let given_back =
        of("given_back", Class::Retry)(&[Reason::OutOfTurn, Reason::Refused, Reason::Store, Reason::Queue]);
    let bugs = of("given_back", Class::Bug)(&[Reason::Bug]);
    through.into_iter().chain(rejected).chain(given_back).chain(bugs)
}

/// A metric from nought, as Prometheus knows it.
fn metric<M: Metric + Default + Clone>(registry: &mut Registry, name: &str, help: &str) -> M {
    let new = M::default();
    registry.register(name, help, new.clone());
    new
}

/// A work's time, from a cached answer to a book: 5 ms to 80 s.
fn timed(registry: &mut Registry, name: &str, help: &str) -> Histogram {
    histogram(registry, name, help, 0.005)
}

/// Times, with buckets from so many seconds on to 16,384 times as many.
fn histogram(registry: &mut Registry, name: &str, help: &str, shortest: f64) -> Histogram {
    let times = Histogram::new(exponential_buckets(shortest, 2.0, 15));
    registry.register_with_unit(name, help, Unit::Seconds, times.clone());
    times
}

fn failed(outcome: &'static str, failure: &Failure) -> End {
    End { outcome, class: failure.class.as_str(), reason: failure.reason.as_str() }
}
