//! What is written besides the enriched document: the shapes themselves, where they lie, and that they belong to
//! their result whoever raced.

#[path = "../support/mod.rs"]
mod support;

mod comprehend;
mod lines;
mod places;
mod races;

use serde_json::Value;
use support::local::{Ran, Workplace, repository};

/// A pipeline of both stages that writes these forms; TOML for each stage's `output`.
fn run(place: &Workplace, ner: &str, sentiment: &str) -> Ran {
    let models = repository("model-fetch/models").display().to_string();
    let stage = |name: &str, next: &str, output: &str| {
        let output = if output.is_empty() { String::new() } else { format!("output = {output}\n") };
        format!(
            "[[stage]]\nname = \"{name}\"\ntask = \"{name}\"\nmodel = \"{models}/{name}\"\nnext = [{next}]\n{output}"
        )
    };
    let (first, last) = (stage("ner", "\"sentiment\"", ner), stage("sentiment", "", sentiment));
    let file = place.path("pipeline.toml");
    std::fs::write(&file, format!("[pipeline]\nname = \"news\"\n{first}{last}")).expect("a file");
    place.run_pipeline(&file, &[])
}

/// A file of the results.
#[track_caller]
fn result(place: &Workplace, path: &str) -> String {
    let file = place.out().join(path);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
