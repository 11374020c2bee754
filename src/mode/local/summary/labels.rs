//! What a `classify` stage found: every label over all documents.

use comfy_table::Cell;
use indexmap::IndexMap;

use super::example::{Example, table, with_examples};
use crate::document::contract::{Class, DocumentClass, SentenceClass};
use crate::mode::line::{beginning, on_one_line};

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

/// The text that has a label with the highest score; of equals, the one that comes first.
#[derive(Debug)]
struct Strongest {
    score: f64,
    document: String,
    text: String,
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
            self.given(&document.class, |row, score| row.keep(score, name, begin));
        }
        self.over_sentences |= document.sentences.is_some();
        for SentenceClass { sentence, class } in sentences {
            let text = texts.get(*sentence).copied().unwrap_or_default();
            self.given(class, |row, score| {
                row.sentences += 1;
                row.keep(score, name, text);
            });
        }
    }

    /// For each label that was given, its row and score.
    fn given(&mut self, class: &Class, each: impl Fn(&mut Row, f64)) {
        for label in class.given() {
            let score = class.scores.get(label).map_or(0.0, |score| score.get());
            each(self.rows.entry(label.clone()).or_default(), score);
        }
    }

    /// A line of counts for each label, and below it the text that has it with the highest score.
    pub fn render(&self, stage: &str, width: u16) -> String {
        let columns = if self.over_sentences { 3 } else { 2 };
        let mut table = table(&[stage, "documents", "sentences"][..columns], 1);
        for (label, row) in &self.rows {
            let counts = [row.documents, row.sentences].map(Cell::new);
            let cells = [Cell::new(on_one_line(label))].into_iter().chain(counts);
            table.add_row(cells.take(columns));
        }
        let examples = self.rows.values().map(|row| row.strongest.iter().map(Strongest::example).collect());
        with_examples(&table, examples, width)
    }
}

impl Row {
    fn keep(&mut self, score: f64, document: &str, text: &str) {
        let text = beginning(text);
        let stronger = self.strongest.as_ref().is_none_or(|best| {
            score > best.score || (score == best.score && (document, &text) < (&best.document, &best.text))
        });
        if stronger {
            self.strongest = Some(Strongest { score, document: document.to_owned(), text });
        }
    }
}

impl Strongest {
    fn example(&self) -> Example<'_> {
        Example { sign: "", score: self.score, document: &self.document, sentence: &self.text }
    }
}
