//! How far a run is: a bar for a person, a line now and then for a log.

use std::{
    io::{IsTerminal, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// The progress of a run, on standard error.
pub struct Progress {
    total: Arc<Total>,
    done: u64,
    begun: Instant,
    shown: Shown,
}

/// How much there is to do, as far as that is known; whoever counts may do so while the run goes on.
#[derive(Debug, Default)]
pub struct Total(AtomicU64);

impl Total {
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

enum Shown {
    Bar(ProgressBar),
    Lines { last: Instant },
}

/// Between two lines in a log.
const EVERY: Duration = Duration::from_secs(5);

impl Progress {
    /// Begins with none of `total` documents done.
    pub fn start(total: usize) -> Self {
        let known = Arc::new(Total::default());
        known.add(total as u64);
        Self::start_counting(known)
    }

    /// Begins with a total that may still grow.
    pub fn start_counting(total: Arc<Total>) -> Self {
        let now = Instant::now();
        let shown = if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(total.get());
            let template = "{wide_bar} {pos}/{len} documents  {per_sec}  {eta} left";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.with_key("per_sec", rate));
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            Shown::Bar(bar)
        } else {
            Shown::Lines { last: now }
        };
        Progress { total, done: 0, begun: now, shown }
    }

    /// One more document has done all its steps.
    pub fn document_done(&mut self) {
        self.done += 1;
        match &mut self.shown {
            Shown::Bar(bar) => {
                bar.set_length(self.total.get().max(self.done));
                bar.inc(1);
            }
            Shown::Lines { last } if last.elapsed() >= EVERY => {
                *last = Instant::now();
                self.line();
            }
            Shown::Lines { .. } => {}
        }
    }

    /// Says something without a bar across it.
    pub fn say(&self, what: &str) {
        match &self.shown {
            Shown::Bar(bar) => bar.println(what),
            // Whoever reads it may have gone, and the run goes on.
            Shown::Lines { .. } => drop(writeln!(std::io::stderr(), "{what}")),
        }
    }

    /// Ends the bar, or says the last line.
    pub fn finish(&mut self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
        self.line();
    }

    fn line(&self) {
        let seconds = self.begun.elapsed().as_secs_f64();
        let rate = self.done as f64 / seconds.max(1e-9);
        let total = self.total.get().max(self.done);
        // Whoever reads it may have gone, and the run goes on.
        let _ = writeln!(
            std::io::stderr(),
            "{}/{total} documents in {seconds:.1} s, {rate:.1} documents/s",
            self.done
        );
    }
}

fn rate(state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write) {
    // A writer that fails has nowhere to say so.
    let _ = write!(out, "{:.1} documents/s", state.per_sec());
}
