//! What a document may be: every limit holds and says how to raise it, and what can't be told is marked.

use baton::{
    bounded::Bounded,
    document::{Defaults, Document, contract},
    error::{Failure, Reason},
    limits::{Limit, Limits},
    model::{Model, kernels::Isa},
    task::Task,
};
use serde_json::{Value, json};

fn read(document: &Value, limits: &Limits) -> Result<Document, Failure> {
    Document::read(document.to_string().as_bytes(), limits, Defaults::default())
}

fn limited(set: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    set(&mut limits);
    limits
}

/// What a stage says that found nothing.
fn nothing_found() -> (contract::Annotation, contract::Lineage) {
    let lineage = contract::Lineage {
        stage: "s".into(),
        task: "ner".into(),
        model: "sha256:0".into(),
        input: Default::default(),
    };
    let annotation = contract::Annotation::Ner {
        model: contract::ModelRef { name: "m".into(), digest: "sha256:0".into() },
        counts: Default::default(),
    };
    (annotation, lineage)
}

/// Sets a limit that one document is just within and the other just over.
fn holds(set: impl Fn(&mut Limits) -> &mut Limit, most: usize, within: &Value, over: &Value) {
    let limits = limited(|limits| set(limits).most = most);
    if let Err(failure) = read(within, &limits) {
        panic!("{within} is within: {failure}");
    }
    let failure = read(over, &limits).expect_err("it is over the limit");
    let mut limits = limits;
    let limit = *set(&mut limits);
    assert_eq!(failure.reason, Reason::TooLarge, "{failure}");
    for part in [limit.name.to_owned(), limit.variable(), most.to_string()] {
        assert!(failure.message.contains(&part), "{part} is not in {:?}", failure.message);
    }
}

#[test]
fn every_limit_holds_and_says_how_to_raise_it() {
    let text = |text: &str| json!({ "text": text });
    holds(|l| &mut l.text_bytes, 5, &text("Velmo"), &text("Velmos"));
    holds(|l| &mut l.sentences, 2, &text("A cat sat. It ran."), &text("A cat sat. It ran. It hid."));
    let nested = |depth: usize| {
        let deep = (0..depth).fold(json!(1), |inner, _| json!([inner]));
        json!({"text": "a [", "x": deep})
    };
    holds(|l| &mut l.json_depth, 4, &nested(3), &nested(4));
    let named = |names: &[&str]| {
        let entities: Vec<_> = names.iter().map(|name| json!({ "name": name })).collect();
        json!({"text": "Velmo met Quist and Velmo.", "entities": entities})
    };
    holds(|l| &mut l.entities, 1, &named(&["Velmo"]), &named(&["Velmo", "Quist"]));
    holds(|l| &mut l.mentions, 2, &named(&["Velmo"]), &named(&["Velmo", "Quist"]));
    let many = |count: usize| json!({"text": "a, b, c and [d]", "x": vec![0; count]});
    holds(|l| &mut l.json_values, 5, &many(2), &many(4));
}

#[test]
fn each_of_a_hundred_thousand_mentions_of_one_entity_is_in_its_own_sentence() {
    const SENTENCE: &str = "Velmo ran.\n\n";
    let count = Limits::default().mentions.most;
    let begins = (0..count / 2).map(|i| i * SENTENCE.len());
    // Of those that begin at one place, the shorter one comes first, however they were given.
    let mentions: Vec<_> = begins
        .flat_map(|begin| [9, 5].map(|length| json!({"begin": begin, "end": begin + length})))
        .collect();
    let entities = json!([{"id": "v", "name": "Velmo", "mentions": mentions}]);
    let text = SENTENCE.repeat(count / 2);
    let document = read(&json!({"text": text, "entities": entities}), &Limits::default()).unwrap();
    let found = &document.entities[0].mentions;
    assert_eq!(found.len(), count);
    for (i, mention) in found.iter().enumerate() {
        assert_eq!((mention.range.len(), mention.sentence), ([5, 9][i % 2], Some(i / 2)));
    }
}

#[test]
fn a_place_that_could_name_several_entities_is_marked_and_in_nobodys_mentions() {
    let text = "Anna Kovac and Petr Kovac came. Kovac spoke.";
    let entities = json!([{"id": "a", "name": "Anna Kovac", "type": "PER"}, {"id": "p", "name": "Petr Kovac", "type": "PER"}]);
    let document = read(&json!({"text": text, "entities": entities}), &Limits::default()).unwrap();
    assert!(document.entities.iter().all(|entity| entity.mentions.len() == 1), "{:?}", document.entities);
    let (annotation, lineage) = nothing_found();
    let mut out = Bounded::new(Limits::default().result_bytes);
    document.write(&mut out, "s", &annotation, Some(&lineage)).unwrap();
    let written: contract::Enriched = serde_json::from_slice(&out.into_bytes()).unwrap();
    let [place] = &written.ambiguous[..] else { panic!("{:?}", written.ambiguous) };
    assert_eq!(
        (place.text.as_str(), place.begin, &place.entities[..]),
        ("Kovac", 32, &["a".to_owned(), "p".to_owned()][..])
    );
}

#[test]
fn what_is_only_counted_is_as_long_as_what_is_written() {
    let kept = json!({"other": {"task": "theirs", "n": [1.50, "é"]}});
    let lines = json!([{"by": "another tool"}]);
    let mention = json!({"begin": 0, "end": 5, "salience": 0.5});
    let entities = json!([{"name": "Velmo", "mentions": [mention]}, {"name": "Kovac", "more": null}]);
    let input =
        json!({"text": "Velmo met \"Kovac\".", "entities": entities, "annotations": kept, "lineage": lines});
    let document = read(&input, &Limits::default()).unwrap();
    let (annotation, lineage) = nothing_found();
    let write = |mut out: Bounded| {
        document.write(&mut out, "s", &annotation, Some(&lineage)).unwrap();
        (out.length(), out.into_bytes())
    };
    let ((counted, none), (length, bytes)) = (
        write(Bounded::counting(Limits::default().result_bytes)),
        write(Bounded::new(Limits::default().result_bytes)),
    );
    assert_eq!((counted, length, none.len()), (bytes.len(), bytes.len(), 0));
    let written: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(written["annotations"]["other"], kept["other"]);
    assert_eq!(
        (&written["lineage"][0], written["lineage"][1]["stage"].as_str()),
        (&lines[0], Some(&*lineage.stage))
    );
    assert_eq!(written["entities"][0]["mentions"][0]["salience"], 0.5);
}

/// Read as late as it was written, it was taken for none, and all that other stages had found was gone.
#[test]
fn annotations_that_can_not_be_read_are_no_reason_to_lose_them() {
    let document = r#"{"text": "Velmo.", "annotations": {"\ud800": 1, "ner": {"task": "ner"}}}"#;
    let failure = Document::read(document.as_bytes(), &Limits::default(), Defaults::default()).unwrap_err();
    assert_eq!(failure.reason, Reason::InvalidDocument);
    assert!(failure.message.contains("`annotations"), "{failure}");
}

fn written(document: &Document) -> Value {
    let (annotation, lineage) = nothing_found();
    let mut out = Bounded::new(Limits::default().result_bytes);
    document.write(&mut out, "s", &annotation, Some(&lineage)).expect("it fits");
    serde_json::from_slice(&out.into_bytes()).expect("JSON")
}

#[test]
fn an_id_may_be_a_number() {
    let large = json!(u64::MAX);
    let ids = [
        (json!(417), Some("417")),
        (json!("417"), Some("417")),
        (large, Some("18446744073709551615")),
        (json!(null), None),
        (json!({"oid": 1}), None),
    ];
    for (id, text) in ids {
        let document =
            read(&json!({"id": id, "text": "Velmo paid."}), &Limits::default()).expect("it is a document");
        assert_eq!(document.given_id().as_deref(), text);
        assert_eq!(written(&document)["id"], id, "kept as it was");
    }
}

#[test]
fn what_an_earlier_stage_could_not_tell_is_kept_beside_what_this_one_can_not() {
    let earlier = json!({"begin": 18, "end": 22, "text": "Quax", "entities": ["x", "y"], "note": "mine"});
    let of = |id: &str| json!({"id": id, "name": "Velmo"});
    let document = json!({"text": "Velmo paid. Later Quax paid.", "entities": [of("a"), of("b")], "ambiguous": [earlier]});
    let written = written(&read(&document, &Limits::default()).expect("it is a document"));
    assert_eq!(written["ambiguous"][0], earlier);
    assert_eq!(written["ambiguous"][1]["entities"], json!(["a", "b"]));
}

#[test]
fn a_mentions_sentence_is_none_that_came_along() {
    let mention = json!({"begin": 12, "end": 17, "sentence": 7, "note": "mine"});
    let document = json!({"text": "Velmo paid. Velmo left.", "sentences": [{"begin": 0, "end": 11}],
        "entities": [{"name": "Velmo", "mentions": [mention]}]});
    let written = written(&read(&document, &Limits::default()).expect("it is a document"));
    let kept = json!({"begin": 12, "end": 17, "note": "mine", "text": "Velmo"});
    assert_eq!(written["entities"][0]["mentions"][0], kept);
}

#[test]
fn several_byte_order_marks_are_no_part_of_the_text() {
    let document = Document::read(
        "\u{feff}\u{feff}{\"text\": \"Velmo paid.\"}".as_bytes(),
        &Limits::default(),
        Defaults::default(),
    );
    assert_eq!(document.expect("JSON").text, "Velmo paid.");
}

#[test]
fn derived_aliases_can_be_switched_off() {
    let document =
        json!({"text": "Anna Kovac came. Kovac spoke.", "entities": [{"name": "Anna Kovac", "type": "PER"}]});
    let mentions = |defaults| {
        let document = Document::read(document.to_string().as_bytes(), &Limits::default(), defaults).unwrap();
        document.entities[0].mentions.len()
    };
    let mut none = Defaults::default();
    none.aliases.surnames = false;
    assert_eq!((mentions(Defaults::default()), mentions(none)), (2, 1));
}

#[test]
fn what_is_wrong_with_a_document_is_said_with_its_place() {
    for (bytes, reason, says) in [
        (&b"caf\xe9"[..], Reason::NotUtf8, "byte 3 (0xe9)"),
        (br#"{"text": "a""#, Reason::InvalidJson, "line 1 column 12"),
        (br#"{"title": "a"}"#, Reason::InvalidDocument, "`text` is missing"),
        (br#"{"text": 7}"#, Reason::InvalidDocument, "`text`"),
        (br#"{"text": "a", "offsetUnit": "bytes"}"#, Reason::InvalidDocument, "`offsetUnit`"),
        (br#"{"text": "a", "annotations": 7}"#, Reason::InvalidDocument, "`annotations`"),
        (br#"{"text": "a", "ambiguous": "x"}"#, Reason::InvalidDocument, "`ambiguous`"),
        (br#"{"text": "a", "ambiguous": ["x"]}"#, Reason::InvalidDocument, "`ambiguous[0]`"),
        (
            br#"{"text": "a b", "ambiguous": [{"begin": 2, "end": 7, "text": "b", "entities": []}]}"#,
            Reason::InvalidOffsets,
            "ambiguous place 0: 2..7",
        ),
        (br#"{"text": "a", "entities": [{"name": "a", "couldBe": "x"}]}"#, Reason::InvalidDocument, "`entities[0].couldBe`"),
        (br#"{"text": "a", "entities": [{"id": "x", "name": "a"}, {"id": "x", "name": "b"}]}"#, Reason::InvalidDocument, "entity 1 has the id \"x\""),
        (br#"{"text": "a b", "sentences": [{"begin": 0, "end": 3}, {"begin": 2, "end": 3}]}"#, Reason::InvalidOffsets, "sentence 1 begins before"),
        (
            r#"{"text": "“Velmo”", "entities": [{"id": "e7", "name": "Velmo", "mentions": [{"begin": 0, "end": 5, "text": "Velmo"}]}]}"#.as_bytes(),
            Reason::InvalidOffsets,
            "mention 0 of entity \"e7\": text is \"Velmo\" but the document has \"“Velm\" at 0..5 (code points)",
        ),
    ] {
        let failure = Document::read(bytes, &Limits::default(), Defaults::default()).expect_err(says);
        assert_eq!(failure.reason, reason, "{failure}");
        assert!(failure.message.contains(says), "{says:?} is not in {:?}", failure.message);
    }
}

#[test]
fn what_is_wrong_in_a_field_is_said_with_its_path_in_words_of_json() {
    let mention = |mention: &str| {
        format!(r#"{{"text": "ab", "entities": [{{"name": "a", "mentions": [{mention}]}}]}}"#)
    };
    for (document, says) in [
        (
            mention(r#"{"begin": 0, "end": "9"}"#),
            "`entities[0].mentions[0].end`: invalid type: string \"9\", expected a whole number",
        ),
        (mention(r#"{"begin": -1, "end": 1}"#), "`entities[0].mentions[0].begin`: "),
        (mention(r#"{"begin": 0}"#), "`entities[0].mentions[0]`: missing field `end`"),
        (mention("[0, 1]"), "`mentions[0]`: invalid type: array, expected an object"),
        (mention(r#"{"begin": 0, "end": 1, "\ud800": 1}"#), "unexpected end of hex escape"),
        (
            r#"{"text": "a", "entities": [7]}"#.into(),
            "`entities[0]`: invalid type: integer `7`, expected an object",
        ),
        (r#"{"text": ["a"]}"#.into(), "`text`: invalid type: array, expected a string"),
    ] {
        let failure =
            Document::read(document.as_bytes(), &Limits::default(), Defaults::default()).expect_err(says);
        assert!(failure.message.contains(says), "{says:?} is not in {:?}", failure.message);
        assert!(
            !failure.message.contains("usize") && !failure.message.contains(" line "),
            "{}",
            failure.message
        );
    }
}

#[test]
fn mentions_that_overlap_make_no_result_that_is_larger_than_allowed() {
    let mentions = |count: usize| {
        let mentions: Vec<_> = (0..count).map(|i| json!({"begin": 0, "end": 1000 - i})).collect();
        json!({"text": "a".repeat(1000), "entities": [{"name": "a", "mentions": mentions}]})
    };
    holds(|l| &mut l.mention_bytes, 2000, &mentions(2), &mentions(3));

    let limits = limited(|limits| limits.result_bytes.most = 3000);
    let document = read(&mentions(2), &limits).unwrap();
    let (annotation, lineage) = nothing_found();
    let mut out = Bounded::new(limits.result_bytes);
    let failure = document.write(&mut out, "s", &annotation, Some(&lineage)).expect_err("it is too large");
    assert_eq!(failure.reason, Reason::TooLarge);
    assert!(failure.message.contains("BATON_LIMIT_RESULT_BYTES"), "{failure}");
}

/// A result has an id again at each place that its entity may be meant at.
#[test]
fn ids_of_what_may_be_meant_in_many_places_make_no_result_that_is_larger_than_allowed() {
    let document = |places: usize| {
        let entities = ["the-first", "the-other"].map(|id| json!({"id": id, "name": "Velmo"}));
        json!({"text": "Velmo ran. ".repeat(places), "entities": entities})
    };
    holds(|l| &mut l.result_bytes, 18, &document(1), &document(2));
}

#[test]
fn a_next_stage_takes_in_whatever_a_stage_may_write() {
    let limits = Limits::default();
    assert!(limits.result_bytes.most <= limits.object_bytes.most);
    assert!(limits.result_bytes.most <= limits.document_bytes.most);
}

/// A transcript without a full stop that names somebody again and again: whatever the sentence's length, an input is as
/// long as the model's longest, and so no more is expected of it.
#[test]
fn what_a_document_is_expected_to_take_is_bounded_by_the_models_longest_input() {
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/model-fetch/models/sentiment");
    let model = Model::load(model.as_ref(), 1, Isa::detect(), None).expect("the shipped model");
    let longest = model.config.max_tokens;
    let task = Task::sentiment(model, vec!["ORG".to_owned()]).expect("the task");
    let text = "so Velmo said and then they went on and on about it ".repeat(700);
    let document = read(&json!({"text": text, "entities": [{"name": "Velmo"}]}), &Limits::default());
    let tokens = task.tokens(&document.expect("a document"));
    assert!((700..=700 * longest).contains(&tokens), "{tokens}");
}

/// What is found must be within what the next stage takes in: else this one were done, and that one rejected it.
#[test]
fn what_a_stage_finds_has_the_limits_of_what_comes_in() {
    let mut document = read(&json!({"text": "Velmo and Ux"}), &Limits::default()).expect("a document");
    let mut taken = document.ids();
    for (name, range) in [("Velmo", 0..5), ("Ux", 10..12)] {
        document.add_entity(&mut taken, "org-same", name.to_owned(), "ORG", std::iter::once(range));
    }
    let ids: Vec<_> = document.entities.iter().map(|entity| entity.id.as_str()).collect();
    assert_eq!(ids, ["org-same", "org-same-2"]);
    document.check_entities(&Limits::default()).expect("it is within");
    for (set, name) in [
        (limited(|limits| limits.entities.most = 1), "entities is 2"),
        (limited(|limits| limits.mentions.most = 1), "mentions is 2"),
        (limited(|limits| limits.mention_bytes.most = 6), "mention_bytes is 7"),
    ] {
        let failure = document.check_entities(&set).expect_err("it is over");
        assert!(failure.reason == Reason::TooLarge && failure.message.contains(name), "{failure}");
    }
}
