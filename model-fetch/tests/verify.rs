//! `verify`: what lies in a folder of models against what models.toml says of it.

mod support;

use std::fs;

use support::{Model, World, put, sha256};

/// A world whose `out/small` is as pinned.
fn fetched() -> (Model, World) {
    let model = Model::new();
    let world = World::new(&model.entry("folder:source"));
    put(&model, &world.path().join("source"));
    world.fetch().succeeded();
    (model, world)
}

#[test]
fn verify_names_what_was_changed_taken_away_or_slipped_in() {
    let (_, world) = fetched();
    let folder = world.out().join("small");
    fs::write(folder.join("README.md"), "a card changes nothing").unwrap();
    world.run(&["verify", "--dir", "out"]).succeeded();
    fs::write(folder.join("config.json"), "{}").unwrap();
    fs::remove_file(folder.join("tokenizer.json")).unwrap();
    for slipped_in in ["baton.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"]
    {
        fs::write(folder.join(slipped_in), "{}").unwrap();
    }
    world.run(&["verify", "small", "--dir", "out"]).failed(&[
        "config.json: expected sha256",
        "(2 bytes instead of 21)",
        "tokenizer.json: is missing",
        "baton.json: is not in models.toml, where a table `baton` could say the same",
        "tokenizer_config.json: is not in models.toml",
        "special_tokens_map.json: is not in models.toml",
        "added_tokens.json: is not in models.toml",
    ]);
    world.fetch().failed(&["special_tokens_map.json: is not in models.toml", "--replace"]);
    world.run(&["verify", "other", "--dir", "out"]).failed(&["has no model `other`, but small"]);
}

#[test]
fn a_model_that_lost_its_config_json_is_looked_at_all_the_same() {
    let (_, world) = fetched();
    let folder = world.out().join("small");
    for lost in ["config.json", "tokenizer.json", "model.safetensors"] {
        fs::remove_file(folder.join(lost)).unwrap();
        let run = world.run(&["verify", "--dir", "out"]);
        run.failed(&["small/config.json: is missing", &format!("small/{lost}: is missing")]);
    }
    fs::remove_dir(&folder).unwrap();
    fs::write(&folder, "").unwrap();
    world.run(&["verify", "--dir", "out"]).failed(&["out/small: is no folder"]);
}

#[test]
fn a_folder_with_any_file_that_baton_reads_needs_an_entry_and_a_hidden_one_does_not() {
    let (_, world) = fetched();
    for (folder, file) in [(".small.old", "config.json"), ("notes", "README.md"), ("model", "vocab.txt")] {
        world.run(&["verify", "--dir", "out"]).succeeded();
        fs::create_dir(world.out().join(folder)).unwrap();
        fs::write(world.out().join(folder).join(file), "").unwrap();
    }
    world.run(&["verify", "--dir", "out"]).failed(&["has no model `model`, but small"]);
}

#[test]
fn sums_that_would_give_batons_digest_another_hash_are_found() {
    let (model, world) = fetched();
    let sums = world.out().join("small/SHA256SUMS");
    let (right, wrong) = (sha256(model.bytes("model.safetensors")), sha256(b"other"));
    fs::write(&sums, format!("{right}  model.safetensors\n{wrong}  README.md\n")).unwrap();
    world.run(&["verify", "--dir", "out"]).succeeded();
    fs::write(&sums, format!("{wrong} *model.safetensors\n")).unwrap();
    let words = format!("SHA256SUMS: says sha256 {wrong} of model.safetensors, expected {right}");
    world.run(&["verify", "--dir", "out"]).failed(&[&words]);
}
