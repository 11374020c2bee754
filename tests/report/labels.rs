//! What `classify` stages found is shown with each document.

use serde_json::{Value, json};

use crate::{
    Page, report,
    support::local::{Workplace, repository},
};

/// Stages in a pipeline file; `classify` takes the documents as they come in, beside the others.
fn run(place: &Workplace, stages: &[(&str, &str, &str)]) -> Page {
    let models = [("ner", "model-fetch/models/ner"), ("sentiment", "model-fetch/models/sentiment")];
    let mut file = "[pipeline]\nname = \"p\"\n".to_owned();
    for (name, task, more) in stages {
        let model =
            models.iter().find(|(of, _)| of == task).map_or("tests/fixtures/models/bert_odd", |(_, m)| m);
        let model = repository(model);
        file += &format!("[[stage]]\nname = \"{name}\"\ntask = \"{task}\"\nmodel = {model:?}\n{more}\n");
    }
    std::fs::write(place.path("pipeline.toml"), file).unwrap();
    place.run_pipeline(&place.path("pipeline.toml"), &[]).expect(0);
    report(&place.out())
}

/// What the page should have of a stage: its labels by their scores, and whether they are given.
fn expected(place: &Workplace, stage: &str, name: &str) -> Value {
    let document: Value = serde_json::from_slice(&place.output(stage, name)).unwrap();
    let class = &document["annotations"][stage]["document"];
    let given = class["labels"].as_array().unwrap();
    let mut labels: Vec<_> = class["scores"].as_object().unwrap().iter().collect();
    labels.sort_by(|(_, a), (_, b)| b.as_f64().unwrap().total_cmp(&a.as_f64().unwrap()));
    let labels = labels.iter().map(|(label, score)| json!([label, score, given.contains(&json!(label))]));
    json!([stage, labels.collect::<Vec<_>>()])
}

#[test]
fn a_document_has_the_labels_of_each_stage_with_their_scores() {
    let place = Workplace::with([("a.txt", "Why? The offer was rejected."), ("b.txt", "")]);
    let page = run(&place, &[("tone", "classify", "next = [\"topics\"]"), ("topics", "classify", "")]);
    let labels = &page.document("a.txt").1["labels"];
    assert_eq!(labels[0], {
        let mut tone = expected(&place, "tone", "a.txt");
        tone[0] = "tone".into();
        tone
    });
    assert_eq!(labels[1], expected(&place, "topics", "a.txt"));
    assert_eq!(page.document("b.txt").1["labels"], json!([]), "nothing was there to be read");
}

#[test]
fn labels_of_a_branch_stand_beside_the_sentiment_of_another() {
    let place = Workplace::with([("a.txt", "Northwind Energy failed its customers.")]);
    let stages = [
        ("ner", "ner", "next = [\"sentiment\"]"),
        ("sentiment", "sentiment", ""),
        ("topics", "classify", "over = \"document\""),
    ];
    let page = run(&place, &stages);
    let (_, document) = page.document("a.txt");
    assert_eq!(document["labels"], json!([expected(&place, "topics", "a.txt")]));
    assert!(document["mentions"][0][4].is_number(), "what is said of the mention: {document}");
}

#[test]
fn what_is_said_of_other_entities_is_not_told_of_these() {
    let place = Workplace::with([("a.txt", "Castellan Bank failed its customers.")]);
    place.run(&[]).expect(0);
    let mut other: Value = serde_json::from_slice(&place.output("sentiment", "a.txt")).unwrap();
    // Of a branch with a tagger of its own, whose entity has the same id and another name, at another place.
    other["lineage"][1]["stage"] = json!("z");
    let said = other["annotations"]["sentiment"].take();
    other["annotations"]["z"] = said;
    other["annotations"]["z"]["mentions"][0]["end"] = json!(9);
    other["entities"][0]["name"] = json!("Castellan");
    other["entities"][0]["mentions"][0]["end"] = json!(9);
    let folder = place.out().join("z");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("a.txt.json"), other.to_string()).unwrap();
    let page = report(&place.out());
    let (_, document) = page.document("a.txt");
    assert_eq!(document["mentions"].as_array().unwrap().len(), 1, "{document}");
    assert_eq!(page.data["entities"][0]["name"], "Castellan Bank");
}

#[test]
fn what_two_sentiment_stages_say_of_different_entities_is_shown_together() {
    let organisations = "entity_types = [\"ORG\"]";
    let persons = "entity_types = [\"PER\"]";
    let branch = [
        ("ner", "ner", "next = [\"a\", \"b\"]".to_owned()),
        ("a", "sentiment", organisations.to_owned()),
        ("b", "sentiment", persons.to_owned()),
    ];
    let chain = [
        ("ner", "ner", "next = [\"a\"]".to_owned()),
        ("a", "sentiment", format!("{organisations}\nnext = [\"b\"]")),
        ("b", "sentiment", persons.to_owned()),
    ];
    for stages in [branch, chain] {
        let place = Workplace::with([("a.txt", "Castellan Bank failed Anna Kovac. Anna Kovac won.")]);
        let stages: Vec<_> = stages.iter().map(|(name, task, more)| (*name, *task, more.as_str())).collect();
        let page = run(&place, &stages);
        let mut said: Vec<_> = page.document("a.txt").1["mentions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|mention| {
                assert!(mention[4].is_u64(), "{mention}");
                page.data["entities"][mention[2].as_u64().unwrap() as usize]["name"].as_str().unwrap()
            })
            .collect();
        said.sort_unstable();
        assert_eq!(said, ["Anna Kovac", "Anna Kovac", "Castellan Bank"]);
    }
}

/// A stage that was renamed, or another model beside it: which of the two is shown must not be a riddle.
#[test]
fn of_two_stages_that_speak_of_the_same_mentions_it_is_said_which_is_shown() {
    let place = Workplace::with([("a.txt", "Castellan Bank failed its customers.")]);
    let page = run(
        &place,
        &[
            ("ner", "ner", "next = [\"sentiment\", \"tone\", \"zeal\"]"),
            ("sentiment", "sentiment", ""),
            ("tone", "sentiment", ""),
            ("zeal", "sentiment", ""),
        ],
    );
    assert_eq!(page.document("a.txt").1["mentions"].as_array().unwrap().len(), 1);
    let said = crate::make(&place.out()).expect(0).stderr;
    assert!(
        said.contains(
            "the stages sentiment and tone say what they think of the same mentions, and sentiment is shown"
        ),
        "{said}"
    );
    assert!(said.contains("the stages sentiment and zeal") && said.lines().count() == 2, "{said}");
    for folder in ["sentiment", "zeal"] {
        std::fs::remove_dir_all(place.out().join(folder)).unwrap();
    }
    assert_eq!(crate::make(&place.out()).expect(0).stderr, "");
}
