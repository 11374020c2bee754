//! What a `classify` stage found: every label over all documents.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets::NOTHING};
use indexmap::IndexMap;

use super::{Strongest, with_examples};
use crate::document::contract::{Class, DocumentClass, SentenceClass};

/// The labels of one stage.
#[derive(Debug, Default)]
pub struct LabelTable {
    /// In the model's order.
    rows: IndexMap<String, Row>,
    over_sentences: bool,
}

#[derive(Debug, Default)]
struct Row {
    documents: usize,
    sentences: usize,
    strongest: Option<Strongest>,
}

/// Bytes that are kept of a document: more than a line of a terminal shows.
const SHOWN: usize = 1000;

impl LabelTable {
    /// Adds a document's labels and its sentences'; `texts` are the sentences.
    pub fn add(
        &mut self,
        name: &str,
        text: &str,
        texts: &[&str],
        sentences: &[SentenceClass],
        document: Option<&DocumentClass>,
    ) {
        let Some(document) = document else { return };
        for label in document.class.scores.keys() {
            self.rows.entry(label.clone()).or_default();
        }
        self.given(&document.class, |row, _| row.documents += 1);
        if document.sentences.is_none() {
            let begin = &text[..text.floor_char_boundary(SHOWN)];
            self.given(&document.class, |row, score| Strongest::keep(&mut row.strongest, score, name, begin));
        }
        self.over_sentences |= document.sentences.is_some();
        for SentenceClass { sentence, class } in sentences {
            let text = texts.get(*sentence).copied().unwrap_or_default();
            self.given(class, |row, score| {
                row.sentences += 1;
                Strongest::keep(&mut row.strongest, score, name, text);
            });
        }
    }

    /// For each label that was given, its row and score.
    fn given(&mut self, class: &Class, each: impl Fn(&mut Row, f64)) {
        for label in class.label.iter().chain(class.labels.iter().flatten()) {
            let score = class.scores.get(label).map_or(0.0, |score| score.get());
            each(self.rows.entry(label.clone()).or_default(), score);
        }
    }

    /// A line of counts for each label, and below it the text that has it with the highest score.
    pub fn render(&self, stage: &str, width: u16) -> String {
        let mut table = Table::new();
        table.load_preset(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        let columns = if self.over_sentences { 2 } else { 1 };
        table.set_header([stage, "documents", "sentences"].into_iter().take(1 + columns));
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for (label, row) in &self.rows {
            let counts = [row.documents, row.sentences].into_iter().take(columns);
            table.add_row(std::iter::once(Cell::new(label)).chain(counts.map(Cell::new)));
        }
        let examples =
            self.rows.values().map(|row| row.strongest.iter().map(|strongest| ("", strongest)).collect());
        with_examples(&table, examples, width)
    }
}
