//! What a run found: every entity and every label over all documents, and what did not come through.

mod labels;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::Path,
};

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets::NOTHING};

use crate::{
    document::contract::Annotation,
    error::Failure,
    fields::Fields,
    mode::{
        findings::{Document, Entities, Strongest},
        line::on_one_line,
    },
};
use labels::LabelTable;

/// The results of a run.
#[derive(Debug, Default)]
pub struct Summary {
    documents: usize,
    entities: Entities,
    labels: BTreeMap<String, LabelTable>,
    rejected: Vec<Missing>,
    failed: Vec<Missing>,
}

/// A document that did not come through, the stage where it ended, and why; no stage where it could not be read.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Missing {
    name: String,
    stage: Option<String>,
    why: String,
}

impl Summary {
    /// Whether every document came through.
    pub fn is_complete(&self) -> bool {
        self.rejected.is_empty() && self.failed.is_empty()
    }

    pub(super) fn unreadable(&mut self, files: Vec<(String, String)>) {
        self.documents += files.len();
        self.failed.extend(files.into_iter().map(|(name, why)| Missing { name, stage: None, why }));
    }

    pub(super) fn rejected(&mut self, stage: &str, name: &str, failure: &Failure) {
        self.rejected.push(Missing::at(stage, name, failure));
    }

    pub(super) fn failed(&mut self, stage: &str, name: &str, failure: &Failure) {
        self.failed.push(Missing::at(stage, name, failure));
    }

    pub(super) fn document_done(&mut self) {
        self.documents += 1;
    }

    /// Adds what a stage found, and wrote there.
    pub(super) fn add(
        &mut self,
        stage: &str,
        name: &str,
        annotation: &Annotation,
        output: &Path,
    ) -> Result<(), String> {
        let fields = || -> Result<Fields, String> {
            let bytes = std::fs::read(output).map_err(|e| e.to_string())?;
            serde_json::from_slice(&bytes).map_err(|e| e.to_string())
        };
        match annotation {
            Annotation::Ner { .. } => {}
            Annotation::Sentiment { .. } => {
                self.entities.add(name, &Document::read(&fields()?, Some(stage))?)
            }
            Annotation::Classify { sentences, document, .. } => {
                let read = Document::read(&fields()?, None)?;
                let texts: Vec<_> = read.sentences.iter().map(|place| &read.text[place.clone()]).collect();
                let table = self.labels.entry(stage.to_owned()).or_default();
                table.add(name, &read.text, &texts, sentences, document.as_deref());
            }
        }
        Ok(())
    }

    /// All documents have been added.
    pub(super) fn finish(&mut self) {
        self.entities.join_companies();
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
        self.labels.iter().for_each(|(stage, table)| text += &table.render(stage, width));
        let through = self.documents.saturating_sub(names(self.rejected.iter().chain(&self.failed)).len());
        let _ = writeln!(
            text,
            "{through} of {} documents came through; the results are in {}",
            self.documents,
            out.display()
        );
        let lists = [("rejected; their records are in rejected/", &self.rejected), ("failed", &self.failed)];
        for (what, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            let _ = writeln!(text, "{} {what}:", names(list).len());
            for missing in list.iter().collect::<BTreeSet<_>>() {
                let _ = writeln!(text, "  {}", missing.line());
            }
        }
        text
    }

    /// A line of counts for each entity, and below it the strongest sentence each way.
    fn table(&self, most: usize, width: u16) -> String {
        let mut rows = self.entities.ranked();
        rows.truncate(most);
        let mut table = Table::new();
        table.load_preset(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(["entity", "type", "documents", "mentions", "negative", "neutral", "positive"]);
        for column in table.column_iter_mut().skip(2) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for (name, row) in &rows {
            let numbers = [row.documents.len(), row.mentions, row.negative, row.neutral, row.positive];
            let cells = [name, row.kind()].map(|text| Cell::new(on_one_line(text)));
            table.add_row(cells.into_iter().chain(numbers.map(Cell::new)));
        }
        let examples = rows.iter().map(|(_, row)| {
            let both = [("− ", row.against.first()), ("+ ", row.in_favour.first())];
            let both = both.into_iter().filter_map(|(sign, strongest)| Some((sign, strongest?)));
            both.map(|(sign, Strongest { score, document, sentence, .. })| Example {
                sign,
                score: *score,
                document,
                sentence,
            })
            .collect()
        });
        with_examples(&table, examples, width)
    }
}

impl Missing {
    fn at(stage: &str, name: &str, failure: &Failure) -> Self {
        Missing { name: name.to_owned(), stage: Some(stage.to_owned()), why: failure.to_string() }
    }

    fn line(&self) -> String {
        let stage = self.stage.as_ref().map(|stage| format!(", stage {stage}")).unwrap_or_default();
        on_one_line(&format!("{}{stage}: {}", self.name, self.why))
    }
}

/// The documents' names: one can be missing from several stages.
fn names<'a>(missing: impl IntoIterator<Item = &'a Missing>) -> BTreeSet<&'a str> {
    missing.into_iter().map(|missing| missing.name.as_str()).collect()
}

/// A sentence that shows what a row of a table counts.
struct Example<'a> {
    sign: &'static str,
    score: f64,
    document: &'a str,
    sentence: &'a str,
}

/// A table's header and rows, each row with its examples below it.
fn with_examples<'a>(table: &Table, examples: impl Iterator<Item = Vec<Example<'a>>>, width: u16) -> String {
    let mut text = String::new();
    let mut lines = table.lines();
    let _ = writeln!(text, "{}", lines.next().unwrap_or_default().trim_end());
    for (line, examples) in lines.zip(examples) {
        let _ = writeln!(text, "{}", line.trim_end());
        for Example { sign, score, document, sentence } in examples {
            let document = on_one_line(document);
            let room = usize::from(width).saturating_sub(document.len() + 16).max(40);
            let sentence = console::truncate_str(sentence, room, "…");
            let _ = writeln!(text, "    {sign}{score:.2}  {sentence}  ({document})");
        }
    }
    text
}
