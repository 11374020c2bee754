//! BERT-style classifiers from a Hugging Face directory: loading, tokenising, packing, running.
//!
//! | file | what it does |
//! |---|---|
//! | `config` | config.json → shape and labels, checked |
//! | `names` | what each architecture calls its tensors |
//! | `description` | baton.json → what config.json can't say |
//! | `template`, `target` | a sentence and a target in it → the input that the model was trained on |
//! | `logits`, `labels` | what the model says → probabilities → scores of labels |
//! | `files` | what lies in a model's directory, read; why it can't be loaded |
//! | `weights` | mapped tensors → numbers |
//! | `tokenize`, `slots` | texts → pieces → input sequences |
//! | `token_types` | whether a model is told which of two texts a token is of |
//! | `tokenizer_config` | what lies beside tokenizer.json and must not contradict it |
//! | `wordpiece`, `vocabulary` | BERT's tokenizer, loaded fast |
//! | `vocab_files` | a tokenizer of the files that were before tokenizer.json |
//! | `encoder` | packed sequences → logits, as a Candle op |
//! | `encoder/…` | its parts: embeddings, blocks, attention and what it knows of distances, heads |
//! | `kernels` | the arithmetic, for each instruction set; a crate of its own |
//! | `engine` | the threads, and the pool of sequences that they share |
//! | `recall` | what it has said, and what it is being asked |
//! | `pace` | how fast it is, and what it has promised |
//! | `digest` | which model it is |
//! | `expected_panics` | libraries that panic at what they can't read |

pub mod config;
mod description;
mod digest;
pub mod encoder;
mod engine;
pub(crate) mod expected_panics;
mod files;
mod labels;
mod logits;
mod names;
mod pace;
mod recall;
mod slots;
mod target;
mod template;
mod token_types;
mod tokenize;
mod tokenizer_config;
mod vocab_files;
mod vocabulary;
mod waiting;
pub mod weights;
pub mod wordpiece;

use std::{
    path::Path,
    sync::LazyLock,
    time::{Duration, Instant},
};

pub use baton_kernels as kernels;
pub use config::Precision;
pub use description::{Description, Problem};
pub use digest::of as digest;
pub use encoder::Sequence;
pub use engine::Engine;
pub use files::LoadError;
pub use labels::Labels;
pub use logits::{Logits, argmax, softmax};
pub use pace::{Pace, Promise};
pub use recall::Counts;
pub use target::{TargetInput, TargetInputs};
pub use template::Template;
pub use tokenize::{Pieces, Tokenizer};

use crate::{document::contract::ModelRef, error::Failure};
use config::ModelConfig;
use encoder::Encoder;
use kernels::Isa;
use weights::Weights;

/// A model that is loaded and running.
pub struct Model {
    /// Its shape and labels.
    pub config: ModelConfig,
    /// What its directory says of it besides.
    pub description: Description,
    /// Its tokenizer.
    pub tokenizer: Tokenizer,
    /// Its threads.
    pub engine: Engine,
    /// Its directory's name.
    pub name: String,
    /// How long it took to load.
    pub loading: Loading,
    reference: LazyLock<ModelRef, Box<dyn FnOnce() -> ModelRef + Send>>,
}

/// How long the parts of loading took; they are done at the same time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loading {
    /// The tokenizer.
    pub tokenizer: Duration,
    /// Mapping the weights, and packing them for the kernels.
    pub weights: Duration,
}

impl Model {
    /// Loads the model in a directory and starts `threads` threads on it, in the precision that its files are
    /// made for unless another is given.
    ///
    /// # Errors
    /// The file, what is wrong with it, and what would do.
    pub fn load(
        directory: &Path,
        threads: usize,
        isa: Isa,
        precision: Option<Precision>,
    ) -> Result<Self, LoadError> {
        let mut config = ModelConfig::read(directory)?;
        let description = Description::read(directory, &mut config)?;
        let asked = precision;
        let precision = asked.unwrap_or(config.storage.precision());
        let digest = digest::begin(directory, &config)?;
        // Tokenizer and weights have nothing to do with each other: together they take as long as the slower.
        let ((tokenizer, tokenizer_took), (encoder, weights_took)) = std::thread::scope(|scope| {
            let tokenizer = scope.spawn(|| timed(|| Tokenizer::load(directory, &config)));
            let encoder = timed(|| {
                let weights = Weights::open(directory, &config)?;
                // Who asks for int8 has its floats rounded; who asks for nothing gets what the files are made for.
                if asked.is_none() && precision == Precision::Int8 {
                    encoder::stored_as_int8(&config, &weights)?;
                }
                Encoder::load(config.clone(), weights, isa, precision)
            });
            (done(tokenizer.join()), encoder)
        });
        let canonical = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
        let name =
            canonical.file_name().map_or_else(|| "model".into(), |name| name.to_string_lossy().into_owned());
        Ok(Model {
            config,
            description,
            tokenizer: tokenizer?,
            engine: Engine::start(encoder?, threads),
            name: name.clone(),
            loading: Loading { tokenizer: tokenizer_took, weights: weights_took },
            reference: LazyLock::new(Box::new(move || match done(digest.join()) {
                Ok(digest) => ModelRef { name, digest },
                Err(e) => panic!("the model's files can't be hashed: {e}"),
            })),
        })
    }

    /// Its name and digest, as results name it. Waits where the digest is still on its way.
    ///
    /// # Panics
    /// When a file of the model, which could be mapped, can't be read.
    pub fn reference(&self) -> &ModelRef {
        &self.reference
    }

    /// Runs the model once: its pages are then in memory, its threads have their buffers, and its speed is known
    /// before the first document asks for it.
    ///
    /// # Errors
    /// A Bug when the model can't run at all.
    pub async fn warm(&self) -> Result<(), Failure> {
        let id = self.tokenizer.single(&[]).ids.first().copied().unwrap_or_default();
        let length = self.tokenizer.room().min(WARM_TOKENS);
        self.engine.run(vec![self.tokenizer.single(&vec![id; length])]).await.map(|_| ())
    }
}

/// A sentence's worth: long enough that its speed is that of real work.
const WARM_TOKENS: usize = 40;

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    (work(), begun.elapsed())
}

fn done<T>(thread: std::thread::Result<T>) -> T {
    thread.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// What Candle says of an error, without the backtrace that may follow it.
fn first_line(error: &candle_core::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
