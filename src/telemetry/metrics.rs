//! Metrics as CloudWatch's embedded metric format: JSON lines in the log, no call and no permission of its own.
//! `infra/metrics.json` is the table of their names, which the dashboard shows.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use serde_json::{Map, Value, json};

use super::{ColdStart, counts};
use crate::{
    config::StageConfig,
    error::Reason,
    model::Counts,
    pipeline::Done,
    settle::{Outcome, Settled},
};

/// What one invocation did.
#[derive(Default)]
struct Metrics {
    counts: BTreeMap<&'static str, usize>,
    milliseconds: BTreeMap<&'static str, Vec<f64>>,
    rejected: BTreeMap<Reason, usize>,
}

/// The lines for what became of a batch, with how often the model was asked meanwhile. `cold` is what it took the
/// process to get ready, in its first batch.
pub fn lines(
    config: &StageConfig,
    settled: &[Settled],
    asked: Counts,
    cold: Option<&ColdStart>,
) -> Vec<String> {
    let mut metrics = Metrics::default();
    settled.iter().for_each(|message| metrics.add(message));
    metrics.count("ModelInputs", asked.asked);
    metrics.count("ModelInputsRecalled", asked.recalled);
    if let Some(cold) = cold {
        metrics.count("ColdStart", 1);
        cold.ledger().into_iter().for_each(|(name, time)| metrics.time(name, time));
    }
    let mut lines = vec![metrics.line(config)];
    let rejected = metrics.rejected.iter();
    lines.extend(rejected.map(|(reason, count)| {
        let values = Map::from_iter([
            ("Rejected".to_owned(), json!(count)),
            ("Reason".to_owned(), json!(reason.as_str())),
        ]);
        line(config, &[("Rejected", "Count")], &["Reason"], values)
    }));
    lines
}

impl Metrics {
    fn count(&mut self, name: &'static str, n: usize) {
        *self.counts.entry(name).or_default() += n;
    }

    fn time(&mut self, name: &'static str, time: Duration) {
        self.milliseconds.entry(name).or_default().push((time.as_secs_f64() * 1e4).round() / 10.0);
    }

    fn add(&mut self, message: &Settled) {
        self.count("Retried", usize::from(message.is_given_back()));
        for (_, outcome) in &message.outcomes {
            match outcome {
                Outcome::Done(done) => self.done(done),
                Outcome::Rejected(failure) => *self.rejected.entry(failure.reason).or_default() += 1,
                Outcome::GivenBack(failure) => {
                    self.count("DeadlineGivenBack", usize::from(failure.reason == Reason::Deadline));
                }
            }
        }
    }

    fn done(&mut self, done: &Done) {
        self.count("Documents", 1);
        match done {
            Done::Computed { annotation, took, model, .. } => {
                let counts = counts(annotation);
                self.count("Pairs", counts.inputs);
                self.count("Tokens", counts.tokens);
                self.count("Windowed", counts.windowed);
                self.time("DocumentMilliseconds", *took);
                self.time("ModelMilliseconds", *model);
            }
            Done::Repeated { .. } => self.count("Duplicates", 1),
            Done::Stale => {}
        }
    }

    fn line(&self, config: &StageConfig) -> String {
        // CloudWatch takes a hundred values a metric in one line; an invocation has ten messages.
        const MOST: usize = 100;
        let counts = self.counts.iter().map(|(name, count)| (*name, "Count", json!(count)));
        let times = self.milliseconds.iter().map(|(name, times)| {
            let times = &times[..times.len().min(MOST)];
            (*name, "Milliseconds", json!(times))
        });
        let all: Vec<_> = counts.chain(times).collect();
        let names: Vec<_> = all.iter().map(|(name, unit, _)| (*name, *unit)).collect();
        line(config, &names, &[], all.into_iter().map(|(name, _, value)| (name.to_owned(), value)).collect())
    }
}

fn line(config: &StageConfig, names: &[(&str, &str)], also: &[&str], values: Map<String, Value>) -> String {
    let milliseconds =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let metrics: Vec<_> = names.iter().map(|(name, unit)| json!({"Name": name, "Unit": unit})).collect();
    let mut dimensions = vec![json!(["Pipeline", "Stage"])];
    if !also.is_empty() {
        dimensions.push(json!([&["Pipeline", "Stage"], also].concat()));
    }
    let directive = json!({"Namespace": "Baton", "Dimensions": dimensions, "Metrics": metrics});
    let mut line = json!({
        "_aws": {"Timestamp": milliseconds as u64, "CloudWatchMetrics": [directive]},
        "Pipeline": config.pipeline, "Stage": config.stage,
    });
    if let Value::Object(fields) = &mut line {
        fields.extend(values);
    }
    line.to_string()
}
