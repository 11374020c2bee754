//! What a run found: every entity and every label over all documents, and what did not come through.

mod labels;

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
use labels::LabelTable;

/// The results of a run.
#[derive(Debug, Default)]
pub struct Summary {
    documents: usize,
    entities: BTreeMap<String, EntityRow>,
    labels: BTreeMap<String, LabelTable>,
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

    /// Adds what a `sentiment` or `classify` stage wrote.
    pub(super) fn add(&mut self, stage: &str, name: &str, output: &Path) -> Result<(), String> {
        let bytes = std::fs::read(output).map_err(|e| e.to_string())?;
        let document: Output = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
        let annotation = document.annotations.get(stage).map(|raw| serde_json::from_str(raw.get()));
        match annotation {
            Some(Ok(Annotation::Sentiment { mentions, .. })) => self.add_mentions(name, &document, &mentions),
            Some(Ok(Annotation::Classify { sentences, document: whole, .. })) => {
                let table = self.labels.entry(stage.to_owned()).or_default();
                table.add(name, &document.text, &document.sentences(), &sentences, whole.as_deref());
                Ok(())
            }
            _ => Err(format!("it has no annotation of the stage {stage:?}")),
        }
    }

    fn add_mentions(
        &mut self,
        name: &str,
        document: &Output,
        mentions: &[MentionSentiment],
    ) -> Result<(), String> {
        let sentences = document.sentences();
        for mention in mentions {
            let Some(entity) = document.entities.iter().find(|entity| entity.id == mention.entity) else {
                return Err(format!("it has no entity {:?}", mention.entity));
            };
            let row = self.entities.entry(entity.name.clone()).or_default();
            *row.kinds.entry(entity.kind.clone().unwrap_or_default()).or_default() += 1;
            row.documents.insert(name.to_owned());
            row.add(mention, name, sentences.get(mention.sentence).copied().unwrap_or_default());
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
        for (stage, table) in &self.labels {
            text += &table.render(stage, width);
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
        let examples = rows.iter().map(|(_, row)| {
            let both = [("− ", &row.most_negative), ("+ ", &row.most_positive)];
            both.into_iter().filter_map(|(sign, strongest)| Some((sign, strongest.as_ref()?))).collect()
        });
        with_examples(&table, examples, width)
    }
}

/// A table's header and rows, each row with its examples below it.
fn with_examples<'a>(
    table: &Table,
    examples: impl Iterator<Item = Vec<(&'a str, &'a Strongest)>>,
    width: u16,
) -> String {
    let mut text = String::new();
    let mut lines = table.lines();
    let _ = writeln!(text, "{}", lines.next().unwrap_or_default().trim_end());
    for (line, examples) in lines.zip(examples) {
        let _ = writeln!(text, "{}", line.trim_end());
        for (sign, Strongest { score, document, sentence }) in examples {
            let room = usize::from(width).saturating_sub(document.len() + 16).max(40);
            let sentence = console::truncate_str(sentence, room, "…");
            let _ = writeln!(text, "    {sign}{score:.2}  {sentence}  ({document})");
        }
    }
    text
}

impl Output {
    /// The sentences' texts; one whose place is off is empty.
    fn sentences(&self) -> Vec<&str> {
        let claims: Vec<_> =
            self.sentences.iter().map(|s| Claim { begin: s.begin, end: s.end, text: None }).collect();
        let spans = text::check(&self.text, self.offset_unit, &claims).into_iter();
        spans.map(|span| span.map_or("", |span| &self.text[span.range()])).collect()
    }
}

impl Strongest {
    /// Keeps the stronger one: the text with the higher score; of equals the one that comes first.
    fn keep(best: &mut Option<Strongest>, score: f64, document: &str, sentence: &str) {
        let stronger = best.as_ref().is_none_or(|best| {
            score > best.score
                || (score == best.score && (document, sentence) < (&*best.document, &*best.sentence))
        });
        if stronger {
            *best = Some(Strongest { score, document: document.to_owned(), sentence: on_one_line(sentence) });
        }
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
        Strongest::keep(best, score, document, sentence);
    }
}

/// A sentence on one line.
fn on_one_line(sentence: &str) -> String {
    sentence.split_whitespace().collect::<Vec<_>>().join(" ")
}
