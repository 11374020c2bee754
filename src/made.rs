//! What is written of a document. A form repeats sentences, so it can be a thousand times what came in: all of it is
//! measured, and waits for room, before any of it is in memory.

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    bounded::Bounded,
    config::Limit,
    document::{Document, contract::Annotation},
    error::Failure,
    forms::Finding,
    handoff::ObjectRef,
    stage::Stage,
    step::offload,
    store::Space,
};

/// The bytes to be written.
pub struct Made {
    /// The enriched document.
    pub result: Bytes,
    /// What is written besides it, in the order of the stage's forms.
    pub forms: Vec<Bytes>,
    /// What the stage found.
    pub annotation: Annotation,
    _space: Space,
}

/// What they are made from.
pub struct Making {
    /// The stage.
    pub stage: Arc<Stage>,
    /// The document's name in its pipeline.
    pub name: String,
    /// What was read.
    pub input: ObjectRef,
    /// The document, with what the stage found in it.
    pub document: Document,
    /// What the stage says about it.
    pub annotation: Annotation,
}

impl Making {
    /// Makes them, when there is room.
    ///
    /// # Errors
    /// A Reject when one would be larger than the limits say.
    pub async fn make(self) -> Result<Made, Failure> {
        let (making, measured) = offload(move || {
            let measured = self.parts(Bounded::counting);
            (self, measured)
        })
        .await;
        let lengths: Vec<usize> = measured?.iter().map(Bounded::length).collect();
        let space = making.stage.room.make(lengths.iter().sum()).await;
        offload(move || {
            let mut lengths = lengths.into_iter();
            let parts = making.parts(|most| Bounded::with_room(lengths.next().unwrap_or_default(), most))?;
            let mut parts: Vec<Bytes> = parts.into_iter().map(|part| part.into_bytes().into()).collect();
            let result = parts.pop().unwrap_or_default();
            Ok(Made { result, forms: parts, annotation: making.annotation, _space: space })
        })
        .await
    }

    /// The forms, and last the result, each in an `out` of its own.
    fn parts(&self, mut out: impl FnMut(Limit) -> Bounded) -> Result<Vec<Bounded>, Failure> {
        let Making { stage, name, input, document, annotation } = self;
        let (config, limits) = (&stage.config, &stage.config.limits);
        let mut parts = Vec::with_capacity(config.forms.len() + 1);
        for form in &config.forms {
            let mut bytes = out(limits.form_bytes);
            form.write(&mut bytes, Finding { document, annotation, name })?;
            parts.push(bytes);
        }
        let mut bytes = out(limits.result_bytes);
        document.write(&mut bytes, &config.stage, annotation, &stage.lineage(input.clone()))?;
        parts.push(bytes);
        Ok(parts)
    }
}
