//! The log's line for each document: what became of it.

use super::{Counts, counts, milliseconds};
use crate::{
    config::StageConfig,
    error::Failure,
    pipeline::Done,
    settle::{Outcome, Settled},
    step::Times,
};

/// What a message came with: on Lambda the invocation's request id, and whether it is the process's first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Invocation<'a> {
    /// Lambda's request id.
    pub request_id: Option<&'a str>,
    /// Whether it waited for the process to get ready.
    pub cold: bool,
}

/// What a line says; what is None is left out of it.
#[derive(Default)]
struct Line<'a> {
    outcome: &'static str,
    what: Option<&'a str>,
    output: Option<String>,
    counts: Option<Counts>,
    times: Option<Times>,
    failure: Option<&'a Failure>,
}

/// Says what became of a message, a line for each of its documents.
pub fn settled(config: &StageConfig, message: &Settled, invocation: Invocation<'_>) {
    let say = |document: Option<String>, line: Line<'_>| write(config, message, invocation, document, &line);
    for what in message.ignored.iter().take(ONE_BY_ONE) {
        let what = &what[..what.floor_char_boundary(LONGEST)];
        say(None, Line { outcome: "ignored", what: Some(what), ..Line::default() });
    }
    if let Some(more @ 1..) = message.ignored.len().checked_sub(ONE_BY_ONE) {
        say(None, Line { outcome: "ignored", what: Some(&format!("and {more} more")), ..Line::default() });
    }
    for handoff in &message.sent_apart {
        say(Some(handoff.document.to_string()), Line { outcome: "sent apart", ..Line::default() });
    }
    for (handoff, outcome) in &message.outcomes {
        let document = handoff.as_ref().map(|handoff| handoff.document.to_string());
        let mut line = line(outcome);
        if message.is_sent_anew && line.outcome == GIVEN_BACK {
            line.outcome = "sent anew";
        }
        say(document, line);
    }
}

/// What needed nothing done may be thousands of records of one message, and say whatever their sender likes.
const ONE_BY_ONE: usize = 20;
const LONGEST: usize = 500;

const GIVEN_BACK: &str = "given back";

fn line(outcome: &Outcome) -> Line<'_> {
    match outcome {
        Outcome::Done(done) => match &**done {
            Done::Computed { output, annotation, times } => Line {
                outcome: "done",
                output: Some(output.to_string()),
                counts: Some(counts(annotation)),
                times: Some(*times),
                ..Line::default()
            },
            Done::Repeated { output } => {
                Line { outcome: "repeated", output: Some(output.to_string()), ..Line::default() }
            }
            Done::Stale => Line { outcome: "stale", ..Line::default() },
        },
        Outcome::Rejected(failure) => Line { outcome: "rejected", failure: Some(failure), ..Line::default() },
        Outcome::GivenBack(failure) => {
            Line { outcome: GIVEN_BACK, failure: Some(failure), ..Line::default() }
        }
    }
}

fn write(
    config: &StageConfig,
    message: &Settled,
    Invocation { request_id, cold }: Invocation<'_>,
    document: Option<String>,
    Line { outcome, what, output, counts, times, failure }: &Line<'_>,
) {
    let (stage, id, trace) = (config.stage.as_str(), message.id.as_str(), message.trace.name());
    // What quotes a document is for its record, and for who asks.
    let why = failure.filter(|failure| !failure.reason.quotes()).map(|failure| failure.message.as_str());
    let count = |of: fn(&Counts) -> usize| counts.as_ref().map(of);
    let ms = |of: fn(&Times) -> std::time::Duration| times.as_ref().map(|times| milliseconds(of(times)));
    macro_rules! say {
        ($level:ident) => {
            tracing::event!(
                tracing::Level::$level,
                stage,
                request_id,
                cold,
                trace,
                message = id,
                document,
                outcome,
                what,
                class = failure.map(|failure| failure.class.as_str()),
                reason = failure.map(|failure| failure.reason.as_str()),
                why,
                output,
                inputs = count(|counts| counts.inputs),
                tokens = count(|counts| counts.tokens),
                unknown = count(|counts| counts.unknown),
                windowed = count(|counts| counts.windowed),
                fetch_ms = ms(|times| times.fetch),
                look_ms = ms(|times| times.look),
                read_ms = ms(|times| times.read),
                model_ms = ms(|times| times.model),
                write_ms = ms(|times| times.write),
                hand_on_ms = ms(|times| times.hand_on),
                took_ms = ms(|times| times.total),
                age_ms = times.as_ref().and_then(|times| times.age).map(milliseconds)
            )
        };
    }
    let Some(failure) = failure else { return say!(INFO) };
    say!(WARN);
    if why.is_none() {
        tracing::debug!(stage, request_id, message = id, document, why = failure.message);
    }
}
