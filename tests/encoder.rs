//! The encoder: PyTorch's logits, and the same bits whatever runs beside a sequence, on how many threads, and on
//! which instruction set.

use std::path::{Path, PathBuf};

use baton::model::{
    Model, Precision, Sequence,
    config::ModelConfig,
    encoder::{Encoder, Forward},
    kernels::Isa,
    weights::Weights,
};
use candle_core::{Device, Tensor};
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A model of every kind that Baton has.
fn fixtures() -> Vec<String> {
    let all = std::fs::read_dir(root().join("tests/fixtures/models")).unwrap();
    let all: Vec<_> = all.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(all.len() > 20);
    all
}

fn fixture(name: &str) -> PathBuf {
    root().join("tests/fixtures/models").join(name)
}

fn encoder(directory: &Path, isa: Isa, precision: Precision) -> Encoder {
    let config = ModelConfig::read(directory).unwrap();
    let weights = Weights::open(directory, &config).unwrap();
    Encoder::load(config, weights, isa, precision).unwrap()
}

struct Case {
    sequence: Sequence,
    logits: Vec<f32>,
    logits_w8a8: Vec<f32>,
}

fn cases(file: &Path) -> Vec<Case> {
    let json: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let ids = |value: &Value| {
        value.as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as u32).collect::<Vec<_>>()
    };
    fn numbers(value: &Value) -> Vec<f32> {
        match value {
            Value::Array(values) => values.iter().flat_map(numbers).collect(),
            Value::Null => Vec::new(),
            number => vec![number.as_f64().unwrap() as f32],
        }
    }
    let case = |case: &Value| Case {
        sequence: Sequence { ids: ids(&case["input_ids"]), types: ids(&case["token_type_ids"]) },
        logits: numbers(&case["logits"]),
        logits_w8a8: numbers(&case["logits_w8a8"]),
    };
    json["cases"].as_array().unwrap().iter().map(case).collect()
}

fn run(encoder: &Encoder, sequences: &[&Sequence]) -> Vec<f32> {
    let ids: Vec<u32> = sequences.iter().flat_map(|s| s.ids.iter().copied()).collect();
    let types: Vec<u32> = sequences.iter().flat_map(|s| s.types.iter().copied()).collect();
    let lengths: Vec<usize> = sequences.iter().map(|s| s.ids.len()).collect();
    let forward = Forward { encoder, types: &types, lengths: &lengths };
    let ids = Tensor::new(ids, &Device::Cpu).unwrap();
    ids.apply_op1_no_bwd(&forward).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

fn bits(logits: &[f32]) -> Vec<u32> {
    logits.iter().map(|x| x.to_bits()).collect()
}

/// Mean and greatest difference.
fn difference(pairs: impl Iterator<Item = (f32, f32)>) -> (f32, f32) {
    let (mut sum, mut greatest, mut count) = (0.0, 0.0f32, 0);
    for (a, b) in pairs {
        sum += (a - b).abs();
        greatest = greatest.max((a - b).abs());
        count += 1;
    }
    (sum / count as f32, greatest)
}

#[test]
fn f32_logits_are_pytorchs() {
    for name in &fixtures() {
        let encoder = encoder(&fixture(name), Isa::detect(), Precision::F32);
        for case in cases(&fixture(name).join("parity.json")) {
            let got = run(&encoder, &[&case.sequence]);
            assert_eq!(got.len(), case.logits.len());
            let (_, greatest) = difference(got.into_iter().zip(case.logits));
            assert!(greatest <= 1e-4, "{name}: {greatest}");
        }
    }
}

#[test]
fn the_shipped_models_are_pytorchs_in_f32_and_near_its_w8a8_in_int8() {
    for name in ["ner", "sentiment"] {
        let directory = root().join("model-fetch/models").join(name);
        let f32 = encoder(&directory, Isa::detect(), Precision::F32);
        let int8 = encoder(&directory, Isa::detect(), Precision::Int8);
        let file = root().join(format!("tests/fixtures/shipped/{name}.json"));
        let json: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let noise = |key: &str| json["w8a8_noise"][key].as_f64().unwrap() as f32;
        let (mut got, mut want) = (Vec::new(), Vec::new());
        for case in cases(&file) {
            let exact = run(&f32, &[&case.sequence]);
            let (_, greatest) = difference(exact.into_iter().zip(case.logits));
            assert!(greatest <= 1e-4, "{name}: {greatest}");
            got.extend(run(&int8, &[&case.sequence]));
            want.extend(case.logits_w8a8);
        }
        let (mean, greatest) = difference(got.into_iter().zip(want));
        println!("{name}: int8 is {mean} from w8a8 in the mean, {greatest} at most");
        // The reference differs from itself by the noise when its sums are finished in f32, or with another last bit.
        assert!(mean <= 2.0 * noise("mean"), "{name}: {mean}");
        assert!(greatest <= 2.0 * noise("max"), "{name}: {greatest}");
    }
}

/// What int8 costs is known of the shipped models, which were made for it. Of random weights only this can be
/// said: it goes through the same computation, so it is near, far nearer than logits are to one another.
#[test]
fn int8_logits_are_near_those_of_f32_whatever_the_architecture() {
    for name in &fixtures() {
        let directory = fixture(name);
        let [f32, int8] = [Precision::F32, Precision::Int8].map(|p| encoder(&directory, Isa::detect(), p));
        let cases = cases(&directory.join("parity.json"));
        let all: Vec<&Sequence> = cases.iter().map(|case| &case.sequence).collect();
        let (exact, rounded) = (run(&f32, &all), run(&int8, &all));
        let mean = exact.iter().sum::<f32>() / exact.len() as f32;
        let (spread, _) = difference(exact.iter().map(|x| (*x, mean)));
        let (off, _) = difference(exact.iter().copied().zip(rounded));
        assert!(0.0 < off && off < 0.15 * spread, "{name}: {off} of {spread}");
    }
}

#[test]
fn a_sequences_logits_are_the_same_bits_alone_and_among_others() {
    for precision in [Precision::F32, Precision::Int8] {
        for name in &fixtures() {
            let encoder = encoder(&fixture(name), Isa::detect(), precision);
            let cases = cases(&fixture(name).join("parity.json"));
            let all: Vec<&Sequence> = cases.iter().map(|case| &case.sequence).collect();
            let alone: Vec<f32> = all.iter().flat_map(|sequence| run(&encoder, &[sequence])).collect();
            assert_eq!(bits(&run(&encoder, &all)), bits(&alone), "{name} {}", precision.name());
        }
    }
}

#[test]
fn logits_are_the_same_bits_on_every_instruction_set() {
    for precision in [Precision::F32, Precision::Int8] {
        for name in &fixtures() {
            let cases = cases(&fixture(name).join("parity.json"));
            let all: Vec<&Sequence> = cases.iter().take(6).map(|case| &case.sequence).collect();
            let on = |isa| bits(&run(&encoder(&fixture(name), isa, precision), &all));
            let want = on(Isa::named("portable").unwrap());
            for isa in Isa::available() {
                assert!(on(isa) == want, "{name} {} {}", precision.name(), isa.name());
            }
        }
    }
}

#[tokio::test]
async fn logits_are_the_same_bits_on_one_thread_and_on_several() {
    for name in ["ner", "sentiment"] {
        let directory = root().join("model-fetch/models").join(name);
        let sequences: Vec<Sequence> = cases(&root().join(format!("tests/fixtures/shipped/{name}.json")))
            .into_iter()
            .map(|case| case.sequence)
            .collect();
        for precision in [Precision::F32, Precision::Int8] {
            let mut results = Vec::new();
            for threads in [1, 3] {
                let model = Model::load(&directory, threads, Isa::detect(), Some(precision)).unwrap();
                let logits = model.engine.run(sequences.clone()).await.unwrap();
                let rows = logits.iter().flat_map(|logits| logits.rows().flatten().copied());
                results.push(bits(&rows.collect::<Vec<f32>>()));
            }
            assert!(results[0] == results[1], "{name} {}", precision.name());
        }
    }
}
