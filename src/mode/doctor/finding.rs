//! What was found, and how it is told.

use std::fmt::Write;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    verdict: Verdict,
    what: &'static str,
    found: String,
    advice: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Good,
    Note,
    Doubtful,
    Wrong,
}

/// All that was found, in the order in which it was looked at.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    findings: Vec<Finding>,
}

impl Findings {
    /// It is as it should be.
    pub fn good(&mut self, what: &'static str, found: impl Into<String>) {
        self.add(Verdict::Good, what, found, None);
    }

    /// It is neither right nor wrong.
    pub fn note(&mut self, what: &'static str, found: impl Into<String>) {
        self.add(Verdict::Note, what, found, None);
    }

    /// It works, and will not always.
    pub fn doubtful(&mut self, what: &'static str, found: impl Into<String>, advice: impl Into<String>) {
        self.add(Verdict::Doubtful, what, found, Some(advice.into()));
    }

    /// It can't work.
    pub fn wrong(&mut self, what: &'static str, found: impl Into<String>, advice: impl Into<String>) {
        self.add(Verdict::Wrong, what, found, Some(advice.into()));
    }

    /// Good when it is as it should be, and otherwise wrong, with the advice.
    pub fn check(&mut self, is: bool, what: &'static str, found: String, advice: impl FnOnce() -> String) {
        if is { self.good(what, found) } else { self.wrong(what, found, advice()) }
    }

    /// Whether nothing is wrong.
    pub fn is_healthy(&self) -> bool {
        self.findings.iter().all(|finding| finding.verdict != Verdict::Wrong)
    }

    fn add(
        &mut self,
        verdict: Verdict,
        what: &'static str,
        found: impl Into<String>,
        advice: Option<String>,
    ) {
        self.findings.push(Finding { verdict, what, found: found.into(), advice });
    }

    /// A line for each finding, the advice below it.
    pub fn render(&self) -> String {
        let width = self.findings.iter().map(|finding| finding.what.chars().count()).max().unwrap_or(0);
        let mut text = String::new();
        for Finding { verdict, what, found, advice } in &self.findings {
            let sign = match verdict {
                Verdict::Good => "ok",
                Verdict::Note => "--",
                Verdict::Doubtful => "!",
                Verdict::Wrong => "WRONG",
            };
            // Writing to a String can't fail.
            let _ = writeln!(text, "{sign:5} {what:width$}  {found}");
            if let Some(advice) = advice {
                let _ = writeln!(text, "{:5} {:width$}  → {advice}", "", "");
            }
        }
        let count = |verdict| self.findings.iter().filter(|finding| finding.verdict == verdict).count();
        let (wrong, doubtful) = (count(Verdict::Wrong), count(Verdict::Doubtful));
        let _ = match (wrong, doubtful) {
            (0, 0) => writeln!(text, "all is well"),
            _ => writeln!(text, "{wrong} wrong, {doubtful} doubtful"),
        };
        text
    }
}
