//! What a run found: every entity over all documents, and what did not come through.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::Path,
};

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets::NOTHING};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    document::contract::{Annotation, EnrichedEntity, MentionSentiment, Sentence},
    error::Failure,
    text::{self, Claim, OffsetUnit},
};

/// The results of a run.
#[derive(Debug, Default)]
pub struct Summary {
    documents: usize,
    entities: BTreeMap<String, EntityRow>,
    rejected: Vec<(String, String)>,
    failed: Vec<(String, String)>,
}

#[derive(Debug, Default)]
struct EntityRow {
    kinds: BTreeMap<String, usize>,
    documents: BTreeSet<String>,
    mentions: usize,
    negative: usize,
    neutral: usize,
    positive: usize,
    most_negative: Option<Strongest>,
    most_positive: Option<Strongest>,
}

/// What the summary reads of an output: others' annotations, which may be anything, stay unread.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Output {
    text: String,
    offset_unit: OffsetUnit,
    sentences: Vec<Sentence>,
    entities: Vec<EnrichedEntity>,
    annotations: BTreeMap<String, Box<RawValue>>,
}

/// The sentence with the highest score of its kind; of equals, the one in the document that comes first.
#[derive(Debug)]
struct Strongest {
    score: f64,
    document: String,
    sentence: String,
}

impl Summary {
    /// Whether every document came through.
    pub fn is_complete(&self) -> bool {
        self.rejected.is_empty() && self.failed.is_empty()
    }

    pub(super) fn unreadable(&mut self, files: Vec<(String, String)>) {
        self.failed.extend(files);
    }

    pub(super) fn rejected(&mut self, name: &str, failure: &Failure) {
        self.rejected.push((name.to_owned(), failure.to_string()));
    }

    pub(super) fn failed(&mut self, name: &str, failure: &Failure) {
        self.failed.push((name.to_owned(), failure.to_string()));
    }

    pub(super) fn document_done(&mut self) {
        self.documents += 1;
    }

    /// Adds what a `sentiment` stage wrote.
    pub(super) fn add(&mut self, stage: &str, name: &str, output: &Path) -> Result<(), String> {
        let bytes = std::fs::read(output).map_err(|e| e.to_string())?;
        let document: Output = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
        let annotation = document.annotations.get(stage).map(|raw| serde_json::from_str(raw.get()));
        let Some(Ok(Annotation::Sentiment { mentions, .. })) = annotation else {
            return Err(format!("it has no annotation of the stage {stage:?}"));
        };
        let sentences: Vec<_> = document
            .sentences
            .iter()
            .map(|sentence| Claim { begin: sentence.begin, end: sentence.end, text: None })
            .collect();
        let sentences = text::check(&document.text, document.offset_unit, &sentences);
        for mention in &mentions {
            let Some(entity) = document.entities.iter().find(|entity| entity.id == mention.entity) else {
                return Err(format!("it has no entity {:?}", mention.entity));
            };
            let row = self.entities.entry(entity.name.clone()).or_default();
            *row.kinds.entry(entity.kind.clone().unwrap_or_default()).or_default() += 1;
            row.documents.insert(name.to_owned());
            let sentence = sentences.get(mention.sentence).and_then(|span| span.as_ref().ok());
            let sentence = sentence.map_or("", |span| &document.text[span.range()]);
            row.add(mention, name, sentence);
        }
        Ok(())
    }

    /// The table and the counts, for a person; `width` in columns.
    pub fn render(&self, most: usize, width: u16, out: &Path) -> String {
        let mut text = String::new();
        if !self.entities.is_empty() {
            text += &self.table(most, width);
        }
        if self.entities.len() > most {
            let _ =
                writeln!(text, "… and {} more entities (--entities N shows N)", self.entities.len() - most);
        }
        let through = self.documents.saturating_sub(self.rejected.len() + self.failed.len());
        let _ = writeln!(
            text,
            "{through} of {} documents came through; the results are in {}",
            self.documents,
            out.display()
        );
        let lists = [("rejected; their records are in rejected/", &self.rejected), ("failed", &self.failed)];
        for (what, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            let mut list = list.clone();
            list.sort();
            let _ = writeln!(text, "{} {what}:", list.len());
            for (name, why) in list {
                let _ = writeln!(text, "  {name}: {why}");
            }
        }
        text
    }

    /// A line of counts for each entity, and below it the strongest sentence each way.
    fn table(&self, most: usize, width: u16) -> String {
        let mut rows: Vec<_> = self.entities.iter().collect();
        rows.sort_by_key(|(name, row)| (std::cmp::Reverse(row.mentions), *name));
        rows.truncate(most);
        let mut table = Table::new();
        table.load_preset(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(["entity", "type", "documents", "mentions", "negative", "neutral", "positive"]);
        for column in table.column_iter_mut().skip(2) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for (name, row) in &rows {
            let kind = row.kinds.iter().max_by_key(|(_, count)| **count).map_or("", |(kind, _)| kind);
            let numbers = [row.documents.len(), row.mentions, row.negative, row.neutral, row.positive];
            let cells = [Cell::new(name), Cell::new(kind)];
            table.add_row(cells.into_iter().chain(numbers.map(Cell::new)));
        }
        let mut text = String::new();
        let counts: Vec<String> = table.lines().collect();
        let _ = writeln!(text, "{}", counts.first().map_or("", |header| header.trim_end()));
        for (line, (_, row)) in counts.iter().skip(1).zip(rows) {
            let _ = writeln!(text, "{}", line.trim_end());
            for (sign, strongest) in [('−', &row.most_negative), ('+', &row.most_positive)] {
                if let Some(Strongest { score, document, sentence }) = strongest {
                    let room = usize::from(width).saturating_sub(document.len() + 16).max(40);
                    let sentence = console::truncate_str(sentence, room, "…");
                    let _ = writeln!(text, "    {sign} {score:.2}  {sentence}  ({document})");
                }
            }
        }
        text
    }
}

impl EntityRow {
    fn add(&mut self, mention: &MentionSentiment, document: &str, sentence: &str) {
        self.mentions += 1;
        let best = match mention.label.as_str() {
            "negative" => {
                self.negative += 1;
                &mut self.most_negative
            }
            "positive" => {
                self.positive += 1;
                &mut self.most_positive
            }
            _ => {
                self.neutral += 1;
                return;
            }
        };
        let score = mention.scores.get(&mention.label).map_or(0.0, |score| score.get());
        let stronger = best.as_ref().is_none_or(|best| {
            score > best.score
                || (score == best.score && (document, sentence) < (&*best.document, &*best.sentence))
        });
        if stronger {
            *best = Some(Strongest { score, document: document.to_owned(), sentence: on_one_line(sentence) });
        }
    }
}

/// A sentence on one line.
fn on_one_line(sentence: &str) -> String {
    sentence.split_whitespace().collect::<Vec<_>>().join(" ")
}
