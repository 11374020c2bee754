//! A stage, ready: its configuration, its task, and what it reads from and writes to. It is built once and passed
//! in; nothing of it changes from one document to the next.

mod places;

use std::{collections::BTreeSet, sync::Arc};

pub use places::{LONGEST_KEY, Output};

use crate::{
    config::{StageConfig, TaskKind},
    document::{
        Defaults, Document,
        contract::{Lineage, ModelRef},
    },
    error::{Failure, Reason},
    handoff::{Handoff, ObjectRef},
    model::LoadError,
    queue::{Message, Queue},
    spans,
    store::{Label, Room, Store},
    task::Task,
    trace::Trace,
};

/// One worker of a pipeline.
pub struct Stage {
    /// What the user said.
    pub config: StageConfig,
    /// What it computes.
    pub task: Arc<Task>,
    /// Where documents lie.
    pub store: Arc<dyn Store>,
    /// Where messages go.
    pub queue: Arc<dyn Queue>,
    /// The memory for documents in work.
    pub room: Room,
}

/// Raised with every change of the code that makes other results of the same documents, so that what an earlier build made
/// is known for such, and made anew. `tests/schema.rs` sees such a change.
pub const RESULTS: u32 = 10;

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
        let task = Task::load(&config)?;
        Ok(Stage::new(config, task, store, queue))
    }

    /// Puts the stage together around a task that is loaded.
    pub fn new(config: StageConfig, task: Task, store: Arc<dyn Store>, queue: Arc<dyn Queue>) -> Self {
        Stage { task: Arc::new(task), room: Room::new(config.limits), config, store, queue }
    }

    /// Whether this stage may take the document.
    ///
    /// # Errors
    /// A Reject for one that S3 can't have, in a bucket that it may not read from, that goes round in a circle, or that
    /// the stage wrote itself.
    pub fn check(&self, handoff: &Handoff) -> Result<(), Failure> {
        let document = &handoff.document;
        let version = document.version_id.as_deref().unwrap_or_default();
        for (what, length) in [("key", document.key.len()), ("version", version.len())] {
            if length > LONGEST_KEY {
                let message = format!("the {what} has {length} bytes; S3 allows {LONGEST_KEY}: {document}");
                return Err(Failure::reject(Reason::InvalidKey, message));
            }
        }
        self.config.check_bucket(document)?;
        self.config.limits.hops.check(handoff.hop as usize).map_err(|failure| failure.of(document))?;
        match self.config.own(document) {
            Some(what) if is_announced(handoff) => Err(comes_round(document, what)),
            _ => Ok(()),
        }
    }

    /// Whether what was stored may be a document, by its label.
    ///
    /// # Errors
    /// A Reject for the record of a rejection, whichever stage wrote it.
    pub fn check_label(&self, handoff: &Handoff, label: &Label) -> Result<(), Failure> {
        match is_announced(handoff) && label.is_record() {
            true => Err(comes_round(&handoff.document, "a stage's record of a rejection")),
            false => Ok(()),
        }
    }

    /// Whether a document that was read has yet to go through this stage, and can. What a later stage wrote lies where
    /// this one can't know, but a result's lineage tells, and a form has none.
    ///
    /// # Errors
    /// A Reject for one that comes back as a stage wrote it, whose result would be too large, or in which another tool's
    /// annotation would be lost.
    pub fn check_read(&self, handoff: &Handoff, label: &Label, document: &Document) -> Result<(), Failure> {
        if is_announced(handoff) && label.fingerprint.is_some() {
            let (lineage, model) = (document.lineage(), &self.model().digest);
            if lineage.is_empty() {
                return Err(comes_round(&handoff.document, "a form of a stage's result"));
            }
            // What lies among this pipeline's results would take the place of what it was made from, whatever the model
            // is now.
            let is_of_pipeline = self.config.stored_name(&handoff.document, label).is_some();
            let is_own = |line: &Lineage| line.stage == self.config.stage;
            if lineage.iter().any(|line| is_own(line) && (is_of_pipeline || line.model == *model)) {
                return Err(comes_round(&handoff.document, "a result that went through this stage before"));
            }
        }
        let stage = &self.config.stage;
        if document.is_taken(stage) {
            let message = format!(
                "`annotations.{stage}` is another tool's, and what the stage {stage} finds would take its place; rename \
                 one of the two"
            );
            return Err(Failure::reject(Reason::InvalidDocument, message));
        }
        self.config.limits.result_bytes.check(self.task.least_bytes(document))
    }

    /// Hands a result on to every next queue, where `deduplication` names this writing of it.
    ///
    /// # Errors
    /// A Retry; some queues may have it then, and get it again.
    pub async fn hand_on(
        &self,
        handoff: &Handoff,
        output: &ObjectRef,
        name: &str,
        deduplication: String,
        trace: &Trace,
    ) -> Result<(), Failure> {
        let next = handoff.next(output.clone(), name, &self.config.pipeline);
        for queue in &self.config.next {
            let message = Message {
                body: next.to_body(),
                trace: spans::onward(trace),
                attributes: Vec::new(),
                group: crate::sha256(name.as_bytes()),
                deduplication: deduplication.clone(),
            };
            self.queue.send(queue, message).await?;
        }
        Ok(())
    }

    /// What a document that doesn't say so itself is taken for.
    pub fn defaults(&self) -> Defaults {
        Defaults { language: self.config.language, aliases: self.config.derived_aliases }
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
        self.task.model().reference()
    }

    /// All that decides a result besides its input.
    pub fn fingerprint(&self) -> String {
        self.config.fingerprint(&self.model().digest)
    }
}

/// Whether a bucket, or a person, announced the document, and no stage handed it on.
fn is_announced(handoff: &Handoff) -> bool {
    handoff.hop == 0
}

/// The Reject of what a bucket announces to the stage that it came from: taken in, it would be written and announced
/// again, for ever.
fn comes_round(document: &ObjectRef, what: &str) -> Failure {
    let message = format!(
        "{document}: is {what}; give the bucket's notification the prefix of the documents, or write results and \
         rejections to another bucket (BATON_OUTPUT, BATON_REJECTED)"
    );
    Failure::reject(Reason::BucketNotAllowed, message)
}

impl StageConfig {
    /// All that decides a result besides its input, with the model of this digest.
    pub fn fingerprint(&self, digest: &str) -> String {
        let StageConfig {
            stage,
            task,
            entity_types,
            classify,
            language,
            derived_aliases,
            precision,
            forms,
            ..
        } = self;
        let mut all =
            format!("{RESULTS} {stage} {} {language:?} {derived_aliases:?} {forms:?} {digest}", task.name());
        all += &match task {
            TaskKind::Ner => String::new(),
            TaskKind::Sentiment => format!(" {:?}", entity_types.iter().collect::<BTreeSet<_>>()),
            TaskKind::Classify => {
                format!(" {:?} {}", classify.over.unwrap_or_default(), classify.threshold())
            }
        };
        if let Some(precision) = precision {
            all += &format!(" {}", precision.name());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Prefix;

    #[test]
    fn only_what_decides_a_result_makes_it_another() {
        let of = |task: TaskKind, set: &dyn Fn(&mut StageConfig)| {
            let place = Prefix { bucket: "b".into(), prefix: String::new() };
            let mut config = StageConfig::new("a", task, "m".into(), place.clone(), place);
            set(&mut config);
            config.fingerprint("sha256:5f")
        };
        let types = |names: &'static [&str]| {
            move |config: &mut StageConfig| config.entity_types = names.iter().map(|n| (*n).into()).collect()
        };
        let asked = |task, names| of(task, &types(names));
        assert_eq!(asked(TaskKind::Ner, &["ORG"]), asked(TaskKind::Ner, &["ORG", "PER"]));
        assert_ne!(asked(TaskKind::Sentiment, &["ORG"]), asked(TaskKind::Sentiment, &["ORG", "PER"]));
        assert_eq!(asked(TaskKind::Sentiment, &["PER", "ORG"]), asked(TaskKind::Sentiment, &["ORG", "PER"]));
        let half = |config: &mut StageConfig| config.classify.threshold = Some(0.4);
        assert_ne!(of(TaskKind::Classify, &half), of(TaskKind::Classify, &|_| {}));
        assert_eq!(of(TaskKind::Ner, &half), of(TaskKind::Ner, &|config| config.concurrency = 2));
    }
}
