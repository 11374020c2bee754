//! Replays the corpus of the fuzz targets, which has an input for all that they once found.

use std::fs;
use std::path::Path;

#[path = "fuzz/promises.rs"]
mod promises;

fn replay(corpus: &str, promise: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(corpus);
    let mut inputs = 0;
    for entry in fs::read_dir(folder).unwrap() {
        promise(&fs::read(entry.unwrap().path()).unwrap());
        inputs += 1;
    }
    assert!(inputs > 0, "no corpus");
}

#[test]
fn the_sentences_corpus_keeps_its_promises() {
    replay("sentences", promises::sentences);
}

#[test]
fn the_offsets_corpus_keeps_its_promises() {
    replay("offsets", promises::offsets);
}

#[test]
fn the_messages_corpus_keeps_its_promises() {
    replay("messages", promises::messages);
}

#[test]
fn the_documents_corpus_keeps_its_promises() {
    replay("documents", promises::documents);
}
