//! A stage from `BATON_…` variables: how a deployed stage is configured.

use std::{collections::BTreeMap, path::PathBuf, str::FromStr, time::Duration};

use super::{
    ClassifyConfig, ConfigError, DEFAULT_BACKOFF, DEFAULT_BACKOFF_MOST, DEFAULT_CACHE_BYTES,
    DEFAULT_CONCURRENCY, DEFAULT_DEADLINE_MARGIN, Limits, MOST_CONCURRENCY, MOST_THREADS, Over, Prefix,
    StageConfig, TaskKind, WorkerConfig, check_bucket, check_name, default_entity_types, default_threads,
    derived_aliases, forms, language, precision, worker,
};
use crate::{
    model::kernels::Isa,
    text::{FindOptions, Language},
};

/// Reads the stage that this process is.
///
/// # Errors
/// All that is missing, wrong or unknown, each with its variable.
pub fn stage_from_environment() -> Result<StageConfig, ConfigError> {
    let mut read = Reader::of_process();
    let stage = stage(&mut read);
    // One environment serves a function, a worker, and a person beside them.
    worker::read(&mut read);
    read.finish(stage)
}

/// Reads the stage that this process is, and how it receives its messages itself.
///
/// # Errors
/// As `stage_from_environment`, and without the stage's own queue.
pub fn worker_from_environment() -> Result<(StageConfig, WorkerConfig), ConfigError> {
    let mut read = Reader::of_process();
    let stage = stage(&mut read);
    let worker = worker::read(&mut read);
    let queue = stage.queue.clone().unwrap_or_default();
    if queue.is_empty() {
        read.errors.push("BATON_QUEUE: is missing; a worker receives from it".into());
    }
    read.finish((stage, WorkerConfig { queue, ..worker }))
}

/// Whether Lambda started this process.
pub fn is_on_lambda() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// Whether spans are to be exported: OpenTelemetry's own variables, which its library reads, say where to.
pub fn exports_spans() -> bool {
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// What spans are said to come from, unless `OTEL_SERVICE_NAME` says otherwise.
pub fn service_name() -> Option<String> {
    match std::env::var_os("OTEL_SERVICE_NAME") {
        Some(_) => None,
        None => std::env::var("BATON_STAGE").ok().map(|stage| format!("baton-{stage}")),
    }
}

/// What is logged (`BATON_LOG`), as `RUST_LOG` says it.
pub fn log_filter() -> Option<String> {
    std::env::var("BATON_LOG").ok().filter(|filter| !filter.is_empty())
}

/// The names of the variables that only deployed stages read, those that are set, in order.
pub fn set_variables() -> Vec<String> {
    Reader::of_process().variables.into_keys().collect()
}

fn stage(read: &mut Reader) -> StageConfig {
    read.optional("BATON_LOG", (), |_| Ok(())); // telemetry's own
    let task = read.required("BATON_TASK", |v| {
        TaskKind::named(v).map(Some).ok_or_else(|| format!("`{v}` is no task; Baton has {}", TaskKind::NAMES))
    });
    let stage = StageConfig {
        stage: read.required("BATON_STAGE", |v| check_name(v).map(|()| v.to_owned())),
        task: task.unwrap_or(TaskKind::Ner),
        model: read.required("BATON_MODEL", directory),
        output: read.required("BATON_OUTPUT", |v| Prefix::parse(v).map(Some)).unwrap_or_else(nowhere),
        forms: read.optional("BATON_OUTPUT_FORMS", Vec::new(), |v| forms(parts(v), task)),
        rejected: read.required("BATON_REJECTED", |v| Prefix::parse(v).map(Some)).unwrap_or_else(nowhere),
        buckets: read.required("BATON_BUCKETS", |v| match list(v, check_bucket)? {
            none if none.is_empty() => Err("names no bucket; documents are read from those it names".into()),
            buckets => Ok(buckets),
        }),
        bucket_owner: read
            .optional("BATON_BUCKET_OWNER", None, |v| check_account(v).map(|()| Some(v.to_owned()))),
        dead_letters: read.optional("BATON_DLQ", None, |v| check_queue(v).map(|()| Some(v.to_owned()))),
        queue: read.optional("BATON_QUEUE", None, |v| check_queue(v).map(|()| Some(v.to_owned()))),
        backoff: read.optional("BATON_BACKOFF_S", DEFAULT_BACKOFF, seconds),
        backoff_most: read.optional("BATON_BACKOFF_MAX_S", DEFAULT_BACKOFF_MOST, seconds),
        deadline_margin: read.optional("BATON_DEADLINE_MARGIN_MS", DEFAULT_DEADLINE_MARGIN, milliseconds),
        next: read.optional("BATON_NEXT", Vec::new(), |v| {
            let queues = list(v, check_queue)?;
            let twice = queues.iter().enumerate().find(|(i, queue)| queues[..*i].contains(queue));
            twice.map_or(Ok(queues.clone()), |(_, queue)| Err(format!("names `{queue}` twice")))
        }),
        pipeline: read
            .optional("BATON_PIPELINE", "pipeline".into(), |v| check_name(v).map(|()| v.to_owned())),
        entity_types: read
            .possibly_empty("BATON_ENTITY_TYPES", default_entity_types(), |v| list(v, |_| Ok(()))),
        classify: ClassifyConfig {
            over: read.optional("BATON_OVER", None, |v| Over::parse(v).map(Some)),
            threshold: read
                .optional("BATON_THRESHOLD", None, |v| ClassifyConfig::parse_threshold(v).map(Some)),
        },
        language: read.optional("BATON_LANGUAGE", Language::default(), language),
        derived_aliases: read
            .possibly_empty("BATON_DERIVED_ALIASES", FindOptions::default(), |v| derived_aliases(parts(v))),
        threads: read.optional("BATON_THREADS", default_threads(), |v| match number(v)? {
            threads @ ..=MOST_THREADS => Ok(threads),
            threads => Err(format!("`{threads}` is more than {MOST_THREADS}")),
        }),
        concurrency: read.optional("BATON_CONCURRENCY", DEFAULT_CONCURRENCY, |v| match number(v)? {
            documents @ ..=MOST_CONCURRENCY => Ok(documents),
            documents => Err(format!("`{documents}` is more than {MOST_CONCURRENCY}")),
        }),
        cache_bytes: read.optional("BATON_CACHE_BYTES", DEFAULT_CACHE_BYTES, |v| match v {
            "0" => Ok(0),
            _ => number(v),
        }),
        isa: read.optional("BATON_ISA", None, |v| Isa::named(v).map(Some)),
        precision: read.optional("BATON_PRECISION", None, |v| precision(v).map(Some)),
        limits: limits(read),
    };
    if stage.output == stage.rejected && !stage.output.bucket.is_empty() {
        let error =
            "BATON_REJECTED: is what BATON_OUTPUT is; a record would take a result's place".to_owned();
        read.errors.push(error);
    }
    if let Some(task) = task {
        let idle = stage.classify.set_without_effect(task);
        read.errors.extend(idle.map(|(name, why)| format!("BATON_{}: {why}", name.to_ascii_uppercase())));
    }
    stage
}

/// The variables that are left to be read, and what was wrong with those that were.
pub(super) struct Reader {
    variables: BTreeMap<String, String>,
    errors: Vec<String>,
}

impl Reader {
    fn of_process() -> Self {
        let (mut variables, mut errors) = (BTreeMap::new(), Vec::new());
        // Whatever the others hold is none of Baton's business.
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| name.starts_with("BATON_")) else { continue };
            match value.into_string() {
                Ok(value) => {
                    variables.insert(name.to_owned(), value);
                }
                Err(value) => errors.push(format!("{name}: {} is not UTF-8", value.display())),
            }
        }
        Reader { variables, errors }
    }

    /// What was read, when nothing was wrong and nothing is left over.
    fn finish<T>(mut self, read: T) -> Result<T, ConfigError> {
        for name in self.variables.keys() {
            self.errors.push(format!("{name}: is no setting of Baton's (a misspelling?)"));
        }
        if self.errors.is_empty() {
            return Ok(read);
        }
        let source = "the stage's environment is not as it should be".into();
        Err(ConfigError { source, errors: self.errors })
    }

    fn required<T: Default>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, String>) -> T {
        if !self.variables.contains_key(name) {
            self.errors.push(format!("{name}: is missing"));
        }
        self.possibly_empty(name, T::default(), parse)
    }

    /// A setting that need not be there. Templates set every variable, and leave empty what isn't chosen.
    pub(super) fn optional<T>(
        &mut self,
        name: &str,
        default: T,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> T {
        if self.variables.get(name).is_some_and(|value| value.trim().is_empty()) {
            self.variables.remove(name);
        }
        self.possibly_empty(name, default, parse)
    }

    /// A setting that says something when it is empty: that there is none, or that it is wrong.
    fn possibly_empty<T>(&mut self, name: &str, default: T, parse: impl Fn(&str) -> Result<T, String>) -> T {
        let Some(value) = self.variables.remove(name) else {
            return default;
        };
        match parse(value.trim()) {
            Ok(value) => value,
            Err(error) => {
                self.errors.push(format!("{name}: {error}"));
                default
            }
        }
    }
}

fn limits(read: &mut Reader) -> Limits {
    let mut limits = Limits::default();
    for limit in limits.all() {
        limit.most = read.optional(&limit.variable(), limit.most, number);
    }
    limits
}

fn number<T: FromStr + PartialOrd + From<u8>>(value: &str) -> Result<T, String> {
    match value.parse::<T>() {
        Ok(n) if n >= T::from(1) => Ok(n),
        _ => Err(format!("`{value}` is no whole number above zero")),
    }
}

fn milliseconds(value: &str) -> Result<Duration, String> {
    number(value).map(Duration::from_millis)
}

/// SQS postpones for twelve hours at most.
pub(super) fn seconds(value: &str) -> Result<Duration, String> {
    match number(value)? {
        seconds @ ..=43_200 => Ok(Duration::from_secs(seconds)),
        seconds => Err(format!("`{seconds}` is more than SQS's 43200 seconds")),
    }
}

fn check_account(value: &str) -> Result<(), String> {
    if value.len() == 12 && value.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    Err(format!("`{value}` is no AWS account id (12 digits)"))
}

fn directory(value: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(value);
    if path.is_dir() { Ok(path) } else { Err(format!("`{value}` is no directory")) }
}

/// Parts between commas, spaces around them dropped; an empty value has none.
fn parts(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn list(value: &str, check: impl Fn(&str) -> Result<(), String>) -> Result<Vec<String>, String> {
    parts(value).map(|part| check(part).map(|()| part.to_owned())).collect()
}

/// Whether it is a queue's URL; what it should be if not.
pub fn check_queue(url: &str) -> Result<(), String> {
    if url.starts_with("https://") || url.starts_with("http://") {
        return Ok(());
    }
    Err(format!("`{url}` is no queue URL (https://sqs.…)"))
}

/// Stands in for a place that was reported missing.
fn nowhere() -> Prefix {
    Prefix { bucket: String::new(), prefix: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::Form;

    fn read(pairs: &[(&str, &str)]) -> Result<StageConfig, ConfigError> {
        let variables = pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let mut read = Reader { variables, errors: Vec::new() };
        let stage = stage(&mut read);
        read.finish(stage)
    }

    #[test]
    fn all_errors_are_reported_at_once_each_with_its_variable() {
        let error = read(&[
            ("BATON_TASK", "guess"),
            ("BATON_OUTPUT", "bucket/prefix"),
            ("BATON_THREADS", "0"),
            ("BATON_NEXT", "sentiment"),
            ("BATON_LIMIT_SENTENCES", "many"),
            ("BATON_OUTPTU", "s3://bucket"),
        ])
        .unwrap_err()
        .to_string();
        for name in [
            "BATON_STAGE: is missing",
            "BATON_MODEL: is missing",
            "BATON_REJECTED: is missing",
            "BATON_BUCKETS: is missing",
            "BATON_TASK: `guess` is no task",
            "BATON_OUTPUT: `bucket/prefix`",
            "BATON_THREADS: `0`",
            "BATON_NEXT: `sentiment`",
            "BATON_LIMIT_SENTENCES: `many`",
            "BATON_OUTPTU: is no setting",
        ] {
            assert!(error.contains(name), "{name} is not in {error}");
        }
        assert_eq!(error.lines().count(), 11);
    }

    #[test]
    fn a_form_that_the_task_has_not_is_said_only_when_the_task_is_known() {
        let forms = ("BATON_OUTPUT_FORMS", "comprehend");
        let error = read(&[forms, ("BATON_TASK", "ner")]).unwrap_err().to_string();
        assert!(error.contains("BATON_OUTPUT_FORMS: `comprehend` shows what sentiment finds"), "{error}");
        for task in [&[("BATON_TASK", "sentiment"), forms][..], &[forms]] {
            let error = read(task).unwrap_err().to_string();
            assert!(!error.contains("BATON_OUTPUT_FORMS"), "{error}");
        }
    }

    #[test]
    fn what_is_given_is_what_the_stage_is() {
        let stage = read(&[
            ("BATON_STAGE", "ner"),
            ("BATON_TASK", "ner"),
            ("BATON_MODEL", "."),
            ("BATON_OUTPUT", "s3://results/news/"),
            ("BATON_REJECTED", "s3://results"),
            ("BATON_BUCKETS", "incoming, archive"),
            ("BATON_NEXT", ""),
            ("BATON_OUTPUT_FORMS", "lines, lines"),
            ("BATON_LIMIT_TEXT_BYTES", "1000"),
        ])
        .unwrap();
        assert_eq!(stage.output.key("ner/a.json"), "news/ner/a.json");
        assert_eq!(stage.rejected.key("a"), "a");
        assert_eq!(stage.buckets, ["incoming", "archive"]);
        assert!(stage.next.is_empty());
        assert_eq!(stage.forms, [Form::Lines]);
        assert_eq!(stage.limits.text_bytes.most, 1000);
    }
}
