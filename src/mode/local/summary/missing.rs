//! What did not come through, in so few lines that thousands of documents with the same mistake leave the results
//! above them in sight.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use crate::{error::Failure, mode::line::on_one_line};

/// Of a stage and a reason, so many messages are shown, and of a message so many documents.
const MESSAGES: usize = 5;
const DOCUMENTS: usize = 3;

/// Where documents ended: the stage, if one had them, and the word for why.
type Place = (Option<String>, &'static str);

/// The documents of each message.
type Messages = BTreeMap<String, BTreeSet<String>>;

/// The documents, by where they ended and by the message in full.
#[derive(Debug, Default)]
pub struct Missing {
    by_place: BTreeMap<Place, Messages>,
    names: BTreeSet<String>,
}

impl Missing {
    /// One that ended at a stage.
    pub fn at(&mut self, stage: &str, name: &str, failure: &Failure) {
        self.add(Some(stage.to_owned()), failure.reason.as_str(), failure.to_string(), name);
    }

    /// One that could not be read at all.
    pub fn unreadable(&mut self, name: &str, why: String) {
        self.add(None, "unreadable", why, name);
    }

    fn add(&mut self, stage: Option<String>, reason: &'static str, why: String, name: &str) {
        self.by_place.entry((stage, reason)).or_default().entry(why).or_default().insert(name.to_owned());
        self.names.insert(name.to_owned());
    }

    /// The documents' names: one can be missing from several stages.
    pub fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// A line for each message that many documents, or few, ended with.
    pub fn render(&self) -> String {
        let mut text = String::new();
        for ((stage, reason), messages) in &self.by_place {
            let stage = stage.as_ref().map(|stage| format!(", stage {stage}")).unwrap_or_default();
            let mut messages: Vec<_> = messages.iter().collect();
            messages.sort_by_key(|(_, names)| (Reverse(names.len()), names.first()));
            for (why, names) in messages.iter().take(MESSAGES) {
                let line = on_one_line(&format!("{}{stage}: {why}", some(names)));
                let _ = writeln!(text, "  {line}");
            }
            let more: usize = messages.iter().skip(MESSAGES).map(|(_, names)| names.len()).sum();
            if more > 0 {
                let _ = writeln!(text, "  and {more} more{stage}: {reason}");
            }
        }
        text
    }
}

/// The first few, and how many more there are.
fn some(names: &BTreeSet<String>) -> String {
    let shown = names.iter().take(DOCUMENTS).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(DOCUMENTS) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
