//! What a document costs besides the model: cutting it into sentences, finding names, reading it and writing it.
//!
//! ```text
//! taskset -c 0 cargo bench --bench text
//! ```
//! The text is that of all sample documents that are JSON, one after the other; `text_eval` measures whether what is found is right.

use std::{fs, sync::LazyLock};

use baton::{
    bounded::Bounded,
    document::{
        Document,
        contract::{Annotation, Lineage},
    },
    event,
    limits::Limits,
    text::{self, FindOptions, Language, Searched, Sought},
};
use divan::{Bencher, black_box, counter::BytesCount};

fn main() {
    divan::main();
}

/// A file of samples/.
fn sample(name: &str) -> Vec<u8> {
    fs::read(format!("{}/samples/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a sample")
}

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let files = glob::glob(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/documents/*/*.json"));
    let texts: Vec<String> = files
        .expect("a pattern")
        .map(|path| {
            let bytes = fs::read(path.expect("a file")).expect("a file");
            let document: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
            document["text"].as_str().expect("every document has a text").to_owned()
        })
        .collect();
    texts.join("\n\n")
});

#[divan::bench]
fn sentences(bencher: Bencher) {
    let text = TEXT.as_str();
    bencher
        .counter(BytesCount::of_str(text))
        .bench(|| text::sentences(black_box(text), &[], Language::English));
}

/// Names: four from the documents, the rest of nobody in them.
#[divan::bench(args = [1, 10, 100])]
fn find(bencher: Bencher, names: usize) {
    const NAMED: [&str; 4] = ["Northwind Energy", "Larkfield Power", "Castellan Bank", "Zoë Åkerström"];
    let names: Vec<String> =
        (0..names).map(|n| NAMED.get(n).map_or(format!("Nobody {n}"), |name| (*name).to_owned())).collect();
    let sought: Vec<Sought> =
        names.iter().map(|name| Sought { name, aliases: Vec::new(), kind: None }).collect();
    let text = TEXT.as_str();
    bencher.counter(BytesCount::of_str(text)).bench(|| {
        let searched = Searched { text: black_box(text), ..Searched::default() };
        text::find(searched, &sought, FindOptions::default())
    });
}

#[divan::bench]
fn read_text(bencher: Bencher) {
    let text = TEXT.as_bytes();
    let limits = Limits::default();
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| Document::read(black_box(text), &limits, Default::default()));
}

/// An enriched document, as a later stage reads it.
#[divan::bench]
fn read_enriched(bencher: Bencher) {
    let bytes = sample("enriched.json");
    let limits = Limits::default();
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench(|| Document::read(black_box(&bytes), &limits, Default::default()));
}

#[divan::bench]
fn write_enriched(bencher: Bencher) {
    let bytes = sample("enriched.json");
    let fields: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    let annotation: Annotation =
        serde_json::from_value(fields["annotations"]["sentiment"].clone()).expect("an annotation");
    let lineage: Lineage =
        serde_json::from_value(fields["lineage"][1].clone()).expect("a line of the lineage");
    let limits = Limits::default();
    bencher
        .counter(BytesCount::new(bytes.len()))
        .with_inputs(|| Document::read(&bytes, &limits, Default::default()).expect("a document"))
        .bench_values(|document| {
            let mut out = Bounded::new(limits.result_bytes);
            document
                .write(&mut out, "sentiment", black_box(&annotation), Some(&lineage))
                .map(|()| out.into_bytes())
        });
}

/// An event of messages of each kind, into what Baton is to do.
#[divan::bench]
fn event(bencher: Bencher) {
    let bytes = sample("events/sqs-mixed.json");
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench(|| event::deliveries(serde_json::from_slice(black_box(&bytes)).expect("an event")));
}
