//! One document's whole journey, as a straight line. A newcomer starts here.
//!
//! The order of effects is write → hand on → succeed: wherever the process dies, the message comes back, and doing
//! it again writes the same bytes.

use std::{sync::Arc, time::Instant};

use tracing::info_span;

use crate::{
    claim::{Claim, Standing},
    deadline::Deadline,
    document::{Document, contract::Annotation},
    error::Failure,
    handoff::{Handoff, ObjectRef},
    made::Making,
    stage::Stage,
    step::{Times, offload, step},
    store::Seen,
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

/// Takes one document through the stage, a span for each step; `trace` is where its message came from.
///
/// # Errors
/// A Failure, typed by what is to be done about it.
pub async fn run(
    stage: &Arc<Stage>,
    handoff: &Handoff,
    trace: &Trace,
    deadline: Deadline,
) -> Result<Done, Failure> {
    let (begun, mut times) = (Instant::now(), Times::default());
    stage.check(handoff)?;
    let get = stage.store.get(&handoff.document, &stage.room);
    let object = step(&mut times.fetch, info_span!("fetch"), get).await?;
    stage.check_label(handoff, &object.label)?;
    let name = stage.config.name(handoff, &object.label);
    let output = stage.config.output(&name)?;

    let claim = Claim::new(stage, handoff, &name, &object);
    let standing = step(&mut times.look, info_span!("look"), claim.standing(stage, &output)).await?;
    let seen = match standing {
        Standing::Open(seen) => seen,
        Standing::Stale => return Ok(Done::Stale),
        Standing::Made(Seen { object: output, .. }) => {
            let hand_on = stage.hand_on(handoff, &output, &name, claim.writing(&output), trace);
            step(&mut times.hand_on, info_span!("hand on"), hand_on).await?;
            return Ok(Done::Repeated { output });
        }
    };

    let (bytes, _space) = stage.room.unpack(object.bytes).await?;
    drop(object.space);
    let (limits, defaults) = (stage.config.limits, stage.defaults());
    let read = offload(move || Document::read(&bytes, &limits, defaults));
    let mut document = step(&mut times.read, info_span!("read"), read).await?;
    stage.check_read(handoff, &object.label, &document)?;
    let annotate = async {
        let tokens = stage.task.tokens(&document);
        stage.config.limits.tokens.check(tokens)?;
        let promise = deadline.admit(stage.task.model().engine.pace(), tokens).await?;
        stage.task.annotate(&mut document, promise).await
    };
    let annotation = step(&mut times.model, info_span!("model"), annotate).await?;
    document.check_entities(&stage.config.limits)?;
    let making =
        Making { stage: stage.clone(), name: name.clone(), input: object.read, document, annotation };
    let write = async {
        let made = making.make().await?;
        Ok((claim.write(stage, &output, &made, seen).await?, made.annotation))
    };
    let (Some(output), annotation) = step(&mut times.write, info_span!("write"), write).await? else {
        return Ok(Done::Stale);
    };
    let hand_on = stage.hand_on(handoff, &output, &name, claim.writing(&output), trace);
    step(&mut times.hand_on, info_span!("hand on"), hand_on).await?;
    (times.total, times.age) = (begun.elapsed(), trace.age());
    Ok(Done::Computed { output, annotation: Box::new(annotation), times })
}
