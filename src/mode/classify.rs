//! One text through a model: how a person tries one. It goes the way that a stage's document goes, so what is
//! printed is what a stage would write.

mod answer;
mod input;

use std::{fmt, path::PathBuf};

use clap::Args;

use crate::{
    bounded::Bounded,
    config::{self, ClassifyConfig},
    document::{
        Defaults, Document,
        contract::{Annotation, ClassifiedOver},
    },
    error::Failure,
    limits::Limits,
    model::{LoadError, Model, Precision, config::HeadKind, kernels::Isa},
    task::Task,
    text::Language,
};

/// Try a model on one text: print its labels and scores, or the entities that it finds
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Example: baton classify --model model-fetch/models/sentiment --target Northwind \"Northwind failed its customers.\"")]
pub struct Arguments {
    /// The model's directory
    #[arg(long)]
    pub model: PathBuf,
    /// The words in the text that a sentiment model is asked about
    #[arg(long)]
    pub target: Option<String>,
    /// What a text classifier classifies: document, or sentences (each one) [default: document]
    #[arg(long, value_parser = ClassifiedOver::parse)]
    pub over: Option<ClassifiedOver>,
    /// The score from which a multi-label model assigns a label [default: 0.5]
    #[arg(long, value_parser = ClassifyConfig::parse_threshold)]
    pub threshold: Option<f64>,
    /// The precision that the model runs in: f32 or int8 [default: as the model's files]
    #[arg(long, value_parser = |name: &str| Precision::named(name).ok_or(format!("Baton has {}", Precision::NAMES)))]
    pub precision: Option<Precision>,
    /// The language of the text as a BCP 47 tag, unless the document names its own [default: en]
    #[arg(long, value_parser = config::language)]
    pub language: Option<Language>,
    /// Print the enriched document as one line of JSON
    #[arg(long)]
    pub json: bool,
    /// The text. Without it, or with -, a document is read from standard input: text or JSON, gzipped or not
    #[arg(allow_hyphen_values = true, value_parser = beginning)]
    pub text: Option<String>,
    /// Its other words, where a shell has parted them
    #[arg(hide = true)]
    pub more: Vec<String>,
}

/// What a text begins with. A word that looks like an option is one that is misspelt.
fn beginning(given: &str) -> Result<String, String> {
    let option = given.strip_prefix("--").or(given.strip_prefix('-')).unwrap_or_default();
    if option.starts_with(|c: char| c.is_ascii_alphabetic()) && !given.contains(char::is_whitespace) {
        return Err("there is no such option; a text that begins so goes to standard input".into());
    }
    Ok(given.to_owned())
}

/// Why there is no answer.
#[derive(Debug)]
pub enum ClassifyError {
    /// The text doesn't name the target.
    NoTarget(String),
    /// The model can't be loaded, can't do what was asked, or the text can't be read.
    Failed(String),
}

impl fmt::Display for ClassifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ClassifyError::NoTarget(what) | ClassifyError::Failed(what)) = self;
        f.write_str(what)
    }
}

impl std::error::Error for ClassifyError {}

impl From<LoadError> for ClassifyError {
    fn from(error: LoadError) -> Self {
        ClassifyError::Failed(error.to_string())
    }
}

impl From<Failure> for ClassifyError {
    fn from(failure: Failure) -> Self {
        ClassifyError::Failed(failure.to_string())
    }
}

/// The model's answer about a text, to be printed.
///
/// # Errors
/// Why there is none, and what to do.
pub async fn run(arguments: Arguments) -> Result<String, ClassifyError> {
    let task = load(&arguments)?;
    let limits = Limits::default();
    let language = arguments.language.unwrap_or_default();
    let read = |bytes: &[u8]| Document::read(bytes, &limits, Defaults { language, ..Defaults::default() });
    let bytes = match arguments.text.as_deref() {
        None | Some("-") => input::piped(&limits)?,
        Some(begins) => input::typed(begins, &arguments.more)?,
    };
    let mut document = read(&bytes)?;
    if let Some(target) = &arguments.target {
        document = read(&input::about(&bytes, target))?;
    }
    if document.text.trim().is_empty() {
        return Err(ClassifyError::Failed(
            "the text is empty; give one, or write it to standard input".into(),
        ));
    }
    if let Some(target) = &arguments.target
        && document.entities.iter().all(|entity| entity.mentions.is_empty())
    {
        return Err(ClassifyError::NoTarget(not_named(&document.text, target)));
    }
    let promise = task.model().engine.pace().promise(task.tokens(&document));
    let annotation = task.annotate(&mut document, promise).await?;
    Ok(match arguments.json {
        true => enriched(&document, &annotation)?,
        false => answer::render(&document, &annotation),
    })
}

/// The model with the task that it is made for.
fn load(arguments: &Arguments) -> Result<Task, LoadError> {
    let directory = &arguments.model;
    if !directory.is_dir() {
        return Err(LoadError::new(format!(
            "--model: {} is no directory; give the one that has the model's config.json, tokenizer.json and \
             model.safetensors",
            directory.display()
        )));
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let model = Model::load(directory, threads, Isa::detect(), arguments.precision)?;
    let fail = |what: &str| Err(LoadError::new(format!("model {}: {what}", model.name)));
    let is_classified = model.config.head == HeadKind::Sequence && arguments.target.is_none();
    if arguments.over.is_some() && !is_classified {
        return fail("--over is for text classifiers that aren't asked about a target; leave it out");
    }
    if arguments.threshold.is_some() && !is_classified {
        return fail("--threshold is for text classifiers that give several labels at once; leave it out");
    }
    match (model.config.head, &arguments.target) {
        (HeadKind::Token, Some(_)) => {
            fail("it classifies tokens, so it finds names and isn't asked about one: leave out --target")
        }
        (HeadKind::Token, None) => Task::ner(model),
        (HeadKind::Sequence, Some(target)) if target.trim().is_empty() => {
            fail("--target is empty; give a name that is in the text")
        }
        (HeadKind::Sequence, Some(_)) => {
            let task = Task::sentiment(model, Vec::new())?;
            if let Some(caution) = task.caution() {
                eprintln!("baton: {caution}");
            }
            Ok(task)
        }
        (HeadKind::Sequence, None) if model.description.reads_targets => fail(
            "it says what a text says about something in it: add --target and a name that is in the text",
        ),
        (HeadKind::Sequence, None) => {
            let over = arguments.over.unwrap_or(ClassifiedOver::Document);
            Task::classify(model, ClassifyConfig { over: Some(over), threshold: arguments.threshold })
        }
    }
}

/// Why a target that may look as if it were there is not.
fn not_named(text: &str, target: &str) -> String {
    let hint = if !target.contains(char::is_alphanumeric) {
        "a name has a letter or a digit"
    } else if text.contains(target) {
        "it stands only inside other words there, or with an ending; give the name as the text has it"
    } else if text.to_lowercase().contains(&target.to_lowercase()) {
        "it is there with other capitals; write it as the text does"
    } else {
        "give a name that the text has, written as it is there"
    };
    format!("the text doesn't name {target:?}: {hint}")
}

/// The document as a stage named after its task would write it, but for the lineage: no stage made it.
fn enriched(document: &Document, annotation: &Annotation) -> Result<String, Failure> {
    let mut bytes = Bounded::new(Limits::default().result_bytes);
    document.write(&mut bytes, annotation.task().name(), annotation, None)?;
    Ok(String::from_utf8_lossy(&bytes.into_bytes()).into_owned() + "\n")
}
