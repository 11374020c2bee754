//! Every form that a document may come in, and the unit that its offsets count.

use std::io::Write;

use serde_json::{Value, json};

use super::support::{
    document::{entity, list, slice, stages},
    local::{Workplace, repository, sample_run},
};

/// Outside the BMP, combining, and of more than one byte: every unit counts this text otherwise.
const TEXT: &str = "“Zoë 😀🎉” — Łukasz Nowak’s Northwind Energy fined Naïve Café e\u{301}clair. Anna Kovac of Larkfield Capital cheered.";

#[test]
fn sentiment_is_asked_about_organisations_and_persons_whatever_their_types_are_called() {
    let place = Workplace::new();
    let named = |name: &str, kind: &str| json!({"id": kind, "name": name, "type": kind});
    let entities = json!([
        named("Harrow", "Org"),
        named("Kovac", "PERSON"),
        named("Velmo", "COMPANY"),
        named("Oslo", "GPE")
    ]);
    let text = "Harrow failed Kovac in Oslo. Velmo praised Kovac.";
    place.put("a.json", json!({"text": text, "entities": entities}).to_string());
    place.run(&[]).expect(0);
    let document = place.enriched("a.json");
    let asked = list(&document["annotations"]["sentiment"]["entities"]).iter();
    let mut asked: Vec<_> = asked.filter_map(|entity| entity["entity"].as_str()).collect();
    asked.sort_unstable();
    assert_eq!(asked, ["COMPANY", "Org", "PERSON"], "{document}");
}

#[test]
fn a_mention_that_begins_in_the_white_space_before_its_sentence_or_ends_after_it_is_classified() {
    let place = Workplace::new();
    let text = "All was quiet.\n\n  Northwind failed its customers.\n\n Larkfield praised the judge. ";
    let mention = |part: &str| {
        let begin = text.find(part).unwrap();
        json!({"begin": begin, "end": begin + part.len(), "text": part})
    };
    let entities = json!([
        {"id": "n", "name": "Northwind", "type": "ORG", "mentions": [mention("\n\n  Northwind")]},
        {"id": "l", "name": "the judge", "type": "PER", "mentions": [mention("judge. ")]},
    ]);
    place.put("a.json", json!({"text": text, "entities": entities}).to_string());
    place.run(&[]).expect(0);
    let document = place.enriched("a.json");
    let said = list(&document["annotations"]["sentiment"]["mentions"]).iter();
    let said: Vec<_> = said.filter_map(|mention| mention["entity"].as_str()).collect();
    assert!(said.contains(&"n") && said.contains(&"l"), "{document}");
}

#[test]
fn every_unit_gives_offsets_in_itself_for_what_was_given_and_what_was_found() {
    let place = Workplace::new();
    let at = TEXT.find("Northwind Energy").unwrap();
    let (before, name) = (&TEXT[..at], "Northwind Energy");
    let count = |unit: &str, text: &str| match unit {
        "codepoint" => text.chars().count(),
        "utf16" => text.encode_utf16().count(),
        _ => text.len(),
    };
    let units = ["codepoint", "utf16", "utf8"];
    for unit in units {
        let (begin, length) = (count(unit, before), count(unit, name));
        let mention = json!({"begin": begin, "end": begin + length, "text": name});
        let entities = json!([{"id": "given", "name": name, "type": "ORG", "mentions": [mention]}]);
        let document = json!({"text": TEXT, "offsetUnit": unit, "entities": entities});
        place.put(&format!("{unit}.json"), document.to_string());
    }
    place.run(&[]).expect(0);

    let texts = |document: &Value| -> Vec<String> {
        let entities = list(&document["entities"]).iter();
        entities.flat_map(|e| list(&e["mentions"])).map(|mention| slice(document, mention)).collect()
    };
    let documents = units.map(|unit| place.enriched(&format!("{unit}.json")));
    for (unit, document) in units.iter().zip(&documents) {
        assert_eq!(document["offsetUnit"], *unit);
        assert_eq!(texts(document), texts(&documents[0]), "{unit}: other mentions than by code points");
        assert!(texts(document).len() >= 3, "{:#}", document["entities"]);
    }
    let begin = |document: &Value| entity(document, name)["mentions"][0]["begin"].clone();
    assert_eq!(begin(&documents[1]).as_u64(), begin(&documents[0]).as_u64().map(|n| n + 2), "two emojis");
}

#[test]
fn the_sample_in_utf16_and_those_in_code_points_slice_to_their_texts() {
    // `enriched` slices every mention, given or found.
    let utf16 = sample_run().enriched("politics/port-ellery-election-night.json");
    assert_eq!(utf16["offsetUnit"], "utf16");
    let astral = utf16["text"].as_str().unwrap().chars().any(|c| c.len_utf16() == 2);
    assert!(astral, "the sample has nothing that the units count otherwise");
    let points = sample_run().enriched("markets/larkfield-buys-osterlund.json");
    assert_eq!(points["offsetUnit"], "codepoint");
    assert!(!points["text"].as_str().unwrap().is_ascii());
}

#[test]
fn text_json_and_gzip_are_told_by_content_whatever_the_file_is_called() {
    let place = Workplace::new();
    let (text, json) =
        ("Anna Kovac left Northwind Energy.", r#"{"text": "Anna Kovac left Northwind Energy."}"#);
    for (name, bytes) in [
        ("a.txt", text.as_bytes().to_vec()),
        ("b.json", json.into()),
        ("c.json.gz", gzip(json)),
        ("d.txt.gz", gzip(text)),
        ("json called text.txt", json.into()),
        ("gzip called json.json", gzip(json)),
        ("with a byte order mark.txt", format!("\u{feff}{text}").into()),
        ("without extension", text.into()),
    ] {
        place.put(name, bytes);
    }
    place.run(&[]).expect(0);
    let of = |name: &str| {
        let mut document = place.enriched(name);
        document["lineage"] = Value::Null;
        document
    };
    let first = of("a.txt");
    assert_eq!(first["text"], text);
    assert_eq!(entity(&first, "Anna Kovac")["type"], "PER");
    for name in place.results().keys().filter_map(|key| key.strip_prefix("ner/")) {
        assert_eq!(of(name.strip_suffix(".json").unwrap()), first, "{name}");
    }
    assert_eq!(place.results().len(), 2 * 8);
}

#[test]
fn what_no_document_can_be_is_rejected_with_its_reason() {
    let place = Workplace::new();
    let deep = format!("{{\"text\": \"x\", \"deep\": {}{}}}", "[".repeat(100), "]".repeat(100));
    let bomb = gzip(&" ".repeat(21 << 20));
    let cases = [
        ("latin1.txt", b"caf\xe9".to_vec(), "not-utf8"),
        ("cut.gz", gzip("Northwind Energy")[..20].to_vec(), "invalid-gzip"),
        ("deep.json", deep.into(), "too-large"),
        ("bomb.gz", bomb, "too-large"),
        ("two.json", br#"{"text": "a"} {"text": "b"}"#.to_vec(), "invalid-json"),
        ("numbers.json", br#"{"text": 3}"#.to_vec(), "invalid-document"),
        (
            "range.json",
            br#"{"text": "a", "sentences": [{"begin": 0, "end": 2}]}"#.to_vec(),
            "invalid-offsets",
        ),
    ];
    for (name, bytes, _) in &cases {
        place.put(name, bytes);
    }
    place.run(&[]).expect(1);
    for (name, _, reason) in cases {
        assert_eq!(place.rejection(name)["reason"], reason, "{name}");
    }
    assert_eq!(place.results().len(), 7, "nothing but the records");
}

#[test]
fn several_documents_in_a_file_and_what_is_no_utf_8_are_rejected_with_what_to_do() {
    let utf16: Vec<u8> = "Northwind fell.".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let apart =
        "if it has several documents, write one object with `text` for each document, an object in a file";
    let place = Workplace::new();
    let cases = [
        ("lines.jsonl", b"{\"text\": \"a\"}\n{\"text\": \"b\"}\n".to_vec(), apart),
        ("utf16.txt", utf16.clone(), "is full of NUL characters: it looks like UTF-16 or a binary file"),
        (
            "mark.txt",
            [&b"\xff\xfe"[..], &utf16].concat(),
            "is not UTF-8, and the document begins as UTF-16 does; convert it to UTF-8",
        ),
    ];
    cases.iter().for_each(|(name, bytes, _)| place.put(name, bytes));
    place.put("escaped.json", r#"{"text": "North\u0000wind fell."}"#);
    place.run(&[]).expect(1);
    for (name, _, says) in cases {
        let record = place.rejection(name);
        assert!(record["message"].as_str().is_some_and(|why| why.contains(says)), "{record}");
    }
    assert_eq!(place.enriched("escaped.json")["text"], "North\0wind fell.");
}

#[test]
fn a_page_of_html_or_xml_is_rejected_and_a_text_about_tags_is_read() {
    let pages = [
        ("a.html", "\n <!DOCTYPE html><html><body>Northwind fell.</body></html>"),
        ("b.txt", "<HTML lang=\"en\">Northwind fell."),
        ("c.xml", "<?xml version=\"1.0\"?><nitf>Northwind fell.</nitf>"),
        ("d.json", r#"{"text": "<html>Northwind fell.</html>"}"#),
    ];
    let texts = [
        ("e.txt", "<html5 is no tag of Northwind's."),
        ("f.txt", "Northwind closed its <html> and <p> tags."),
        ("g.txt", "<b>Northwind</b> fell."),
        ("h.txt", "<html"),
        ("i.txt", "<htmlé> of Northwind"),
        ("j.txt", "Zoé “Northwind” fell."),
    ];
    let place = Workplace::with(pages.into_iter().chain(texts));
    place.run(&[]).expect(1);
    for (name, _) in pages {
        let record = place.rejection(name);
        assert!(record["message"].as_str().is_some_and(|why| why.contains("extract its text")), "{record}");
    }
    texts.iter().for_each(|(name, _)| drop(place.enriched(name)));
}

#[test]
fn an_empty_text_is_a_document_with_nothing_in_it() {
    let place = Workplace::with([("a.json", r#"{"text": ""}"#), ("b.txt", ""), ("c.txt", " \n\t\n")]);
    place.run(&[]).expect(0);
    for name in ["a.json", "b.txt", "c.txt"] {
        let document = place.enriched(name);
        assert!(list(&document["sentences"]).is_empty() && list(&document["entities"]).is_empty(), "{name}");
        assert_eq!(stages(&document), ["ner", "sentiment"]);
    }
}

#[test]
fn hidden_files_and_results_inside_the_folder_are_no_documents() {
    let place = Workplace::with([
        ("a.txt", "Northwind fell."),
        (".DS_Store", "\u{1}"),
        (".git/config", "[core]"),
        ("desk/.hidden.json", "{"),
    ]);
    let inside = place.documents().join("results");
    let (folder, out) = (place.documents().display().to_string(), inside.display().to_string());
    let run = || {
        super::support::local::run(["local", &folder, "--out", &out, "--pipeline", "samples/pipeline.toml"])
    };
    for _ in 0..2 {
        let ran = run().expect(0);
        assert!(ran.stdout.contains("1 of 1 documents came through"), "{}", ran.stdout);
    }
    let results = super::support::local::tree(&inside).into_keys().collect::<Vec<_>>();
    assert_eq!(results, [".baton-results", "ner/a.txt.json", "sentiment/a.txt.json"]);
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn what_overlaps_a_given_mention_is_not_found_and_what_touches_one_is() {
    let place = Workplace::new();
    let text = "Northwind Energy sued Anna Kovac. Larkfield paid.";
    let given = |id: &str, part: &str| {
        let begin = text.find(part).unwrap();
        json!({"id": id, "name": part, "type": "X", "mentions": [{"begin": begin, "end": begin + part.len()}]})
    };
    let entities = json!([given("a", "Energy sued"), given("b", "sued "), given("c", " paid.")]);
    place.put("a.json", json!({"text": text, "entities": entities}).to_string());
    place.run(&[]).expect(0);
    let document = place.enriched("a.json");
    let names: Vec<_> =
        list(&document["entities"]).iter().skip(3).filter_map(|e| e["name"].as_str()).collect();
    assert_eq!(names, ["Anna Kovac", "Larkfield"], "{document}");
}

#[test]
fn each_mention_in_a_sentence_that_is_too_long_is_read_with_what_stands_around_it() {
    let filler = "the harbour office noted the weather and the tide and ".repeat(40);
    let text = format!(
        "Northwind Energy was praised as a wonderful and generous employer while {filler}Northwind Energy was \
         convicted of fraud and failed its customers terribly."
    );
    let place = Workplace::new();
    let last = text.rfind("Northwind Energy").unwrap();
    let at = |begin: usize| json!({"begin": begin, "end": begin + "Northwind Energy".len()});
    let named = |mentions: Value| json!([{"id": "n", "name": "Northwind Energy", "type": "ORG", "mentions": mentions}]);
    place.put("both.json", json!({"text": text, "entities": named(json!([at(0), at(last)]))}).to_string());
    place.put("last.json", json!({"text": text, "entities": named(json!([at(last)]))}).to_string());
    let model = repository("model-fetch/models/sentiment");
    let pipeline = place.path("pipeline.toml");
    let stage = format!("[[stage]]\nname = \"sentiment\"\ntask = \"sentiment\"\nmodel = {model:?}\n");
    std::fs::write(&pipeline, format!("[pipeline]\nname = \"p\"\n{stage}")).unwrap();
    place.run_pipeline(&pipeline, &[]).expect(0);
    let said = |name: &str| {
        let document = place.enriched(name);
        let sentiment = &document["annotations"]["sentiment"];
        (list(&sentiment["mentions"]).clone(), sentiment["counts"]["windowed"].clone())
    };
    let ((both, windowed), (alone, _)) = (said("both.json"), said("last.json"));
    assert_eq!((both.len(), alone.len(), windowed), (2, 1, 2.into()));
    assert_eq!(both[1], alone[0], "what is said of a mention doesn't depend on another one");
    assert_ne!(both[0]["scores"], both[1]["scores"], "they stand among other words");
}

#[test]
fn a_mention_outside_all_given_sentences_is_counted_as_skipped() {
    let place = Workplace::new();
    let mention = json!({"begin": 15, "end": 24, "text": "Northwind"});
    let entities = json!([{"id": "n", "name": "Northwind", "type": "ORG", "mentions": [mention]}]);
    let document = json!({
        "text": "Larkfield won. Northwind failed.",
        "sentences": [{"begin": 0, "end": 14}],
        "entities": entities
    });
    place.put("a.json", document.to_string());
    place.run(&[]).expect(0);
    let document = place.enriched("a.json");
    let counts = &document["annotations"]["sentiment"]["counts"];
    assert_eq!(counts["skipped"], 1, "{document}");
    let said = list(&document["annotations"]["sentiment"]["mentions"]);
    assert!(said.iter().all(|mention| mention["entity"] != "n"), "{document}");
}

#[test]
fn a_name_of_two_given_entities_is_neithers_and_what_is_found_there_says_whose_it_could_be() {
    let place = Workplace::new();
    let named = |id: &str| json!({"id": id, "name": "Mercury Holdings", "type": "ORG"});
    let document = json!({
        "text": "Mercury Holdings failed its customers, said Anna Kovac.",
        "entities": [named("m1"), named("m2")]
    });
    place.put("a.json", document.to_string());
    place.run(&[]).expect(0);
    let document = place.enriched("a.json");
    assert_eq!(document["ambiguous"][0]["entities"], json!(["m1", "m2"]), "{document}");
    for entity in list(&document["entities"]) {
        let given = ["m1", "m2"].iter().any(|id| entity["id"] == **id);
        assert_eq!(given, list(&entity["mentions"]).is_empty(), "{document}");
        if entity["name"] == "Mercury Holdings" && !given {
            assert_eq!(entity["couldBe"], json!(["m1", "m2"]), "{document}");
        }
    }
    assert!(list(&document["entities"]).len() > 2, "the name was found: {document}");
}

#[test]
fn a_given_company_has_the_mentions_by_its_short_name_that_are_found() {
    let place = Workplace::new();
    let text = "Northwind Energy plc fell on Monday. Northwind said so.";
    let entities = json!([{"id": "n", "name": "Northwind Energy plc", "type": "ORG"}]);
    place.put("a.json", json!({"text": text, "entities": entities}).to_string());
    place.run(&[]).expect(0);
    let document = place.enriched("a.json");
    let known = &list(&document["entities"])[..];
    assert_eq!(known.len(), 1, "{document}");
    let mentions: Vec<_> = list(&known[0]["mentions"]).iter().map(|m| slice(&document, m)).collect();
    assert_eq!(mentions, ["Northwind Energy plc", "Northwind"]);
}

#[test]
fn a_place_is_not_given_to_a_person_of_the_same_name() {
    let place = Workplace::new();
    let text =
        "Mr Jordan spoke first. The king of Jordan arrived in Amman, the capital of Jordan, on Monday.";
    let mention = json!({"begin": 3, "end": 9, "text": "Jordan"});
    let entities = json!([{"id": "mj", "name": "Jordan", "type": "PER", "mentions": [mention]}]);
    place.put("a.json", json!({"text": text, "entities": entities}).to_string());
    place.run(&[]).expect(0);
    let document = place.enriched("a.json");
    let of = |id: &str| {
        let entity = list(&document["entities"]).iter().find(|entity| entity["id"] == id);
        entity.map_or(0, |entity| list(&entity["mentions"]).len())
    };
    assert_eq!((of("mj"), of("loc-jordan")), (1, 2), "{document}");
}

#[test]
fn an_array_of_documents_is_rejected_and_prose_that_begins_with_a_bracket_is_read() {
    let place = Workplace::with([
        ("array.json", r#"[{"text": "Northwind fell."}, {"text": "Velmo rose."}]"#),
        ("prose.txt", "[Oslo] Northwind fell."),
    ]);
    place.run(&[]).expect(1);
    let record = place.rejection("array.json");
    assert_eq!(record["reason"], "invalid-document");
    assert!(record["message"].as_str().is_some_and(|why| why.contains("is a JSON array")), "{record}");
    place.enriched("prose.txt");
}

#[test]
fn the_pipeline_file_and_results_that_a_link_leads_to_are_no_documents() {
    let place = Workplace::with([("a.txt", "Northwind fell."), ("desk/b.txt", "Larkfield rose.")]);
    let pipeline = place.documents().join("pipeline.toml");
    let shipped = super::support::local::repository("model-fetch/models/ner");
    let stage = format!("[[stage]]\nname = \"ner\"\ntask = \"ner\"\nmodel = {shipped:?}\n");
    std::fs::write(&pipeline, format!("[pipeline]\nname = \"p\"\n{stage}")).unwrap();
    for _ in 0..2 {
        let ran = place.run_pipeline(&pipeline, &[]).expect(0);
        assert!(ran.stdout.contains("2 of 2 documents came through"), "{}", ran.stdout);
        let link = place.documents().join("desk/earlier");
        if !link.exists() {
            std::os::unix::fs::symlink(place.out().join("ner"), link).unwrap();
        }
    }
}

/// Two models compared, say, side by side with the documents.
#[test]
fn what_another_run_wrote_and_was_told_by_is_no_document() {
    let place = Workplace::with([("a.txt", "Northwind fell."), ("notes.toml", "[[stages]]\nof = \"grief\"")]);
    let stage = |name: &str| {
        let model = super::support::local::repository("model-fetch/models/ner");
        let file = place.documents().join(format!("{name}.toml"));
        let stage = format!("[[stage]]\nname = \"{name}\"\ntask = \"ner\"\nmodel = {model:?}\n");
        std::fs::write(&file, format!("[pipeline]\nname = \"p\"\n{stage}")).unwrap();
        let out = place.documents().join(format!("out-{name}"));
        let arguments = ["local".into(), place.documents(), "--out".into(), out, "--pipeline".into(), file];
        super::support::local::run(arguments).expect(0)
    };
    for (name, left_out) in [("ner", ""), ("other", "2 others are no document: ")] {
        let ran = stage(name);
        assert!(ran.stdout.contains("2 of 2 documents came through"), "{}", ran.stdout);
        assert!(
            ran.stdout.contains(left_out) && ran.stdout.contains("no document: ") != left_out.is_empty(),
            "{}",
            ran.stdout
        );
    }
}

/// Neither has an end, and neither is read to see whether it is a pipeline's.
#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_that_is_called_like_a_pipeline_file_keeps_nobody_waiting() {
    let place = Workplace::with([("a.txt", "Northwind fell.")]);
    std::os::unix::fs::symlink("/dev/zero", place.documents().join("zero.toml")).unwrap();
    let pipe = std::process::Command::new("mkfifo").arg(place.documents().join("pipe.toml")).status();
    assert!(pipe.unwrap().success());
    for more in [&[][..], &["--follow-links"]] {
        let ran = place.run(more).expect(1);
        assert!(ran.stdout.contains("1 of 3 documents came through"), "{}", ran.stdout);
    }
}

#[cfg(unix)]
#[test]
fn what_a_link_out_of_the_folder_leads_to_is_read_only_when_it_is_asked_for() {
    let place = Workplace::with([("a.txt", "Northwind fell.")]);
    let elsewhere = place.path("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::write(elsewhere.join("b.txt"), "Larkfield rose.").unwrap();
    let link = |to: &std::path::Path, name: &str| {
        std::os::unix::fs::symlink(to, place.documents().join(name)).unwrap()
    };
    link(&elsewhere, "folder");
    link(&elsewhere.join("b.txt"), "file.txt");
    link(&place.documents().join("a.txt"), "within.txt");
    let ran = place.run(&[]).expect(1);
    assert!(ran.stdout.contains("1 of 3 documents came through"), "{}", ran.stdout);
    let told = ran.stdout.lines().find(|line| line.contains("--follow-links reads what it leads to"));
    let told = told.unwrap_or_else(|| panic!("{}", ran.stdout));
    for name in ["folder", "file.txt"] {
        assert!(told.contains(&format!("documents/{name}")), "{told}");
    }
    let ran = place.run(&["--follow-links"]).expect(0);
    assert!(ran.stdout.contains("3 of 3 documents came through"), "{}", ran.stdout);
}

/// `latest` beside the days, say; and what a program puts there that changes a whole folder at once.
#[cfg(unix)]
#[test]
fn what_a_link_within_the_folder_leads_to_counts_once_and_where_it_is_hidden_too() {
    let place = Workplace::with([("2026/a.txt", "Northwind fell."), (".data/b.txt", "Larkfield rose.")]);
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, place.documents().join(name)).unwrap();
    };
    link("2026", "latest");
    link("2026/a.txt", "newest.txt");
    link(".", "2026/all");
    link(".data/b.txt", "b.txt");
    let ran = place.run(&[]).expect(0);
    assert!(ran.stdout.contains("2 of 2 documents came through"), "{}", ran.stdout);
    assert!(
        place.results().contains_key("ner/2026/a.txt.json") && place.results().contains_key("ner/b.txt.json")
    );
}

#[test]
fn a_name_that_leaves_its_results_none_is_refused_before_anything_is_computed() {
    let place = Workplace::with([("good.txt", "Northwind fell.")]);
    place.put(&"a".repeat(251), "Larkfield rose.");
    let ran = place.run(&[]).expect(1);
    assert!(ran.stdout.contains("its name has more than 250 bytes"), "{}", ran.stdout);
    assert_eq!(place.results().len(), 2);
}

#[test]
fn a_backslash_in_a_name_is_a_letter_as_any() {
    let place = Workplace::with([("a\\b.txt", "Northwind fell.")]);
    place.run(&[]).expect(0);
    place.output("sentiment", "a\\b.txt");
}

#[test]
fn a_file_that_is_a_table_by_its_name_is_said_to_be_read_as_one_text() {
    let place = Workplace::with([("news.CSV", "id,text\n1,Northwind fell."), ("a.txt", "Larkfield rose.")]);
    let ran = place.run(&[]).expect(0);
    let line = "1 file is a table by its name and was read as one text; write a document for each row\n";
    assert!(ran.stdout.contains(line), "{}", ran.stdout);
}

#[test]
fn a_folder_of_results_is_none_of_documents_but_one_of_its_stages_is() {
    let place = Workplace::with([("a.txt", "Northwind fell.")]);
    place.run(&[]).expect(0);
    let again = |documents: std::path::PathBuf| {
        let out = place.path("again");
        let pipeline = super::support::local::repository("samples/pipeline.toml");
        super::support::local::run([
            "local".into(),
            documents,
            "--out".into(),
            out,
            "--pipeline".into(),
            pipeline,
        ])
    };
    let ran = again(place.out()).expect(2);
    assert!(ran.stderr.contains("is a folder for results; "), "{}", ran.stderr);
    again(place.out().join("sentiment")).expect(0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_says_it_is_empty_and_is_not_is_rejected() {
    let place = Workplace::with([("a.txt", "Northwind fell.")]);
    std::os::unix::fs::symlink("/proc/self/environ", place.documents().join("environment.txt")).unwrap();
    let ran = place.run(&["--follow-links"]).expect(1);
    assert!(ran.stdout.contains("is longer than the 0 bytes"), "{}", ran.stdout);
}

#[test]
fn a_place_that_an_earlier_stage_could_not_tell_is_settled_when_ner_tells_whose_it_is() {
    let place = Workplace::new();
    let document = json!({
        "text": "John Hall left. Hall Inc. fell.",
        "entities": [{"id": "j", "name": "John Hall", "type": "PER", "mentions": [{"begin": 0, "end": 9}]}],
        "ambiguous": [
            {"begin": 10, "end": 14, "text": "left", "entities": ["gone"], "note": 1.50},
            {"begin": 16, "end": 20, "text": "Hall", "entities": ["j"]},
        ]
    });
    place.put("a.json", document.to_string());
    place.run(&[]).expect(0);
    let enriched = place.enriched("a.json");
    assert!(list(&enriched["entities"]).iter().any(|entity| entity["name"] == "Hall Inc."), "{enriched}");
    assert_eq!(enriched["ambiguous"], json!([document["ambiguous"][0]]), "{enriched}");
}

#[test]
fn what_an_earlier_stage_could_not_tell_is_no_less_unclear_to_ner_than_if_it_came_first() {
    let named = |kind: &'static str| move |name: &&str| json!({"name": name, "type": kind});
    let (persons, companies) = (named("PER"), named("ORG"));
    let documents = [
        ("Anna Kovac met Ivo Kovac. Kovac won.", vec![persons(&"Anna Kovac"), persons(&"Ivo Kovac")]),
        ("Delmar fell in London.", vec![companies(&"Delmar AG"), companies(&"Delmar GmbH")]),
        (
            "European Grid Agency (EGA) and Eastern Gas Authority (EGA) met. EGA won.",
            vec![companies(&"European Grid Agency"), companies(&"Eastern Gas Authority")],
        ),
        (
            "Paris said no. Ms. Paris Hall left Paris.",
            vec![named("LOC")(&"Paris"), companies(&"Paris"), persons(&"Paris Hall")],
        ),
    ];
    let place = Workplace::new();
    for (i, (text, entities)) in documents.iter().enumerate() {
        place.put(&format!("{i}.json"), json!({"text": text, "entities": entities}).to_string());
    }
    let stage = |task: &str, next: &str| {
        let model = repository("model-fetch/models").join(task);
        format!("[[stage]]\nname = \"{task}\"\ntask = \"{task}\"\nmodel = {model:?}\nnext = [{next}]\n")
    };
    let run = |stages: String| -> Vec<Value> {
        let file = place.path("pipeline.toml");
        std::fs::write(&file, format!("[pipeline]\nname = \"p\"\n{stages}")).unwrap();
        place.run_pipeline(&file, &[]).expect(0);
        let names = (0..documents.len()).map(|i| place.output("ner", &format!("{i}.json")));
        names.map(|bytes| serde_json::from_slice(&bytes).unwrap()).collect()
    };
    let first = run(stage("ner", ""));
    let last = run(stage("sentiment", "\"ner\"") + &stage("ner", ""));
    for (first, last) in first.iter().zip(&last) {
        assert!(!list(&first["ambiguous"]).is_empty(), "{first}");
        assert_eq!((&first["entities"], &first["ambiguous"]), (&last["entities"], &last["ambiguous"]));
    }
}

#[test]
fn one_entity_named_twice_as_what_a_place_could_name_is_one() {
    let place = Workplace::new();
    let ambiguous = json!([{"begin": 0, "end": 10, "text": "Anna Kovac", "entities": ["a", "a"]}]);
    let entities = json!([{"id": "a", "name": "Velmo", "mentions": []}]);
    let document = json!({"text": "Anna Kovac left.", "entities": entities, "ambiguous": ambiguous});
    place.put("a.json", document.to_string());
    place.run(&[]).expect(0);
    let enriched = place.enriched("a.json");
    let kovac = list(&enriched["entities"]).iter().find(|entity| entity["name"] == "Anna Kovac");
    assert!(kovac.is_some_and(|kovac| kovac.get("couldBe").is_none()), "{enriched}");
}

#[test]
fn another_tools_annotation_in_the_place_of_a_stages_own_is_not_written_over() {
    let place = Workplace::new();
    let ours = r#"{"task": "ner", "model": {"name": "ner", "digest": "sha256:1"}, "counts": {}}"#;
    for (name, there, came_through) in [
        ("theirs.json", r#"{"vendor": "x"}"#, false),
        ("words.json", r#""none""#, false),
        ("like.json", r#"{"task": "ner", "model": "large"}"#, false),
        ("nothing.json", "null", true),
        ("again.json", ours, true),
    ] {
        place.put(name, format!(r#"{{"text": "Castellan Bank fell.", "annotations": {{"ner": {there}}}}}"#));
        place.run(&[]);
        if came_through {
            assert_eq!(place.enriched(name)["annotations"]["ner"]["task"], "ner");
        } else {
            let record = place.rejection(name);
            assert_eq!(record["reason"], "invalid-document", "{record}");
            assert!(record.to_string().contains("`annotations.ner` is another tool's"), "{record}");
        }
    }
}

#[test]
fn a_null_where_baton_writes_lists_comes_out_as_nothing() {
    let place = Workplace::new();
    let entity = json!({"id": "c", "name": "Castellan Bank", "couldBe": null, "note": null});
    let document =
        json!({"text": "Castellan Bank fell.", "ambiguous": null, "entities": [entity], "note": null});
    place.put("a.json", document.to_string());
    place.run(&[]).expect(0);
    let document = place.enriched("a.json");
    let castellan = &document["entities"][0];
    assert!(document.get("ambiguous").is_none() && castellan.get("couldBe").is_none(), "{document}");
    // Their own are kept as they were.
    assert!(document["note"].is_null() && document.get("note").is_some(), "{document}");
    assert!(castellan.get("note").is_some(), "{document}");
}

#[test]
fn a_place_that_is_given_twice_keeps_the_fields_of_both() {
    let place = Workplace::new();
    let mentions = json!([
        {"begin": 0, "end": 9, "by": "one"},
        {"begin": 0, "end": 14},
        {"begin": 0, "end": 9, "by": "two", "page": null},
        {"begin": 0, "end": 9, "page": 1.50}
    ]);
    let entities = json!([{"id": "c", "name": "Castellan Bank", "type": "ORG", "mentions": mentions}]);
    place.put("a.json", json!({"text": "Castellan Bank fell.", "entities": entities}).to_string());
    place.run(&[]).expect(0);
    let document = place.enriched("a.json");
    let mentions = list(&document["entities"][0]["mentions"]);
    assert_eq!(mentions.len(), 2, "{document}");
    assert_eq!((&mentions[0]["by"], &mentions[0]["page"]), (&json!("one"), &json!(1.5)), "{document}");
}

#[test]
fn offsets_may_be_written_as_tools_write_them_that_know_only_floats() {
    let place = Workplace::new();
    let with = |begin: &str| {
        format!(
            r#"{{"text": "Castellan Bank fell.", "entities":
                [{{"id": "c", "name": "Castellan Bank", "mentions": [{{"begin": {begin}, "end": 14.0}}]}}]}}"#
        )
    };
    place.put("a.json", with("0.0"));
    let wrong = [("b.json", "0.5"), ("c.json", "-1.0"), ("d.json", "1e300")];
    wrong.iter().for_each(|(name, begin)| place.put(name, with(begin)));
    place.run(&[]).expect(1);
    let document = place.enriched("a.json");
    assert_eq!(document["entities"][0]["mentions"][0]["text"], "Castellan Bank", "{document}");
    for (name, _) in wrong {
        let record = place.rejection(name);
        let message = record["message"].as_str().unwrap();
        assert!(
            message.contains("`entities[0].mentions[0].begin`") && message.contains("a whole number"),
            "{record}"
        );
    }
}
