//! What a stage computes. A task is a file with the same three methods (load, prepare, finish) and a variant here.

mod ner;
mod sentiment;

use crate::{
    config::{StageConfig, TaskKind},
    document::{Document, contract::Annotation},
    error::Failure,
    model::{LoadError, Model, kernels::Isa},
};

/// A stage's task, ready to be done.
pub enum Task {
    /// Finds persons, organisations, places and other names.
    Ner(ner::Ner),
    /// Decides what each sentence says about each entity in it.
    Sentiment(sentiment::Sentiment),
}

impl Task {
    /// Loads the stage's model and checks that it can do the task.
    ///
    /// # Errors
    /// What is wrong with the model, and what would do.
    pub fn load(config: &StageConfig) -> Result<Self, LoadError> {
        let isa = match &config.isa {
            None => Isa::detect(),
            Some(name) => Isa::named(name).map_err(|e| LoadError::new(format!("BATON_ISA: {e}")))?,
        };
        let model = Model::load(&config.model, config.threads, isa)?;
        Ok(match config.task {
            TaskKind::Ner => Task::Ner(ner::Ner::new(model)?),
            TaskKind::Sentiment => {
                Task::Sentiment(sentiment::Sentiment::new(model, config.entity_types.clone())?)
            }
        })
    }

    /// The task's model.
    pub fn model(&self) -> &Model {
        match self {
            Task::Ner(task) => &task.model,
            Task::Sentiment(task) => &task.model,
        }
    }

    /// Runs the model over a document: what it found becomes part of the document, the annotation says the rest.
    ///
    /// # Errors
    /// A Bug when tokenizer or model fail on it.
    pub async fn annotate(&self, mut document: Document) -> Result<(Document, Annotation), Failure> {
        let engine = &self.model().engine;
        let annotation = match self {
            Task::Ner(task) => {
                let (work, sequences) = task.prepare(&document)?;
                task.finish(&mut document, work, &engine.run(sequences).await?)
            }
            Task::Sentiment(task) => {
                let (work, sequences) = task.prepare(&document)?;
                task.finish(&document, work, &engine.run(sequences).await?)
            }
        };
        Ok((document, annotation))
    }
}

/// What a tokenizer says of a text that it can't cut: none is known, so it is a defect.
fn tokenizer_failure(e: String) -> Failure {
    Failure::bug(format!("the tokenizer failed: {e}"))
}
