//! Small models with random weights, changed as a test wants them, and what PyTorch computes with them.

use std::{fs, path::PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::support::local::{Workplace, repository};

/// A fixture's directory.
pub fn fixture(name: &str) -> PathBuf {
    repository("tests/fixtures/models").join(name)
}

/// A copy of a fixture in a workplace, its config.json changed, with this baton.json.
pub fn copy(
    place: &Workplace,
    name: &str,
    change: impl Fn(&mut Value),
    description: Option<&Value>,
) -> PathBuf {
    let copy = tempfile::Builder::new().prefix(name).tempdir_in(place.path("")).unwrap().keep();
    for file in ["tokenizer.json", "model.safetensors"] {
        fs::copy(fixture(name).join(file), copy.join(file)).unwrap();
    }
    let mut config: Value =
        serde_json::from_slice(&fs::read(fixture(name).join("config.json")).unwrap()).unwrap();
    change(&mut config);
    fs::write(copy.join("config.json"), config.to_string()).unwrap();
    if let Some(description) = description {
        fs::write(copy.join("baton.json"), description.to_string()).unwrap();
    }
    copy
}

/// What PyTorch computes for a text.
#[derive(Deserialize)]
pub struct Case {
    pub text: String,
    pair: Option<String>,
    pub input_ids: Vec<u32>,
    pub logits: Vec<f64>,
}

/// PyTorch's logits for texts that are no pairs, and have something in them.
pub fn cases(name: &str) -> Vec<Case> {
    #[derive(Deserialize)]
    struct Parity {
        cases: Vec<Case>,
    }
    let parity: Parity =
        serde_json::from_slice(&fs::read(fixture(name).join("parity.json")).unwrap()).unwrap();
    let cases: Vec<_> =
        parity.cases.into_iter().filter(|c| c.pair.is_none() && !c.text.trim().is_empty()).collect();
    assert!(cases.len() >= 10, "{name}");
    cases
}

pub fn softmax(logits: &[f64]) -> Vec<f64> {
    let sum: f64 = logits.iter().map(|x| x.exp()).sum();
    logits.iter().map(|x| x.exp() / sum).collect()
}

pub fn sigmoid(logits: &[f64]) -> Vec<f64> {
    logits.iter().map(|x| 1.0 / (1.0 + (-x).exp())).collect()
}

/// A result's scores, in the order that they are written.
#[track_caller]
pub fn scores(class: &Value) -> Vec<f64> {
    let scores = class["scores"].as_object().unwrap_or_else(|| panic!("no scores in {class}"));
    scores.values().map(|score| score.as_f64().unwrap()).collect()
}

/// Scores must be these, up to what four decimals and f32 leave open.
#[track_caller]
pub fn assert_scores(what: &str, class: &Value, expected: &[f64]) {
    let found = scores(class);
    assert_eq!(found.len(), expected.len(), "{what}: {class}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1.5e-4, "{what}: {class}, not {expected:?}");
    }
}

/// A pipeline file of one stage named `topics` with that model.
pub fn pipeline(place: &Workplace, task: &str, model: &std::path::Path, more: &str) -> PathBuf {
    let file = place.path("pipeline.toml");
    let model = model.display();
    let stage = format!("[[stage]]\nname = \"topics\"\ntask = \"{task}\"\nmodel = \"{model}\"\n{more}\n");
    fs::write(&file, format!("[pipeline]\nname = \"p\"\n{stage}")).unwrap();
    file
}

/// Runs such a pipeline, which must come through; what the stage annotated in the document of that name.
#[track_caller]
pub fn annotated(place: &Workplace, pipeline: &std::path::Path, name: &str) -> Value {
    place.run_pipeline(pipeline, &[]).expect(0);
    let document: Value = serde_json::from_slice(&place.output("topics", name)).unwrap();
    document["annotations"]["topics"].clone()
}
