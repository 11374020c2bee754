//! Weights that are no numbers, in any tensor: no answer comes of them, whatever the kernels do on the way.

use std::{fs, path::PathBuf};

use baton::model::{Model, Precision, kernels::Isa};
use serde_json::{Map, Value};

use super::{
    models::{fixture, pipeline},
    support::local::{Workplace, repository, run},
};

const TEXT: &str = "The offer was rejected. Why?";

/// A model whose weights may be written over, one tensor at a time.
struct Damaged {
    folder: PathBuf,
    weights: Vec<u8>,
    tensors: Map<String, Value>,
    /// Where the tensors begin in the file.
    begin: usize,
}

impl Damaged {
    fn copy_of(model: PathBuf, place: &Workplace) -> Self {
        let folder = tempfile::tempdir_in(place.path("")).unwrap().keep();
        for file in fs::read_dir(&model).unwrap() {
            let file = file.unwrap();
            // SHA256SUMS would rightly say that it is another model.
            if file.file_name() != "SHA256SUMS" {
                fs::copy(file.path(), folder.join(file.file_name())).unwrap();
            }
        }
        let weights = fs::read(model.join("model.safetensors")).unwrap();
        let begin = 8 + u64::from_le_bytes(weights[..8].try_into().unwrap()) as usize;
        let mut tensors: Map<String, Value> = serde_json::from_slice(&weights[8..begin]).unwrap();
        tensors.remove("__metadata__");
        Damaged { folder, weights, tensors, begin }
    }

    /// All bits set are no number in floats of any width.
    fn break_tensor(&self, name: &str) {
        let offset = |i: usize| self.begin + self.tensors[name]["data_offsets"][i].as_u64().unwrap() as usize;
        let mut weights = self.weights.clone();
        weights[offset(0)..offset(1)].fill(0xff);
        fs::write(self.folder.join("model.safetensors"), weights).unwrap();
    }

    /// The float tensors that may be broken without anything being said.
    fn answers_without(&self, precision: Option<Precision>) -> Vec<&str> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let floats = self.tensors.iter().filter(|(_, about)| about["dtype"].as_str().unwrap().contains('F'));
        let answers = |name: &str| {
            self.break_tensor(name);
            let model = Model::load(&self.folder, 1, Isa::detect(), precision).unwrap();
            let pieces = model.tokenizer.pieces(TEXT).unwrap();
            runtime.block_on(model.engine.run(vec![model.tokenizer.single(&pieces.ids)])).is_ok()
        };
        floats.map(|(name, _)| name.as_str()).filter(|name| answers(name)).collect()
    }
}

/// The tokenizers library panics at such files.
#[test]
fn a_tokenizer_that_names_what_it_has_not_is_said_to_be_wrong() {
    let place = Workplace::new();
    let damaged = Damaged::copy_of(fixture("modernbert_sequence"), &place);
    let file = damaged.folder.join("tokenizer.json");
    let whole: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let mut unnamed = whole.clone();
    unnamed["post_processor"]["special_tokens"]
        .as_object_mut()
        .unwrap()
        .remove("[CLS]")
        .expect("it was there");
    let mut prefixed = whole;
    prefixed["model"]["continuing_subword_prefix"] = "▁".into();
    for broken in [unnamed, prefixed] {
        fs::write(&file, broken.to_string()).unwrap();
        let ran = run(["classify", "--model", damaged.folder.to_str().unwrap(), "Velmo paid."]).expect(2);
        assert!(
            ran.stderr.contains("tokenizer.json") && ran.stderr.contains("the library fails at it"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn a_model_whose_weights_are_no_numbers_is_a_defect_and_never_a_label() {
    let place = Workplace::with([("a.txt", TEXT)]);
    let model = Damaged::copy_of(fixture("bert_relu"), &place);
    for tensor in ["classifier.bias", "encoder.layer.0.output.dense.weight"] {
        model.break_tensor(tensor);
        let ran = place.run_pipeline(&pipeline(&place, "classify", &model.folder, ""), &[]).expect(1);
        assert!(ran.stdout.contains("what is no number (NaN or infinity)"), "{tensor}: {}", ran.stdout);
        let results = place.results();
        assert!(!results.keys().any(|name| name.starts_with("topics/")), "{:?}", results.keys());
    }
}

#[test]
fn no_tensor_may_be_damaged_without_it_being_said() {
    let place = Workplace::new();
    let fixtures = fs::read_dir(repository("tests/fixtures/models")).unwrap();
    let mut models: Vec<PathBuf> = fixtures.map(|model| model.unwrap().path()).collect();
    models.retain(|model| model.join("model.safetensors").is_file());
    models.push(repository("model-fetch/models/ner"));
    assert!(models.len() > 25, "{models:?}");
    for model in models {
        let name = model.display().to_string();
        let damaged = Damaged::copy_of(model, &place);
        for precision in [None, Some(Precision::Int8)] {
            let mut answers = damaged.answers_without(precision);
            if name.ends_with("_relative") {
                // The table of absolute positions lies there unread.
                answers.retain(|tensor| !tensor.ends_with("position_embeddings.weight"));
            }
            assert_eq!(answers, [""; 0], "{name} {precision:?}");
        }
    }
}
