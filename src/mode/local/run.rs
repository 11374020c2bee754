//! Every document through every stage, a few at a time.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::Arc,
};

use tokio::{sync::mpsc, task::JoinSet};

use super::{
    Arguments,
    files::Files,
    results,
    summary::{self, Summary},
};
use crate::{
    config::PipelineConfig,
    deadline::Deadline,
    error::Failure,
    handoff::{Handoff, ObjectRef},
    mode::{line::count, progress::Progress},
    pipeline::Done,
    queue::MemoryQueue,
    settle::{self, Outcome},
    stage::Stage,
    store::{Journal, LocalStore},
    trace::Trace,
};

/// How often a document that failed for a passing reason is tried.
const TRIES: u32 = 3;

/// A document on its way to a stage.
struct Step {
    stage: Arc<Stage>,
    handoff: Handoff,
    tries: u32,
}

/// What a document that has begun still has to do, and whether anything was computed for it.
struct Pending {
    steps: usize,
    is_computed: bool,
}

pub struct Run {
    names: Vec<String>,
    /// How many of them have begun.
    begun: usize,
    force: bool,
    /// Whether a folder was given, and no document alone.
    is_of_folder: bool,
    out: PathBuf,
    stages: BTreeMap<String, Arc<Stage>>,
    entries: Vec<Arc<Stage>>,
    store: Arc<LocalStore>,
    journal: Arc<Journal>,
    queue: Arc<MemoryQueue>,
    again: Vec<Step>,
    pending: HashMap<String, Pending>,
    summary: Summary,
}

impl Step {
    async fn take(self) -> (Self, Outcome) {
        let handoff = self.handoff.clone();
        let outcome = settle::document(&self.stage, handoff, Trace::default(), Deadline::default()).await;
        (self, outcome)
    }
}

impl Run {
    pub fn load(
        pipeline: &PipelineConfig,
        arguments: &Arguments,
        files: Files,
        journal: Arc<Journal>,
    ) -> Result<Self, String> {
        let Arguments { out, force, .. } = arguments;
        let summary = Summary::start(pipeline, &files);
        let folders = [
            (PipelineConfig::DOCUMENTS.to_owned(), files.folder),
            (PipelineConfig::OUT.to_owned(), out.clone()),
        ];
        let store = LocalStore::new(folders).with_journal(PipelineConfig::OUT, journal.clone());
        let store = Arc::new(store);
        let queue = Arc::new(MemoryQueue::default());
        let mut stages = BTreeMap::new();
        for config in &pipeline.stages {
            let name = config.stage.clone();
            let stage = Stage::load(config.clone(), store.clone(), queue.clone())
                .map_err(|error| format!("stage {name:?}: {error}"))?;
            if let Some(caution) = stage.task.caution() {
                tracing::warn!(stage = name, "{caution}");
            }
            stages.insert(name, Arc::new(stage));
        }
        let entries = pipeline.entries().filter_map(|config| stages.get(&config.stage).cloned()).collect();
        Ok(Run {
            names: files.names,
            begun: 0,
            force: *force,
            is_of_folder: arguments.documents.is_dir(),
            out: out.clone(),
            entries,
            stages,
            store,
            journal,
            queue,
            again: Vec::new(),
            pending: HashMap::new(),
            summary,
        })
    }

    /// Does all steps of all documents, until all are done or a signal comes: then those that have begun are waited for,
    /// until the next signal.
    pub async fn of(mut self, jobs: usize, mut stop: mpsc::Receiver<()>) -> Summary {
        let mut progress = Progress::start(self.names.len());
        let mut steps = JoinSet::new();
        loop {
            while steps.len() < jobs {
                let Some(step) = self.next() else { break };
                steps.spawn(step.take());
            }
            tokio::select! {
                biased;
                Some(()) = stop.recv() => {
                    if std::mem::replace(&mut self.summary.stopped, true) {
                        break;
                    }
                    let waited = count(self.pending.len(), "document", "documents");
                    progress.say(&format!("stopping: waiting for {waited} in work; once more ends at once"));
                }
                joined = steps.join_next() => match joined {
                    Some(Ok((step, outcome))) => self.finish(step, outcome, &mut progress),
                    // A step's own panics are outcomes already.
                    Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
                    None => break,
                },
            }
        }
        progress.finish();
        let entry = self.entries.first().filter(|_| self.is_of_folder);
        let others = entry
            .and_then(|entry| results::others(&self.out, &self.journal, &self.stages, entry, &self.names));
        self.summary.finish(others);
        self.summary
    }

    /// The next step to be taken; where it was told to stop, of documents that have begun.
    fn next(&mut self) -> Option<Step> {
        if self.store.full().is_some() {
            return None;
        }
        if let Some(step) = self.again.pop() {
            return Some(step);
        }
        // A document on its way goes before one that has not begun.
        for (name, stage) in &self.stages {
            if let Some(message) = self.queue.take(name) {
                let handoff = serde_json::from_str(&message.body).expect("a stage's own handoff");
                return Some(Step { stage: stage.clone(), handoff, tries: 0 });
            }
        }
        let name = self.names.get(self.begun).filter(|_| !self.summary.stopped)?.clone();
        self.begun += 1;
        results::forget_rejections(&self.out, &name);
        self.pending.insert(name.clone(), Pending { steps: self.entries.len(), is_computed: false });
        let first = |stage: &Arc<Stage>| {
            let mut handoff = Handoff::first(ObjectRef::new(PipelineConfig::DOCUMENTS, &name));
            handoff.name = Some(name.clone());
            handoff.force = self.force;
            Step { stage: stage.clone(), handoff, tries: 0 }
        };
        self.again.extend(self.entries.iter().skip(1).map(first));
        self.entries.first().map(first)
    }

    /// Reads a result as whoever is downstream does.
    fn read_back(&mut self, stage: &str, name: &str, done: Done) -> Result<(), String> {
        let path = |output: &ObjectRef| self.store.path(output).map_err(|e| e.to_string());
        let (annotation, path) = match done {
            Done::Computed { annotation, output, .. } => {
                if let Some(pending) = self.pending.get_mut(name) {
                    pending.is_computed = true;
                }
                (*annotation, path(&output)?)
            }
            Done::Repeated { output } => {
                let path = path(&output)?;
                (summary::annotation(stage, &path)?, path)
            }
            Done::Stale => return Err("it is of a newer document, and files have no times here".into()),
        };
        self.summary.add(stage, name, &annotation, &path)
    }

    /// Takes away what an earlier run made of a document, at the stage that rejects it now and at those after it: whether
    /// there was anything.
    fn forget(&self, stage: &Stage, name: &str) -> bool {
        let output = stage.config.output(name).ok();
        let places = output.iter().flat_map(|output| output.places());
        let paths = places.filter_map(|place| self.store.path(place).ok());
        let removed = paths.filter(|path| std::fs::remove_file(path).is_ok()).count();
        let later = stage.config.next.iter().filter_map(|next| self.stages.get(next));
        later.filter(|next| self.forget(next, name)).count() + removed > 0
    }

    fn finish(&mut self, step: Step, outcome: Outcome, progress: &mut Progress) {
        let name = step.handoff.name.clone().unwrap_or_default();
        let stage = step.stage.config.stage.as_str();
        let mut ahead = 0;
        match outcome {
            Outcome::Done(done) => {
                ahead = step.stage.config.next.len();
                if let Err(e) = self.read_back(stage, &name, *done) {
                    let failure = Failure::bug(format!("its result can't be read back: {e}"));
                    self.summary.failed.at(stage, &name, &failure);
                }
            }
            Outcome::Rejected(failure) => {
                self.summary.rejected.at(stage, &name, &failure);
                self.summary.forgotten += usize::from(self.forget(&step.stage, &name));
            }
            Outcome::GivenBack(_) if step.tries + 1 < TRIES && self.store.full().is_none() => {
                self.again.push(Step { tries: step.tries + 1, ..step });
                return;
            }
            Outcome::GivenBack(failure) => {
                self.summary.failed.at(stage, &name, &failure);
                // What an earlier run made may be right still: the cause lies elsewhere, and may pass.
                let output = step.stage.config.output(&name).ok();
                let path = output.and_then(|output| self.store.path(&output.result).ok());
                self.summary.failed_with_results |= path.is_some_and(|path| path.exists());
                if let Some(why) = self.store.full() {
                    self.summary.cannot_go_on(why);
                }
            }
        }
        if let Some(pending) = self.pending.get_mut(&name) {
            pending.steps = (pending.steps + ahead).saturating_sub(1);
            if pending.steps == 0 {
                let is_computed = pending.is_computed;
                self.pending.remove(&name);
                progress.document_done();
                self.summary.document_done(&name, is_computed);
            }
        }
    }
}
