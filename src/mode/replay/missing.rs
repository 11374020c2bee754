//! Whether a document has its result already, of the same input, model and configuration: what the stage itself asks
//! before it computes, asked from outside and without its model.

use std::sync::Arc;

use crate::{
    claim,
    config::StageConfig,
    error::Failure,
    handoff::Handoff,
    model::{self, LoadError},
    store::Store,
};

/// A stage as far as it takes to know its results.
pub struct Missing {
    store: Arc<dyn Store>,
    fingerprint: String,
    config: StageConfig,
}

impl Missing {
    /// The stage of that configuration.
    ///
    /// # Errors
    /// A model whose files can't be read.
    pub fn of(config: StageConfig, store: Arc<dyn Store>) -> Result<Self, LoadError> {
        let fingerprint = config.fingerprint(&model::digest(&config.model)?);
        Ok(Missing { store, fingerprint, config })
    }

    /// Whether the stage would find nothing to do. Where that can't be told it may find out itself.
    ///
    /// # Errors
    /// A Retry.
    pub async fn is_there(&self, handoff: &Handoff) -> Result<bool, Failure> {
        let Some(input) = self.store.look(&handoff.document).await? else {
            return Ok(false);
        };
        let name = self.config.name(handoff, &input.label);
        let (Some(etag), Ok(output)) = (input.object.etag, self.config.output(&name)) else {
            return Ok(false);
        };
        let fingerprint = Some(claim::fingerprint(&etag, &self.fingerprint, &name));
        for place in output.forms.iter().chain([&output.result]) {
            let seen = self.store.look(place).await?;
            if seen.is_none_or(|seen| seen.label.fingerprint != fingerprint) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
