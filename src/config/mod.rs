//! What the user said → a validated configuration, once, with all its errors at once. A [`StageConfig`] that
//! exists can be run; the environment is read in `environment` and nowhere else.

mod classify;
mod environment;
mod limits;
mod pipeline_file;
mod worker;

use std::{fmt, path::PathBuf, time::Duration};

pub use classify::{ClassifyConfig, Over};
pub use environment::{
    check_queue, exports_spans, is_on_lambda, log_filter, service_name, set_variables,
    stage_from_environment, worker_from_environment,
};
pub use limits::{Limit, Limits};
pub use pipeline_file::{PipelineConfig, read_pipeline};
pub use worker::WorkerConfig;

use crate::{
    forms::Form,
    model::{Precision, kernels::Isa},
    text::{FindOptions, Language},
};

/// What a stage computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskKind {
    /// Finds persons, organisations, places and other names.
    Ner,
    /// Decides what each sentence says about each entity in it.
    Sentiment,
    /// Gives each sentence, or the document, the labels of any text classifier.
    Classify,
}

impl TaskKind {
    /// All of them, for messages.
    pub const NAMES: &str = "ner, sentiment, classify";

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            TaskKind::Ner => "ner",
            TaskKind::Sentiment => "sentiment",
            TaskKind::Classify => "classify",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [TaskKind::Ner, TaskKind::Sentiment, TaskKind::Classify].into_iter().find(|kind| kind.name() == name)
    }
}

/// A bucket and what keys in it begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// The bucket.
    pub bucket: String,
    /// Empty, or without a slash at either end.
    pub prefix: String,
}

impl Prefix {
    /// The key of `rest` below the prefix.
    pub fn key(&self, rest: &str) -> String {
        if self.prefix.is_empty() { rest.to_owned() } else { format!("{}/{rest}", self.prefix) }
    }

    /// Reads `s3://bucket/prefix`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(url: &str) -> Result<Self, String> {
        let rest = url.strip_prefix("s3://").ok_or_else(|| format!("`{url}` is no s3://bucket/prefix"))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        check_bucket(bucket)?;
        Ok(Prefix { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
    }
}

/// A stage's configuration.
#[derive(Clone, Debug)]
pub struct StageConfig {
    /// The pipeline that the stage belongs to.
    pub pipeline: String,
    /// The stage's name.
    pub stage: String,
    /// What it computes.
    pub task: TaskKind,
    /// The directory of its model.
    pub model: PathBuf,
    /// Where its results go.
    pub output: Prefix,
    /// The forms in which results are written besides the enriched document, in order, none twice.
    pub forms: Vec<Form>,
    /// Where the records of rejected documents go.
    pub rejected: Prefix,
    /// The queues that its results are handed on to.
    pub next: Vec<String>,
    /// The buckets that documents may be read from.
    pub buckets: Vec<String>,
    /// The account that all buckets must belong to.
    pub bucket_owner: Option<String>,
    /// The queue that rejected documents' messages are moved to.
    pub dead_letters: Option<String>,
    /// The stage's own queue; with it, what comes back does so after a growing while.
    pub queue: Option<String>,
    /// The longest that a message which came for the first time is postponed, half of it the shortest; both double
    /// each time.
    pub backoff: Duration,
    /// The longest that any message is postponed.
    pub backoff_most: Duration,
    /// What of an invocation's time is kept for answering.
    pub deadline_margin: Duration,
    /// The entity types that `sentiment` looks at; entities without a type always are.
    pub entity_types: Vec<String>,
    /// What `classify` looks at, and what it says of it.
    pub classify: ClassifyConfig,
    /// What a document that doesn't say its language is taken for.
    pub language: Language,
    /// Which aliases are derived for entities that are searched by name.
    pub derived_aliases: FindOptions,
    /// How much of anything a document may have.
    pub limits: Limits,
    /// Threads that run the model.
    pub threads: usize,
    /// Documents in work at a time.
    pub concurrency: usize,
    /// Memory for what the model said of texts that may come again.
    pub cache_bytes: usize,
    /// The kernels' instruction set; None chooses the fastest that the CPU has.
    pub isa: Option<Isa>,
    /// The linear layers' precision; None takes what the model's files are made for.
    pub precision: Option<Precision>,
}

/// Everything that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Where the configuration came from.
    source: String,
    errors: Vec<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.source)?;
        self.errors.iter().try_for_each(|error| write!(f, "\n  {error}"))
    }
}

impl std::error::Error for ConfigError {}

/// The entity types that sentiment is asked about unless the user says otherwise: the mission's own.
fn default_entity_types() -> Vec<String> {
    ["ORG", "PER"].map(str::to_owned).to_vec()
}

fn precision(value: &str) -> Result<Precision, String> {
    Precision::named(value)
        .ok_or_else(|| format!("`{value}` is no precision; Baton has {}", Precision::NAMES))
}

/// Derived aliases by their names; an empty list derives none.
fn derived_aliases<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<FindOptions, String> {
    let mut options = FindOptions { surnames: false, legal_forms: false, acronyms: false };
    for name in names {
        match name {
            "surnames" => options.surnames = true,
            "legal-forms" => options.legal_forms = true,
            "acronyms" => options.acronyms = true,
            _ => {
                return Err(format!(
                    "`{name}` is no kind of alias; Baton derives surnames, legal-forms, acronyms"
                ));
            }
        }
    }
    Ok(options)
}

/// Forms by their names; each must suit the task, if that is known.
fn forms<'a>(names: impl IntoIterator<Item = &'a str>, task: Option<TaskKind>) -> Result<Vec<Form>, String> {
    let mut forms = Vec::new();
    for name in names {
        let form = Form::named(name)
            .ok_or_else(|| format!("`{name}` is no form of a result; Baton has {}", Form::NAMES))?;
        if let Some(task) = task.filter(|task| !form.tasks().contains(task)) {
            let tasks: Vec<_> = form.tasks().iter().map(|task| task.name()).collect();
            let (tasks, task) = (tasks.join(" and "), task.name());
            return Err(format!("`{name}` shows what {tasks} finds; this stage's task is {task}"));
        }
        forms.push(form);
    }
    forms.sort();
    forms.dedup();
    Ok(forms)
}

/// A language by its tag, or by its English name where its abbreviations are known.
fn language(value: &str) -> Result<Language, String> {
    match Language::from(value) {
        Language::Other if !Language::is_tag(value) => Err(format!(
            "`{value}` is no language tag; write `en`, `de`, `fr`, or whichever two or three letters BCP 47 has"
        )),
        language => Ok(language),
    }
}

/// More are never faster, and each has memory of its own.
const MOST_THREADS: usize = 1024;
/// More documents of one batch than this are never in work at a time.
const MOST_CONCURRENCY: usize = 1024;

fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Documents in work at a time: enough that some are read and written while others compute.
const DEFAULT_CONCURRENCY: usize = 8;

/// Some 25,000 pairs of a sentence and a mention: a burst's worth of syndicated text, and little beside a model.
const DEFAULT_CACHE_BYTES: usize = 16 << 20;

/// Six receives then last for eight to fifteen minutes: an outage shorter than that leaves no dead letters.
const DEFAULT_BACKOFF: Duration = Duration::from_secs(30);
const DEFAULT_BACKOFF_MOST: Duration = Duration::from_secs(900);

/// Enough for the calls that postpone ten messages, and the answer.
const DEFAULT_DEADLINE_MARGIN: Duration = Duration::from_millis(1500);

/// A stage's or pipeline's name stands in keys, so it is made of what is safe there.
fn check_name(name: &str) -> Result<(), String> {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    match name {
        "" => Err("is empty".into()),
        _ if name.len() > 64 => Err(format!("`{name}` is longer than 64 characters")),
        _ if !name.chars().all(safe) => {
            Err(format!("`{name}` has characters other than letters, digits, `-` and `_`"))
        }
        _ => Ok(()),
    }
}

/// Whether a bucket can have this name.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check_bucket(bucket: &str) -> Result<(), String> {
    let safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_');
    if (3..=63).contains(&bucket.len()) && bucket.chars().all(safe) {
        return Ok(());
    }
    Err(format!("`{bucket}` is no bucket name (3 to 63 lower-case letters, digits, `-` and `.`)"))
}
