//! What a stage computes. A task is a file with the same three methods (new, tokens, annotate) and a variant here.

mod ner;
mod sentiment;

use crate::{
    config::{StageConfig, TaskKind},
    document::{Document, contract::Annotation},
    error::Failure,
    model::{LoadError, Logits, Model, Promise, Sequence, kernels::Isa},
};

/// A stage's task, ready to be done.
pub enum Task {
    /// Finds persons, organisations, places and other names.
    Ner(ner::Ner),
    /// Decides what each sentence says about each entity in it.
    Sentiment(sentiment::Sentiment),
}

/// Inputs that one document has in the engine at a time. A long document takes several turns, so its inputs never
/// fill the memory, and a short one never waits for all of it.
const TURN: usize = 256;

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
        let model = Model::load(&config.model, config.threads, isa, config.precision)?;
        model.engine.keep(config.cache_bytes);
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

    /// About how many tokens the model will run on, rather too many than too few.
    pub fn tokens(&self, document: &Document) -> usize {
        match self {
            Task::Ner(task) => task.tokens(document),
            Task::Sentiment(task) => task.tokens(document),
        }
    }

    /// Runs the model over a document: what it finds becomes part of the document, the annotation says the rest.
    ///
    /// # Errors
    /// A Bug when tokenizer or model fail on it.
    pub async fn annotate(&self, document: &mut Document, promise: Promise) -> Result<Annotation, Failure> {
        match self {
            Task::Ner(task) => task.annotate(document, promise).await,
            Task::Sentiment(task) => task.annotate(document, promise).await,
        }
    }
}

/// About how many tokens a text has: real news has 4.5 bytes a token in this vocabulary, other languages fewer.
fn tokens_of(bytes: usize) -> usize {
    const BYTES: usize = 3;
    // The special tokens around it.
    const AROUND: usize = 3;
    bytes / BYTES + AROUND
}

/// One turn in the engine.
async fn take_turn(
    model: &Model,
    sequences: Vec<Sequence>,
    promise: &mut Promise,
) -> Result<Vec<Logits>, Failure> {
    let tokens = sequences.iter().map(|sequence| sequence.ids.len()).sum();
    let logits = model.engine.run(sequences).await?;
    promise.kept(tokens);
    Ok(logits)
}

/// What a tokenizer says of a text that it can't cut: none is known, so it is a defect.
fn tokenizer_failure(e: String) -> Failure {
    Failure::bug(format!("the tokenizer failed: {e}"))
}
