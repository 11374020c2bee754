//! A message of many documents becomes a message for each. Else they would be done by one process, one after the other,
//! be looked at and handed on again each time that one of them comes back, and be dead letters together.

use std::collections::HashSet;

use crate::{
    event::Delivery,
    handoff::{Announced, Handoff, Unreadable},
    queue::Message,
    stage::Stage,
};

/// So many documents stay together: one or two, as S3 puts them into a message, are done sooner than sent again.
const MOST_TOGETHER: usize = 10;

/// Where to send apart what a message announces, if it is too much for one. On a queue that keeps an order all would lose
/// their place.
pub fn queue<'s>(stage: &'s Stage, delivery: &Delivery, announced: &Announced) -> Option<&'s str> {
    let is_due = delivery.group.is_none() && announced.handoffs.len() > MOST_TOGETHER;
    stage.config.queue.as_deref().filter(|_| is_due)
}

/// Takes out what a message announces, and sends a message for each; answers which documents those were. What the queue
/// doesn't take stays, to be done as it came.
pub async fn send(
    stage: &Stage,
    queue: &str,
    delivery: &Delivery,
    announced: &mut Announced,
) -> Vec<Handoff> {
    let mut bodies: Vec<String> = announced.handoffs.iter().map(Handoff::to_body).collect();
    bodies.extend(announced.unreadable.iter().map(Unreadable::body));
    let mut met = HashSet::new();
    bodies.retain(|body| met.insert(body.clone()));
    let message =
        |body: &String| Message { body: body.clone(), trace: delivery.trace.clone(), ..Message::default() };
    let answers = stage.queue.send_all(queue, bodies.iter().map(message).collect()).await;
    if let Some(failure) = answers.iter().find_map(|answer| answer.as_ref().err()) {
        tracing::warn!(
            stage = stage.config.stage,
            message = delivery.id,
            why = failure.message,
            "what can't be sent apart of this message is done one after the other"
        );
    }
    let sent = bodies.into_iter().zip(answers).filter(|(_, answer)| answer.is_ok());
    let sent: HashSet<String> = sent.map(|(body, _)| body).collect();
    announced.unreadable.retain(|record| !sent.contains(&record.body()));
    let (apart, left) =
        std::mem::take(&mut announced.handoffs).into_iter().partition(|h| sent.contains(&h.to_body()));
    announced.handoffs = left;
    apart
}
