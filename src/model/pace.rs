//! How fast this process runs its model, measured as it goes, and how much it has promised to run.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

/// The measured speed and the promised work of one engine.
#[derive(Debug)]
pub struct Pace {
    threads: usize,
    /// Seconds a token on one thread, as bits of an f64; zero before the first measurement.
    seconds: AtomicU64,
    promised: AtomicUsize,
}

/// Work that was promised; it counts until it is done or given up.
#[derive(Debug)]
pub struct Promise {
    pace: Arc<Pace>,
    tokens: usize,
}

/// The share of the newest measurement in the running one: a chunk takes some 30 ms, so a change of speed is
/// believed within a second.
const WEIGHT: f64 = 0.1;

impl Pace {
    pub(super) fn new(threads: usize) -> Self {
        Pace { threads, seconds: AtomicU64::new(0), promised: AtomicUsize::new(0) }
    }

    /// One that takes so long for a token on each of its threads.
    #[cfg(test)]
    pub(crate) fn at(threads: usize, token: Duration) -> Self {
        let pace = Pace::new(threads);
        pace.measured(1, token);
        pace
    }

    /// Takes note of what a thread has run.
    pub(super) fn measured(&self, tokens: usize, time: Duration) {
        let now = time.as_secs_f64() / tokens.max(1) as f64;
        let update = |bits| {
            let before = f64::from_bits(bits);
            let seconds = if before == 0.0 { now } else { before + (now - before) * WEIGHT };
            Some(seconds.to_bits())
        };
        // The update never declines.
        let _ = self.seconds.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
    }

    /// How long so many tokens take when the engine has nothing else to do. All threads work on one document if
    /// it has sentences enough for them.
    pub fn alone(&self, tokens: usize) -> Duration {
        let seconds = f64::from_bits(self.seconds.load(Ordering::Relaxed));
        Duration::from_secs_f64(tokens as f64 * seconds / self.threads as f64)
    }

    /// How long so many more tokens take after all that is promised.
    pub fn after_promised(&self, tokens: usize) -> Duration {
        self.alone(self.promised.load(Ordering::Relaxed).saturating_add(tokens))
    }

    /// Tokens a second, all threads together.
    pub fn tokens_per_second(&self) -> f64 {
        self.threads as f64 / f64::from_bits(self.seconds.load(Ordering::Relaxed)).max(1e-9)
    }

    /// Promises so many tokens.
    pub fn promise(self: &Arc<Self>, tokens: usize) -> Promise {
        self.promised.fetch_add(tokens, Ordering::Relaxed);
        Promise { pace: self.clone(), tokens }
    }
}

impl Promise {
    /// So many of the tokens have been run.
    pub fn kept(&mut self, tokens: usize) {
        let tokens = tokens.min(self.tokens);
        self.tokens -= tokens;
        self.pace.promised.fetch_sub(tokens, Ordering::Relaxed);
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.pace.promised.fetch_sub(self.tokens, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_promised_counts_until_it_is_kept_or_given_up() {
        let pace = Arc::new(Pace::new(2));
        pace.measured(1000, Duration::from_secs(1));
        assert_eq!(pace.alone(2000), Duration::from_secs(1));
        let mut first = pace.promise(2000);
        let second = pace.promise(4000);
        assert_eq!(pace.after_promised(0), Duration::from_secs(3));
        first.kept(1000);
        assert_eq!(pace.after_promised(0), Duration::from_secs_f64(2.5));
        drop(second);
        first.kept(5000);
        drop(first);
        assert_eq!(pace.after_promised(2000), Duration::from_secs(1));
    }

    #[test]
    fn one_slow_chunk_does_not_make_the_engine_slow() {
        let pace = Pace::new(1);
        pace.measured(1000, Duration::from_secs(1));
        pace.measured(1000, Duration::from_secs(2));
        assert!(pace.alone(1000) < Duration::from_millis(1200));
    }
}
