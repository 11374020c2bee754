//! What the page holds is what the enriched documents hold.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    Page, make, report, slice,
    support::{
        document::{list, text},
        local::{Workplace, sample_run},
    },
};

/// The samples' results, in a folder of their own.
fn samples() -> Workplace {
    let place = Workplace::new();
    for (name, bytes) in &sample_run().results {
        let file = place.out().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
    place
}

/// The page's name for what a document of the samples names so: companies that several of them name otherwise are one.
fn shown(name: &str) -> &str {
    match name {
        "Northwind" | "Northwind Energy" => "Northwind Energy plc",
        "Larkfield Power" | "Larkfield" => "Larkfield Power Inc.",
        "Österlund Lines" => "Österlund Lines AB",
        name => name,
    }
}

#[derive(Default, Debug, PartialEq)]
struct Counts {
    documents: BTreeSet<String>,
    mentions: u64,
    labels: BTreeMap<String, u64>,
    score: f64,
}

#[test]
fn its_counts_are_those_of_the_enriched_files() {
    let place = samples();
    let page = report(&place.out());
    let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
    let mut names = BTreeSet::new();
    for name in sample_run().results.keys().filter_map(|key| key.strip_prefix("sentiment/")) {
        let name = name.strip_suffix(".json").unwrap();
        names.insert(name);
        let enriched = sample_run().enriched(name);
        for said in list(&enriched["annotations"]["sentiment"]["mentions"]) {
            let entity =
                list(&enriched["entities"]).iter().find(|entity| entity["id"] == said["entity"]).unwrap();
            let counts = counts.entry(shown(text(&entity["name"])).to_owned()).or_default();
            counts.documents.insert(name.to_owned());
            counts.mentions += 1;
            *counts.labels.entry(text(&said["label"]).to_owned()).or_default() += 1;
            let score = |label: &str| said["scores"][label].as_f64().unwrap();
            counts.score += score("positive") - score("negative");
        }
    }
    let documents: BTreeSet<_> = list(&page.data["documents"]).iter().map(|d| text(&d["name"])).collect();
    assert_eq!(documents, names);
    assert_eq!(list(&page.data["entities"]).len(), counts.len());
    for (name, counts) in &counts {
        let (_, entity) = page.entity(name);
        assert_eq!(entity["documents"], counts.documents.len(), "{name}");
        assert_eq!(entity["mentions"], counts.mentions, "{name}");
        for label in ["negative", "neutral", "positive"] {
            assert_eq!(entity[label], counts.labels.get(label).copied().unwrap_or(0), "{name} {label}");
        }
        let score = counts.score / counts.mentions as f64;
        assert!((entity["score"].as_f64().unwrap() - score).abs() < 1e-4, "{name}: {score}");
    }
    let ranked: Vec<_> = list(&page.data["entities"]).iter().map(|e| e["mentions"].as_u64()).collect();
    assert!(ranked.is_sorted_by(|a, b| a >= b), "those with the most mentions first: {ranked:?}");
}

#[test]
fn every_mention_stands_where_the_document_says_in_a_browsers_units() {
    let place = samples();
    let page = report(&place.out());
    let mut mentions = 0;
    for document in list(&page.data["documents"]) {
        let enriched = sample_run().enriched(text(&document["name"]));
        assert_eq!((&document["text"], &document["title"]), (&enriched["text"], &enriched["title"]));
        let said = list(&enriched["annotations"]["sentiment"]["mentions"]);
        let here = list(&document["mentions"]);
        assert_eq!(here.len(), said.len());
        for (mention, said) in here.iter().zip(said) {
            let entity =
                list(&enriched["entities"]).iter().find(|entity| entity["id"] == said["entity"]).unwrap();
            let theirs = list(&entity["mentions"]).iter().find(|m| m["begin"] == said["begin"]).unwrap();
            assert_eq!(slice(&document["text"], &mention[0], &mention[1]), text(&theirs["text"]));
            let named = &page.data["entities"][mention[2].as_u64().unwrap() as usize]["name"];
            assert_eq!(named, shown(text(&entity["name"])));
            assert_eq!(mention[3], said["sentence"]);
            let label = ["negative", "neutral", "positive"][mention[4].as_u64().unwrap() as usize];
            assert_eq!(said["label"], label);
            let scores: Vec<_> =
                ["negative", "neutral", "positive"].iter().map(|l| said["scores"][l].clone()).collect();
            assert_eq!(mention[5], Value::Array(scores));
            mentions += 1;
        }
        let sentences: Vec<_> =
            list(&document["sentences"]).iter().map(|s| slice(&document["text"], &s[0], &s[1])).collect();
        assert_eq!(sentences.len(), list(&enriched["sentences"]).len());
        assert!(sentences.iter().all(|sentence| sentence.trim() == sentence));
    }
    assert!(mentions > 400, "{mentions} mentions in the samples");
    let (_, night) = page.document("politics/port-ellery-election-night.json");
    assert_eq!(night["day"], "2026-06-10");
    assert_eq!(page.document("regional/mattock-island-ferry.txt").1["day"], Value::Null);
}

#[test]
fn the_strongest_sentences_are_those_with_the_highest_scores_each_way_and_none_twice() {
    let place = samples();
    let page = report(&place.out());
    for (index, entity) in list(&page.data["entities"]).iter().enumerate() {
        for (way, label) in [("against", 0), ("for", 2)] {
            let mut all: Vec<(f64, String)> = Vec::new();
            for document in list(&page.data["documents"]) {
                for mention in list(&document["mentions"]).iter().filter(|m| m[2] == index && m[4] == label) {
                    let sentence = &document["sentences"][mention[3].as_u64().unwrap() as usize];
                    let sentence = slice(&document["text"], &sentence[0], &sentence[1]);
                    all.push((mention[5][label].as_f64().unwrap(), sentence));
                }
            }
            all.sort_by(|a, b| b.0.total_cmp(&a.0));
            let shown: Vec<f64> = list(&entity[way])
                .iter()
                .map(|place| {
                    let document = &page.data["documents"][place[0].as_u64().unwrap() as usize];
                    let mention = &document["mentions"][place[1].as_u64().unwrap() as usize];
                    assert!(mention[2] == index && mention[4] == label, "{place} is none of {entity}");
                    mention[5][label].as_f64().unwrap()
                })
                .collect();
            let mut seen = BTreeSet::new();
            all.retain(|(_, sentence)| seen.insert(sentence.clone()));
            let best: Vec<f64> = all.iter().map(|(score, _)| *score).take(5).collect();
            assert_eq!(shown, best, "{way} {entity}");
        }
    }
}

#[test]
fn the_same_documents_give_the_same_bytes() {
    let (a, b) = (samples(), samples());
    let (first, second) = (report(&a.out()).html, report(&b.out()).html);
    assert_eq!(first, second);
    assert_eq!(report(&a.out()).html, first, "a page that is there already changes nothing");
    assert!(!first.contains(a.out().to_str().unwrap()), "where they lay is none of the page's business");
}

#[test]
fn the_page_needs_nothing_else_and_its_policy_lets_nothing_else_in() {
    let place = samples();
    let Page { html, .. } = report(&place.out());
    let (_, policy) = html.split_once("http-equiv=\"Content-Security-Policy\" content=\"").expect("a policy");
    let policy: Vec<_> = policy.split('"').next().unwrap().split("; ").collect();
    assert!(policy.contains(&"default-src 'none'") && policy.contains(&"base-uri 'none'"), "{policy:?}");
    for (what, open, close) in [("script-src", "<script>", "</script>"), ("style-src", "<style>", "</style>")]
    {
        assert_eq!(html.matches(open).count(), 1);
        let (_, rest) = html.split_once(open).unwrap();
        let digest = <sha2::Sha256 as sha2::Digest>::digest(rest.split_once(close).unwrap().0);
        let hash = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, digest);
        assert!(policy.contains(&format!("{what} 'sha256-{hash}'").as_str()), "{what}: {policy:?}");
    }
    // What stands before the data is the page's own, and names no other place.
    let own = html.split("id=\"data\"").next().unwrap();
    for outside in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!own.contains(outside), "{outside}");
    }
    let markup = html.split("</style>").nth(1).unwrap();
    for part in
        ["<html lang=\"en\">", "<main id=\"main\"", "role=\"tooltip\"", "type=\"search\"", "<noscript>"]
    {
        assert!(markup.contains(part) || own.contains(part), "{part}");
    }
}

#[test]
fn it_says_what_it_shows() {
    let place = samples();
    let ran = make(&place.out()).expect(0);
    let page = Page::read(&place.out().join("report.html"));
    let entities = list(&page.data["entities"]);
    let mentions: u64 = entities.iter().map(|entity| entity["mentions"].as_u64().unwrap()).sum();
    let says = format!("14 documents, {} entities, {mentions} mentions: open ", entities.len());
    assert!(ran.stdout.starts_with(&says), "{}", ran.stdout);
    assert_eq!(ran.stderr, "");
}
