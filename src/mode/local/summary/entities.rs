//! Every entity over all documents, and what is said about it where a stage says anything.

use std::fmt::Write;

use comfy_table::Cell;
use console::truncate_str;

use super::example::{Example, table, with_examples};
use crate::mode::{
    findings::{Entities, Strongest},
    line::on_one_line,
};

/// Columns that a name has: a model may take any text for one.
const NAME: usize = 60;

/// A line of counts for each of the `most` entities with the most mentions, and how many more there are. With
/// `sentiment`, how many mentions say what, and below each line the strongest sentence each way.
pub fn render(entities: &Entities, sentiment: bool, most: usize, width: u16) -> String {
    if entities.is_empty() {
        return String::new();
    }
    let mut rows = entities.ranked();
    rows.truncate(most);
    let columns = if sentiment { 7 } else { 4 };
    let header = ["entity", "type", "documents", "mentions", "negative", "neutral", "positive"];
    let mut table = table(&header[..columns], 2);
    for (name, row) in &rows {
        let numbers = [row.documents.len(), row.mentions, row.negative, row.neutral, row.positive];
        let cells = [name, row.kind()].map(|text| Cell::new(truncate_str(&on_one_line(text), NAME, "…")));
        table.add_row(cells.into_iter().chain(numbers.map(Cell::new)).take(columns));
    }
    let examples = rows.iter().map(|(_, row)| {
        let both = [("− ", row.against.first()), ("+ ", row.in_favour.first())];
        let both = both.into_iter().filter(|_| sentiment);
        let both = both.filter_map(|(sign, strongest)| {
            let Strongest { score, document, sentence, .. } = strongest?;
            Some(Example { sign, score: *score, document, sentence })
        });
        both.collect()
    });
    let mut text = with_examples(&table, examples, width);
    if entities.len() > most {
        let _ = writeln!(text, "… and {} more entities (--entities N shows N)", entities.len() - most);
    }
    text
}
