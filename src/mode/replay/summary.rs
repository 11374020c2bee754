//! What a run did, to the last message: everything that was listed is in exactly one of the counts.

use std::{collections::BTreeMap, fmt::Write};

use super::{
    arguments::{Arguments, Platform},
    found::Letter,
    source::{HIDDEN, Left},
};
use crate::mode::line::on_one_line;

/// Failures and samples that are shown; the rest is counted.
const SHOWN: usize = 20;
const SAMPLE: usize = 5;

/// The counts of a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// All that was found.
    pub listed: u64,
    /// Found, and not meant.
    pub filtered: u64,
    /// Found, and no document: folder markers, events of no creation.
    pub nothing: u64,
    /// Of a document that was listed before, in this run.
    pub repeated: u64,
    /// Sent by an earlier run of the same checkpoint.
    pub earlier: u64,
    /// Not sent, since the result is there.
    pub there: u64,
    /// Confirmed by the queue; in a dry run, what would be sent.
    pub sent: u64,
    /// Neither sent nor to be left out.
    pub failed: u64,
    /// The first of those, and why.
    failures: Vec<(String, String)>,
    /// Dead letters that stay, by why.
    staying: BTreeMap<&'static str, u64>,
    sample: Vec<String>,
    /// Dead letters that were not looked at.
    pub left: Left,
    /// Why the run ended before its end.
    pub broken: Option<String>,
    /// Whether a person ended it.
    pub stopped: bool,
}

impl Summary {
    pub(super) fn failed(&mut self, name: &str, why: &str) {
        self.failed += 1;
        self.complain(name, why);
    }

    /// Says what went wrong with something that is counted elsewhere.
    pub(super) fn complain(&mut self, name: &str, why: &str) {
        if self.failures.len() < SHOWN {
            self.failures.push((on_one_line(name), on_one_line(why)));
        }
    }

    /// Notes that a document isn't sent, so that its letter, if it has one, stays.
    pub(super) fn stays(&mut self, letter: Option<&Letter>, why: &'static str) {
        if letter.is_some_and(Letter::stays) {
            *self.staying.entry(why).or_default() += 1;
        }
    }

    pub(super) fn would_send(&mut self, name: &str) {
        self.sent += 1;
        if self.sample.len() < SAMPLE {
            self.sample.push(on_one_line(name));
        }
    }

    /// Whether all that was meant was sent.
    pub fn is_complete(&self) -> bool {
        let is_whole = self.left == Left::default() && self.broken.is_none() && !self.stopped;
        is_whole && self.failed == 0 && self.failures.is_empty()
    }

    /// For a person.
    pub fn render(&self, arguments: &Arguments) -> String {
        let sent = if arguments.dry_run { "to be sent" } else { "sent" };
        let counts = [
            (self.listed, "listed"),
            (self.filtered, "filtered out"),
            (self.nothing, "no document (folders, deletions)"),
            (self.repeated, "of a document listed before"),
            (self.earlier, "sent by an earlier run"),
            (self.there, "there already"),
            (self.sent, sent),
            (self.failed, "failed"),
        ];
        let mut text = String::new();
        for (count, what) in counts {
            let _ = writeln!(text, "{count:>9}  {what}");
        }
        if arguments.dry_run {
            self.estimate(arguments, &mut text);
        }
        if self.there > 0 {
            text += "what is there already are results of this stage; those after it aren't looked at\n";
        }
        self.tell_failures(&mut text);
        self.tell_letters(arguments, &mut text);
        self.tell_end(arguments, &mut text);
        text
    }

    fn tell_failures(&self, text: &mut String) {
        for (name, why) in &self.failures {
            let _ = writeln!(text, "  {name}: {why}");
        }
        match self.failed.saturating_sub(self.failures.len() as u64) {
            0 => {}
            more => {
                let _ = writeln!(text, "  and {more} more that failed");
            }
        }
    }

    /// Which dead letters stay, and which were not looked at.
    fn tell_letters(&self, arguments: &Arguments, text: &mut String) {
        if let (Some(queue), false) = (&arguments.dead_letters, self.staying.is_empty()) {
            let (all, whys) = (self.staying.values().sum::<u64>(), self.staying.iter());
            let whys: Vec<_> = whys.map(|(why, count)| format!("{count} {why}")).collect();
            let letters = if all == 1 { "letter stays" } else { "letters stay" };
            let _ = writeln!(text, "{all} {letters} in {queue}: {}", whys.join(", "));
        }
        let Left { taken, behind } = self.left;
        if taken > 0 {
            let _ = writeln!(
                text,
                "about {taken} more were not looked at, as SQS counts: somebody else has received them, or a run that was \
                 killed, and they come back when their time is over (after a run, {} minutes)",
                HIDDEN.as_secs() / 60,
            );
        }
        if behind > 0 {
            let those = match arguments.dry_run {
                true => "were, in a dry run",
                false => "stay, or that somebody else has received",
            };
            let _ = writeln!(
                text,
                "about {behind} more were not looked at: in a FIFO queue they stand behind those of their groups that \
                 {those}"
            );
        }
    }

    /// How it ended, and how it goes on.
    fn tell_end(&self, arguments: &Arguments, text: &mut String) {
        if let Some(why) = &self.broken {
            let _ = writeln!(text, "ended early: {why}");
        }
        if self.stopped {
            *text += "stopped\n";
        }
        let again = self.broken.is_some() || self.stopped || self.failed > 0;
        if let (true, Some(path), false) = (again, &arguments.checkpoint, arguments.dry_run) {
            let _ = writeln!(text, "the same command goes on from {}", path.display());
        }
    }

    /// What sending, and the stage after it, about cost and take.
    fn estimate(&self, arguments: &Arguments, text: &mut String) {
        for name in &self.sample {
            let _ = writeln!(text, "           {name}");
        }
        if self.sent > self.sample.len() as u64 {
            *text += "           …\n";
        }
        // Ten messages a call, and some 40 ms for a call from outside AWS.
        let unhurried = 250.0 * arguments.calls_at_once() as f64;
        let documents = self.sent as f64;
        let sending = documents / arguments.rate.unwrap_or(unhurried).min(unhurried);
        let work = documents * arguments.document_seconds;
        // USD for a GB-second, us-east-1, first tier; as in infra/dashboard.yaml.
        let second = match arguments.platform {
            Platform::Arm64 => 0.000_013_333_4,
            Platform::X86_64 => 0.000_016_666_7,
        };
        // Per document: a GET, a HEAD and a PUT, and its share of four SQS requests; per call that sends ten, one more.
        let requests = documents * (0.000_008 + 0.000_000_4 / 10.0);
        let lambda = work * 1769.0 / 1024.0 * second;
        let _ = writeln!(text, "about {} to send", duration(sending));
        let _ = writeln!(
            text,
            "about {} of work for the stage, {} with {} documents at a time",
            duration(work),
            duration(work / f64::from(arguments.concurrency)),
            arguments.concurrency
        );
        let _ = writeln!(
            text,
            "about ${:.2}: ${requests:.2} for S3 and SQS, ${lambda:.2} for Lambda at {} s a document and 1769 MB \
             (us-east-1; --document-seconds, --platform); the stages after it are not counted",
            requests + lambda,
            arguments.document_seconds
        );
    }
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 100.0 => format!("{s:.0} s"),
        s if s < 100.0 * 60.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}
