//! One document's whole journey, as a straight line. A newcomer starts here.
//!
//! The order of effects is write → hand on → succeed: wherever the process dies, the message comes back, and doing
//! it again writes the same bytes.

use std::time::{Duration, Instant};

use tracing::{Instrument, info_span};

use crate::{
    claim::{Claim, Standing},
    deadline::Deadline,
    document::{Document, contract::Annotation},
    error::Failure,
    forms::Finding,
    handoff::{Handoff, ObjectRef},
    stage::Stage,
    trace::Trace,
};

/// What became of a document that came through.
#[derive(Clone, Debug)]
pub enum Done {
    /// Its result was made and handed on.
    Computed {
        /// The result.
        output: ObjectRef,
        /// What the stage found.
        annotation: Box<Annotation>,
        /// How long it took.
        times: Times,
    },
    /// The same result was there already; it was handed on again.
    Repeated {
        /// The result.
        output: ObjectRef,
    },
    /// A result of a newer version of it is there; nothing was done.
    Stale,
}

/// How long a document took, and its steps.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
    /// Reading the object.
    pub fetch: Duration,
    /// Looking whether the result is there, unpacking, reading the document.
    pub read: Duration,
    /// With the model, waiting for its turn there included.
    pub model: Duration,
    /// Writing what was made of it.
    pub write: Duration,
    /// Handing it on.
    pub hand_on: Duration,
    /// All of it, from message to handoff.
    pub total: Duration,
}

/// Takes one document through the stage, a span for each step; `trace` is where its message came from.
///
/// # Errors
/// A Failure, typed by what is to be done about it.
pub async fn run(
    stage: &Stage,
    handoff: &Handoff,
    trace: &Trace,
    deadline: Deadline,
) -> Result<Done, Failure> {
    let (begun, mut times) = (Instant::now(), Times::default());
    stage.check(handoff)?;
    let object = stage.store.get(&handoff.document, &stage.room).instrument(info_span!("fetch")).await?;
    times.fetch = begun.elapsed();
    let name = stage.name(handoff, object.label.name.clone());
    let output = stage.output(&name)?;

    let claim = Claim::new(stage, handoff, &name, &object);
    let over = match claim.standing(stage, &output).instrument(info_span!("look")).await? {
        Standing::Open(over) => over,
        Standing::Stale => return Ok(Done::Stale),
        Standing::Made(output) => {
            stage.hand_on(handoff, &output, &name, &claim, trace).instrument(info_span!("hand on")).await?;
            return Ok(Done::Repeated { output });
        }
    };

    let (bytes, _space) = stage.room.unpack(object.bytes).await?;
    let read = || Document::read(&bytes, &stage.config.limits, stage.defaults());
    let mut document = info_span!("read").in_scope(read)?;
    let promise = deadline.admit(stage.task.model().engine.pace(), stage.task.tokens(&document))?;
    times.read = begun.elapsed() - times.fetch;
    let asked = Instant::now();
    let annotation = stage.task.annotate(&mut document, promise).instrument(info_span!("model")).await?;
    times.model = asked.elapsed();
    let found = Instant::now();
    let forms = stage.forms(Finding { document: &document, annotation: &annotation, name: &name })?;
    let bytes = document.write(&stage.config.stage, &annotation, &stage.lineage(object.read));

    let written = claim.write(stage, &output, bytes, &forms, over).instrument(info_span!("write")).await?;
    let Standing::Made(output) = written else {
        return Ok(Done::Stale);
    };
    times.write = found.elapsed();
    stage.hand_on(handoff, &output, &name, &claim, trace).instrument(info_span!("hand on")).await?;
    times.hand_on = found.elapsed() - times.write;
    times.total = begun.elapsed();
    Ok(Done::Computed { output, annotation: Box::new(annotation), times })
}
