//! What a stage computes. A task is a module with the methods that [`Task`] asks of it, and a variant there.

mod classify;
mod ner;
mod runs;
mod sentiment;
mod windows;

use std::{collections::HashSet, fmt::Display};

use crate::{
    config::{ClassifyConfig, StageConfig, TaskKind},
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
    /// Gives each sentence, or the document, the labels of any text classifier.
    Classify(classify::Classify),
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
        let isa = config.isa.unwrap_or_else(Isa::detect);
        let model = Model::load(&config.model, config.threads, isa, config.precision)?;
        model.engine.keep(config.cache_bytes);
        Ok(match config.task {
            TaskKind::Ner => Task::ner(model)?,
            TaskKind::Sentiment => Task::sentiment(model, config.entity_types.clone())?,
            TaskKind::Classify => Task::classify(model, config.classify)?,
        })
    }

    /// `ner` with a model.
    ///
    /// # Errors
    /// What of the model it can't work with.
    pub fn ner(model: Model) -> Result<Self, LoadError> {
        ner::Ner::new(model).map(Task::Ner)
    }

    /// `sentiment` with a model, towards entities of these types and of none.
    ///
    /// # Errors
    /// What of the model it can't work with.
    pub fn sentiment(model: Model, entity_types: Vec<String>) -> Result<Self, LoadError> {
        sentiment::Sentiment::new(model, entity_types).map(Task::Sentiment)
    }

    /// `classify` with a model.
    ///
    /// # Errors
    /// What of the model or the settings it can't work with.
    pub fn classify(model: Model, settings: ClassifyConfig) -> Result<Self, LoadError> {
        classify::Classify::new(model, settings).map(Task::Classify)
    }

    /// The task's model.
    pub fn model(&self) -> &Model {
        match self {
            Task::Ner(task) => &task.model,
            Task::Sentiment(task) => &task.model,
            Task::Classify(task) => &task.model,
        }
    }

    /// What somebody should know who takes this model for this task, if anything.
    pub fn caution(&self) -> Option<String> {
        match self {
            Task::Sentiment(task) => task.caution(),
            Task::Ner(_) | Task::Classify(_) => None,
        }
    }

    /// About how many tokens the model will run on, rather too many than too few; what is asked twice runs once.
    pub fn tokens(&self, document: &Document) -> usize {
        match self {
            Task::Ner(task) => task.tokens(document),
            Task::Sentiment(task) => task.tokens(document),
            Task::Classify(task) => task.tokens(document),
        }
    }

    /// Bytes that its annotation will have in any case: what many mentions or sentences repeat is as long as documents
    /// and models like, so it is counted before it is in memory. None where each byte of the text makes so many and no more.
    pub fn least_bytes(&self, document: &Document) -> usize {
        match self {
            Task::Ner(_) => 0,
            Task::Sentiment(task) => task.least_bytes(document),
            Task::Classify(task) => task.least_bytes(document),
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
            Task::Classify(task) => task.annotate(document, promise).await,
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

/// About how many tokens these sentences have, each counted once.
fn tokens_of_sentences(document: &Document) -> usize {
    let sentences: HashSet<&str> =
        document.sentences.iter().map(|sentence| &document.text[sentence.clone()]).collect();
    sentences.into_iter().map(|sentence| tokens_of(sentence.len())).sum()
}

/// What the model read of a document so far.
#[derive(Default)]
struct Tokens {
    all: usize,
    unknown: usize,
}

/// One turn in the engine; `tokens` counts what it reads.
async fn take_turn(
    model: &Model,
    sequences: Vec<Sequence>,
    promise: &mut Promise,
    tokens: &mut Tokens,
) -> Result<Vec<Logits>, Failure> {
    let of_turn = sequences.iter().map(|sequence| sequence.ids.len()).sum();
    tokens.all += of_turn;
    tokens.unknown += sequences.iter().map(|sequence| model.tokenizer.unknown(&sequence.ids)).sum::<usize>();
    let logits = model.engine.run(sequences).await?;
    promise.kept(of_turn);
    Ok(logits)
}

/// The logits of a text as a whole.
fn first_row(logits: &Logits) -> &[f32] {
    logits.rows().next().unwrap_or_default()
}

/// For each label, the mean of its scores.
fn mean(texts: &[impl AsRef<[f64]>]) -> Vec<f64> {
    let labels = texts.first().map_or(0, |scores| scores.as_ref().len());
    let mean =
        |label: usize| texts.iter().map(|scores| scores.as_ref()[label]).sum::<f64>() / texts.len() as f64;
    (0..labels).map(mean).collect()
}

/// Why a model can't do a task.
fn unfit(model: &Model, why: impl Display) -> LoadError {
    LoadError::new(format!("model {}: {why}", model.name))
}

/// What a tokenizer says of a text that it can't cut: none is known, so it is a defect.
fn tokenizer_failure(e: String) -> Failure {
    Failure::bug(format!("the tokenizer failed: {e}"))
}
