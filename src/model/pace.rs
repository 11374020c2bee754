//! How fast this process runs its model, measured as it goes, and how much it has promised to run.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use crate::lock;

/// The measured speed and the promised work of one engine.
#[derive(Debug)]
pub struct Pace {
    threads: usize,
    speed: Mutex<Speed>,
    promised: AtomicUsize,
    line: Mutex<Line>,
    /// The most time that an invocation had, in milliseconds.
    longest: AtomicU64,
}

/// Those that wait for what is promised, in their order, and the tokens of each.
#[derive(Debug, Default)]
struct Line {
    last: u64,
    waiting: BTreeMap<u64, usize>,
}

/// What was measured, in seconds a token on one thread.
#[derive(Clone, Copy, Debug)]
struct Speed {
    tokens: usize,
    /// The running mean.
    mean: f64,
    /// The least of a chunk: what this function can do, whatever it does at present.
    best: f64,
}

/// Work that was promised; it counts until it is done or given up.
#[derive(Debug)]
pub struct Promise {
    pace: Arc<Pace>,
    tokens: usize,
}

/// A place among those that wait, until it is dropped.
#[derive(Debug)]
pub struct Waits {
    pace: Arc<Pace>,
    number: u64,
}

/// The share of the newest measurement in the running one, at least: a chunk takes some 30 ms, so a change of speed is
/// believed within a second.
const WEIGHT: f64 = 0.1;

/// A measurement counts as this many times slower than the mean, at most: it may hold the time for which Lambda froze the
/// process.
const OUTLIER: f64 = 4.0;

/// So many tokens must have been measured before anything is for good, and so many of a chunk say how fast it can be.
const TRUSTED: usize = 2000;
const LARGE: usize = 100;

impl Pace {
    pub(crate) fn new(threads: usize) -> Self {
        let speed = Mutex::new(Speed { tokens: 0, mean: 0.0, best: f64::INFINITY });
        Pace {
            threads,
            speed,
            promised: AtomicUsize::new(0),
            line: Mutex::default(),
            longest: AtomicU64::new(0),
        }
    }

    /// One that takes so long for a token on each of its threads.
    #[cfg(test)]
    pub(crate) fn at(threads: usize, token: Duration) -> Self {
        let pace = Pace::new(threads);
        pace.measured(TRUSTED, token * TRUSTED as u32);
        pace
    }

    /// Takes note of what a thread has run.
    pub(crate) fn measured(&self, tokens: usize, time: Duration) {
        let (tokens, mut speed) = (tokens.max(1), lock(&self.speed));
        let now = (time.as_secs_f64() / tokens as f64).max(1e-9);
        if tokens >= LARGE {
            speed.best = speed.best.min(now);
        }
        let now = if speed.tokens == 0 { now } else { now.min(speed.mean * OUTLIER) };
        speed.tokens = speed.tokens.saturating_add(tokens);
        // All count alike at first.
        speed.mean += (now - speed.mean) * (tokens as f64 / speed.tokens as f64).max(WEIGHT);
    }

    fn speed(&self) -> Speed {
        *lock(&self.speed)
    }

    /// How long so many tokens take when the engine has nothing else to do. All threads work on one document if
    /// it has sentences enough for them.
    pub fn alone(&self, tokens: usize) -> Duration {
        Duration::from_secs_f64(tokens as f64 * self.speed().mean / self.threads as f64)
    }

    /// How long they take alone at the best speed that was seen; None as long as too little was measured.
    pub fn at_best(&self, tokens: usize) -> Option<Duration> {
        let Speed { tokens: measured, best, .. } = self.speed();
        let known = measured >= TRUSTED && best.is_finite();
        known.then(|| Duration::from_secs_f64(tokens as f64 * best / self.threads as f64))
    }

    /// The most time that an invocation had of this process, this one's included: one that comes late, or whose machine's
    /// clock is ahead, has little, and says nothing of the function's time-out.
    pub fn longest(&self, invocation: Duration) -> Duration {
        let milliseconds = u64::try_from(invocation.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.longest.fetch_max(milliseconds, Ordering::Relaxed).max(milliseconds))
    }

    /// Tokens that are promised and not run yet.
    pub fn promised(&self) -> usize {
        self.promised.load(Ordering::Relaxed)
    }

    /// A place behind all that wait already, for so many tokens.
    pub fn wait(self: &Arc<Self>, tokens: usize) -> Waits {
        let mut line = self.line();
        line.last += 1;
        let number = line.last;
        line.waiting.insert(number, tokens);
        Waits { pace: self.clone(), number }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        lock(&self.line)
    }

    /// Tokens a second, all threads together.
    pub fn tokens_per_second(&self) -> f64 {
        self.threads as f64 / self.speed().mean.max(1e-9)
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

impl Waits {
    /// Tokens that are run before it: what is promised, and those of all that wait before it.
    pub fn before(&self) -> usize {
        let line = self.pace.line();
        line.waiting
            .range(..self.number)
            .fold(self.pace.promised(), |sum, (_, tokens)| sum.saturating_add(*tokens))
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.pace.line().waiting.remove(&self.number);
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
        assert_eq!(pace.alone(pace.promised()), Duration::from_secs(3));
        first.kept(1000);
        assert_eq!(pace.alone(pace.promised()), Duration::from_secs_f64(2.5));
        drop(second);
        first.kept(5000);
        drop(first);
        assert_eq!(pace.alone(pace.promised() + 2000), Duration::from_secs(1));
    }

    #[test]
    fn one_slow_chunk_does_not_make_the_engine_slow() {
        let pace = Pace::at(1, Duration::from_millis(1));
        pace.measured(200, Duration::from_millis(400));
        assert!(pace.alone(1000) < Duration::from_millis(1200));
    }

    #[test]
    fn a_time_for_which_the_process_was_frozen_is_hardly_believed() {
        let pace = Pace::at(1, Duration::from_millis(1));
        pace.measured(200, Duration::from_secs(3600));
        assert!(pace.alone(1000) < Duration::from_millis(1500));
        assert_eq!(pace.at_best(1000), Some(Duration::from_secs(1)));
    }

    #[test]
    fn a_first_measurement_that_is_far_off_is_soon_forgotten_and_never_for_good() {
        let pace = Pace::new(1);
        pace.measured(40, Duration::from_secs(4));
        assert_eq!(pace.at_best(1000), None);
        (0..10).for_each(|_| pace.measured(200, Duration::from_millis(200)));
        assert_eq!(pace.at_best(1000), Some(Duration::from_secs(1)));
        assert!(pace.alone(1000) < Duration::from_secs(3));
    }
}
