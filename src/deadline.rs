//! When an invocation must have answered, and whether a document can be done by then.

use std::time::{Duration, Instant, SystemTime};

use crate::{
    error::{Failure, Reason},
    model::{Pace, Promise},
};
use std::sync::Arc;

/// The time that an invocation has; a run without one has all the time there is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deadline(Option<Window>);

#[derive(Clone, Copy, Debug)]
struct Window {
    begun: Instant,
    end: Instant,
}

/// How much slower than measured a document may turn out before it is late.
const CAUTION: f64 = 1.25;

/// The share of an invocation's time that is left when it has hardly begun.
const FRESH: f64 = 0.8;

impl Deadline {
    /// The time until the platform ends the invocation, less what answering takes; never less than half of it, so
    /// that a short time-out still leaves time to work.
    pub fn before(end: SystemTime, margin: Duration) -> Self {
        let begun = Instant::now();
        let left = end.duration_since(SystemTime::now()).unwrap_or_default();
        Deadline(Some(Window { begun, end: begun + left.saturating_sub(margin).max(left / 2) }))
    }

    /// The moment when everything must have been answered.
    pub fn instant(&self) -> Option<Instant> {
        self.0.map(|window| window.end)
    }

    /// Promises to run `tokens` if they are expected to be done in time, after all that was promised before.
    ///
    /// # Errors
    /// A Retry when they aren't; a Reject when they never will be, in an invocation of this length.
    pub fn admit(&self, pace: &Arc<Pace>, tokens: usize) -> Result<Promise, Failure> {
        let Some(Window { begun, end }) = self.0 else {
            return Ok(pace.promise(tokens));
        };
        let left = end.saturating_duration_since(Instant::now());
        let (whole, alone, speed) = (end - begun, pace.alone(tokens), pace.tokens_per_second());
        let after_others = pace.after_promised(tokens);
        if after_others.mul_f64(CAUTION) <= left {
            return Ok(pace.promise(tokens));
        }
        // Twice the time, not just over it: this measurement may be of a bad moment, and a Reject is for good.
        if alone > whole * 2 {
            let message = format!(
                "about {tokens} tokens take about {} s at the {speed:.0} tokens/s of this function, and an invocation \
                 has {} s: give it more memory (and so more CPU) or a longer time-out",
                alone.as_secs(),
                whole.as_secs()
            );
            return Err(Failure::reject(Reason::TooLarge, message));
        }
        // It will have no better chance than all of an invocation for itself, and may be quicker than it looks.
        if after_others <= alone && left >= whole.mul_f64(FRESH) {
            return Ok(pace.promise(tokens));
        }
        let message = format!(
            "not begun: about {tokens} tokens at {speed:.0} tokens/s, after what is in work, and {:.1} s left",
            left.as_secs_f64()
        );
        Err(Failure::retry(Reason::Deadline, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_fill_an_invocation_is_begun_in_a_fresh_one_that_has_nothing_else_to_do() {
        let pace = Arc::new(Pace::at(1, Duration::from_millis(1)));
        let deadline = Deadline::before(SystemTime::now() + Duration::from_secs(60), Duration::ZERO);
        let alone = deadline.admit(&pace, 70_000).expect("nobody waits for it");
        let failure = deadline.admit(&pace, 70_000).expect_err("another one is in work");
        assert_eq!(failure.reason, Reason::Deadline);
        drop(alone);
        let late =
            Deadline(Some(Window { begun: Instant::now() - Duration::from_secs(40), ..deadline.0.unwrap() }));
        assert_eq!(late.admit(&pace, 70_000).expect_err("it is not fresh").reason, Reason::Deadline);
        assert_eq!(
            deadline.admit(&pace, 200_000).expect_err("it never will be done").reason,
            Reason::TooLarge
        );
    }
}
