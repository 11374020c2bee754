//! Weights by whatever names, in whatever kinds of numbers and files, and what is said of those that can't be read.

use std::{fs, path::Path};

use baton::model::{Model, Precision, kernels::Isa};
use safetensors::Dtype;
use serde_json::{Value, json};

use super::copy::{Copy, FAMILIES, Tensor, logits};

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
        ("type", json!("float")),
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
    let mut rounded_twice = int_quantized(right.clone());
    rounded_twice["config_groups"]["group_0"]["output_activations"] = right.clone();
    copy.set("quantization_config", rounded_twice);
    let said = copy.refused();
    assert!(said.contains("group_0.output_activations` is {") && said.ends_with("Baton has null"), "{said}");
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
        for (pickle, how) in [
            ("pytorch_model.bin", "`model-fetch add folder:".to_owned()),
            ("pytorch_model.bin.index.json", format!("{class}.from_pretrained(")),
        ] {
            let copy = Copy::of(name);
            fs::rename(copy.file("model.safetensors"), copy.file(pickle)).unwrap();
            let said = copy.refused();
            assert!(said.contains(&format!("has {pickle}, which can run code")), "{said}");
            assert!(said.contains(&how), "{said}");
            assert!(!said.contains('\n'), "{said}");
        }
    }
    let copy = Copy::of("roberta_token");
    fs::remove_file(copy.file("model.safetensors")).unwrap();
    assert!(copy.refused().contains("has no model.safetensors"), "{}", copy.refused());
}

#[test]
fn a_pointer_of_git_lfs_is_told_from_a_damaged_file() {
    let copy = Copy::of("bert_sequence");
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        let copy = Copy::of("bert_sequence");
        fs::write(copy.file(name), pointer).unwrap();
        let said = copy.refused();
        let told = format!("{name}: is Git LFS's pointer to the file; `git lfs pull`");
        assert!(said.contains(&told), "{said}");
    }
    fs::write(copy.file("model.safetensors"), "damaged").unwrap();
    assert!(copy.refused().contains("not readable safetensors"), "{}", copy.refused());
}

#[test]
fn labels_that_the_weights_have_not_are_told_by_their_key() {
    let copy = Copy::of("bert_sequence");
    copy.set("id2label", json!({"0": "no", "1": "yes"}));
    let said = copy.refused();
    assert!(
        said.contains("`classifier.weight` has shape [3, ") && said.contains("2 labels by `id2label`"),
        "{said}"
    );
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
