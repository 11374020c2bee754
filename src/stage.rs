//! A stage, ready: its configuration, its task, and what it reads from and writes to. It is built once and passed
//! in; nothing of it changes from one document to the next.

use std::sync::Arc;

use crate::{
    config::StageConfig,
    document::{
        Defaults,
        contract::{Lineage, ModelRef},
    },
    error::{Failure, Reason},
    handoff::{Handoff, ObjectRef},
    model::LoadError,
    queue::Queue,
    store::Store,
    task::Task,
};

/// One worker of a pipeline.
pub struct Stage {
    /// What the user said.
    pub config: StageConfig,
    /// What it computes.
    pub task: Task,
    /// Where documents lie.
    pub store: Arc<dyn Store>,
    /// Where messages go.
    pub queue: Arc<dyn Queue>,
}

/// S3's limit for a key, in bytes.
const LONGEST_KEY: usize = 1024;

impl Stage {
    /// Loads the model and puts the stage together.
    ///
    /// # Errors
    /// What is wrong with the model, and what would do.
    pub fn load(
        config: StageConfig,
        store: Arc<dyn Store>,
        queue: Arc<dyn Queue>,
    ) -> Result<Self, LoadError> {
        Ok(Stage { task: Task::load(&config)?, config, store, queue })
    }

    /// # Errors
    /// A Reject for a document in a bucket that this stage may not read from.
    pub fn check_bucket(&self, document: &ObjectRef) -> Result<(), Failure> {
        if self.config.buckets.contains(&document.bucket) {
            return Ok(());
        }
        let (bucket, allowed) = (&document.bucket, self.config.buckets.join(", "));
        let message = format!(
            "{document}: bucket {bucket} is none that this stage reads from ({allowed}); see BATON_BUCKETS"
        );
        Err(Failure::reject(Reason::BucketNotAllowed, message))
    }

    /// The document's name in the pipeline: its key where it came in, below its bucket where there are several.
    pub fn name(&self, handoff: &Handoff, stored: Option<String>) -> String {
        handoff.name.clone().or(stored).unwrap_or_else(|| match self.config.buckets.len() {
            1 => handoff.document.key.clone(),
            _ => format!("{}/{}", handoff.document.bucket, handoff.document.key),
        })
    }

    /// Where the result of the document of that name goes: two names never share a place.
    ///
    /// # Errors
    /// A Reject for a name that makes no valid key.
    pub fn output(&self, name: &str) -> Result<ObjectRef, Failure> {
        let key = self.config.output.key(&format!("{}/{name}.json", self.config.stage));
        if name.is_empty() || key.len() > LONGEST_KEY {
            let message =
                format!("the output's key would have {} bytes; S3 allows {LONGEST_KEY}: {key}", key.len());
            return Err(Failure::reject(Reason::InvalidKey, message));
        }
        Ok(ObjectRef::new(&self.config.output.bucket, key))
    }

    /// What a document that doesn't say so itself is taken for.
    pub fn defaults(&self) -> Defaults {
        Defaults { language: self.config.language }
    }

    /// This stage's line in a document's lineage.
    pub fn lineage(&self, input: ObjectRef) -> Lineage {
        Lineage {
            stage: self.config.stage.clone(),
            task: self.config.task.name().to_owned(),
            model: self.model().digest.clone(),
            input,
        }
    }

    /// Which model it is.
    pub fn model(&self) -> &ModelRef {
        &self.task.model().reference
    }
}
