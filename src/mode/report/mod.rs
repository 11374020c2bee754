//! Enriched documents as one HTML page that needs nothing else: no server, no network, no other file.
//!
//! The page is a pure function of the documents and of how many were rejected, whatever order they are read in. They may be anybody's: nothing of
//! them is markup, and the page's own policy lets no script run but its own.

mod gathered;
mod page;
mod rejected;
mod source;

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    findings::Entities,
    line::{count, on_one_line},
};
use crate::store;
use gathered::{Gathered, named};
pub use source::Source;

/// Make an HTML page from results: who is mentioned, what is said, and where
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The folder that `baton local` wrote to, or s3://bucket/prefix
    pub from: Source,
    /// The page's file [default: report.html in the folder of results; in the current folder for a bucket]
    #[arg(long)]
    pub to: Option<PathBuf>,
}

impl Arguments {
    /// The page's file.
    pub fn page(&self) -> PathBuf {
        self.to.clone().unwrap_or_else(|| self.from.default_page())
    }
}

/// What a page shows.
#[derive(Debug)]
pub struct Shown {
    /// Documents.
    pub documents: usize,
    /// Entities, those of one name being one.
    pub entities: usize,
    /// Mentions.
    pub mentions: usize,
    /// Documents that were rejected, as far as their records lie there, and where.
    pub rejected: Option<(usize, String)>,
    /// Files that could not be read, and why.
    pub unreadable: Vec<(String, String)>,
    /// Documents that were rejected and are shown all the same.
    pub also_rejected: usize,
    /// Documents of which results of several versions lie there: one is shown.
    pub mixed: BTreeSet<String>,
    /// Stages that speak of the same mentions, none of them after the other: the one that is shown, and one that isn't.
    pub speakers: BTreeSet<(String, String)>,
}

impl Shown {
    /// For a person: what is to be known of what is not shown, a line for each.
    pub fn warnings(&self) -> Vec<String> {
        let left_out = self.unreadable.iter().map(|(file, why)| format!("left out {file}: {why}"));
        let mixed = self.mixed.first().map(|first| {
            let others = match self.mixed.len() {
                1 => String::new(),
                n => format!(" and {} others", n - 1),
            };
            format!(
                "of {first}{others} there are results of several versions, or in several places, and one is shown, not always \
                 the newest: a later stage has not made the new one's yet, or is no longer run, or its results are \
                 written elsewhere now; take the folder of such a one away"
            )
        });
        let unheard = self.speakers.iter().map(|(shown, other)| {
            format!(
                "the stages {shown} and {other} say what they think of the same mentions, and {shown} is shown; for \
                 {other} name its own folder, and of one that is no longer run take the folder away"
            )
        });
        left_out.chain(mixed).chain(unheard).map(|warning| on_one_line(&warning)).collect()
    }

    /// For a person: what there is, and where.
    pub fn render(&self, page: &Path) -> String {
        let documents = count(self.documents, "document", "documents");
        let entities = count(self.entities, "entity", "entities");
        let mentions = count(self.mentions, "mention", "mentions");
        let rejected = self.rejected.as_ref().map_or_else(String::new, |(n, place)| {
            let shown = match self.also_rejected {
                0 => String::new(),
                n => format!(", {n} of which are shown, as an earlier stage left them or in another version"),
            };
            format!("{} rejected{shown}: see {}\n", count(*n, "was", "were"), on_one_line(place))
        });
        format!("{rejected}{documents}, {entities}, {mentions}: open {} in a browser\n", page.display())
    }
}

/// Writes the page.
///
/// # Errors
/// What kept it from being written: a place that can't be read, nothing to show, or a file that can't be written.
pub async fn run(arguments: &Arguments) -> Result<Shown, String> {
    let (from, to) = (&arguments.from, arguments.page());
    let mut gathered = Gathered::within(from.name());
    source::each(from, |name, bytes| gathered.add(name, from.from_there(name), bytes)).await?;
    let Gathered { documents, rejected, unreadable, mixed, speakers, .. } = gathered;
    let also_rejected = documents.keys().filter(|origin| rejected.has(&origin.key)).count();
    let documents = named(documents);
    let place = rejected.place(from);
    if documents.is_empty() {
        let why = match &place {
            Some(place) if unreadable.is_empty() => {
                format!(": all {} were rejected; see why in {}", rejected.count(), on_one_line(place))
            }
            Some(place) => format!("; {} were rejected, see why in {}", rejected.count(), on_one_line(place)),
            None => ", as `baton local` or a deployed stage writes them".into(),
        };
        let because =
            unreadable.first().map(|(name, why)| format!("; {}", on_one_line(&format!("{name}: {why}"))));
        return Err(format!("{from} has no enriched documents{why}{}", because.unwrap_or_default()));
    }
    let mut entities = Entities::default();
    documents.iter().for_each(|(name, document)| entities.add(name, document));
    entities.join_companies();
    refuse_other_file(&to)?;
    let page = page::render(&documents, &entities, rejected.count());
    write(&to, &page).map_err(|e| format!("can't write {}: {e}", to.display()))?;
    Ok(Shown {
        documents: documents.len(),
        entities: entities.len(),
        mentions: documents.values().map(|document| document.mentions.len()).sum(),
        rejected: place.map(|place| (rejected.count(), place)),
        unreadable,
        also_rejected,
        mixed,
        speakers,
    })
}

/// The page that is there stays until the new one is, where that can be had: a pipe is written to as it is, and so is a
/// page in a folder where no other file can be made.
fn write(to: &Path, page: &[u8]) -> io::Result<()> {
    let written = match fs::metadata(to) {
        Ok(there) if there.is_file() => {
            store::write_whole(&to.canonicalize()?, page, Some(there.permissions()))
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound && !to.is_symlink() => {
            return store::write_whole(to, page, None);
        }
        _ => return fs::write(to, page),
    };
    let is_of_the_folder = |e: &io::Error| {
        let kinds =
            [io::ErrorKind::PermissionDenied, io::ErrorKind::ResourceBusy, io::ErrorKind::ReadOnlyFilesystem];
        kinds.contains(&e.kind())
    };
    written.or_else(|e| if is_of_the_folder(&e) { fs::write(to, page) } else { Err(e) })
}

/// A page is written over an earlier one, and over nothing else: a result of the documents, say.
fn refuse_other_file(to: &Path) -> Result<(), String> {
    // A pipe is written to, and never read.
    if !to.is_file() {
        return Ok(());
    }
    let mut begin = Vec::new();
    let read = fs::File::open(to).and_then(|file| file.take(PAGE.len() as u64).read_to_end(&mut begin));
    match read {
        Ok(n) if n > 0 && !begin.eq_ignore_ascii_case(PAGE) => {
            Err(format!("{} is there and is no page; name another file with --to", to.display()))
        }
        // Where it can't be read, writing says what is wrong.
        _ => Ok(()),
    }
}

/// What a page begins with.
const PAGE: &[u8] = b"<!doctype html>";
