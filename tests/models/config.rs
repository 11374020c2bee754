//! config.json: every key that decides is heard or refused.

use baton::model::{Precision, config::ModelConfig};
use serde_json::json;

use super::copy::{Copy, fixture, logits};

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
        ("modernbert_sequence", "global_rope_theta", json!(0), "above zero"),
        (
            "modernbert_token",
            "rope_parameters",
            json!({"sliding_attention": {"rope_theta": -10.0}}),
            "above zero",
        ),
        ("bert_token", "position_embedding_type", json!("rotary"), "\"relative_key_query\""),
        ("bert_token", "is_decoder", json!(true), "encoders only"),
        ("bert_token", "hidden_size", json!(0), "sizes from 1"),
        ("bert_token", "hidden_size", json!(66_000_000_000u64), "sizes from 1"),
        ("bert_token", "hidden_size", json!(1 << 17), "sizes from 1 to 65536"),
        ("distilbert_token", "hidden_dim", json!(1 << 17), "sizes from 1 to 65536"),
        ("bert_token", "num_hidden_layers", json!("two"), "invalid type"),
        ("bert_token", "max_position_embeddings", json!(12), "16 tokens or more"),
        ("bert_token", "id2label", json!({"0": " "}), "a name for each"),
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
        ("bert_sequence", "problem_type", json!(3), "multi_label_classification"),
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

/// As of one that was made shorter than its buckets reach: no two of its distances have one bucket.
#[test]
fn a_deberta_of_few_positions_has_each_distance_in_a_bucket_of_its_own() {
    let distances = |positions: u32, buckets: i32, reach: i32| {
        let copy = Copy::of("deberta_v3_sequence");
        copy.set("max_position_embeddings", json!(positions));
        copy.set("position_buckets", json!(buckets));
        copy.set("max_relative_positions", json!(reach));
        ModelConfig::read(copy.path()).unwrap().distances
    };
    assert_eq!(distances(129, 256, -1), distances(129, -1, 256));
    assert_ne!(distances(129, 256, 512), distances(130, 256, 512));
    let copy = Copy::of("deberta_v3_sequence");
    copy.set("max_position_embeddings", json!(140));
    copy.set("position_buckets", json!(260));
    copy.set("max_relative_positions", json!(131));
    assert!(copy.refused().contains("fewer than twice max_relative_positions"), "{}", copy.refused());
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

/// Where no tensor says how many positions there are, a number too many would be paid for in memory.
#[test]
fn positions_without_a_table_are_no_more_than_can_be_held() {
    for (name, most) in
        [("modernbert_token", 8192), ("deberta_v3_sequence", 2048), ("deberta_v2_token", 2048)]
    {
        let copy = Copy::of(name);
        let rows = copy.json("config.json")["max_position_embeddings"].clone();
        copy.set("max_position_embeddings", json!(1 << 20));
        let config = ModelConfig::read(copy.path()).unwrap();
        assert_eq!(config.max_tokens, most, "{name} instead of {rows}");
    }
}

/// mmBERT's `sans_pos` among them.
#[test]
fn a_kind_of_positions_is_not_read_where_transformers_does_not_read_it() {
    for name in ["modernbert_sequence", "mpnet_token", "distilbert_sequence", "deberta_v2_sequence"] {
        let copy = Copy::of(name);
        let right = logits(&copy.load(Precision::F32));
        copy.set("position_embedding_type", json!("sans_pos"));
        assert_eq!(logits(&copy.load(Precision::F32)), right, "{name}");
    }
}

#[test]
fn a_length_that_leaves_no_room_is_told_by_its_own_key() {
    let copy = Copy::of("bert_sequence");
    copy.set("target_sentiment", json!({"max_length": 8}));
    let said = copy.refused();
    assert!(
        said.contains("`target_sentiment.max_length` is 8") && said.contains("16 tokens or more"),
        "{said}"
    );
}

#[test]
fn labels_that_are_numbers_are_named_by_them() {
    let copy = Copy::of("bert_relu");
    let count = ModelConfig::read(copy.path()).unwrap().labels.len();
    let numbers: serde_json::Map<_, _> = (0..count).map(|i| (i.to_string(), json!(i * 5))).collect();
    copy.set("id2label", numbers.into());
    let labels: Vec<String> = (0..count).map(|i| (i * 5).to_string()).collect();
    assert_eq!(ModelConfig::read(copy.path()).unwrap().labels, labels);
}

#[test]
fn an_adapter_beside_the_weights_is_refused() {
    let copy = Copy::of("bert_sequence");
    copy.write("adapter_config.json", &json!({"peft_type": "LORA"}));
    let said = copy.refused();
    assert!(said.contains("adapter_config.json: an adapter") && said.contains("merge_and_unload"), "{said}");
}
