//! What must hold of every enriched document, whichever way it was made.

use serde_json::Value;

/// Parses an enriched document and checks what is promised of all of them: every offset slices to its text in the
/// document's own unit, every mention lies where its sentence does, every stage is in the lineage.
#[track_caller]
pub fn enriched(bytes: &[u8]) -> Value {
    let document: Value = serde_json::from_slice(bytes)
        .unwrap_or_else(|error| panic!("not JSON ({error}): {}", String::from_utf8_lossy(bytes)));
    check_sentences(&document);
    check_mentions(&document);
    check_sentiment(&document);
    let stages = stages(&document);
    let annotated: Vec<_> = items(&document["annotations"]).map(|(stage, _)| stage.to_owned()).collect();
    assert_eq!(stages, annotated, "lineage and annotations tell of other stages");
    document
}

/// The stages of the lineage, in order.
#[track_caller]
pub fn stages(document: &Value) -> Vec<String> {
    list(&document["lineage"]).iter().map(|line| text(&line["stage"]).to_owned()).collect()
}

/// The entity of that name.
#[track_caller]
pub fn entity<'a>(document: &'a Value, name: &str) -> &'a Value {
    let found = list(&document["entities"]).iter().find(|entity| entity["name"] == name);
    found.unwrap_or_else(|| panic!("no entity {name:?} in {:#}", document["entities"]))
}

/// What the document's sentiment says of the entity of that name: its line, and those of its mentions.
#[track_caller]
pub fn sentiment<'a>(document: &'a Value, name: &str) -> (&'a Value, Vec<&'a Value>) {
    let id = &entity(document, name)["id"];
    let of_it = |value: &&Value| &value["entity"] == id;
    let sentiment = &document["annotations"]["sentiment"];
    let line = list(&sentiment["entities"]).iter().find(of_it);
    let line = line.unwrap_or_else(|| panic!("nothing about {name:?} in {sentiment:#}"));
    (line, list(&sentiment["mentions"]).iter().filter(of_it).collect())
}

/// `begin..end` of the text, counted as the document's `offsetUnit` says.
#[track_caller]
pub fn slice(document: &Value, place: &Value) -> String {
    let whole = text(&document["text"]);
    let (begin, end) = (number(&place["begin"]), number(&place["end"]));
    assert!(begin < end, "an empty place: {place}");
    match text(&document["offsetUnit"]) {
        "codepoint" => {
            let points: Vec<char> = whole.chars().collect();
            points[begin..end].iter().collect()
        }
        "utf16" => {
            let units: Vec<u16> = whole.encode_utf16().collect();
            String::from_utf16(&units[begin..end]).expect("a place is whole characters")
        }
        "utf8" => whole[begin..end].to_owned(),
        other => panic!("{other:?} is no unit"),
    }
}

#[track_caller]
fn check_sentences(document: &Value) {
    let mut last = 0;
    for sentence in list(&document["sentences"]) {
        let text = slice(document, sentence);
        assert!(number(&sentence["begin"]) >= last, "sentences overlap: {sentence}");
        assert_eq!(text.trim(), text, "a sentence with white space around it");
        last = number(&sentence["end"]);
    }
}

#[track_caller]
fn check_mentions(document: &Value) {
    for entity in list(&document["entities"]) {
        for mention in list(&entity["mentions"]) {
            assert_eq!(slice(document, mention), text(&mention["text"]), "{entity:#}");
            if let Some(sentence) = mention["sentence"].as_u64() {
                let sentence = &document["sentences"][sentence as usize];
                let inside = number(&sentence["begin"])..number(&sentence["end"]);
                assert!(inside.contains(&number(&mention["begin"])), "{mention} is not in {sentence}");
            }
        }
    }
}

#[track_caller]
fn check_sentiment(document: &Value) {
    let sentiment = &document["annotations"]["sentiment"];
    if sentiment.is_null() {
        return;
    }
    for mention in list(&sentiment["mentions"]) {
        let entity = list(&document["entities"]).iter().find(|entity| entity["id"] == mention["entity"]);
        let entity = entity.unwrap_or_else(|| panic!("no entity for {mention}"));
        let same = |other: &&Value| ["begin", "end", "sentence"].iter().all(|key| other[key] == mention[key]);
        assert!(list(&entity["mentions"]).iter().any(|m| same(&m)), "{mention} is none of {entity:#}");
        check_scores(mention);
    }
    for entity in list(&sentiment["entities"]) {
        let counts: usize = ["negative", "neutral", "positive"].iter().map(|l| number(&entity[l])).sum();
        assert_eq!(counts, number(&entity["mentions"]), "{entity}");
        let score = entity["score"].as_f64().expect("a number");
        assert!((-1.0..=1.0).contains(&score), "{entity}");
    }
    assert_eq!(number(&sentiment["counts"]["pairs"]), list(&sentiment["mentions"]).len());
}

/// The label is the one with the highest score; the scores are probabilities of four decimals.
#[track_caller]
fn check_scores(mention: &Value) {
    let scores: Vec<(&str, f64)> =
        items(&mention["scores"]).map(|(label, score)| (label, score.as_f64().expect("a number"))).collect();
    let sum: f64 = scores.iter().map(|(_, score)| score).sum();
    assert!((sum - 1.0).abs() < 2e-4, "scores add up to {sum}: {mention}");
    let labelled = scores.iter().find(|(label, _)| mention["label"] == *label).expect("the label's score").1;
    for (_, score) in scores {
        assert!((0.0..=1.0).contains(&score) && score <= labelled, "{mention}");
        let scaled = score * 1e4;
        assert!((scaled - scaled.round()).abs() < 1e-6, "more than four decimals: {mention}");
    }
}

#[track_caller]
pub fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("expected a list, got {value}"))
}

#[track_caller]
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("expected a text, got {value}"))
}

#[track_caller]
pub fn number(value: &Value) -> usize {
    let number = value.as_u64().unwrap_or_else(|| panic!("expected a number, got {value}"));
    usize::try_from(number).expect("a small number")
}

fn items(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}
