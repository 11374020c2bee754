//! Every document through every stage, a few at a time.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::Arc,
};

use tokio::{sync::mpsc, task::JoinSet};

use super::{files::Files, summary::Summary};
use crate::{
    config::PipelineConfig,
    deadline::Deadline,
    document::contract::Annotation,
    error::Failure,
    handoff::{Handoff, ObjectRef},
    mode::progress::Progress,
    pipeline::Done,
    queue::MemoryQueue,
    settle::{self, Outcome},
    stage::Stage,
    store::LocalStore,
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

pub struct Run {
    stages: BTreeMap<String, Arc<Stage>>,
    entries: Vec<Arc<Stage>>,
    store: Arc<LocalStore>,
    queue: Arc<MemoryQueue>,
    again: Vec<Step>,
    /// For every document that has begun, the steps that it still has to do.
    pending: HashMap<String, usize>,
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
    pub fn load(pipeline: &PipelineConfig, out: &Path, files: &Files) -> Result<Self, String> {
        let store = Arc::new(LocalStore::new([
            (PipelineConfig::DOCUMENTS.to_owned(), files.folder.clone()),
            (PipelineConfig::OUT.to_owned(), out.to_owned()),
        ]));
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
            entries,
            stages,
            store,
            queue,
            again: Vec::new(),
            pending: HashMap::new(),
            summary: Summary::start(pipeline, files),
        })
    }

    /// Does all steps of all documents, until all are done or a signal comes: then those that have begun are waited for,
    /// until the next signal.
    pub async fn of(mut self, files: Files, jobs: usize, mut stop: mpsc::Receiver<()>) -> Summary {
        let mut progress = Progress::start(files.names.len());
        for (name, why) in files.unreadable {
            self.summary.failed.unreadable(&name, why);
        }
        let mut names = files.names.into_iter();
        let mut steps = JoinSet::new();
        loop {
            while !self.summary.stopped && steps.len() < jobs {
                let Some(step) = self.next(&mut names) else { break };
                steps.spawn(step.take());
            }
            tokio::select! {
                biased;
                Some(()) = stop.recv() => {
                    if std::mem::replace(&mut self.summary.stopped, true) {
                        break;
                    }
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
        self.summary.finish();
        self.summary
    }

    fn next(&mut self, names: &mut std::vec::IntoIter<String>) -> Option<Step> {
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
        stage: &str,
        name: &str,
        annotation: &Annotation,
        output: &ObjectRef,
    ) -> Result<(), String> {
        let path = self.store.path(output).map_err(|e| e.to_string())?;
        self.summary.add(stage, name, annotation, &path)
    }

    /// Takes away what an earlier run made of a document, at the stage that rejects it now and at those after it.
    fn forget(&self, stage: &Stage, name: &str) {
        if let Ok(output) = stage.config.output(name) {
            for place in output.places() {
                // Most often there is none.
                let _ = self.store.path(place).map(std::fs::remove_file);
            }
        }
        for next in stage.config.next.iter().filter_map(|next| self.stages.get(next)) {
            self.forget(next, name);
        }
    }

    fn finish(&mut self, step: Step, outcome: Outcome, progress: &mut Progress) {
        let name = step.handoff.name.clone().unwrap_or_default();
        let stage = step.stage.config.stage.as_str();
        let mut ahead = 0;
        match outcome {
            Outcome::Done(done) => {
                ahead = step.stage.config.next.len();
                if let Done::Computed { output, annotation, .. } = *done
                    && let Err(e) = self.read_back(stage, &name, &annotation, &output)
                {
                    let failure = Failure::bug(format!("its result can't be read back: {e}"));
                    self.summary.failed.at(stage, &name, &failure);
                }
            }
            Outcome::Rejected(failure) => {
                self.summary.rejected.at(stage, &name, &failure);
                self.forget(&step.stage, &name);
            }
            Outcome::GivenBack(_) if step.tries + 1 < TRIES => {
                self.again.push(Step { tries: step.tries + 1, ..step });
                return;
            }
            Outcome::GivenBack(failure) => self.summary.failed.at(stage, &name, &failure),
        }
        if let Some(steps) = self.pending.get_mut(&name) {
            *steps = (*steps + ahead).saturating_sub(1);
            if *steps == 0 {
                self.pending.remove(&name);
                progress.document_done();
                self.summary.document_done(&name);
            }
        }
    }
}
