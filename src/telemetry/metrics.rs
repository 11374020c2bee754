//! Metrics as CloudWatch's embedded metric format: JSON lines in the log, no call and no permission of its own.
//! `infra/metrics.json` is the table of their names, which the dashboard shows.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use serde_json::{Map, Value, json};

use super::{ColdStart, counts, milliseconds};
use crate::{
    config::StageConfig,
    error::{Failure, Reason},
    model::Counts,
    pipeline::Done,
    settle::{Outcome, Settled},
};

/// What was done in an invocation, or in a while.
#[derive(Default)]
pub struct Tally {
    counts: BTreeMap<&'static str, usize>,
    milliseconds: BTreeMap<&'static str, Vec<f64>>,
    rejected: BTreeMap<Reason, usize>,
}

/// CloudWatch takes a hundred values a metric in one line.
const MOST_VALUES: usize = 100;

impl Tally {
    /// Adds what became of a message.
    pub fn add(&mut self, message: &Settled) {
        self.count("Retried", usize::from(message.is_given_back()));
        let is_time = |failure: &Failure| {
            matches!(failure.reason, Reason::Deadline | Reason::NotBegun | Reason::OutOfTurn)
        };
        let has_failed = message.is_given_back() && !message.returned_for().all(is_time);
        self.count("FailedTries", usize::from(has_failed));
        // An alarm holds the two against each other, and to CloudWatch what is not written is not zero.
        self.count("Documents", 0);
        for (_, outcome) in &message.outcomes {
            match outcome {
                Outcome::Done(done) => self.done(done),
                Outcome::Rejected(failure) => *self.rejected.entry(failure.reason).or_default() += 1,
                Outcome::GivenBack(failure) => {
                    let is_late = matches!(failure.reason, Reason::Deadline | Reason::NotBegun);
                    self.count("DeadlineGivenBack", usize::from(is_late));
                }
            }
        }
    }

    /// Adds a start of the process.
    pub fn started(&mut self, cold: &ColdStart) {
        self.count("ColdStart", 1);
        cold.ledger().into_iter().for_each(|(name, time)| self.time(name, time));
    }

    /// Adds how often the model was asked.
    pub fn asked(&mut self, counts: Counts) {
        self.count("ModelInputs", counts.asked);
        self.count("ModelInputsRecalled", counts.recalled);
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.counts.values().all(|&n| n == 0) && self.rejected.is_empty()
    }

    /// Whether there is a line's worth of it.
    pub fn is_full(&self) -> bool {
        self.milliseconds.values().any(|times| times.len() >= MOST_VALUES)
    }

    /// The lines that say it.
    pub fn lines(&self, config: &StageConfig) -> Vec<String> {
        let further = self.milliseconds.iter().flat_map(|(name, times)| {
            let further = times.chunks(MOST_VALUES).skip(1);
            further.map(|times| {
                let values = Map::from_iter([((*name).to_owned(), json!(times))]);
                line(config, &[(*name, "Milliseconds")], &[], values)
            })
        });
        let mut lines: Vec<String> = std::iter::once(self.line(config)).chain(further).collect();
        let rejected = self.rejected.iter();
        lines.extend(rejected.map(|(reason, count)| {
            let values = Map::from_iter([
                ("Rejected".to_owned(), json!(count)),
                ("Reason".to_owned(), json!(reason.as_str())),
            ]);
            line(config, &[("Rejected", "Count")], &["Reason"], values)
        }));
        lines
    }

    fn count(&mut self, name: &'static str, n: usize) {
        *self.counts.entry(name).or_default() += n;
    }

    fn time(&mut self, name: &'static str, time: Duration) {
        self.milliseconds.entry(name).or_default().push(milliseconds(time));
    }

    fn done(&mut self, done: &Done) {
        self.count("Documents", 1);
        match done {
            Done::Computed { annotation, times, .. } => {
                let counts = counts(annotation);
                self.count("Pairs", counts.inputs);
                self.count("Tokens", counts.tokens);
                self.count("UnknownTokens", counts.unknown);
                self.count("Windowed", counts.windowed);
                self.time("DocumentMilliseconds", times.total);
                self.time("ModelMilliseconds", times.model);
                times.age.into_iter().for_each(|age| self.time("AgeMilliseconds", age));
            }
            Done::Repeated { .. } => self.count("Duplicates", 1),
            Done::Stale => {}
        }
    }

    fn line(&self, config: &StageConfig) -> String {
        let counts = self.counts.iter().map(|(name, count)| (*name, "Count", json!(count)));
        let times = self.milliseconds.iter().map(|(name, times)| {
            let times = &times[..times.len().min(MOST_VALUES)];
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
