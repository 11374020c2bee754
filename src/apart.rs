//! A message of many documents becomes a message for each. Else they would be done by one process, one after the other,
//! be looked at and handed on again each time that one of them comes back, and be dead letters together.

use std::collections::HashSet;

use crate::{
    event::Delivery,
    handoff::Handoff,
    queue::{MOST_AT_ONCE, Message},
    stage::Stage,
};

/// So many documents stay together. S3 puts one or two into a message; a program or a person may put in thousands.
const MOST_TOGETHER: usize = MOST_AT_ONCE;

/// Takes these documents out and sends a message for each, if they are too many for one; answers which they were. Where the
/// queue doesn't take all of them they stay, and what was sent is found done. On a queue that keeps an order they would
/// lose their place.
pub async fn send(stage: &Stage, delivery: &Delivery, documents: &mut Vec<Handoff>) -> Vec<Handoff> {
    let (Some(queue), None, true) = (&stage.config.queue, &delivery.group, documents.len() > MOST_TOGETHER)
    else {
        return Vec::new();
    };
    let mut met = HashSet::new();
    let different = documents.iter().filter(|document| met.insert(*document));
    let message = |document: &Handoff| Message {
        body: document.to_body(),
        trace: delivery.trace.clone(),
        ..Message::default()
    };
    let answers = stage.queue.send_all(queue, different.map(message).collect()).await;
    match answers.into_iter().find_map(Result::err) {
        None => std::mem::take(documents),
        Some(failure) => {
            let documents = documents.len();
            tracing::warn!(
                stage = stage.config.stage,
                message = delivery.id,
                documents,
                why = failure.message,
                "the documents of this message are not sent apart, and done one after the other"
            );
            Vec::new()
        }
    }
}
