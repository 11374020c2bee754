//! What is written of a document. A form repeats sentences, so it can be a thousand times what came in: all of it is
//! measured, and waits for room, before any of it is in memory.

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    bounded::Bounded,
    document::{Document, contract::Annotation},
    error::Failure,
    forms::{Enriched, Form},
    handoff::ObjectRef,
    limits::Limit,
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
        let (forms, result) = measured?;
        let length = forms.iter().map(Bounded::length).sum::<usize>() + result.length();
        let space = making.stage.room.make(length).await;
        offload(move || {
            let (forms, result) = making.parts(Bounded::new)?;
            let bytes = |made: Bounded| Bytes::from(made.into_bytes());
            Ok(Made {
                result: bytes(result),
                forms: forms.into_iter().map(bytes).collect(),
                annotation: making.annotation,
                _space: space,
            })
        })
        .await
    }

    /// The forms and the result, each in an `out` of its own.
    fn parts(&self, out: fn(Limit) -> Bounded) -> Result<(Vec<Bounded>, Bounded), Failure> {
        let Making { stage, name, input, document, annotation } = self;
        let (config, limits) = (&stage.config, &stage.config.limits);
        let form = |form: &Form| {
            let mut bytes = out(limits.form_bytes);
            form.write(&mut bytes, Enriched { document, annotation, name })?;
            Ok(bytes)
        };
        let forms = config.forms.iter().map(form).collect::<Result<_, Failure>>()?;
        let mut result = out(limits.result_bytes);
        document.write(&mut result, &config.stage, annotation, Some(&stage.lineage(input.clone())))?;
        Ok((forms, result))
    }
}
