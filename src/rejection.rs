//! The record of a document, or a message, that never will come through: why, and what to do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    document::contract::ModelRef,
    error::{Failure, Reason},
    event::Delivery,
    handoff::{Handoff, ObjectRef, Unreadable},
    stage::{LONGEST_KEY, Stage},
    store::{Label, Over},
};

/// What is written to the rejections prefix.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Rejection {
    /// Baton's version.
    pub baton: String,
    /// The pipeline.
    pub pipeline: String,
    /// The stage that rejected it.
    pub stage: String,
    /// Its model.
    pub model: ModelRef,
    /// Why, in a word.
    pub reason: Reason,
    /// What was wrong, where, and what to do.
    pub message: String,
    /// The handoff, for a document; sent again, it is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handoff: Option<Handoff>,
    /// The message's body, for a message that could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Its place among the rejections.
    #[serde(skip)]
    place: String,
}

impl Rejection {
    /// A document that was rejected.
    pub fn of_document(stage: &Stage, handoff: &Handoff, failure: &Failure) -> Self {
        let place = stage.config.name(handoff, &Label::default());
        Rejection { handoff: Some(handoff.clone()), place, ..Self::of(stage, failure) }
    }

    /// A message that could not be read.
    pub fn of_message(stage: &Stage, delivery: &Delivery, failure: &Failure) -> Self {
        let place = format!("messages/{}", delivery.id);
        Rejection { body: Some(delivery.body.clone()), place, ..Self::of(stage, failure) }
    }

    /// A record of a message that could not be read. Its body is a message of that record alone, so that what is sent
    /// again doesn't bring its neighbours along.
    pub fn of_record(stage: &Stage, delivery: &Delivery, record: &Unreadable) -> Self {
        let place = format!("messages/{}/{}", delivery.id, record.index);
        Rejection { body: Some(record.body()), place, ..Self::of(stage, &record.failure) }
    }

    fn of(stage: &Stage, failure: &Failure) -> Self {
        Rejection {
            baton: env!("CARGO_PKG_VERSION").to_owned(),
            pipeline: stage.config.pipeline.clone(),
            stage: stage.config.stage.clone(),
            model: stage.model().clone(),
            reason: failure.reason,
            message: failure.message.clone(),
            handoff: None,
            body: None,
            place: String::new(),
        }
    }

    /// Writes the record to `<rejections>/<stage>/<name>.json`.
    ///
    /// # Errors
    /// A Retry.
    pub async fn write(&self, stage: &Stage) -> Result<(), Failure> {
        let rejected = &stage.config.rejected;
        let mut key = rejected.key(&format!("{}/{}.json", self.stage, self.place));
        if key.len() > LONGEST_KEY {
            // Its own key is too long for S3, which may be why it is here.
            key = rejected.key(&format!("{}/{}.json", self.stage, crate::sha256(self.place.as_bytes())));
        }
        let bytes = serde_json::to_vec_pretty(self).expect("strings and numbers always serialise");
        let at = ObjectRef::new(&rejected.bucket, key);
        stage.store.put(&at, bytes.into(), &Label::record(), &Over::Anything).await.map(|_| ())
    }
}
