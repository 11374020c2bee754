//! A table whose rows have, below them, sentences that show what they count.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets::NOTHING};

use crate::mode::line::on_one_line;

/// A sentence that shows what a row of a table counts.
pub struct Example<'a> {
    pub sign: &'static str,
    pub score: f64,
    pub document: &'a str,
    pub sentence: &'a str,
}

/// A table without rows, whose columns are numbers but for the first few, which are `texts`.
pub fn table(header: &[&str], texts: usize) -> Table {
    let mut table = Table::new();
    table.load_preset(NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(header);
    for column in table.column_iter_mut().skip(texts) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A table's header and rows, each row with its examples below it.
pub fn with_examples<'a>(
    table: &Table,
    examples: impl Iterator<Item = Vec<Example<'a>>>,
    width: u16,
) -> String {
    let mut text = String::new();
    let mut lines = table.lines();
    let _ = writeln!(text, "{}", lines.next().unwrap_or_default().trim_end());
    for (line, examples) in lines.zip(examples) {
        let _ = writeln!(text, "{}", line.trim_end());
        for Example { sign, score, document, sentence } in examples {
            let document = on_one_line(document);
            let room = usize::from(width).saturating_sub(console::measure_text_width(&document) + 16).max(40);
            let sentence = console::truncate_str(sentence, room, "…");
            let _ = writeln!(text, "    {sign}{score:.2}  {sentence}  ({document})");
        }
    }
    text
}
