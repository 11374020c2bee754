//! The table that a run ends with.

use serde_json::json;

use super::support::local::{Workplace, repository};

#[test]
fn a_company_is_one_over_all_documents_however_they_shorten_its_name_and_a_person_is_not() {
    let place = Workplace::new();
    let document = |text: &str| json!({"text": text}).to_string();
    place.put("a.json", document("Northwind Energy plc was fined on Monday. Anna Kovac was not surprised."));
    place.put(
        "b.json",
        document("Northwind Energy was praised by investors, and Northwind rose. Ivo Kovac sold."),
    );
    place.put("c.json", document("Shares of Northwind Energy plc fell, said Ms. Kovac of Harrow Bank."));
    let ran = place.run(&[]).expect(0);
    let row = |name: &str| {
        let lines = ran.stdout.lines().filter(|line| line.trim_start().starts_with(name));
        lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    let northwind = row("Northwind");
    assert!(
        northwind.len() == 1 && northwind[0].starts_with("Northwind Energy plc ORG 3 4 "),
        "{}",
        ran.stdout
    );
    assert_eq!(
        (row("Anna Kovac").len(), row("Ivo Kovac").len(), row("Kovac").len()),
        (1, 1, 1),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_line_break_or_an_escape_in_a_document_leaves_every_row_whole_and_the_terminal_alone() {
    let place = Workplace::new();
    let text = "North\nwind failed its customers.\n\nLark\u{1b}[31mfield was praised for its honesty.";
    let entity = |name: &str, kind: &str| {
        let begin = text.find(name).unwrap();
        json!({"name": name, "type": kind, "mentions": [{"begin": begin, "end": begin + name.len()}]})
    };
    let entities = [entity("North\nwind", "ORG"), entity("Lark\u{1b}[31mfield", "O\nRG")];
    place.put("a\n\u{1b}[2J.json", json!({"text": text, "entities": entities}).to_string());
    place.put("\u{1b}[2J\nb.json", "{");
    let pipeline = std::fs::read_to_string(repository("samples/pipeline.toml")).unwrap();
    let models = repository("model-fetch/models").display().to_string();
    let all = pipeline.replace("../model-fetch/models", &models) + "\nentity_types = [\"ORG\", \"O\\nRG\"]\n";
    std::fs::write(place.path("pipeline.toml"), all).unwrap();

    let ran = place.run_pipeline(&place.path("pipeline.toml"), &[]).expect(1);
    assert!(!ran.stdout.contains(|c: char| c.is_control() && c != '\n'), "{:?}", ran.stdout);
    let lines: Vec<_> =
        ran.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let below = |row: &str| {
        let at = lines.iter().position(|line| line.starts_with(row));
        &lines[at.unwrap_or_else(|| panic!("no {row:?} in {}", ran.stdout)) + 1]
    };
    assert!(
        below("North wind ORG 1 1 1").contains("North wind failed its customers. (a [2J.json)"),
        "{lines:#?}"
    );
    assert!(
        below("Lark[31mfield O RG 1 1").contains("Lark[31mfield was praised for its honesty."),
        "{lines:#?}"
    );
    assert!(lines.iter().any(|line| line.starts_with("[2J b.json, stage ner: ")), "{lines:#?}");
}
