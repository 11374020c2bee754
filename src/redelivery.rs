//! How what comes back does so: after a while, as a new message where only time was missing, and apart from what may
//! have ended its process.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::timeout};

use crate::{
    config::StageConfig,
    deadline::Deadline,
    error::{Failure, Reason},
    event::{Delivery, SENT_ANEW},
    queue::{Hidden, Message},
    settle::Settled,
    stage::Stage,
};

/// A message that was received so often, and for which there is no time once more, is sent anew: each delivery is a try,
/// and there may be many documents before it.
const TRIES_FOR_TIME: u32 = 3;

/// So often at most: whatever else may be wrong with it ends among the dead letters.
const MOST_ANEW: u32 = 50;

/// Messages that may be lost with their process come back over so many times the length of its invocation, which is
/// about as late as the queue's own time-out would bring them.
const SPREAD: u32 = 5;

/// How long a worker waits for its queue: what is released is hidden for a while only, and may be another's then.
const PATIENCE: Duration = Duration::from_secs(15);

/// The time that Lambda has to delete what was done, when the invocation's is over.
const ANSWER: Duration = Duration::from_secs(5);

/// Lets the messages that come back do so after a while: the longer, the more often they came.
pub async fn postpone(
    stage: &Arc<Stage>,
    deliveries: &[Delivery],
    settled: &mut [Settled],
    deadline: Deadline,
) {
    let Some(queue) = stage.config.queue.clone() else {
        return;
    };
    let (mut hidden, mut anew) = (Vec::new(), JoinSet::new());
    for (i, (delivery, settled)) in deliveries.iter().zip(&*settled).enumerate() {
        // The longest decides for all of a message.
        let delay =
            settled.returned_for().map(|failure| delay(&stage.config, failure, delivery.receive_count)).max();
        let Some(delay) = delay else { continue };
        let is_out_of_time = settled.returned_for().all(|failure| failure.reason == Reason::NotBegun);
        let may_be_sent_anew = delivery.group.is_none() && delivery.sent_anew < MOST_ANEW;
        let is_sent_anew = is_out_of_time && may_be_sent_anew && delivery.receive_count >= TRIES_FOR_TIME;
        let comes_back = (delivery.receipt.clone(), delay);
        if !is_sent_anew {
            hidden.push(comes_back);
            continue;
        }
        let (stage, queue, delivery) = (stage.clone(), queue.clone(), delivery.clone());
        anew.spawn(async move {
            if send_anew(&stage, &queue, &delivery).await {
                return Some(i);
            }
            hide(&stage, &queue, &[comes_back]).await;
            None
        });
    }
    let sent = async {
        while let Some(done) = anew.join_next().await {
            if let Ok(Some(i)) = done {
                settled[i].is_sent_anew = true;
            }
        }
    };
    let all = async { tokio::join!(hide(stage, &queue, &hidden), sent) };
    // What is left of the invocation nobody else needs any more.
    in_margin(stage, deadline, deadline.left().unwrap_or_default(), all).await;
}

/// Whether a new message stands for this one. On a queue that keeps an order it would lose its place.
async fn send_anew(stage: &Stage, queue: &str, delivery: &Delivery) -> bool {
    let message = Message {
        body: delivery.body.clone(),
        trace: delivery.trace.clone(),
        attributes: vec![(SENT_ANEW.to_owned(), (delivery.sent_anew + 1).to_string())],
        ..Message::default()
    };
    match stage.queue.send(queue, message).await {
        Ok(()) => true,
        Err(failure) => {
            tracing::warn!(
                stage = stage.config.stage,
                why = failure.message,
                "it comes back as it is, and a try less"
            );
            false
        }
    }
}

/// Messages that came before may have been in work when their process was ended, and whatever ended it may be among them.
/// So that it doesn't take the same neighbours along each time, they come back one after the other, should this process be
/// ended too. What is settled now is settled whatever was said here.
pub async fn keep_apart(stage: &Arc<Stage>, deliveries: &[Delivery], deadline: Deadline) {
    let again: Vec<&Delivery> =
        deliveries.iter().filter(|delivery| delivery.receive_count > 1 && delivery.group.is_none()).collect();
    let (Some(queue), Some(left)) = (stage.config.queue.clone(), deadline.left()) else {
        return;
    };
    if again.len() < 2 {
        return;
    }
    let over = left + deadline.margin().unwrap_or_default() + ANSWER;
    let apart = left * SPREAD / again.len() as u32;
    let hidden = (0..).zip(&again).map(|(i, delivery)| (delivery.receipt.clone(), over + apart * i));
    let hidden: Vec<Hidden> = hidden.collect();
    in_margin(stage, deadline, Duration::ZERO, hide(stage, &queue, &hidden)).await;
}

/// Makes calls to the queue in less than the time that is kept for the answer, and so much more, where somebody waits for one: one
/// that comes late is no answer.
async fn in_margin<T>(stage: &Stage, deadline: Deadline, more: Duration, calls: impl Future<Output = T>) {
    let patience = deadline.margin().map_or(PATIENCE, |margin| more + margin / 2);
    if timeout(patience, calls).await.is_err() {
        tracing::warn!(
            stage = stage.config.stage,
            "the queue took too long to answer: its time-out holds for some messages, and some may come twice"
        );
    }
}

async fn hide(stage: &Stage, queue: &str, messages: &[Hidden]) {
    for failure in stage.queue.hide(queue, messages).await.into_iter().filter_map(Result::err) {
        tracing::warn!(stage = stage.config.stage, why = failure.message, "the queue's time-out holds");
    }
}

/// Between half of a bound and the bound, which doubles each time, so that what failed together doesn't come back
/// together and an outage of minutes doesn't use up what a message has of tries. What was not begun lost nothing but its
/// turn, and comes back at once.
fn delay(config: &StageConfig, failure: &Failure, receive_count: u32) -> Duration {
    if matches!(failure.reason, Reason::NotBegun | Reason::OutOfTurn) {
        return Duration::ZERO;
    }
    let doubled = config.backoff.saturating_mul(1 << receive_count.saturating_sub(1).min(16));
    doubled.min(config.backoff_most).mul_f64(0.5 + fastrand::f64() / 2.0)
}
