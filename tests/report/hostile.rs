//! Documents that want to be more than text.

use serde_json::json;

use crate::{
    Page, make, report, slice,
    support::{
        document::{list, text},
        local::Workplace,
    },
};

const BREAKOUTS: [&str; 6] = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]></style><img src=x onerror=alert(1)>",
    "{{script}} {{data}} {{policy}}",
    "x\u{2028}\u{2029}\u{0}\u{202e}&lt;b&gt;",
    "\"'`${alert(1)}\\",
];

#[test]
fn nothing_in_a_document_becomes_a_part_of_the_page() {
    let place = Workplace::new();
    for (i, breakout) in BREAKOUTS.iter().enumerate() {
        let document = json!({
            "text": format!("{breakout} Velmo Corp. lost. {breakout}"), "title": breakout, "id": breakout,
            "date": breakout, (*breakout): breakout,
            "entities": [{"id": breakout, "name": breakout, "type": "ORG", "mentions": [{"begin": 0, "end": breakout.chars().count()}]}],
        });
        place.put(&format!("{i}<img src=x onerror=alert(1)>.json"), document.to_string());
    }
    place.run(&[]).expect(0);
    let page = report(&place.out());

    let plain = Workplace::with([("a.txt", "Velmo Corp. lost.")]);
    plain.run(&[]).expect(0);
    let skeleton = |page: &Page| {
        let (before, rest) = page.html.split_once("id=\"data\">").unwrap();
        (before.to_owned(), rest.split_once("</script>").unwrap().1.to_owned())
    };
    assert_eq!(
        skeleton(&page),
        skeleton(&report(&plain.out())),
        "all but the data is the same on every page"
    );
    let data = page.html.split_once("id=\"data\">").unwrap().1.split_once("</script>").unwrap().0;
    assert!(!data.contains(['<', '>', '&']), "markup in the data");

    for (i, breakout) in BREAKOUTS.iter().enumerate() {
        let (_, document) = page.document(&format!("{i}<img src=x onerror=alert(1)>.json"));
        assert_eq!(text(&document["title"]), *breakout, "it is shown as it is");
        let first = &document["mentions"][0];
        assert_eq!(slice(&document["text"], &first[0], &first[1]), *breakout);
        assert_eq!(page.entity(breakout).1["name"], *breakout);
    }
}

#[test]
fn a_file_that_does_not_fit_together_is_left_out_and_said() {
    let place = Workplace::with([("good.txt", "Velmo Corp. lost.")]);
    place.run(&[]).expect(0);
    let good: serde_json::Value = serde_json::from_slice(&place.output("sentiment", "good.txt")).unwrap();
    let changed = |path: &str, value: serde_json::Value| {
        let mut bad = good.clone();
        bad["lineage"][0]["input"]["key"] = format!("bad{path}").into();
        *bad.pointer_mut(path).unwrap_or_else(|| panic!("no {path}")) = value;
        bad.to_string()
    };
    let mentions = "/annotations/sentiment/mentions/0";
    let bad = [
        ("cut.json", "{\"text\":".to_owned(), "EOF"),
        ("mention.json", changed(&format!("{mentions}/end"), json!(99)), "99"),
        (
            "entity.json",
            changed(&format!("{mentions}/entity"), json!("nobody")),
            "it has no entity \"nobody\"",
        ),
        (
            "scores.json",
            changed(&format!("{mentions}/scores/negative"), json!("x")),
            "annotations.sentiment: ",
        ),
        ("sentence.json", changed("/sentences/0/end", json!(9999)), "sentence 0: "),
        ("huge.json", changed("/sentences/0/end", json!(u64::MAX)), "sentence 0: "),
        ("deep.json", "{\"text\":".repeat(100_000), "EOF"),
    ];
    for (name, body, _) in &bad {
        std::fs::write(place.out().join(name), body).unwrap();
    }
    // Another tool's lines in the lineage are none of ours.
    let mut foreign: serde_json::Value =
        serde_json::from_str(&changed("/text", good["text"].clone())).unwrap();
    foreign["lineage"].as_array_mut().unwrap().insert(0, json!({"tool": "theirs"}));
    std::fs::write(place.out().join("foreign.json"), foreign.to_string()).unwrap();
    // Odd, and shown for what it is.
    std::fs::write(place.out().join("far.json"), changed(&format!("{mentions}/sentence"), json!(7))).unwrap();
    let ran = make(&place.out()).expect(1);
    for (name, _, says) in &bad {
        let line = ran.stderr.lines().find(|line| line.contains(&format!("left out {name}: ")));
        assert!(line.is_some_and(|line| line.contains(says)), "{name}: {says:?} is not in {}", ran.stderr);
    }
    assert_eq!(ran.stderr.lines().count(), bad.len(), "{}", ran.stderr);
    let page = Page::read(&place.out().join("report.html"));
    assert_eq!(list(&page.data["documents"]).len(), 3);
}

/// What its lineage says is anybody's word.
#[test]
fn a_document_that_says_it_is_another_takes_its_place_nowhere_and_writes_nothing_to_the_terminal() {
    let place = Workplace::with([("victim.txt", "Northwind Energy plc lied. Northwind Energy plc cheated.")]);
    place.run(&[]).expect(0);
    let result: serde_json::Value = serde_json::from_slice(&place.output("ner", "victim.txt")).unwrap();
    let input = result["lineage"][0]["input"].clone();
    let text = "Northwind Energy plc is wonderful.";
    let line = json!({"stage": "z", "task": "ner", "model": "sha256:0", "input": input});
    place.put("a-spoof.json", json!({"text": text, "lineage": [line]}).to_string());
    place.put("z-spoof.json", json!({"text": text, "lineage": [line]}).to_string());
    let mut other = line.clone();
    other["input"]["key"] = json!("\u{1b}]0;title\u{7}\nbaton: all is well");
    for (name, etag) in [("b.json", "1"), ("c.json", "2")] {
        other["input"]["etag"] = json!(etag);
        place.put(name, json!({"text": text, "lineage": [other]}).to_string());
    }
    place.run(&[]).expect(0);
    let ran = make(&place.out()).expect(0);
    assert!(ran.stderr.contains(" and 1 others there are results of several versions"), "{}", ran.stderr);
    assert!(
        ran.stderr.lines().count() == 1 && !ran.stderr.trim().contains(char::is_control),
        "{:?}",
        ran.stderr
    );
    let page = Page::read(&place.out().join("report.html"));
    let shown = page.document("victim.txt").1["text"].as_str().unwrap();
    assert!(shown.contains("lied"), "{shown}");

    // Nor where its name ends as that of a result does, or the report is of one stage alone.
    for name in ["a-spoof.json", "x/ner/victim.txt", "ner/victim.txt", "sentiment/victim.txt"] {
        let place =
            Workplace::with([("victim.txt", "Northwind Energy plc lied. Northwind Energy plc cheated.")]);
        place.put(name, json!({"text": text, "lineage": [line]}).to_string());
        place.run(&[]).expect(0);
        for folder in [place.out(), place.out().join("ner"), place.out().join("sentiment")] {
            let ran = make(&folder).expect(0);
            let page = Page::read(&folder.join("report.html"));
            // One that lies as another run's result would is a document of its own.
            let says = "of victim.txt there are results of several versions";
            let are_two = list(&page.data["documents"]).len() > 1;
            assert!(are_two || ran.stderr.contains(says), "{name}, {}: {}", folder.display(), ran.stderr);
            let shown = page.document("victim.txt").1["text"].as_str().unwrap();
            assert!(shown.contains("lied"), "{name}, {}: {shown}", folder.display());
        }
    }
}

#[test]
fn copies_of_a_result_are_one_and_another_tools_sentiment_is_none_of_batons() {
    let place = Workplace::with([("a.txt", "Castellan Bank failed its customers.")]);
    place.run(&[]).expect(0);
    let result = place.out().join("sentiment/a.txt.json");
    let copies = place.path("copies");
    for (i, folder) in ["x", "y"].iter().enumerate() {
        std::fs::create_dir_all(copies.join(folder)).unwrap();
        std::fs::copy(&result, copies.join(folder).join(format!("{i}.json"))).unwrap();
    }
    assert_eq!(make(&copies).expect(0).stderr, "");
    // But not where one says something else.
    let mut other: serde_json::Value = serde_json::from_slice(&std::fs::read(&result).unwrap()).unwrap();
    other["annotations"]["sentiment"]["mentions"][0]["label"] = json!("positive");
    std::fs::write(place.out().join("sentiment/0.json"), other.to_string()).unwrap();
    let said = make(&place.out()).expect(0).stderr;
    assert!(said.contains("of a.txt there are results of several versions"), "{said}");
    std::fs::remove_file(place.out().join("sentiment/0.json")).unwrap();

    let mut theirs: serde_json::Value = serde_json::from_slice(&std::fs::read(&result).unwrap()).unwrap();
    let line =
        json!({"stage": "acme", "task": "sentiment", "model": "m", "input": {"bucket": "b", "key": "k"}});
    theirs["lineage"].as_array_mut().unwrap().push(line);
    theirs["annotations"]["acme"] = json!({"task": "sentiment", "score": 0.5});
    std::fs::write(&result, theirs.to_string()).unwrap();
    assert_eq!(make(&place.out().join("sentiment")).expect(0).stderr, "");
    let page = Page::read(&place.out().join("sentiment/report.html"));
    assert_eq!(page.document("a.txt").1["mentions"].as_array().unwrap().len(), 1);
}
