//! Enriched documents as one HTML page that needs nothing else: no server, no network, no other file.
//!
//! The page is a pure function of the documents and of how many were rejected, whatever order they are read in. They may be anybody's: nothing of
//! them is markup, and the page's own policy lets no script run but its own.

mod page;
mod rejected;
mod source;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    io::Read,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    findings::{Document, Entities, is_enriched},
    line::{count, on_one_line},
};
use crate::{config::PipelineConfig, fields::Fields, handoff::ObjectRef, rejection::Rejection};
use rejected::Rejected;
pub use source::Source;

/// Make one HTML page of enriched documents: who is mentioned, what is said, and where
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The folder that `baton local` wrote to, or a prefix of a bucket: s3://bucket/prefix
    pub from: Source,
    /// The page [default: report.html in the folder; here for a bucket]
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
    /// Documents of which results of several versions lie there: one is shown.
    pub mixed: BTreeSet<String>,
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
                "of {first}{others} there are results of several versions, and one is shown, not always the newest: a \
                 later stage has not made the new one's yet, or is no longer run; take the folder of such a one away"
            )
        });
        left_out.chain(mixed).map(|warning| on_one_line(&warning)).collect()
    }

    /// For a person: what there is, and where.
    pub fn render(&self, page: &Path) -> String {
        let documents = count(self.documents, "document", "documents");
        let entities = count(self.entities, "entity", "entities");
        let mentions = count(self.mentions, "mention", "mentions");
        let rejected = self.rejected.as_ref().map_or_else(String::new, |(n, place)| {
            format!("{} rejected: see {}\n", count(*n, "was", "were"), on_one_line(place))
        });
        format!("{rejected}{documents}, {entities}, {mentions}: open {} in a browser\n", page.display())
    }
}

/// The documents, by where they came in; each as the stage that had it last left it.
#[derive(Debug, Default)]
struct Gathered {
    documents: BTreeMap<Origin, (Rank, Document)>,
    rejected: Rejected,
    unreadable: Vec<(String, String)>,
    mixed: BTreeSet<String>,
}

/// Writes the page.
///
/// # Errors
/// What kept it from being written: a place that can't be read, nothing to show, or a file that can't be written.
pub async fn run(arguments: &Arguments) -> Result<Shown, String> {
    let mut gathered = Gathered::default();
    let (from, to) = (&arguments.from, arguments.page());
    source::each(from, |name, bytes| gathered.add(name, from.from_there(name), bytes)).await?;
    let Gathered { documents, rejected, unreadable, mixed } = gathered;
    let documents = named(documents);
    let place = rejected.place(from);
    if let (true, Some(place)) = (documents.is_empty(), &place) {
        let all = rejected.count();
        let place = on_one_line(&place);
        return Err(format!("{from} has no enriched documents: all {all} were rejected; see why in {place}"));
    }
    if documents.is_empty() {
        let because =
            unreadable.first().map(|(name, why)| format!("; {}", on_one_line(&format!("{name}: {why}"))));
        let because = because.unwrap_or_default();
        let what = "no enriched documents, as `baton local` or a deployed stage writes them";
        return Err(format!("{from} has {what}{because}"));
    }
    let mut entities = Entities::default();
    documents.iter().for_each(|(name, document)| entities.add(name, document));
    entities.join_companies();
    refuse_other_file(&to)?;
    let page = page::render(&documents, &entities, rejected.count());
    std::fs::write(&to, page).map_err(|e| format!("can't write {}: {e}", to.display()))?;
    Ok(Shown {
        documents: documents.len(),
        entities: entities.len(),
        mentions: documents.values().map(|document| document.mentions.len()).sum(),
        rejected: place.map(|place| (rejected.count(), place)),
        unreadable,
        mixed,
    })
}

/// A page is written over an earlier one, and over nothing else: a result of the documents, say.
fn refuse_other_file(to: &Path) -> Result<(), String> {
    // A pipe is written to, and never read.
    if !to.is_file() {
        return Ok(());
    }
    let mut begin = Vec::new();
    let read = std::fs::File::open(to).and_then(|file| file.take(PAGE.len() as u64).read_to_end(&mut begin));
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

impl Gathered {
    /// Takes a file for what it is: an enriched document, the record of a rejection, or none of ours (a form).
    fn add(&mut self, file: &str, within: &str, bytes: Result<Vec<u8>, String>) {
        if let Err(why) = bytes.and_then(|bytes| self.add_json(file, within, &bytes)) {
            self.unreadable.push((file.to_owned(), why));
        }
    }

    fn add_json(&mut self, file: &str, within: &str, bytes: &[u8]) -> Result<(), String> {
        let fields: Fields = match serde_json::from_slice(bytes) {
            Ok(fields) => fields,
            // JSON, but no object.
            Err(e) if e.is_data() => return Ok(()),
            Err(e) => return Err(e.to_string()),
        };
        if is_enriched(&fields) {
            self.keep(within, Document::read(&fields, None)?);
        } else if let Ok(record) = serde_json::from_slice::<Rejection>(bytes) {
            self.rejected.add(file, record);
        }
        Ok(())
    }

    /// Keeps the one of a document that has come further, with what all of the same version say of the whole, and of the
    /// mentions where they have the same. Of another version is what a later stage has not made anew yet, or what one left that is no
    /// longer run.
    fn keep(&mut self, file: &str, document: Document) {
        let (origin, rank) = (Origin::of(file, &document), Rank::of(&document));
        match self.documents.entry(origin) {
            Entry::Vacant(place) => drop(place.insert((rank, document))),
            Entry::Occupied(mut place) => {
                let is_same = version(&document) == version(&place.get().1);
                let further = rank > place.get().0;
                let (_, other) = if further { place.insert((rank, document)) } else { (rank, document) };
                if !is_same {
                    self.mixed.insert(place.key().key.clone());
                    return;
                }
                let kept = &mut place.get_mut().1;
                for (stage, class) in &other.labels {
                    kept.labels.entry(stage.clone()).or_insert_with(|| class.clone());
                }
                for line in &other.lineage {
                    if kept.lineage.iter().all(|known| known.stage != line.stage) {
                        kept.lineage.push(line.clone());
                    }
                }
                kept.add_said(other);
            }
        }
    }
}

/// How far a document has come: to where sentiment is, and through how many stages; of equals the first by name.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(bool, usize, Reverse<String>);

impl Rank {
    fn of(document: &Document) -> Self {
        let is_said = document.mentions.iter().any(|mention| mention.said.is_some());
        let last = document.lineage.last().map(|line| line.stage.clone()).unwrap_or_default();
        Rank(is_said, document.lineage.len(), Reverse(last))
    }
}

/// Which of the document's versions came in.
fn version(document: &Document) -> Option<&ObjectRef> {
    document.lineage.first().map(|line| &line.input)
}

/// Where a document came in, which all its stages tell alike.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Origin {
    /// Empty where no stage tells.
    bucket: String,
    /// Its file, where no stage tells a key.
    key: String,
    /// The folder of a run of `baton local`, from the report's: the documents of all runs come from one bucket, and those in
    /// folders of their own are different ones.
    run: String,
}

impl Origin {
    fn of(file: &str, document: &Document) -> Self {
        let first = document.lineage.first().map(|line| &line.input).filter(|input| !input.key.is_empty());
        let Some(ObjectRef { bucket, key, .. }) = first.cloned() else {
            return Origin { bucket: String::new(), key: file.to_owned(), run: String::new() };
        };
        // Another tool's line may be the last.
        let mut stages = document.lineage.iter().rev().filter(|_| bucket == PipelineConfig::DOCUMENTS);
        let run = stages.find_map(|line| {
            let run = file.strip_suffix(&format!("{}/{key}.json", line.stage))?;
            if run.is_empty() { Some(run) } else { run.strip_suffix('/') }
        });
        Origin { bucket, run: run.unwrap_or_default().to_owned(), key }
    }
}

/// The documents by the names that a reader sees: their keys, with their buckets or runs where there are several.
fn named(documents: BTreeMap<Origin, (Rank, Document)>) -> BTreeMap<String, Document> {
    let buckets: BTreeSet<_> = documents.keys().map(|origin| &origin.bucket).collect();
    let are_several = buckets.len() > 1;
    let name = |Origin { bucket, key, run }: Origin| match (bucket.as_str(), run.as_str()) {
        ("", _) => key,
        (_, "") if are_several => ObjectRef::new(bucket, key).to_string(),
        (_, "") => key,
        (_, run) => format!("{key} ({run})"),
    };
    documents.into_iter().map(|(origin, (_, document))| (name(origin), document)).collect()
}
