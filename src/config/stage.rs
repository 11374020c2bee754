//! A stage's configuration, and what it is where the user says nothing.

use std::{path::PathBuf, time::Duration};

use super::{ClassifyConfig, Prefix, TaskKind};
use crate::{
    forms::Form,
    limits::Limits,
    model::{Precision, kernels::Isa},
    text::{FindOptions, Language},
};

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

/// More are never faster, and each has memory of its own.
pub(super) const MOST_THREADS: usize = 1024;

/// More documents of one batch than this are never in work at a time.
pub(super) const MOST_CONCURRENCY: usize = 1024;

impl StageConfig {
    /// A stage that reads from nowhere and hands on to nobody; all else is as it is unless the user says otherwise.
    pub fn new(
        stage: impl Into<String>,
        task: TaskKind,
        model: PathBuf,
        output: Prefix,
        rejected: Prefix,
    ) -> Self {
        StageConfig {
            pipeline: "pipeline".into(),
            stage: stage.into(),
            task,
            model,
            output,
            forms: Vec::new(),
            rejected,
            next: Vec::new(),
            buckets: Vec::new(),
            bucket_owner: None,
            dead_letters: None,
            queue: None,
            // Twenty receives then last for two to four hours: an outage shorter than that leaves no dead letters.
            backoff: Duration::from_secs(30),
            backoff_most: Duration::from_secs(900),
            // Enough for the calls that postpone ten messages, and the answer.
            deadline_margin: Duration::from_millis(1500),
            // The mission's own.
            entity_types: ["ORG", "PER"].map(str::to_owned).to_vec(),
            classify: ClassifyConfig::default(),
            language: Language::default(),
            derived_aliases: FindOptions::default(),
            limits: Limits::default(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            // Enough that some are read and written while others compute.
            concurrency: 8,
            // Some 25,000 pairs of a sentence and a mention: a burst's worth of syndicated text, and little beside a
            // model.
            cache_bytes: 16 << 20,
            isa: None,
            precision: None,
        }
    }

    /// Whether the record of one document and the result of another could have one place: `x/ner/ner/a.json`, where records
    /// go to `x/ner` and results to `x`.
    pub(super) fn records_may_meet_results(&self) -> bool {
        let StageConfig { stage, output, rejected, .. } = self;
        let records = rejected.key(&format!("{stage}/"));
        let forms = Form::ALL.into_iter().map(|form| format!("{stage}.{}/", form.name()));
        let mut results = forms.chain([format!("{stage}/")]).map(|folder| output.key(&folder));
        output.bucket == rejected.bucket
            && results.any(|results| results.starts_with(&records) || records.starts_with(&results))
    }
}
