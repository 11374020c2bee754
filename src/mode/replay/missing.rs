//! Whether a document has its result already, of the same input, model and configuration: what the stage itself asks
//! before it computes, asked from outside and without its model.

use crate::{
    claim,
    config::StageConfig,
    error::Failure,
    handoff::Handoff,
    model::{self, LoadError},
    store::{S3Store, Store},
};

/// A stage as far as it takes to know its results.
pub struct Missing {
    store: S3Store,
    fingerprint: String,
    config: StageConfig,
}

impl Missing {
    pub fn of(config: StageConfig, store: S3Store) -> Result<Self, LoadError> {
        let fingerprint = config.fingerprint(&model::digest(&config.model)?);
        Ok(Missing { store, fingerprint, config })
    }

    /// All that decides what is missing.
    pub fn identity(&self) -> String {
        format!("{} {:?} {:?}", self.fingerprint, self.config.output, self.config.buckets)
    }

    /// Whether the stage would find nothing to do. Where that can't be told it may find out itself.
    ///
    /// # Errors
    /// A Retry; a Reject for what the stage would reject because of where it lies.
    pub async fn is_there(&self, handoff: &Handoff) -> Result<bool, Failure> {
        let document = &handoff.document;
        self.config.check_bucket(document)?;
        // It has made it itself.
        if handoff.hop == 0 && self.config.own(document).is_some() {
            return Ok(true);
        }
        let Some(input) = self.store.look(document).await? else {
            return Ok(false);
        };
        let name = self.config.name(handoff, &input.label);
        let (Some(etag), Ok(output)) = (input.object.etag, self.config.output(&name)) else {
            return Ok(false);
        };
        let fingerprint = Some(claim::fingerprint(&etag, &self.fingerprint, &name));
        for place in output.places() {
            let seen = self.store.look(place).await?;
            if seen.is_none_or(|seen| seen.label.fingerprint != fingerprint) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
