//! Every entity over all documents, and what is said about it where a stage says anything.

use std::fmt::Write;

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets::NOTHING};

use super::example::{Example, with_examples};
use crate::mode::{
    findings::{Entities, Strongest},
    line::on_one_line,
};

/// A line of counts for each of the `most` entities with the most mentions, and how many more there are. With
/// `sentiment`, how many mentions say what, and below each line the strongest sentence each way.
pub fn render(entities: &Entities, sentiment: bool, most: usize, width: u16) -> String {
    if entities.is_empty() {
        return String::new();
    }
    let mut rows = entities.ranked();
    rows.truncate(most);
    let columns = if sentiment { 7 } else { 4 };
    let mut table = Table::new();
    table.load_preset(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let header = ["entity", "type", "documents", "mentions", "negative", "neutral", "positive"];
    table.set_header(&header[..columns]);
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for (name, row) in &rows {
        let numbers = [row.documents.len(), row.mentions, row.negative, row.neutral, row.positive];
        let cells = [name, row.kind()].map(|text| Cell::new(on_one_line(text)));
        table.add_row(cells.into_iter().chain(numbers.map(Cell::new)).take(columns));
    }
    let examples = rows.iter().map(|(_, row)| {
        let both = [("− ", row.against.first()), ("+ ", row.in_favour.first())];
        let both = both.into_iter().filter(|_| sentiment);
        let both = both.filter_map(|(sign, strongest)| Some((sign, strongest?)));
        both.map(|(sign, Strongest { score, document, sentence, .. })| Example {
            sign,
            score: *score,
            document,
            sentence,
        })
        .collect()
    });
    let mut text = with_examples(&table, examples, width);
    if entities.len() > most {
        let _ = writeln!(text, "… and {} more entities (--entities N shows N)", entities.len() - most);
    }
    text
}
