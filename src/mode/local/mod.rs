//! A whole pipeline over a folder, embedded: folders for buckets, queues in the process. What happens to a document
//! is the same code as on AWS.

mod command;
mod files;
mod summary;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::task::JoinSet;
use walkdir::WalkDir;

use super::progress::Progress;
use crate::{
    config::{PipelineConfig, StageConfig},
    deadline::Deadline,
    document::contract::Annotation,
    error::Failure,
    handoff::{Handoff, ObjectRef},
    model::LoadError,
    pipeline::Done,
    queue::MemoryQueue,
    rejection::Rejection,
    settle::{self, Outcome},
    stage::Stage,
    store::LocalStore,
    trace::Trace,
};
pub use command::Arguments;
use files::Files;
pub use summary::Summary;

/// A run over a folder.
#[derive(Clone, Debug)]
pub struct Local {
    /// The folder of documents.
    pub documents: PathBuf,
    /// The folder for results.
    pub out: PathBuf,
    /// What is done with them.
    pub pipeline: PipelineConfig,
    /// Documents in work at a time.
    pub jobs: usize,
}

/// Why a run could not begin.
#[derive(Debug)]
pub enum LocalError {
    /// The folder of documents, or that of results.
    Folder(String),
    /// A stage's model.
    Model {
        /// The stage.
        stage: String,
        /// What is wrong.
        error: LoadError,
    },
}

impl fmt::Display for LocalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LocalError::Folder(what) => f.write_str(what),
            LocalError::Model { stage, error } => write!(f, "stage {stage:?}: {error}"),
        }
    }
}

impl std::error::Error for LocalError {}

/// How often a document that failed for a passing reason is tried.
const TRIES: u32 = 3;

/// A document on its way to a stage.
struct Step {
    stage: Arc<Stage>,
    handoff: Handoff,
    tries: u32,
}

struct Run {
    stages: BTreeMap<String, Arc<Stage>>,
    /// The stages' names, later ones first: a document on its way goes before one that has not begun.
    later_first: Vec<String>,
    entries: Vec<Arc<Stage>>,
    store: Arc<LocalStore>,
    queue: Arc<MemoryQueue>,
    again: Vec<Step>,
    /// For every document that has begun, the steps that it still has to do.
    pending: HashMap<String, usize>,
    progress: Progress,
    summary: Summary,
}

/// Runs the pipeline over every document of the folder.
///
/// # Errors
/// What kept the run from beginning. What fails on the way is in the summary.
pub async fn run(local: Local) -> Result<Summary, LocalError> {
    let files = files::documents(&local.documents, &local.out).map_err(LocalError::Folder)?;
    if files.names.is_empty() && files.unreadable.is_empty() {
        return Err(LocalError::Folder(format!("no documents in {}", local.documents.display())));
    }
    let mut run = Run::load(&local, &files)?;
    // Only now: a run that can't begin leaves everything as it was.
    clear_rejections(&local.out.join(PipelineConfig::REJECTED))?;
    for (name, why) in files.unreadable {
        run.summary.unreadable(&name, why);
    }
    let mut names = files.names.into_iter();
    let mut steps = JoinSet::new();
    loop {
        while steps.len() < local.jobs.max(1) {
            let Some(step) = run.next(&mut names) else { break };
            steps.spawn(async move {
                let outcome = settle::document(
                    &step.stage,
                    step.handoff.clone(),
                    Trace::default(),
                    Deadline::default(),
                )
                .await;
                (step, outcome)
            });
        }
        match steps.join_next().await {
            Some(Ok((step, outcome))) => run.finish(step, outcome),
            // A step's own panics are outcomes already.
            Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
            None => break,
        }
    }
    run.progress.finish();
    run.summary.finish();
    Ok(run.summary)
}

/// Takes away the records of an earlier run, and nothing else that somebody put there: what Baton says there
/// afterwards it says of this run.
fn clear_rejections(rejected: &Path) -> Result<(), LocalError> {
    let is_record = |path: &Path| {
        let bytes = std::fs::read(path).unwrap_or_default();
        serde_json::from_slice::<Rejection>(&bytes).is_ok()
    };
    for entry in WalkDir::new(rejected).contents_first(true).into_iter().filter_map(Result::ok) {
        let path = entry.path();
        let removed = match entry.file_type() {
            // One that is not empty holds what isn't Baton's, and stays.
            kind if kind.is_dir() => std::fs::remove_dir(path).or(Ok(())),
            kind if kind.is_file() && is_record(path) => std::fs::remove_file(path),
            _ => Ok(()),
        };
        removed.map_err(|e: std::io::Error| LocalError::Folder(format!("{}: {e}", path.display())))?;
    }
    Ok(())
}

impl Run {
    fn load(local: &Local, files: &Files) -> Result<Self, LocalError> {
        let store = Arc::new(LocalStore::new([
            (PipelineConfig::DOCUMENTS.to_owned(), local.documents.clone()),
            (PipelineConfig::OUT.to_owned(), local.out.clone()),
        ]));
        let queue = Arc::new(MemoryQueue::default());
        let mut stages = BTreeMap::new();
        for config in &local.pipeline.stages {
            let name = config.stage.clone();
            let stage = Stage::load(config.clone(), store.clone(), queue.clone())
                .map_err(|error| LocalError::Model { stage: name.clone(), error })?;
            if let Some(caution) = stage.task.caution() {
                tracing::warn!(stage = name, "{caution}");
            }
            stages.insert(name, Arc::new(stage));
        }
        let entries =
            local.pipeline.entries().filter_map(|config| stages.get(&config.stage).cloned()).collect();
        Ok(Run {
            entries,
            later_first: later_first(&local.pipeline.stages),
            stages,
            store,
            queue,
            again: Vec::new(),
            pending: HashMap::new(),
            progress: Progress::start(files.names.len()),
            summary: Summary::start(&local.pipeline, files.names.len() + files.unreadable.len()),
        })
    }

    fn next(&mut self, names: &mut std::vec::IntoIter<String>) -> Option<Step> {
        if let Some(step) = self.again.pop() {
            return Some(step);
        }
        for name in &self.later_first {
            if let Some(message) = self.queue.take(name) {
                let handoff = serde_json::from_str(&message.body).expect("a stage's own handoff");
                return Some(Step { stage: self.stages[name].clone(), handoff, tries: 0 });
            }
        }
        let name = names.next()?;
        self.pending.insert(name.clone(), self.entries.len());
        let first = |stage: &Arc<Stage>| {
            let mut handoff = Handoff::first(ObjectRef::new(PipelineConfig::DOCUMENTS, &name));
            handoff.name = Some(name.clone());
            Step { stage: stage.clone(), handoff, tries: 0 }
        };
        self.again.extend(self.entries.iter().skip(1).map(first));
        self.entries.first().map(first)
    }

    /// Reads a result as whoever is downstream does.
    fn read_back(
        &mut self,
        stage: &Stage,
        name: &str,
        annotation: &Annotation,
        output: &ObjectRef,
    ) -> Result<(), String> {
        let path = self.store.path(output).map_err(|e| e.to_string())?;
        self.summary.add(&stage.config.stage, name, annotation, &path)
    }

    /// Takes away what an earlier run made of a document, at the stage that rejects it now and at those after it.
    fn forget(&self, stage: &Stage, name: &str) {
        if let Ok(output) = stage.output(name) {
            for place in output.forms.iter().chain([&output.result]) {
                // Most often there is none.
                let _ = self.store.path(place).map(std::fs::remove_file);
            }
        }
        for next in stage.config.next.iter().filter_map(|next| self.stages.get(next)) {
            self.forget(next, name);
        }
    }

    fn finish(&mut self, step: Step, outcome: Outcome) {
        let name = step.handoff.name.clone().unwrap_or_default();
        let stage = step.stage.config.stage.as_str();
        let mut ahead = 0;
        match outcome {
            Outcome::Done(done) => {
                ahead = step.stage.config.next.len();
                if let Done::Computed { output, annotation, .. } = *done
                    && let Err(e) = self.read_back(&step.stage, &name, &annotation, &output)
                {
                    let failure = Failure::bug(format!("its result can't be read back: {e}"));
                    self.summary.failed(stage, &name, &failure);
                }
            }
            Outcome::Rejected(failure) => {
                self.summary.rejected(stage, &name, &failure);
                self.forget(&step.stage, &name);
            }
            Outcome::GivenBack(_) if step.tries + 1 < TRIES => {
                self.again.push(Step { tries: step.tries + 1, ..step });
                return;
            }
            Outcome::GivenBack(failure) => self.summary.failed(stage, &name, &failure),
        }
        if let Some(steps) = self.pending.get_mut(&name) {
            *steps = (*steps + ahead).saturating_sub(1);
            if *steps == 0 {
                self.pending.remove(&name);
                self.progress.document_done();
                self.summary.document_done(&name);
            }
        }
    }
}

/// Names of the stages so that every stage stands before those that lead to it.
fn later_first(stages: &[StageConfig]) -> Vec<String> {
    fn visit(stages: &[StageConfig], name: &str, order: &mut Vec<String>) {
        if order.iter().any(|seen| seen == name) {
            return;
        }
        for next in stages.iter().filter(|stage| stage.stage == name).flat_map(|stage| &stage.next) {
            visit(stages, next, order);
        }
        order.push(name.to_owned());
    }
    let mut order = Vec::new();
    stages.iter().for_each(|stage| visit(stages, &stage.stage, &mut order));
    order
}
