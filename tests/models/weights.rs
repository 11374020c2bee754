//! What a model's directory may hold: every way in which its files come, and what is said of those that can't be
//! taken.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use baton::model::{Model, Precision, Sequence, TextEncoder, config::ModelConfig, kernels::Isa};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde_json::{Value, json};
use tempfile::TempDir;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/models").join(name)
}

/// A fixture's files, to be changed.
struct Copy(TempDir);

impl Copy {
    fn of(name: &str) -> Copy {
        let copy = Copy(tempfile::tempdir().unwrap());
        for entry in fs::read_dir(fixture(name)).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, copy.file(path.file_name().unwrap().to_str().unwrap())).unwrap();
        }
        copy
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.file(name)).unwrap()).unwrap()
    }

    /// Sets a key of config.json; a null takes it away, as it does for transformers.
    fn set(&self, key: &str, value: Value) {
        let mut config = self.json("config.json");
        config[key] = value;
        fs::write(self.file("config.json"), config.to_string()).unwrap();
    }

    /// Replaces the tensors by what `change` makes of each.
    fn change(&self, mut change: impl FnMut(&str, Tensor) -> Vec<(String, Tensor)>) {
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
    fn quantise(&self, but: Option<&str>) -> usize {
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
    fn of_vocab_txt(name: &str) -> Copy {
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

    fn write(&self, name: &str, value: &Value) {
        fs::write(self.file(name), value.to_string()).unwrap();
    }

    /// Its tokenizer, with room in the vocabulary for some tokens more.
    fn tokenizer(&self) -> Result<TextEncoder, String> {
        let mut config = ModelConfig::read(self.path()).unwrap();
        config.vocabulary += 8;
        TextEncoder::load(self.path(), &config).map_err(|e| e.to_string())
    }

    fn load(&self, precision: Precision) -> Model {
        Model::load(self.path(), 1, Isa::detect(), Some(precision)).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Why it can't be loaded.
    fn refused(&self) -> String {
        match Model::load(self.path(), 1, Isa::detect(), None) {
            Ok(_) => panic!("{:?} was loaded", self.json("config.json")),
            Err(e) => e.to_string(),
        }
    }
}

struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Tensor {
    fn of(view: &TensorView<'_>) -> Tensor {
        Tensor { dtype: view.dtype(), shape: view.shape().to_vec(), bytes: view.data().to_vec() }
    }

    fn view(&self) -> TensorView<'_> {
        TensorView::new(self.dtype, self.shape.clone(), &self.bytes).unwrap()
    }

    fn floats(&self) -> Vec<f32> {
        let halves = self.bytes.as_chunks().0.iter().map(|b| u16::from_le_bytes(*b));
        match self.dtype {
            Dtype::F32 => self.bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
            Dtype::F16 => halves.map(|bits| half::f16::from_bits(bits).to_f32()).collect(),
            Dtype::BF16 => halves.map(|bits| half::bf16::from_bits(bits).to_f32()).collect(),
            other => panic!("{other:?}"),
        }
    }

    fn of_floats(shape: &[usize], floats: &[f32]) -> Tensor {
        let bytes = floats.iter().flat_map(|x| x.to_le_bytes()).collect();
        Tensor { dtype: Dtype::F32, shape: shape.to_vec(), bytes }
    }
}

/// The bits of some texts' logits.
fn logits(model: &Model) -> Vec<u32> {
    let tokenizer = &model.tokenizer;
    let ids = |text: &str| tokenizer.pieces(text).unwrap().ids;
    let text = ids("Northwind said on Tuesday that Quorvane’s offer was too low.");
    let sequences: Vec<Sequence> = vec![tokenizer.single(&text), tokenizer.pair(&text, &ids("Quorvane"))];
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let logits = runtime.block_on(model.engine.run(sequences)).unwrap();
    logits.iter().flat_map(|logits| logits.rows()).flatten().map(|x| x.to_bits()).collect()
}

const FAMILIES: [(&str, &str); 8] = [
    ("bert_sequence", "bert."),
    ("distilbert_sequence", "distilbert."),
    ("roberta_sequence", "roberta."),
    ("electra_sequence", "electra."),
    ("mpnet_token", "mpnet."),
    ("albert_sequence", "albert."),
    ("deberta_v2_sequence", "deberta."),
    ("modernbert_sequence", "model."),
];

#[test]
fn names_without_the_prefix_and_norms_by_their_old_names_are_understood() {
    for (name, prefix) in FAMILIES {
        let copy = Copy::of(name);
        let want = logits(&copy.load(Precision::F32));
        let mut renamed = 0;
        copy.change(|name, tensor| {
            let bare = name.strip_prefix(prefix).unwrap_or(name);
            let old = bare.replace("LayerNorm.weight", "LayerNorm.gamma");
            let old = old.replace("LayerNorm.bias", "LayerNorm.beta");
            renamed += usize::from(old != name);
            vec![(old, tensor)]
        });
        assert!(renamed > 10, "{name}: {renamed}");
        assert!(logits(&copy.load(Precision::F32)) == want, "{name}");
    }
}

#[test]
fn tensors_that_no_classifier_needs_may_be_there() {
    let copy = Copy::of("roberta_sequence");
    let want = logits(&copy.load(Precision::F32));
    copy.change(|name, tensor| {
        let more =
            [("roberta.pooler.dense.weight", 3), ("lm_head.bias", 5), ("roberta.embeddings.position_ids", 2)];
        let more = more.map(|(name, n)| (name.to_owned(), Tensor::of_floats(&[n], &vec![0.5; n])));
        [(name.to_owned(), tensor)].into_iter().chain(more).collect()
    });
    assert!(logits(&copy.load(Precision::F32)) == want);
}

/// As compressed-tensors writes it, and as Baton rounds floats itself: the same numbers.
#[test]
fn int8_weights_of_any_architecture_are_read_as_they_are_stored() {
    for (name, _) in FAMILIES {
        let copy = Copy::of(name);
        let want = logits(&copy.load(Precision::Int8));
        let quantised = copy.quantise(None);
        assert!(quantised >= 4, "{name}: {quantised}");
        copy.set("quantization_config", w8a8());
        let model = Model::load(copy.path(), 1, Isa::detect(), None).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(model.config.storage.precision(), Precision::Int8);
        // DeBERTa's queries project distances too, and those are then of the rounded weights.
        if name.starts_with("deberta") {
            continue;
        }
        assert!(logits(&model) == want, "{name}");
    }
}

/// What compressed-tensors writes of int8 weights that go with such activations.
fn int_quantized(activations: Value) -> Value {
    let weights = json!({"num_bits": 8, "symmetric": true, "strategy": "channel", "dynamic": false});
    json!({"quant_method": "compressed-tensors", "format": "int-quantized",
           "config_groups": {"group_0": {"weights": weights, "input_activations": activations}}})
}

fn w8a8() -> Value {
    int_quantized(json!({"num_bits": 8, "symmetric": true, "strategy": "token", "dynamic": true}))
}

/// What compressed-tensors' `ignore` and `targets` leave in floats would be rounded with the rest.
#[test]
fn a_layer_left_in_floats_among_int8_is_named_unless_a_precision_is_asked_for() {
    for (name, part, tensor) in [
        ("bert_sequence", "layer.1.intermediate", "bert.encoder.layer.1.intermediate.dense.weight"),
        ("mpnet_token", "attn.v.weight", "mpnet.encoder.layer.0.attention.attn.v.weight"),
        (
            "albert_sequence",
            "ffn_output",
            "albert.encoder.albert_layer_groups.0.albert_layers.0.ffn_output.weight",
        ),
        ("modernbert_sequence", "attn.Wqkv", "model.layers.0.attn.Wqkv.weight"),
    ] {
        let copy = Copy::of(name);
        assert!(copy.quantise(Some(part)) > 0, "{name}");
        copy.set("quantization_config", w8a8());
        let said = copy.refused();
        assert!(said.contains(&format!("tensor `{tensor}` is ")), "{name}: {said}");
        assert!(said.contains("quantise this one too, or set the precision f32"), "{name}: {said}");
        assert!(!said.contains('\n'), "{name}: {said}");
        for precision in [Precision::F32, Precision::Int8] {
            copy.load(precision);
        }
        // In floats, the others are multiplied out.
        copy.set("quantization_config", int_quantized(json!(null)));
        let model = Model::load(copy.path(), 1, Isa::detect(), None).unwrap_or_else(|e| panic!("{e}"));
        assert!(logits(&model) == logits(&copy.load(Precision::F32)), "{name}");
    }
}

#[test]
fn a_null_that_one_transformers_reads_as_another_theta_than_the_next_is_refused() {
    let copy = Copy::of("modernbert_sequence");
    copy.set("local_rope_theta", json!(null));
    let said = copy.refused();
    assert!(said.contains("config.json: `local_rope_theta` is null; Baton has numbers"), "{said}");
    assert!(said.contains("write the number that the model was trained with"), "{said}");

    let layers = ModelConfig::read(&fixture("modernbert_sequence")).unwrap().layers;
    copy.set("layer_types", json!(vec!["full_attention"; layers]));
    copy.load(Precision::F32);

    // As transformers 5 writes it.
    let copy = Copy::of("modernbert_token");
    let want = logits(&copy.load(Precision::F32));
    copy.set("local_rope_theta", json!(null));
    assert!(logits(&copy.load(Precision::F32)) == want);
}

#[test]
fn int8_weights_without_activations_are_used_in_floats() {
    let copy = Copy::of("bert_sequence");
    let floats = logits(&copy.load(Precision::F32));
    copy.set("quantization_config", int_quantized(json!(null)));
    let model = Model::load(copy.path(), 1, Isa::detect(), None).unwrap_or_else(|e| panic!("{e}"));
    assert!(logits(&model) == floats);
}

#[test]
fn activations_that_are_not_rounded_as_baton_does_are_refused() {
    let right = json!({"num_bits": 8, "symmetric": true, "strategy": "token", "dynamic": true});
    for (key, value) in [
        ("num_bits", json!(4)),
        ("symmetric", json!(false)),
        ("strategy", json!("tensor")),
        ("dynamic", json!(false)),
        ("dynamic", json!("local")),
        ("num_bits", json!("8")),
    ] {
        let mut activations = right.clone();
        activations[key] = value.clone();
        let copy = Copy::of("bert_sequence");
        copy.set("quantization_config", int_quantized(activations));
        let said = copy.refused();
        let place = "config.json: `quantization_config.config_groups.group_0.input_activations` is {";
        assert!(said.contains(place) && said.contains(&value.to_string()), "{key} {value}: {said}");
    }
    let copy = Copy::of("bert_sequence");
    let mut mixed = int_quantized(right);
    mixed["config_groups"]["group_1"] = int_quantized(json!(null))["config_groups"]["group_0"].clone();
    copy.set("quantization_config", mixed);
    let said = copy.refused();
    assert!(said.contains("group_1.input_activations` is null; Baton has"), "{said}");
}

#[test]
fn a_shard_that_is_missing_is_named() {
    let copy = Copy::of("bert_sharded");
    fs::remove_file(copy.file("model-00002-of-00002.safetensors")).unwrap();
    let said = copy.refused();
    assert!(said.contains("model.safetensors.index.json: names model-00002-of-00002.safetensors"), "{said}");
}

#[test]
fn a_shard_in_a_folder_below_counts_in_the_digest() {
    let copy = Copy::of("bert_sharded");
    let mut index = copy.json("model.safetensors.index.json");
    let shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    fs::create_dir(copy.file("w")).unwrap();
    for shard in shards {
        fs::rename(copy.file(shard), copy.file("w").join(shard)).unwrap();
    }
    for shard in index["weight_map"].as_object_mut().unwrap().values_mut() {
        *shard = json!(format!("w/{}", shard.as_str().unwrap()));
    }
    fs::write(copy.file("model.safetensors.index.json"), index.to_string()).unwrap();
    let digest = || copy.load(Precision::F32).reference().digest.clone();
    for shard in shards {
        let (before, file) = (digest(), copy.file("w").join(shard));
        let mut bytes = fs::read(&file).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&file, bytes).unwrap();
        assert_ne!(digest(), before, "{shard}");
    }
}

#[test]
fn what_lies_beside_the_weights_is_no_part_of_the_model() {
    let copy = Copy::of("bert_sequence");
    let digest = || copy.load(Precision::F32).reference().digest.clone();
    let before = digest();
    std::os::unix::fs::symlink("nowhere", copy.file("old.safetensors")).unwrap();
    fs::create_dir(copy.file("backup.safetensors")).unwrap();
    fs::write(copy.file("other.safetensors"), "not these").unwrap();
    assert_eq!(digest(), before);
}

#[test]
fn a_pickle_alone_is_refused_with_how_to_convert_it() {
    for (name, class) in [
        ("roberta_sequence", "AutoModelForSequenceClassification"),
        ("roberta_token", "AutoModelForTokenClassification"),
    ] {
        for pickle in ["pytorch_model.bin", "pytorch_model.bin.index.json"] {
            let copy = Copy::of(name);
            fs::rename(copy.file("model.safetensors"), copy.file(pickle)).unwrap();
            let said = copy.refused();
            assert!(said.contains(&format!("has {pickle}, which can run code")), "{said}");
            assert!(said.contains(&format!("{class}.from_pretrained(")), "{said}");
            assert!(!said.contains('\n'), "{said}");
        }
    }
    let copy = Copy::of("roberta_token");
    fs::remove_file(copy.file("model.safetensors")).unwrap();
    assert!(copy.refused().contains("has no model.safetensors"), "{}", copy.refused());
}

#[test]
fn a_tensor_that_is_missing_or_of_another_shape_or_kind_is_named() {
    let without = |part: &str| {
        let copy = Copy::of("mpnet_sequence");
        copy.change(|name, tensor| if name == part { vec![] } else { vec![(name.to_owned(), tensor)] });
        copy.refused()
    };
    for part in [
        "mpnet.encoder.layer.1.attention.attn.k.weight",
        "mpnet.encoder.relative_attention_bias.weight",
        "mpnet.embeddings.position_embeddings.weight",
        "mpnet.encoder.layer.0.output.LayerNorm.bias",
    ] {
        assert!(without(part).contains(&format!("tensor `{part}` is missing")), "{}", without(part));
    }
    assert!(without("classifier.out_proj.bias").contains("classifier.out_proj.bias` is missing"));
    let relative = Copy::of("bert_token");
    relative.set("position_embedding_type", json!("relative_key"));
    let table = "`bert.encoder.layer.0.attention.self.distance_embedding.weight` is missing";
    assert!(relative.refused().contains(table), "{}", relative.refused());

    let copy = Copy::of("mpnet_sequence");
    copy.set("intermediate_size", json!(65));
    let said = copy.refused();
    assert!(
        said.contains("intermediate.dense.weight` has shape [64, 32]; config.json asks for [65, 32]"),
        "{said}"
    );

    let copy = Copy::of("mpnet_sequence");
    copy.change(|name, mut tensor| {
        if name == "classifier.dense.bias" {
            tensor = Tensor { dtype: Dtype::I64, bytes: vec![0; 8 * 32], ..tensor };
        }
        vec![(name.to_owned(), tensor)]
    });
    let said = copy.refused();
    assert!(said.contains("classifier.dense.bias` is I64; Baton reads F32, F16, BF16, I8"), "{said}");
}

#[test]
fn what_is_not_supported_is_said_with_its_key_its_value_and_what_would_be() {
    for (name, key, value, can) in [
        ("bert_sequence", "model_type", json!("deberta"), "bert, distilbert, roberta"),
        ("bert_sequence", "model_type", json!(null), "modernbert"),
        ("bert_sequence", "model_type", json!(7), "invalid type"),
        ("bert_sequence", "architectures", json!(["BertForMaskedLM"]), "BertForTokenClassification"),
        (
            "roberta_token",
            "architectures",
            json!(["BertForTokenClassification"]),
            "RobertaForTokenClassification",
        ),
        ("modernbert_token", "architectures", json!([]), "ModernBertForSequenceClassification"),
        ("bert_sequence", "hidden_act", json!("gelu_10"), "gelu, gelu_new"),
        ("distilbert_token", "activation", json!("mish"), "silu"),
        ("modernbert_token", "hidden_activation", json!("quick_gelu"), "relu"),
        ("modernbert_mean", "classifier_activation", json!("prelu"), "relu"),
        ("modernbert_mean", "classifier_pooling", json!("max"), "\"cls\" and \"mean\""),
        ("modernbert_token", "layer_types", json!(["full_attention"]), "one for each layer"),
        ("modernbert_token", "rope_scaling", json!({"type": "yarn"}), "none"),
        (
            "modernbert_token",
            "rope_parameters",
            json!({"full_attention": {"rope_type": "yarn", "factor": 4.0}}),
            "the rope_type \"default\"",
        ),
        ("mpnet_token", "position_embedding_type", json!("relative_key"), "\"absolute\""),
        ("bert_token", "position_embedding_type", json!("rotary"), "\"relative_key_query\""),
        ("bert_token", "is_decoder", json!(true), "encoders only"),
        ("bert_token", "hidden_size", json!(0), "sizes from 1"),
        ("bert_token", "hidden_size", json!(66_000_000_000u64), "sizes from 1"),
        ("bert_token", "num_hidden_layers", json!("two"), "invalid type"),
        ("bert_token", "max_position_embeddings", json!(12), "16 tokens or more"),
        ("roberta_token", "pad_token_id", json!(262), "below max_position_embeddings"),
        ("mpnet_token", "relative_attention_num_buckets", json!(64), "32"),
        ("albert_token", "num_hidden_groups", json!(9), "num_hidden_layers or fewer"),
        ("albert_token", "inner_group_num", json!(1_000_000), "blocks in all"),
        ("deberta_v2_sequence", "attention_head_size", json!(16), "num_attention_heads, 8"),
        ("deberta_v2_sequence", "conv_groups", json!(2), "1"),
        ("deberta_v2_sequence", "conv_kernel_size", json!(4), "odd numbers"),
        ("deberta_v3_sequence", "position_buckets", json!(2), "4 or more"),
        ("deberta_v3_sequence", "pooler_hidden_act", json!("swiglu"), "gelu"),
        ("deberta_v3_sequence", "pooler_hidden_size", json!(64), "hidden_size, 32"),
        ("distilbert_token", "token_type_ids_are_word_case", json!(true), "with token types"),
        ("bert_token", "type_vocab_size", json!(0), "sizes from 1"),
        ("roberta_token", "type_vocab_size", json!(0), "sizes from 1"),
        ("deberta_v2_token", "type_vocab_size", json!(66_000_000_000u64), "sizes from 1"),
        ("bert_token", "layer_norm_eps", json!(-1), "above 0 and below 1"),
        ("bert_token", "layer_norm_eps", json!(0), "above 0 and below 1"),
        ("deberta_v2_token", "layer_norm_eps", json!(1e300), "above 0 and below 1"),
        ("modernbert_token", "norm_eps", json!(1), "above 0 and below 1"),
        ("bert_token", "id2label", json!({"0": "O", "2": "B-ORG"}), "run from 0 up"),
        ("bert_token", "quantization_config", json!({"quant_method": "gptq"}), "int-quantized"),
    ] {
        let copy = Copy::of(name);
        copy.set(key, value.clone());
        let said = copy.refused();
        assert!(said.contains(&format!("config.json: `{key}` is ")), "{name} {key} {value}: {said}");
        assert!(said.contains(can) && !said.contains('\n'), "{name} {key} {value}: {said}");
    }
    let copy = Copy::of("distilbert_token");
    copy.set("n_heads", json!(null));
    assert!(copy.refused().ends_with("config.json: `n_heads` is missing"), "{}", copy.refused());
    let copy = Copy::of("distilbert_token");
    copy.set("n_heads", json!(5));
    assert!(copy.refused().contains("`dim` is 32 with 5 heads"), "{}", copy.refused());
}

/// What no tensor's shape tells: a key that were read over would go unnoticed but for the logits.
#[test]
fn every_key_that_decides_the_result_is_heard() {
    for (name, key, value) in [
        ("bert_odd", "layer_norm_eps", json!(1e-12)),
        ("bert_odd", "num_attention_heads", json!(10)),
        ("bert_token", "hidden_act", json!("relu")),
        ("bert_token", "hidden_act", json!("gelu")),
        ("bert_relative", "position_embedding_type", json!("relative_key")),
        ("roberta_relative", "position_embedding_type", json!("relative_key_query")),
        ("distilbert_token", "activation", json!("gelu")),
        ("roberta_token", "pad_token_id", json!(2)),
        ("roberta_token", "layer_norm_eps", json!(1e-5)),
        ("albert_token", "num_hidden_layers", json!(4)),
        ("deberta_v2_sequence", "pos_att_type", json!("c2p")),
        ("deberta_v2_sequence", "pos_att_type", json!(["p2c"])),
        ("deberta_v2_sequence", "norm_rel_ebd", json!("none")),
        ("deberta_v2_sequence", "pooler_hidden_act", json!("gelu")),
        ("deberta_v2_sequence", "conv_act", json!("tanh")),
        ("deberta_v2_sequence", "conv_kernel_size", json!(0)),
        ("deberta_v2_sequence", "max_relative_positions", json!(20)),
        ("deberta_v2_token", "position_biased_input", json!(false)),
        ("deberta_v2_token", "type_vocab_size", json!(0)),
        ("deberta_v2_token", "relative_attention", json!(false)),
        ("modernbert_sequence", "local_attention", json!(14)),
        ("modernbert_sequence", "global_attn_every_n_layers", json!(2)),
        ("modernbert_sequence", "global_rope_theta", json!(10_000.0)),
        ("modernbert_sequence", "local_rope_theta", json!(500.0)),
        ("modernbert_sequence", "hidden_activation", json!("relu")),
        ("modernbert_mean", "norm_bias", json!(false)),
        ("modernbert_mean", "attention_bias", json!(false)),
        ("modernbert_mean", "mlp_bias", json!(false)),
        ("modernbert_mean", "classifier_bias", json!(false)),
        ("modernbert_mean", "classifier_pooling", json!("cls")),
        ("modernbert_mean", "classifier_activation", json!("tanh")),
        (
            "modernbert_token",
            "layer_types",
            json!(["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"]),
        ),
        (
            "modernbert_token",
            "rope_parameters",
            json!({"full_attention": {"rope_theta": 40_000.0}, "sliding_attention": {"rope_theta": 900.0}}),
        ),
    ] {
        let copy = Copy::of(name);
        let right = logits(&copy.load(Precision::F32));
        copy.set(key, value.clone());
        let other = logits(&copy.load(Precision::F32));
        let off = right.iter().zip(&other).map(|(a, b)| (f32::from_bits(*a) - f32::from_bits(*b)).abs());
        let off = off.fold(0.0, f32::max);
        assert!(off > 1e-4, "{name}: `{key}` as {value} moves no logit by more than {off}");
    }
}

#[test]
fn a_model_that_may_read_less_than_it_has_positions_for_counts_distances_as_before() {
    for name in ["bert_relative", "roberta_relative", "albert_relative", "deberta_v3_sequence", "mpnet_token"]
    {
        let copy = Copy::of(name);
        let all = logits(&copy.load(Precision::F32));
        copy.set("target_sentiment", json!({"max_length": 100}));
        let model = copy.load(Precision::F32);
        assert_eq!((model.config.max_tokens, logits(&model)), (100, all), "{name}");
    }
}

#[test]
fn vocab_txt_alone_cuts_as_the_tokenizer_json_that_it_stands_for() {
    for (name, settings) in [
        ("bert_sequence", None),
        ("bert_token", None),
        ("electra_token", Some(json!({}))),
        ("distilbert_token", Some(json!({"do_lower_case": false, "unk_token": {"content": "[UNK]"}}))),
        ("mpnet_token", Some(json!({"sep_token": "</s>", "strip_accents": null}))),
        ("bert_odd", Some(json!({"strip_accents": false}))),
    ] {
        let copy = Copy::of(name);
        let config = ModelConfig::read(copy.path()).unwrap();
        let want = TextEncoder::load(&fixture(name), &config).unwrap();
        let tokenizer = copy.json("tokenizer.json");
        let vocabulary = tokenizer["model"]["vocab"].as_object().unwrap();
        let mut tokens: Vec<_> = vocabulary.iter().map(|(token, id)| (id.as_u64(), token.as_str())).collect();
        tokens.sort();
        let lines: Vec<_> = tokens.iter().map(|(_, token)| *token).collect();
        if let Some(settings) = settings {
            fs::write(copy.file("vocab.txt"), lines.join("\n") + "\n").unwrap();
            fs::write(copy.file("tokenizer_config.json"), settings.to_string()).unwrap();
        }
        fs::remove_file(copy.file("tokenizer.json")).unwrap();
        let got = TextEncoder::load(copy.path(), &config).unwrap_or_else(|e| panic!("{e}"));
        for case in copy.json("parity.json")["cases"].as_array().unwrap() {
            let text = case["text"].as_str().unwrap();
            let (got_pieces, want_pieces) = (got.pieces(text).unwrap(), want.pieces(text).unwrap());
            assert_eq!(got_pieces, want_pieces, "{name}: {text}");
            let ids = &got_pieces.ids;
            assert_eq!(got.single(ids), want.single(ids), "{name}");
            assert_eq!(got.pair(ids, &ids[..ids.len() / 2]), want.pair(ids, &ids[..ids.len() / 2]), "{name}");
        }
        let model = copy.load(Precision::F32);
        assert!(model.reference().digest.starts_with("sha256:"), "{name}");
    }
}

#[test]
fn a_directory_without_a_tokenizer_says_how_to_make_one() {
    let without = |name: &str| {
        let copy = Copy::of(name);
        fs::remove_file(copy.file("tokenizer.json")).unwrap();
        copy
    };
    let said = without("roberta_token").refused();
    assert!(said.contains("has no tokenizer.json; make one in Python") && !said.contains('\n'), "{said}");
    let said = without("electra_token").refused();
    assert!(said.contains("has no tokenizer.json, and of vocab.txt in its place"), "{said}");

    let copy = without("bert_token");
    fs::write(copy.file("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\nnorth\n").unwrap();
    let said = copy.refused();
    assert!(said.contains("vocab.txt: has no token `[SEP]`"), "{said}");

    let copy = without("bert_token");
    fs::write(copy.file("tokenizer_config.json"), r#"{"do_basic_tokenize": false}"#).unwrap();
    let said = copy.refused();
    assert!(said.contains("tokenizer_config.json: `do_basic_tokenize` is false; Baton has true"), "{said}");
}

#[test]
fn a_vocab_txt_of_another_tokenizer_is_refused() {
    for (key, value, then) in [
        ("word_tokenizer_type", json!("mecab"), "Baton has no such tokenizer"),
        ("word_tokenizer_type", json!("basic"), "Baton has no such tokenizer"),
        ("subword_tokenizer_type", json!("character"), "Baton has no such tokenizer"),
        ("do_word_tokenize", json!(false), "Baton has no such tokenizer"),
        ("do_subword_tokenize", json!(false), "Baton has no such tokenizer"),
        ("mecab_kwargs", json!({"mecab_dic": "ipadic"}), "Baton has no such tokenizer"),
        ("tokenizer_class", json!("BertJapaneseTokenizer"), "Baton has no such tokenizer"),
        ("tokenizer_class", json!("RoFormerTokenizerFast"), "make a tokenizer.json in Python"),
        ("tokenizer_class", json!("BertTokenizerFastFast"), "make a tokenizer.json in Python"),
        ("tokenizer_class", json!(["BertTokenizer"]), "make a tokenizer.json in Python"),
    ] {
        let copy = Copy::of_vocab_txt("bert_token");
        copy.write("tokenizer_config.json", &json!({key: value}));
        let said = copy.refused();
        assert!(said.contains(&format!("tokenizer_config.json: `{key}` is {value}")), "{said}");
        assert!(said.contains(then) && !said.contains('\n'), "{said}");
    }
    let copy = Copy::of_vocab_txt("bert_token");
    copy.set("tokenizer_class", json!("BertJapaneseTokenizer"));
    let said = copy.refused();
    assert!(said.contains("/config.json: `tokenizer_class` is \"BertJapaneseTokenizer\""), "{said}");
    // The tokenizer's own file says it better.
    copy.write("tokenizer_config.json", &json!({"tokenizer_class": "BertTokenizer", "mecab_kwargs": null}));
    copy.load(Precision::F32);
}

#[test]
fn every_class_that_cuts_as_bert_does_makes_its_tokenizer_of_vocab_txt() {
    for class in ["BertTokenizer", "BertTokenizerFast", "DistilBertTokenizer", "ElectraTokenizerFast"] {
        let copy = Copy::of_vocab_txt("electra_token");
        let want = copy.tokenizer().unwrap();
        copy.write("tokenizer_config.json", &json!({"tokenizer_class": class}));
        let got = copy.tokenizer().unwrap();
        assert_eq!(got.pair(&[7], &[8]), want.pair(&[7], &[8]), "{class}");
    }
    // A class has special tokens of its own, whatever the architecture's are.
    let copy = Copy::of_vocab_txt("mpnet_token");
    let settings = |class: &str| json!({"tokenizer_class": class, "cls_token": "<s>", "sep_token": "</s>", "unk_token": "<unk>"});
    copy.write("tokenizer_config.json", &settings("MPNetTokenizer"));
    assert_eq!(copy.tokenizer().unwrap().pair(&[7], &[8]).ids, [0, 7, 2, 2, 8, 2]);
    copy.write("tokenizer_config.json", &settings("BertTokenizer"));
    assert_eq!(copy.tokenizer().unwrap().pair(&[7], &[8]).ids, [0, 7, 2, 8, 2]);
}

/// The ids of a text that has two added tokens, and some of vocab.txt's.
fn ids(tokenizer: &TextEncoder, text: &str) -> Vec<u32> {
    tokenizer.pieces(text).unwrap().ids
}

#[test]
fn tokens_added_to_a_vocab_txt_are_found_in_texts_with_their_ids() {
    let whole = |id: u32, content: &str, special: bool| {
        json!({"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
               "normalized": !special, "special": special})
    };
    // What transformers makes of them.
    let want = Copy::of("bert_sequence");
    let mut tokenizer = want.json("tokenizer.json");
    let tokens = tokenizer["added_tokens"].as_array_mut().unwrap();
    tokens.extend([whole(267, "said", true), whole(460, "[E]", true), whole(461, "Quorvane-x", false)]);
    want.write("tokenizer.json", &tokenizer);
    let want = want.tokenizer().unwrap();

    let added = json!({"Quorvane-x": 461, "[E]": 460});
    let decoder = json!({
        "1": {"content": "[UNK]", "special": true, "normalized": false},
        "460": {"content": "[E]", "special": true},
        "461": {"content": "Quorvane-x", "lstrip": false, "rstrip": false, "single_word": false,
                "normalized": true, "special": false},
    });
    let listed = json!(["[E]", {"content": "said", "normalized": false, "__type": "AddedToken"}]);
    for files in [
        json!({"added_tokens.json": added, "tokenizer_config.json": {"additional_special_tokens": listed}}),
        json!({"added_tokens.json": added, "special_tokens_map.json": {"additional_special_tokens": listed}}),
        json!({
            "added_tokens.json": added,
            "special_tokens_map.json": {"additional_special_tokens": ["[E]"]},
            "tokenizer_config.json": {"additional_special_tokens": ["said"]},
        }),
        json!({"tokenizer_config.json":
            {"added_tokens_decoder": decoder, "additional_special_tokens": listed}}),
        // As it is saved by transformers 4.34 and later: everything in two places.
        json!({
            "added_tokens.json": added,
            "special_tokens_map.json": {"additional_special_tokens": ["[none]"]},
            "tokenizer_config.json": {"added_tokens_decoder": decoder, "extra_special_tokens": {"to_say": "said"}},
        }),
    ] {
        let copy = Copy::of_vocab_txt("bert_sequence");
        for (name, value) in files.as_object().unwrap() {
            copy.write(name, value);
        }
        let got = copy.tokenizer().unwrap_or_else(|e| panic!("{files}: {e}"));
        for text in [
            "the [E]Quorvane-x[E] said [e] no",
            "QUORVANE-X saidish SAID [SEP] north",
            "aquorvane-xb [E]",
            "no more than the north",
        ] {
            assert_eq!(got.pieces(text).unwrap(), want.pieces(text).unwrap(), "{files}: {text}");
        }
        let found = ids(&got, "[E] QUORVANE-x the");
        assert_eq!(found, [460, 461, 131], "{files}");
    }
}

#[test]
fn a_special_token_that_was_added_may_begin_every_input() {
    let copy = Copy::of_vocab_txt("bert_sequence");
    copy.write("added_tokens.json", &json!({"[FIRST]": 460}));
    copy.write("tokenizer_config.json", &json!({"cls_token": "[FIRST]"}));
    assert_eq!(copy.tokenizer().unwrap().single(&[7]).ids, [460, 7, 3]);
}

#[test]
fn added_tokens_whose_ids_can_not_be_told_are_refused() {
    let token = |content: &str| json!({"content": content, "special": true});
    for (name, value, want) in [
        (
            "tokenizer_config.json",
            json!({"additional_special_tokens": ["[E]"]}),
            "tokenizer_config.json: `additional_special_tokens` has `[E]`, which has no id; give it",
        ),
        (
            "special_tokens_map.json",
            json!({"additional_special_tokens": [token("[E]")]}),
            "special_tokens_map.json: `additional_special_tokens` has `[E]`, which has no id; give it",
        ),
        (
            "tokenizer_config.json",
            json!({"additional_special_tokens": 7}),
            "tokenizer_config.json: `additional_special_tokens` is 7: ",
        ),
        (
            "added_tokens.json",
            json!({"said": 460}),
            "added_tokens.json gives the token `said` the id 460, and it has the id 267 already; correct it",
        ),
        (
            "tokenizer_config.json",
            json!({"added_tokens_decoder": {"460": token("[E]"), "461": token("[E]")}}),
            "`added_tokens_decoder` gives the token `[E]` the id 461, and it has the id 460 already; correct it",
        ),
        (
            "added_tokens.json",
            json!({"[E]": 460, "[F]": 462}),
            "added_tokens.json gives the token `[F]` the id 462, and the next one after those before it is 461",
        ),
        (
            "added_tokens.json",
            json!({"[E]": 3}),
            "added_tokens.json gives the token `[E]` the id 3, and the next one after those before it is 460",
        ),
        (
            "added_tokens.json",
            json!({"[E]": 460, "[F]": 460}),
            "added_tokens.json gives the token `[F]` the id 460, and the next one after those before it is 461",
        ),
    ] {
        let copy = Copy::of_vocab_txt("bert_sequence");
        copy.write(name, &value);
        let said = copy.tokenizer().err().unwrap_or_else(|| panic!("{name} {value} was loaded"));
        assert!(said.contains(want) && !said.contains('\n'), "{name} {value}: {said}");
    }
    let copy = Copy::of_vocab_txt("bert_sequence");
    copy.write("tokenizer_config.json", &json!({"added_tokens_decoder": {"460": token("[E]")}}));
    copy.write("added_tokens.json", &json!({"[E]": 460, "[F]": 461}));
    let said = copy.tokenizer().err().expect("two files that don't agree");
    assert!(
        said.contains("added_tokens.json: gives the token `[F]` the id 461, and `added_tokens_dec"),
        "{said}"
    );
}

#[test]
fn more_added_tokens_than_the_model_has_are_refused() {
    let copy = Copy::of_vocab_txt("bert_sequence");
    copy.write("added_tokens.json", &json!({"[E]": 460}));
    let said = copy.refused();
    assert!(said.contains("vocab.txt: has 461 tokens, but config.json's vocab_size is 460"), "{said}");
}

#[test]
fn a_tokenizer_config_that_contradicts_tokenizer_json_is_refused() {
    for (name, key, value, part) in [
        ("bert_token", "do_lower_case", json!(true), "normalizer.lowercase"),
        ("bert_sequence", "do_lower_case", json!(false), "normalizer.lowercase"),
        ("electra_token", "do_lower_case", json!("yes"), "normalizer.lowercase"),
        ("bert_odd", "strip_accents", json!(true), "normalizer.strip_accents"),
        ("bert_sequence", "strip_accents", json!(false), "normalizer.strip_accents"),
        ("mpnet_token", "tokenize_chinese_chars", json!(false), "normalizer.handle_chinese_chars"),
        ("roberta_token", "add_prefix_space", json!(true), "pre_tokenizer.add_prefix_space"),
        ("modernbert_mean", "add_prefix_space", json!(true), "pre_tokenizer.add_prefix_space"),
    ] {
        let copy = Copy::of(name);
        copy.write("tokenizer_config.json", &json!({key: value}));
        let said = copy.refused();
        let want =
            format!("tokenizer_config.json: `{key}` is {value}, but with `{part}` in tokenizer.json it is ");
        assert!(said.contains(&want) && !said.contains('\n'), "{name}: {said}");
        assert!(
            said.contains("save the tokenizer anew") && said.contains(&format!("delete `{key}`")),
            "{said}"
        );

        // With a token that only the general tokenizer finds.
        let mut tokenizer = copy.json("tokenizer.json");
        tokenizer["added_tokens"][0]["normalized"] = json!(true);
        copy.write("tokenizer.json", &tokenizer);
        assert_eq!(copy.refused(), said, "{name}");
    }
}

#[test]
fn a_tokenizer_config_that_agrees_or_says_nothing_is_taken() {
    for (name, settings) in [
        (
            "bert_token",
            json!({"do_lower_case": false, "strip_accents": false, "tokenize_chinese_chars": true}),
        ),
        ("bert_sequence", json!({"do_lower_case": true, "strip_accents": true})),
        ("bert_odd", json!({"do_lower_case": null, "strip_accents": null, "tokenize_chinese_chars": null})),
        // Only what a tokenizer.json has can be contradicted.
        ("bert_odd", json!({"add_prefix_space": true})),
        ("roberta_token", json!({"do_lower_case": true, "add_prefix_space": false})),
        ("xlm_roberta_token", json!({"do_lower_case": true, "add_prefix_space": true})),
        ("albert_token", json!({"do_lower_case": false, "strip_accents": true})),
    ] {
        let copy = Copy::of(name);
        let want = logits(&copy.load(Precision::F32));
        copy.write("tokenizer_config.json", &settings);
        assert!(logits(&copy.load(Precision::F32)) == want, "{name} {settings}");
    }
}

#[test]
fn every_model_of_the_repository_loads_as_its_files_are_made() {
    let all = ["tests/fixtures/models", "model-fetch/models"]
        .map(|folder| fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap());
    let mut loaded = 0;
    for entry in all.into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.join("config.json").is_file() {
            Model::load(&path, 1, Isa::detect(), None).unwrap_or_else(|e| panic!("{e}"));
            loaded += 1;
        }
    }
    assert!(loaded > 20, "{loaded}");
}

/// A tokenizer.json of the fixture whose texts stand among this.
fn with_post_processor(name: &str, post_processor: Value) -> Copy {
    let copy = Copy::of(name);
    let mut tokenizer = copy.json("tokenizer.json");
    tokenizer["post_processor"] = post_processor;
    fs::write(copy.file("tokenizer.json"), tokenizer.to_string()).unwrap();
    copy
}

#[test]
fn special_tokens_that_leave_a_text_no_room_are_refused() {
    let special = |id: &str| json!({"SpecialToken": {"id": id, "type_id": 0}});
    let text = |id: &str| json!({"Sequence": {"id": id, "type_id": 0}});
    let most = ModelConfig::read(&fixture("bert_sequence")).unwrap().max_tokens - 8;
    let template = |specials: usize| {
        let before = |rest: &[Value]| [&vec![special("[CLS]"); specials][..], rest].concat();
        json!({"type": "TemplateProcessing",
               "single": before(&[text("A")]), "pair": before(&[text("A"), text("B")]),
               "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}}})
    };
    with_post_processor("bert_sequence", template(most)).load(Precision::F32);
    let said = with_post_processor("bert_sequence", template(most + 1)).refused();
    let want = format!("tokenizer.json: its post_processor adds {} special tokens", most + 1);
    assert!(said.contains(&want), "{said}");
}

#[test]
fn a_tokenizer_that_adds_no_special_tokens_is_refused() {
    for name in ["bert_sequence", "roberta_token", "modernbert_mean"] {
        let said = with_post_processor(name, json!(null)).refused();
        assert!(said.contains("tokenizer.json: its post_processor adds no special tokens"), "{name}: {said}");
    }
}

/// Every word of a text begins with a piece of its own, from its first letter, and its pieces reach its end: so a
/// token classifier's labels fall on whole words, whatever the tokenizer makes of the spaces between them.
#[test]
fn words_come_out_whole_from_every_kind_of_tokenizer() {
    const TEXT: &str =
        "Zoë Åkerström-Vance of Brellin  Söhne paid €55\u{a0}million in 東京 🚀 on 3 May, at ½ price";
    for name in [
        "bert_token",
        "roberta_token",
        "modernbert_token",
        "xlm_roberta_token",
        "camembert_token",
        "deberta_v3_token",
        "albert_token",
    ] {
        let config = ModelConfig::read(&fixture(name)).unwrap();
        let pieces = TextEncoder::load(&fixture(name), &config).unwrap().pieces(TEXT).unwrap();
        for word in TEXT.split_whitespace() {
            let from = word.as_ptr() as usize - TEXT.as_ptr() as usize;
            let to = from + word.len();
            let of_word: Vec<_> =
                pieces.ranges.iter().filter(|range| range.start < to && from < range.end).collect();
            let what = format!("{name}: {word:?} of {:?}", of_word);
            assert_eq!(of_word.iter().map(|range| range.start).min(), Some(from), "{what}");
            assert_eq!(of_word.iter().map(|range| range.end).max(), Some(to), "{what}");
        }
        assert!(pieces.ranges.is_sorted_by_key(|range| range.start), "{name}: {:?}", pieces.ranges);
    }
}
