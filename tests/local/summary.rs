//! The table that a run ends with.

use serde_json::{Value, json};

use super::support::local::{Ran, Workplace, repository};

/// A stage's lines in a pipeline file, with the shipped model of its task.
fn stage(task: &str, more: &str) -> String {
    let model = repository("model-fetch/models").join(task);
    format!("[[stage]]\nname = \"{task}\"\ntask = \"{task}\"\nmodel = {model:?}\n{more}\n")
}

/// Runs a pipeline of these stages over the documents.
#[track_caller]
fn run_stages(place: &Workplace, stages: &[String], more: &[&str]) -> Ran {
    let file = place.path("pipeline.toml");
    std::fs::write(&file, format!("[pipeline]\nname = \"p\"\n{}", stages.concat())).unwrap();
    place.run_pipeline(&file, more)
}

/// What is printed, every run of spaces as one.
fn lines(ran: &Ran) -> Vec<String> {
    ran.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_pipeline_without_sentiment_ends_with_the_entities_and_their_counts() {
    let place = Workplace::with([
        ("a.txt", "Northwind Energy was fined on Monday. Anna Kovac of Northwind Energy was not surprised."),
        ("b.txt", "Northwind Energy fell."),
    ]);
    let ran = run_stages(&place, &[stage("ner", "")], &[]).expect(0);
    let shown = lines(&ran);
    assert_eq!(
        shown[..3],
        ["entity type documents mentions", "Northwind Energy ORG 2 3", "Anna Kovac PER 1 1"],
        "{}",
        ran.stdout
    );
    let ran = run_stages(&place, &[stage("ner", "")], &["--entities", "1"]).expect(0);
    let shown = lines(&ran);
    assert_eq!(shown[2], "… and 1 more entities (--entities N shows N)", "{}", ran.stdout);
}

#[test]
fn documents_that_the_model_cannot_spell_are_told_of() {
    let place = Workplace::with([("a.txt", "Northwind Energy fell 📉."), ("b.txt", "รัฐบาลประกาศมาตรการใหม่")]);
    let ran = run_stages(&place, &[stage("ner", "")], &[]).expect(0);
    let said: Vec<_> = lines(&ran).into_iter().filter(|line| line.contains("can't spell")).collect();
    assert!(said.len() == 1 && said[0].starts_with("1 document has many words that"), "{}", ran.stdout);
    let result: Value = serde_json::from_slice(&place.output("ner", "b.txt")).unwrap();
    let counts = json!({"sentences": 1, "tokens": 3, "mentions": 0, "windowed": 0, "unknown": 1});
    assert_eq!(result["annotations"]["ner"]["counts"], counts);
}

#[test]
fn a_name_of_kilobytes_is_shown_short() {
    let name = "Northwind".repeat(3000);
    let document = json!({"text": format!("{name} fell."), "entities": [{"name": name, "type": "ORG"}]});
    let place = Workplace::with([("a.json", document.to_string().as_str())]);
    let ran = run_stages(&place, &[stage("sentiment", "")], &[]).expect(0);
    let line = lines(&ran).into_iter().find(|line| line.starts_with("Northwind")).unwrap();
    assert!(line.contains("… ORG 1 1") && line.len() < 100, "{line}");
    assert!(ran.stdout.lines().all(|line| line.len() < 400), "{}", ran.stdout);
}

#[test]
fn what_two_ner_stages_in_a_row_find_is_counted_once() {
    let place = Workplace::with([("a.txt", "Northwind Energy fell.")]);
    let (first, second) = (stage("ner", "next = [\"again\"]"), stage("ner", ""));
    let second = second.replacen("name = \"ner\"", "name = \"again\"", 1);
    let ran = run_stages(&place, &[first, second], &[]).expect(0);
    assert!(lines(&ran).contains(&"Northwind Energy ORG 1 1".to_owned()), "{}", ran.stdout);
}

#[test]
fn a_stage_that_found_nothing_says_so_and_why_that_may_be() {
    let named = |mentioned: bool| {
        let text = if mentioned { "Northwind fell." } else { "It fell." };
        json!({"text": text, "entities": [{"name": "Northwind", "type": "ORG"}]}).to_string()
    };
    let outside = json!({
        "text": "It fell. Northwind rose.",
        "sentences": [{"begin": 0, "end": 8}],
        "entities": [{"name": "Northwind", "type": "ORG"}]
    });
    for (document, sentiment, why) in [
        (
            "It rained.".to_owned(),
            "",
            "no document has entities (is a stage before it missing, or its `next`?)",
        ),
        (named(true), "entity_types = [\"COMPANIES\"]", "1 entity, none of entity_types COMPANIES"),
        (named(true), "entity_types = []", "1 entity, and entity_types is empty"),
        (named(false), "", "1 entity, and no text mentions one"),
        (outside.to_string(), "", "1 entity, whose mentions stand in no given sentence"),
    ] {
        let place = Workplace::with([("a", document.as_str())]);
        let ran = run_stages(&place, &[stage("sentiment", sentiment)], &[]).expect(0);
        let line = format!("stage sentiment was asked about no mention: {why}\n");
        assert!(ran.stdout.ends_with(&line), "{line:?} is not in {}", ran.stdout);
    }
    let place = Workplace::with([("a.txt", "It rained."), ("b.txt", "It rained again.")]);
    let ran = run_stages(&place, &[stage("ner", "")], &[]).expect(0);
    assert!(ran.stdout.ends_with("stage ner found no entity in 2 documents\n"), "{}", ran.stdout);
    let rejected = Workplace::with([("a.json", "{")]);
    let ran = run_stages(&rejected, &[stage("ner", "")], &[]).expect(1);
    assert!(!ran.stdout.contains("found no entity"), "{}", ran.stdout);
}

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

/// Two models asked the same are two opinions, not one with twice as many mentions.
#[test]
fn each_of_two_sentiment_stages_has_a_table_of_its_own() {
    let place = Workplace::with([("a.txt", "Northwind Energy has failed its customers terribly.")]);
    let first = stage("ner", "next = [\"sentiment\", \"again\"]");
    let third = stage("sentiment", "").replacen("name = \"sentiment\"", "name = \"again\"", 1);
    let ran = run_stages(&place, &[first, stage("sentiment", ""), third], &[]).expect(0);
    let shown = lines(&ran);
    let row = "Northwind Energy ORG 1 1 1 0 0";
    assert_eq!(shown.iter().filter(|line| *line == row).count(), 2, "{}", ran.stdout);
    assert!(shown[0] == "stage sentiment:" && shown.contains(&"stage again:".to_owned()), "{}", ran.stdout);
}
