//! Files, in any order → the documents that are shown: one of each, however many stages' results of it there are.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
};

use super::rejected::Rejected;
use crate::{
    config::PipelineConfig,
    fields::Fields,
    handoff::ObjectRef,
    mode::findings::{Document, is_enriched},
    rejection::Rejection,
};

/// The documents, by where they came in; each as the stage that had it last left it.
#[derive(Debug, Default)]
pub struct Gathered {
    /// What the place is called that all lies in.
    root: String,
    pub documents: BTreeMap<Origin, Kept>,
    pub rejected: Rejected,
    pub unreadable: Vec<(String, String)>,
    pub mixed: BTreeSet<String>,
    pub speakers: BTreeSet<(String, String)>,
}

/// A document that is shown, so far.
#[derive(Debug)]
pub struct Kept {
    rank: Rank,
    file: String,
    /// What its bytes are known by.
    digest: String,
    /// Its last stage.
    stage: Option<String>,
    /// The stage whose word on mentions is shown.
    speaker: Option<String>,
    document: Document,
}

impl Gathered {
    /// Nothing yet of what lies in a place of that name.
    pub fn within(root: String) -> Self {
        Gathered { root, ..Gathered::default() }
    }

    /// Takes a file for what it is: an enriched document, the record of a rejection, or none of ours (a form).
    pub fn add(&mut self, file: &str, within: &str, bytes: Result<Vec<u8>, String>) {
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
            self.keep(within, crate::sha256(bytes), Document::read(&fields, None)?);
        } else if let Ok(record) = serde_json::from_slice::<Rejection>(bytes) {
            self.rejected.add(file, record);
        }
        Ok(())
    }

    /// Keeps the one of a document that has come further, with what all of the same version say of the whole, and of the
    /// mentions where they have the same. Of another version is what a later stage has not made anew yet, or what one left that is no
    /// longer run. And anybody's document may say that it came from where another did: where a stage has results of both,
    /// the one is shown that lies where a result of that other does.
    fn keep(&mut self, file: &str, digest: String, document: Document) {
        let (origin, rank) = (Origin::of(file, &document), Rank::of(&document));
        let speaker = document.speaker().map(str::to_owned);
        let stage = document.lineage.last().map(|line| line.stage.clone());
        let new = Kept { rank, file: file.to_owned(), digest, stage, speaker, document };
        match self.documents.entry(origin) {
            Entry::Vacant(place) => drop(place.insert(new)),
            Entry::Occupied(mut place) => {
                let known = place.get();
                let are_two = known.is_another(&new);
                let is_same = !are_two && version(&new.document) == version(&known.document);
                let further = match are_two {
                    true => new.prefix(&self.root).len() < known.prefix(&self.root).len(),
                    false => new.rank > known.rank,
                };
                let other = if further { place.insert(new) } else { new };
                if !is_same {
                    self.mixed.insert(place.key().key.clone());
                    return;
                }
                let kept = place.get_mut();
                self.speakers.extend(kept.unheard(&other));
                kept.document.absorb(other.document);
            }
        }
    }
}

impl Kept {
    /// Whether a stage has results of both, and they are no copies: one says that it is what it isn't.
    fn is_another(&self, other: &Kept) -> bool {
        self.stage == other.stage && self.file != other.file && self.digest != other.digest
    }

    /// What its file's name has before that of the last stage's result of the document that the lineage begins with; the
    /// whole of it, where it is called otherwise.
    fn prefix(&self, root: &str) -> String {
        let whole = format!("{root}/{}", self.file);
        let (Some(first), Some(stage)) = (self.document.lineage.first(), &self.stage) else { return whole };
        let ObjectRef { bucket, key, .. } = &first.input;
        let names = [format!("/{stage}/{key}.json"), format!("/{stage}/{bucket}/{key}.json")];
        let named = format!("/{whole}");
        names.iter().find_map(|name| named.strip_suffix(name.as_str())).map(str::to_owned).unwrap_or(whole)
    }

    /// A stage of `other` that speaks of mentions of which the one that is shown does, not having been before it.
    fn unheard(&self, other: &Kept) -> Option<(String, String)> {
        let (speaker, second) = (self.speaker.as_deref()?, other.speaker.as_deref()?);
        let said = |document: &Document| -> BTreeSet<(usize, usize, usize)> {
            let said = document.mentions.iter().filter(|mention| mention.said.is_some());
            said.map(|mention| (mention.entity, mention.place.start, mention.place.end)).collect()
        };
        let is_before = self.document.lineage.iter().any(|line| line.stage == second);
        let same = self.document.entities == other.document.entities;
        let both = !said(&self.document).is_disjoint(&said(&other.document));
        (!is_before && same && both).then(|| (speaker.to_owned(), second.to_owned()))
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
pub struct Origin {
    /// Empty where no stage tells.
    bucket: String,
    /// Its file, where no stage tells a key.
    pub key: String,
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
pub fn named(documents: BTreeMap<Origin, Kept>) -> BTreeMap<String, Document> {
    let buckets: BTreeSet<_> = documents.keys().map(|origin| &origin.bucket).collect();
    let are_several = buckets.len() > 1;
    let name = |Origin { bucket, key, run }: Origin| match (bucket.as_str(), run.as_str()) {
        ("", _) => key,
        (_, "") if are_several => ObjectRef::new(bucket, key).to_string(),
        (_, "") => key,
        (_, run) => format!("{key} ({run})"),
    };
    documents.into_iter().map(|(origin, kept)| (name(origin), kept.document)).collect()
}
