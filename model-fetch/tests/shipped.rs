//! The project's own models.toml and models; and `check`, on models whose logits are known.

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
};

use support::{World, finish};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn models_toml() -> String {
    here("models.toml").display().to_string()
}

#[test]
fn the_shipped_models_are_fetched_without_a_network_as_pinned() {
    let world = World::new("");
    let models = models_toml();
    let fetch = ["fetch", "ner", "sentiment", "--out", "out", "--models", &models];
    world.run(&fetch).succeeded();
    assert_eq!(world.left_behind(), ["ner", "sentiment"]);
    world.run(&["verify", "--dir", "out", "--models", &models]).succeeded();
}

#[test]
fn every_entry_is_listed_and_none_without_hashes_is_fetched() {
    let world = World::new("");
    let list = world.run(&["list", "--models", &models_toml()]).succeeded().out;
    for repository in [
        "hf:dslim/bert-base-NER",
        "hf:ProsusAI/finbert",
        "hf:cardiffnlp/twitter-roberta-base-sentiment-latest",
        "hf:distilbert/distilbert-base-uncased-finetuned-sst-2-english",
        "hf:yangheng/deberta-v3-base-absa-v1.1",
    ] {
        assert!(list.contains(repository), "{list}");
    }
    for name in
        ["bert-base-ner", "finbert", "twitter-roberta-base-sentiment-latest", "deberta-v3-base-absa-v1.1"]
    {
        let fetch = ["fetch", name, "--out", "out", "--models", &models_toml()];
        world.run(&fetch).failed(&[name, "in models.toml", "--accept-new-hashes"]);
        assert!(world.left_behind().is_empty(), "{name}");
    }
}

#[test]
fn check_tells_what_a_model_is_and_whether_it_computes_what_pytorch_did() {
    let world = World::new("");
    for (name, head) in [("bert_sequence", "classifies a text"), ("bert_token", "classifies every token")] {
        let folder = here("../tests/fixtures/models").join(name);
        let out = world.run(&["check", folder.to_str().unwrap()]).succeeded().out;
        for word in ["BertFor", head, "parameters", "tokens/s", "peak memory", "texts: greatest difference"] {
            assert!(out.contains(word), "{out}");
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn check_compares_an_int8_model_with_pytorchs_own_int8_on_the_mean() {
    let world = World::new("");
    let to = world.path().join("model");
    copy(&here("models/sentiment"), &to);
    let parity = fs::read_to_string(here("../tests/fixtures/shipped/sentiment.json")).unwrap();
    let mut parity: serde_json::Value = serde_json::from_str(&parity).unwrap();
    let check = |parity: &serde_json::Value| {
        fs::write(to.join("parity.json"), parity.to_string()).unwrap();
        world.run(&["check", "model"])
    };
    let out = check(&parity).succeeded().out;
    assert!(out.contains("int8 per channel") && out.contains("allowed, as quantised"), "{out}");
    let mut moved = parity.clone();
    for case in moved["cases"].as_array_mut().unwrap() {
        case["logits_w8a8"][0] = (case["logits_w8a8"][0].as_f64().unwrap() + 0.3).into();
    }
    check(&moved).failed(&["parity.json is not met"]);
    // Without a bound nothing but damage shows.
    parity.as_object_mut().unwrap().remove("w8a8_from_f32");
    assert!(check(&parity).succeeded().out.contains("no bound is known"));
    parity["cases"][0]["logits_w8a8"][0] = 1e300.into();
    check(&parity).failed(&["parity.json is not met"]);
}

#[test]
fn check_counts_shards_in_folders_and_nothing_hidden() {
    let world = World::new("");
    let to = world.path().join("model");
    copy(&here("../tests/fixtures/models/bert_sharded"), &to);
    let size = || {
        let out = world.run(&["check", "model"]).succeeded().out;
        out.lines().find(|line| line.contains("parameters")).unwrap().split(',').next().unwrap().to_owned()
    };
    let all = size();
    fs::create_dir(to.join("part")).unwrap();
    fs::create_dir(to.join(".git")).unwrap();
    let shard = "model-00002-of-00002.safetensors";
    fs::rename(to.join(shard), to.join("part").join(shard)).unwrap();
    fs::copy(to.join("model-00001-of-00002.safetensors"), to.join(".git/object.safetensors")).unwrap();
    let index = fs::read_to_string(to.join("model.safetensors.index.json")).unwrap();
    fs::write(to.join("model.safetensors.index.json"), index.replace(shard, &format!("part/{shard}")))
        .unwrap();
    assert_eq!(size(), all);
}

#[test]
fn check_fails_where_the_logits_are_others() {
    let world = World::new("");
    let (from, to) = (here("../tests/fixtures/models/bert_sequence"), world.path().join("model"));
    copy(&from, &to);
    let parity = fs::read_to_string(to.join("parity.json")).unwrap();
    fs::write(to.join("parity.json"), parity.replace("-1.396012", "-1.386012")).unwrap();
    let run = world.run(&["check", "model"]).failed(&["parity.json is not met"]);
    assert!(run.out.contains("greatest difference 1.0e-2"), "{run:?}");
    fs::write(to.join("config.json"), r#"{"model_type":"gpt2","architectures":["GPT2Model"]}"#).unwrap();
    world.run(&["check", "model"]).failed(&["config.json"]);
}

#[test]
fn check_says_of_a_folder_without_a_model_that_it_is_none() {
    let world = World::new("");
    fs::create_dir(world.path().join("empty")).unwrap();
    world.run(&["check", "empty"]).failed(&["empty is no model: it has no config.json"]);
}

#[test]
fn nobody_who_reads_is_no_mistake_and_a_full_disk_is_one() {
    let world = World::new("");
    let model = here("../tests/fixtures/models/bert_sequence").display().to_string();
    let (models, list) = (models_toml(), "list");
    for arguments in [&["check", &model][..], &[list, "--models", &models]] {
        let (reads, writes) = std::io::pipe().unwrap();
        drop(reads);
        let run = finish(world.command(arguments).stdout(writes).spawn().unwrap()).succeeded();
        assert_eq!(run.err, "");
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        finish(world.command(arguments).stdout(full).spawn().unwrap()).failed(&["standard output: "]);
    }
}
