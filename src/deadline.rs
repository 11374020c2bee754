//! When an invocation must have answered, and whether a document can be done by then.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use crate::{
    error::{Failure, Reason},
    model::{Pace, Promise},
};

/// The time that an invocation has; a run without one has all the time there is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deadline(Option<Window>);

#[derive(Clone, Copy, Debug)]
struct Window {
    begun: Instant,
    end: Instant,
    /// The time after the end that is kept for answering.
    margin: Duration,
}

/// How much slower than measured a document may turn out before it is late.
const CAUTION: f64 = 1.25;

/// The share of an invocation's time that is left when it has hardly begun.
const FRESH: f64 = 0.8;

/// How often a document that waits for others asks again whether it is its turn.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// Whether a document is begun.
enum Turn {
    Now,
    /// When what is in work may have been done in time for it.
    Later,
    Never(Failure),
}

impl Deadline {
    /// The time until the platform ends the invocation, less what answering takes; never less than half of it, so
    /// that a short time-out still leaves time to work.
    pub fn before(end: SystemTime, margin: Duration) -> Self {
        let begun = Instant::now();
        let left = end.duration_since(SystemTime::now()).unwrap_or_default();
        let margin = margin.min(left / 2);
        Deadline(Some(Window { begun, end: begun + (left - margin), margin }))
    }

    /// The moment when everything must have been answered.
    pub fn instant(&self) -> Option<Instant> {
        self.0.map(|window| window.end)
    }

    /// The time that is kept for answering; None where nobody waits for an answer.
    pub fn margin(&self) -> Option<Duration> {
        self.0.map(|window| window.margin)
    }

    /// The time until then; None for all the time there is.
    pub fn left(&self) -> Option<Duration> {
        self.0.map(|window| window.end.saturating_duration_since(Instant::now()))
    }

    /// Promises to run `tokens` as soon as they are expected to be done in time, after all that was promised before and all
    /// that waits before. A large document waits for small ones that were quicker to be read: given back, it would meet
    /// others of them. Whoever sees that it will be late goes, so that those behind it come sooner.
    ///
    /// # Errors
    /// A Retry when they can't be done in time; a Reject when they never will be, in an invocation of this length.
    pub async fn admit(&self, pace: &Arc<Pace>, tokens: usize) -> Result<Promise, Failure> {
        let waits = pace.wait(tokens);
        loop {
            match self.turn(pace, tokens, waits.before()) {
                Turn::Now => return Ok(pace.promise(tokens)),
                Turn::Never(failure) => return Err(failure),
                Turn::Later => {
                    let left = self.left().unwrap_or(ASK_AGAIN);
                    tokio::time::sleep(ASK_AGAIN.min(left / 2)).await;
                }
            }
        }
    }

    /// What is to be done about `tokens` after so many `others`.
    fn turn(&self, pace: &Pace, tokens: usize, others: usize) -> Turn {
        let Some(Window { begun, end, .. }) = self.0 else { return Turn::Now };
        let left = end.saturating_duration_since(Instant::now());
        let (whole, alone) = (end - begun, pace.alone(tokens));
        let longest = pace.longest(whole);
        if pace.alone(others.saturating_add(tokens)).mul_f64(CAUTION) <= left {
            return Turn::Now;
        }
        // At the best speed, and twice the time, not just over it: what is measured now may be of a bad moment, and a
        // Reject is for good.
        if let Some(best) = pace.at_best(tokens).filter(|best| *best > longest * 2) {
            let message = format!(
                "about {tokens} tokens take {} s at {:.0} tokens/s, the best of this function, and an invocation has \
                 {} s: give it more memory (and so more CPU) or a longer time-out",
                best.as_secs(),
                tokens as f64 / best.as_secs_f64(),
                longest.as_secs()
            );
            return Turn::Never(Failure::reject(Reason::TooLarge, message));
        }
        let (is_alone, is_fresh) = (others == 0, left >= whole.mul_f64(FRESH));
        // It will have no better chance than all of an invocation for itself, and may be quicker than it looks.
        if is_alone && is_fresh {
            return Turn::Now;
        }
        // What would sleep longer than it has is given back while it can be.
        if !is_alone && left > ASK_AGAIN && (is_fresh || alone.mul_f64(CAUTION) <= left) {
            return Turn::Later;
        }
        Turn::Never(self.not_begun(pace, tokens))
    }

    fn not_begun(&self, pace: &Pace, tokens: usize) -> Failure {
        let left = self.left().unwrap_or_default();
        let message = format!(
            "not begun: about {tokens} tokens at {:.0} tokens/s, after what is in work, and {:.1} s left",
            pace.tokens_per_second(),
            left.as_secs_f64()
        );
        Failure::retry(Reason::NotBegun, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deadline(left: Duration) -> Deadline {
        Deadline::before(SystemTime::now() + left, Duration::ZERO)
    }

    /// One whose invocation has been at work for so long.
    fn later(deadline: Deadline, by: Duration) -> Deadline {
        Deadline(deadline.0.map(|window| Window { begun: window.begun - by, ..window }))
    }

    async fn refused(deadline: Deadline, pace: &Arc<Pace>, tokens: usize) -> Reason {
        deadline.admit(pace, tokens).await.expect_err("it can't be done").reason
    }

    #[test]
    fn what_is_kept_for_answering_is_never_more_than_half_of_an_invocation() {
        let margin = Duration::from_secs(20);
        let of = |left| Deadline::before(SystemTime::now() + Duration::from_secs(left), margin);
        assert_eq!(of(60).margin(), Some(margin));
        let kept = of(15).margin().expect("it must answer");
        assert!(
            kept <= Duration::from_millis(7500) && of(15).left() <= Some(Duration::from_millis(7500)),
            "{kept:?}"
        );
    }

    #[tokio::test]
    async fn what_would_fill_an_invocation_is_begun_in_a_fresh_one_that_has_nothing_else_to_do() {
        let pace = Arc::new(Pace::at(1, Duration::from_millis(1)));
        let deadline = deadline(Duration::from_secs(60));
        let alone = deadline.admit(&pace, 70_000).await.expect("nobody waits for it");
        let late = later(deadline, Duration::from_secs(40));
        assert_eq!(refused(late, &pace, 70_000).await, Reason::NotBegun, "another one is in work");
        drop(alone);
        assert_eq!(refused(late, &pace, 70_000).await, Reason::NotBegun, "it is not fresh");
        assert_eq!(refused(deadline, &pace, 200_000).await, Reason::TooLarge);
    }

    #[tokio::test]
    async fn documents_wait_in_their_order_until_those_before_them_are_done_or_gone() {
        let pace = Arc::new(Pace::at(1, Duration::from_millis(1)));
        let deadline = deadline(Duration::from_secs(60));
        let wait = |tokens: usize| {
            let pace = pace.clone();
            tokio::spawn(async move { deadline.admit(&pace, tokens).await })
        };
        let first = deadline.admit(&pace, 40_000).await.expect("it has all the time");
        let large = wait(45_000);
        tokio::time::sleep(ASK_AGAIN * 3).await;
        let small = wait(100);
        tokio::time::sleep(ASK_AGAIN * 3).await;
        assert!(!large.is_finished() && !small.is_finished(), "each stands behind what is before it");
        large.abort();
        small.await.expect("no panic").expect("there was time for it after the first");
        let large = wait(45_000);
        tokio::time::sleep(ASK_AGAIN * 3).await;
        assert!(!large.is_finished());
        drop(first);
        large.await.expect("no panic").expect("it was alone then");
    }

    /// A process that was frozen, or whose first run was slow, is no reason to reject anything.
    #[tokio::test]
    async fn nothing_is_rejected_for_good_because_of_a_bad_moment() {
        let pace = Arc::new(Pace::new(1));
        pace.measured(40, Duration::from_secs(4));
        let deadline = deadline(Duration::from_secs(60));
        drop(deadline.admit(&pace, 20_000).await.expect("too little was measured to say no"));
        let late = Arc::new(Pace::at(1, Duration::from_millis(1)));
        drop(deadline.admit(&late, 100).await.expect("there is all the time"));
        let stalled = self::deadline(Duration::from_secs(1));
        drop(stalled.admit(&late, 20_000).await.expect("an invocation has a minute, whatever this one has"));
        let pace = Arc::new(Pace::at(1, Duration::from_millis(1)));
        (0..100).for_each(|_| pace.measured(200, Duration::from_secs(60)));
        drop(deadline.admit(&pace, 20_000).await.expect("it once was faster"));
    }
}
