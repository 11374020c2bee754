//! An SQS event → deliveries, and their outcomes → the batch response. Pure: a body is not looked at here, so one
//! bad body never costs its neighbours.

use std::collections::HashMap;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};

use crate::trace::{SINCE, Trace};

/// A message as SQS delivered it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Its id, by which it is given back.
    pub id: String,
    /// What this delivery of it is called, by which it is postponed.
    pub receipt: String,
    /// What it says.
    pub body: String,
    /// The traces that it belongs to.
    pub trace: Trace,
    /// How often it was delivered, this time included.
    pub receive_count: u32,
    /// How often a new message was sent in its place before.
    pub sent_anew: u32,
    /// On a FIFO queue, the group in which it must not be overtaken.
    pub group: Option<String>,
}

/// The message attribute that says how often it was sent anew.
pub const SENT_ANEW: &str = "SentAnew";

/// No message is kept for longer, and what says so of itself is no moment of a document's: fourteen days, in milliseconds.
const LONGEST_WAY: u64 = 14 * 24 * 60 * 60 * 1000;

/// The deliveries of an event, in order.
pub fn deliveries(event: SqsEvent) -> Vec<Delivery> {
    event.records.into_iter().map(delivery).collect()
}

fn delivery(message: SqsMessage) -> Delivery {
    let attribute = |name: &str| message.attributes.get(name).cloned();
    let named = |name: &str| message.message_attributes.get(name)?.string_value.clone();
    let is_fifo = message.event_source_arn.as_deref().is_some_and(|arn| arn.ends_with(".fifo"));
    Delivery {
        id: message.message_id.unwrap_or_default(),
        receipt: message.receipt_handle.unwrap_or_default(),
        body: message.body.unwrap_or_default(),
        ..Delivery::of(attribute, named, is_fifo)
    }
}

impl Delivery {
    /// What SQS's own attributes say of a message, and those that its sender gave it.
    pub fn of(
        attribute: impl Fn(&str) -> Option<String>,
        named: impl Fn(&str) -> Option<String>,
        is_fifo: bool,
    ) -> Self {
        let milliseconds = |text: Option<String>| text.and_then(|text| text.parse::<u64>().ok());
        let sent = milliseconds(attribute("SentTimestamp"));
        let is_before =
            |since: &u64| sent.is_some_and(|sent| (sent.saturating_sub(LONGEST_WAY)..=sent).contains(since));
        let since = milliseconds(named(SINCE)).filter(is_before).or(sent);
        Delivery {
            trace: Trace::new(attribute("AWSTraceHeader"), named("traceparent"), since),
            sent_anew: named(SENT_ANEW).and_then(|n| n.parse().ok()).unwrap_or(0),
            receive_count: attribute("ApproximateReceiveCount").and_then(|n| n.parse().ok()).unwrap_or(1),
            // Standard queues can have groups too, for fairness; order is a promise of FIFO queues alone.
            group: attribute("MessageGroupId").filter(|_| is_fifo),
            ..Delivery::default()
        }
    }
}

/// Messages that must keep their order together, each of the others alone.
pub fn lanes<T>(messages: impl IntoIterator<Item = T>, delivery: impl Fn(&T) -> &Delivery) -> Vec<Vec<T>> {
    let mut lanes: Vec<Vec<T>> = Vec::new();
    let mut groups: HashMap<String, usize> = HashMap::new();
    for message in messages {
        match &delivery(&message).group {
            Some(group) => {
                let lane = *groups.entry(group.clone()).or_insert(lanes.len());
                if lane == lanes.len() {
                    lanes.push(Vec::new());
                }
                lanes[lane].push(message);
            }
            None => lanes.push(vec![message]),
        }
    }
    lanes
}

/// Puts messages that say the same, and keep no order, into one lane: their document is then looked at once for all of them.
pub fn alike_together(lanes: Vec<Vec<Delivery>>) -> Vec<Vec<Delivery>> {
    let mut together: Vec<Vec<Delivery>> = Vec::with_capacity(lanes.len());
    let mut saying: HashMap<String, usize> = HashMap::new();
    for lane in lanes {
        match &lane[..] {
            [alone] if alone.group.is_none() => {
                let place = *saying.entry(alone.body.clone()).or_insert(together.len());
                match together.get_mut(place) {
                    Some(others) => others.extend(lane),
                    None => together.push(lane),
                }
            }
            _ => together.push(lane),
        }
    }
    together
}

/// The answer that gives the messages of these ids back.
///
/// # Errors
/// A message without an id can't be given back alone: SQS takes an empty one for the whole batch, silently. Then
/// the batch must fail openly, so that nothing is lost.
pub fn batch_response(give_back: impl IntoIterator<Item = String>) -> Result<SqsBatchResponse, String> {
    let mut response = SqsBatchResponse::default();
    for id in give_back {
        if id.is_empty() {
            return Err("a message that failed has no messageId, so the whole batch is given back".into());
        }
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id;
        response.batch_item_failures.push(failure);
    }
    Ok(response)
}
