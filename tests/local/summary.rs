//! The table that a run ends with.

use serde_json::json;

use super::support::local::Workplace;

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
