//! Records of rejections among what a report is made of: documents that it can't show, and where to look for why.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::Source;
use crate::rejection::Rejection;

#[derive(Debug, Default)]
pub struct Rejected {
    /// The documents: one may be rejected by several stages.
    names: BTreeSet<String>,
    /// The folder that all records lie in.
    folder: Option<PathBuf>,
}

impl Rejected {
    /// Adds the record in a file.
    pub fn add(&mut self, file: &str, record: Rejection) {
        let document = record.handoff.map(|handoff| handoff.name.unwrap_or(handoff.document.key));
        self.names.insert(document.unwrap_or_else(|| file.to_owned()));
        let folder = Path::new(file).parent().unwrap_or(Path::new(""));
        self.folder = Some(self.folder.as_deref().map_or(folder.to_owned(), |known| shared(known, folder)));
    }

    /// Whether a document was, by its name.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// Where to look, if there is anything.
    pub fn place(&self, source: &Source) -> Option<String> {
        self.folder.as_deref().map(|folder| source.within(folder))
    }
}

/// What two paths have in common at their beginning.
fn shared(a: &Path, b: &Path) -> PathBuf {
    a.components().zip(b.components()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}
