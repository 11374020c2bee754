//! A folder of any size runs in the memory that its largest documents need.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use super::support::{
    local::{Workplace, program},
    process,
};

/// What a document carries besides its text: were documents kept, they would be seen.
const BALLAST_KIB: usize = 300;

/// Ten times the documents may take this much more: the weights are mapped, and the two tables of words (23 MB
/// each) become resident as words are looked up. 270 documents that were kept would take 79 MiB.
const ALLOWANCE_KIB: u64 = 48 << 10;

#[test]
fn peak_memory_does_not_grow_with_the_number_of_documents() {
    let (few, many) = (peak_memory_kib(30), peak_memory_kib(300));
    assert!(few > 10 << 10, "{few} KiB is no run with two models: it was not measured");
    assert!(many < few + ALLOWANCE_KIB, "{few} KiB for 30 documents, {many} KiB for 300");
}

fn peak_memory_kib(documents: usize) -> u64 {
    let place = Workplace::new();
    let ballast = "x".repeat(BALLAST_KIB << 10);
    for i in 0..documents {
        let text = format!("Northwind Energy made a loss of {i} million. Anna Kovac left.");
        let body = serde_json::json!({"text": text, "ballast": ballast});
        place.put(&format!("{}/{i:03}.json", i % 7), body.to_string());
    }
    let peak = peak_kib(&place, NEWS, 0);
    assert_eq!(place.results().len(), 2 * documents);
    peak
}

/// The pipeline of `ner` and `sentiment`.
const NEWS: &str = "samples/pipeline.toml";

/// The peak memory of a run over a folder, which must end with this status.
fn peak_kib(place: &Workplace, pipeline: &str, status: i32) -> u64 {
    let mut run = Command::new(program())
        .args(["local", "--pipeline", pipeline, "--out"])
        .args([place.out(), place.documents()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut peak = 0;
    let ended = loop {
        peak = process::memory_kib(run.id()).unwrap_or_default().max(peak);
        match run.try_wait().expect("the process can be waited for") {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    assert_eq!(ended.code(), Some(status));
    assert!(peak > 0, "it was not measured");
    peak
}

/// A text without a word in it that is one sentence: words, pieces and chances of all of it would take gigabytes.
#[test]
fn one_sentence_of_megabytes_takes_no_more_memory_than_many() {
    let place = Workplace::new();
    let text = "(".repeat(3 << 20) + " [SEP] Velmo lost.";
    let document = serde_json::json!({"text": text, "entities": [{"name": "Velmo", "type": "ORG"}]});
    place.put("brackets.json", document.to_string());
    let peak = peak_kib(&place, NEWS, 0);
    assert!(peak < 400 << 10, "{peak} KiB");
    let result: serde_json::Value =
        serde_json::from_slice(&place.output("sentiment", "brackets.json")).expect("JSON");
    assert_eq!(result["annotations"]["sentiment"]["counts"]["windowed"], 1, "{}", result["annotations"]);
}

/// Of one entity for each of its mentions, of many for each place that could name any of them: six gigabytes and two.
#[test]
fn ids_that_a_result_would_repeat_take_no_memory() {
    let place = Workplace::new();
    let named = |id: String| serde_json::json!({"id": id, "name": "Ux", "type": "ORG"});
    let document = |times: usize, entities: Vec<serde_json::Value>| {
        serde_json::json!({"text": "Ux. ".repeat(times), "entities": entities}).to_string()
    };
    place.put("often.json", document(20_000, vec![named("x".repeat(100_000))]));
    let many = (0..1000).map(|i| named(format!("{i}{}", "x".repeat(3000))));
    place.put("many.json", document(200, many.collect()));
    let peak = peak_kib(&place, NEWS, 1);
    assert!(peak < 400 << 10, "{peak} KiB");
    for (stage, name, bytes) in [("sentiment", "often", 2_001_960_000_u64), ("ner", "many", 600_578_000)] {
        let record = place.output(&format!("rejected/{stage}"), &format!("{name}.json"));
        let record: serde_json::Value = serde_json::from_slice(&record).expect("JSON");
        let message = record["message"].as_str().expect("a message");
        assert!(message.contains(&format!("result_bytes is {bytes}")), "{message}");
    }
}

/// Its pieces, and those of what is asked about, would take gigabytes.
#[test]
fn a_mention_of_megabytes_takes_no_more_memory_than_its_beginning() {
    let place = Workplace::new();
    let text = "ж中".repeat(400_000);
    let mention = serde_json::json!({"begin": 0, "end": 800_000});
    let entity = serde_json::json!({"name": "x", "type": "ORG", "mentions": [mention]});
    place.put("mention.json", serde_json::json!({"text": text, "entities": [entity]}).to_string());
    let peak = peak_kib(&place, NEWS, 0);
    assert!(peak < 300 << 10, "{peak} KiB");
    let result: serde_json::Value =
        serde_json::from_slice(&place.output("sentiment", "mention.json")).expect("JSON");
    assert_eq!(result["annotations"]["sentiment"]["counts"]["windowed"], 1, "{}", result["annotations"]);
}

/// What others wrote of each mention is theirs, and comes out as it came in: taken apart it would be a quarter of a gigabyte.
#[test]
fn fields_of_many_mentions_take_no_multiple_of_what_they_are() {
    const COUNT: usize = 99_000;
    let place = Workplace::new();
    let mention = |i: usize| {
        let begin = i % 9000 * 12;
        format!(r#"{{"a":1.50,"b":2,"c":3,"begin":{begin},"end":{},"d":4,"e":5,"f":6,"g":7}}"#, begin + 5)
    };
    let mentions: Vec<_> = (0..COUNT).map(mention).collect();
    let (text, mentions) = ("Velmo rose. ".repeat(9000), mentions.join(","));
    let entity = format!(r#"{{"name":"Velmo","type":"LOC","mentions":[{mentions}]}}"#);
    place.put("fields.json", format!(r#"{{"entities":[{entity}],"text":"{text}"}}"#));
    let peak = peak_kib(&place, &sentiment(&place, ""), 0);
    assert!(peak < 170 << 10, "{peak} KiB");
    let result = String::from_utf8(place.output("sentiment", "fields.json")).expect("UTF-8");
    let first =
        r#"{"a":1.50,"b":2,"c":3,"begin":0,"end":5,"d":4,"e":5,"f":6,"g":7,"text":"Velmo","sentence":0}"#;
    assert!(result.contains(first), "{result:.2000}");
    assert_eq!(result.matches(r#""g":7"#).count(), 9000, "the same place counts once");
}

/// Each line of a form has its sentence, so a form can be a hundred times its document.
#[test]
fn forms_wait_until_there_is_room_for_them() {
    let place = Workplace::new();
    let text = "x\u{1}".repeat(14_000);
    let mentions: Vec<_> = (0..6000).map(|i| serde_json::json!({"begin": i, "end": i + 1})).collect();
    let entity = serde_json::json!({"name": "Velmo", "type": "LOC", "mentions": mentions});
    for i in 0..8 {
        let document = serde_json::json!({"text": text, "entities": [entity], "number": i});
        place.put(&format!("{i}.json"), document.to_string());
    }
    let peak = peak_kib(&place, &sentiment(&place, "output = \"lines\""), 0);
    assert!(peak < 200 << 10, "{peak} KiB");
    let lines = &place.results()["sentiment.lines/7.json.jsonl"];
    assert!(lines.len() > 20 << 20, "{} bytes are too few to be seen", lines.len());
}

/// A pipeline of `sentiment` alone, which isn't asked about places.
fn sentiment(place: &Workplace, more: &str) -> String {
    let file = place.path("pipeline.toml");
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/model-fetch/models");
    let stage =
        format!("[[stage]]\nname = \"sentiment\"\ntask = \"sentiment\"\nmodel = \"{models}/sentiment\"");
    std::fs::write(&file, format!("[pipeline]\nname = \"p\"\n{stage}\n{more}\n")).expect("a file");
    file.display().to_string()
}
