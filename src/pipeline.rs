//! One document's whole journey, as a straight line. A newcomer starts here.
//!
//! The order of effects is write → hand on → succeed: wherever the process dies, the message comes back, and doing
//! it again writes the same bytes.

use crate::{
    document::{Document, contract::Annotation},
    error::Failure,
    handoff::{Handoff, ObjectRef},
    queue::Message,
    stage::Stage,
    store::Label,
};

/// What became of a document that came through.
#[derive(Clone, Debug)]
pub struct Done {
    /// The result.
    pub output: ObjectRef,
    /// The document's name in the pipeline.
    pub name: String,
    /// What the stage found.
    pub annotation: Annotation,
}

/// Takes one document through the stage. `trace` is the X-Ray trace that its message belongs to.
///
/// # Errors
/// A Failure, typed by what is to be done about it.
pub async fn run(stage: &Stage, handoff: &Handoff, trace: Option<&str>) -> Result<Done, Failure> {
    stage.check_bucket(&handoff.document)?;
    let object = stage.store.get(&handoff.document, stage.config.limits.object_bytes.most).await?;
    let name = stage.name(handoff, object.name);
    let output = stage.output(&name)?;

    let document = Document::read(&object.bytes, &stage.config.limits, stage.defaults())?;
    let (document, annotation) = stage.task.annotate(document).await?;
    let bytes = document.write(&stage.config.stage, &annotation, &stage.lineage(object.read));

    let output = stage.store.put(&output, bytes, &Label { name: name.clone() }).await?;
    let body = handoff.next(output.clone(), &name, &stage.config.pipeline).to_body();
    for queue in &stage.config.next {
        stage.queue.send(queue, Message { body: body.clone(), trace: trace.map(str::to_owned) }).await?;
    }
    Ok(Done { output, name, annotation })
}
