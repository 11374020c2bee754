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
        let (mut quantised, hidden) = (0, copy.load(Precision::F32).config.hidden);
        copy.change(|name, tensor| {
            let in_block =
                name.contains("layer") && tensor.shape.len() == 2 && !name.contains("embedding_hidden");
            if !in_block {
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
        assert!(quantised >= 4 && hidden > 0, "{name}: {quantised}");
        copy.set(
            "quantization_config",
            int_quantized(json!({"num_bits": 8, "symmetric": true, "strategy": "token", "dynamic": true})),
        );
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
        ("electra_token", "position_embedding_type", json!("relative_key"), "absolute"),
        ("bert_token", "position_embedding_type", json!("relative_key_query"), "absolute"),
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
