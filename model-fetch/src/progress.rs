//! How far a download is: a bar for a person, a line now and then for a build's log, on standard error.

use std::{
    io::IsTerminal,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::output::tell;

/// Between two lines in a log.
const EVERY: Duration = Duration::from_secs(10);

pub struct Progress {
    name: String,
    at: u64,
    total: Option<u64>,
    shown: Shown,
}

enum Shown {
    Bar(ProgressBar),
    Lines { last: Instant },
    Nothing,
}

impl Progress {
    /// Begins with nothing of the file there.
    pub fn start(name: &str, quiet: bool) -> Self {
        let shown = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Shown::Nothing,
            (false, true) => Shown::Bar(bar(name)),
            (false, false) => Shown::Lines { last: Instant::now() },
        };
        Progress { name: name.to_owned(), at: 0, total: None, shown }
    }

    /// The server said how long the file is, and where it goes on.
    pub fn position(&mut self, at: u64, total: Option<u64>) {
        (self.at, self.total) = (at, total.or(self.total));
        if let Shown::Bar(bar) = &self.shown {
            bar.set_position(at);
            if let Some(total) = self.total {
                bar.set_length(total);
            }
        }
    }

    pub fn advance(&mut self, bytes: u64) {
        self.at += bytes;
        match &mut self.shown {
            Shown::Bar(bar) => bar.inc(bytes),
            Shown::Lines { last } if last.elapsed() >= EVERY => {
                *last = Instant::now();
                let of = self.total.map_or_else(String::new, |total| format!(" of {}", size(total)));
                tell(format_args!("{}: {}{of}", self.name, size(self.at)));
            }
            Shown::Lines { .. } | Shown::Nothing => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

fn bar(name: &str) -> ProgressBar {
    let bar = ProgressBar::no_length().with_message(name.to_owned());
    let template = "{msg} {bar:30} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// A size as people read it.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
