//! A fixture's files, to be changed, and what comes of them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use baton::model::{Model, Precision, Sequence, Tokenizer, config::ModelConfig, kernels::Isa};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde_json::Value;
use tempfile::TempDir;

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/models").join(name)
}

/// A fixture's files, to be changed.
pub struct Copy(TempDir);

impl Copy {
    pub fn of(name: &str) -> Copy {
        let copy = Copy(tempfile::tempdir().unwrap());
        for entry in fs::read_dir(fixture(name)).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, copy.file(path.file_name().unwrap().to_str().unwrap())).unwrap();
        }
        copy
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.file(name)).unwrap()).unwrap()
    }

    /// Sets a key of config.json; a null takes it away, as it does for transformers.
    pub fn set(&self, key: &str, value: Value) {
        let mut config = self.json("config.json");
        config[key] = value;
        fs::write(self.file("config.json"), config.to_string()).unwrap();
    }

    /// Replaces the tensors by what `change` makes of each.
    pub fn change(&self, mut change: impl FnMut(&str, Tensor) -> Vec<(String, Tensor)>) {
        let bytes = fs::read(self.file("model.safetensors")).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let mut changed = BTreeMap::new();
        for (name, view) in tensors.tensors() {
            changed.extend(change(&name, Tensor::of(&view)));
        }
        let views = changed.iter().map(|(name, tensor)| (name, tensor.view()));
        safetensors::serialize_to_file(views, None, &self.file("model.safetensors")).unwrap();
    }

    /// Stores the blocks' linear layers as compressed-tensors does, but for those whose names have a part; how many.
    pub fn quantise(&self, but: Option<&str>) -> usize {
        let mut quantised = 0;
        self.change(|name, tensor| {
            let in_block =
                name.contains("layer") && tensor.shape.len() == 2 && !name.contains("embedding_hidden");
            if !in_block || but.is_some_and(|part| name.contains(part)) {
                return vec![(name.to_owned(), tensor)];
            }
            quantised += 1;
            let width = tensor.shape[1];
            let (mut codes, mut scales) = (Vec::new(), Vec::new());
            for row in tensor.floats().chunks_exact(width) {
                let scale = row.iter().fold(0.0f32, |greatest, x| greatest.max(x.abs())) / 127.0;
                codes.extend(row.iter().map(|x| (x / scale).round_ties_even() as i8 as u8));
                scales.push(scale);
            }
            let rows = scales.len();
            let codes = Tensor { dtype: Dtype::I8, shape: vec![rows, width], bytes: codes };
            vec![(name.to_owned(), codes), (format!("{name}_scale"), Tensor::of_floats(&[rows, 1], &scales))]
        });
        quantised
    }

    /// A copy without tokenizer.json, whose vocab.txt has the same tokens.
    pub fn of_vocab_txt(name: &str) -> Copy {
        let copy = Copy::of(name);
        let tokenizer = copy.json("tokenizer.json");
        let mut tokens: Vec<_> = tokenizer["model"]["vocab"].as_object().unwrap().iter().collect();
        tokens.sort_by_key(|(_, id)| id.as_u64());
        let lines: Vec<&str> = tokens.iter().map(|(token, _)| token.as_str()).collect();
        fs::write(copy.file("vocab.txt"), lines.join("\n") + "\n").unwrap();
        fs::remove_file(copy.file("tokenizer.json")).unwrap();
        let _ = fs::remove_file(copy.file("tokenizer_config.json"));
        copy
    }

    pub fn write(&self, name: &str, value: &Value) {
        fs::write(self.file(name), value.to_string()).unwrap();
    }

    /// Its tokenizer, with room in the vocabulary for some tokens more.
    pub fn tokenizer(&self) -> Result<Tokenizer, String> {
        let mut config = ModelConfig::read(self.path()).unwrap();
        config.vocabulary += 8;
        Tokenizer::load(self.path(), &config).map_err(|e| e.to_string())
    }

    pub fn load(&self, precision: Precision) -> Model {
        Model::load(self.path(), 1, Isa::detect(), Some(precision)).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Why it can't be loaded.
    pub fn refused(&self) -> String {
        match Model::load(self.path(), 1, Isa::detect(), None) {
            Ok(_) => panic!("{:?} was loaded", self.json("config.json")),
            Err(e) => e.to_string(),
        }
    }
}

pub struct Tensor {
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    pub bytes: Vec<u8>,
}

impl Tensor {
    pub fn of(view: &TensorView<'_>) -> Tensor {
        Tensor { dtype: view.dtype(), shape: view.shape().to_vec(), bytes: view.data().to_vec() }
    }

    pub fn view(&self) -> TensorView<'_> {
        TensorView::new(self.dtype, self.shape.clone(), &self.bytes).unwrap()
    }

    pub fn floats(&self) -> Vec<f32> {
        let halves = self.bytes.as_chunks().0.iter().map(|b| u16::from_le_bytes(*b));
        match self.dtype {
            Dtype::F32 => self.bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
            Dtype::F16 => halves.map(|bits| half::f16::from_bits(bits).to_f32()).collect(),
            Dtype::BF16 => halves.map(|bits| half::bf16::from_bits(bits).to_f32()).collect(),
            other => panic!("{other:?}"),
        }
    }

    pub fn of_floats(shape: &[usize], floats: &[f32]) -> Tensor {
        let bytes = floats.iter().flat_map(|x| x.to_le_bytes()).collect();
        Tensor { dtype: Dtype::F32, shape: shape.to_vec(), bytes }
    }
}

/// Two tokenizers cut these texts alike, and make the same inputs of them.
#[track_caller]
pub fn assert_alike<'t>(
    what: &str,
    got: &Tokenizer,
    want: &Tokenizer,
    texts: impl IntoIterator<Item = &'t str>,
) {
    for text in texts {
        let (got_pieces, want_pieces) = (got.pieces(text).unwrap(), want.pieces(text).unwrap());
        assert_eq!(got_pieces, want_pieces, "{what}: {text:?}");
        let ids = &got_pieces.ids;
        assert_eq!(got.single(ids), want.single(ids), "{what}");
        assert_eq!(got.pair(ids, &ids[..ids.len() / 2]), want.pair(ids, &ids[..ids.len() / 2]), "{what}");
    }
}

/// The texts of a parity.json.
pub fn texts(parity: &Value) -> impl Iterator<Item = &str> {
    parity["cases"].as_array().unwrap().iter().map(|case| case["text"].as_str().unwrap())
}

/// The bits of some texts' logits.
pub fn logits(model: &Model) -> Vec<u32> {
    let tokenizer = &model.tokenizer;
    let ids = |text: &str| tokenizer.pieces(text).unwrap().ids;
    let text = ids("Northwind said on Tuesday that Quorvane’s offer was too low.");
    let sequences: Vec<Sequence> = vec![tokenizer.single(&text), tokenizer.pair(&text, &ids("Quorvane"))];
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let logits = runtime.block_on(model.engine.run(sequences)).unwrap();
    logits.iter().flat_map(|logits| logits.rows()).flatten().map(|x| x.to_bits()).collect()
}

pub const FAMILIES: [(&str, &str); 8] = [
    ("bert_sequence", "bert."),
    ("distilbert_sequence", "distilbert."),
    ("roberta_sequence", "roberta."),
    ("electra_sequence", "electra."),
    ("mpnet_token", "mpnet."),
    ("albert_sequence", "albert."),
    ("deberta_v2_sequence", "deberta."),
    ("modernbert_sequence", "model."),
];
