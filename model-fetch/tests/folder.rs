//! Folders here as sources: their names, links that lead nowhere.

mod support;

use std::{fs, os::unix::fs::symlink};

use support::{Model, World, finish, put};

#[test]
fn a_folder_named_by_dots_has_its_own_name_and_the_root_has_none() {
    for (source, from) in [("folder:.", "mine"), ("folder:..", "mine/below"), ("folder:below/..", "mine")] {
        let world = World::new("");
        put(&Model::new(), &world.path().join("mine"));
        fs::create_dir(world.path().join("mine/below")).unwrap();
        let models = world.models();
        let mut add = world.command(&["add", source, "--models", models.to_str().unwrap()]);
        finish(add.current_dir(world.path().join(from)).spawn().unwrap()).succeeded();
        let text = world.models_text();
        assert!(text.contains("name = \"mine\"") && text.contains("source = \"folder:mine\""), "{text}");
    }
    let world = World::new("");
    world.run(&["add", "folder:/"]).failed(&["folder:/: has no name of its own; give one with --name"]);
    fs::create_dir(world.path().join("a b")).unwrap();
    world.run(&["add", "folder:a b"]).failed(&["`a b` is no name", "--name"]);
}

#[test]
fn a_pipe_is_no_file_of_a_model() {
    let world = World::new("");
    put(&Model::new(), &world.path().join("source"));
    world.run(&["add", "folder:source", "--name", "small"]).succeeded();
    fs::remove_file(world.path().join("source/config.json")).unwrap();
    let made =
        std::process::Command::new("mkfifo").arg(world.path().join("source/config.json")).status().unwrap();
    assert!(made.success());
    world.run(&["fetch", "small", "--out", "out"]).failed(&["source/config.json: is no ordinary file"]);
}

#[test]
fn a_link_that_leads_nowhere_is_no_file_unless_it_is_wanted() {
    let world = World::new("");
    let source = world.path().join("source");
    put(&Model::new(), &source);
    symlink("nowhere", source.join("README.md")).unwrap();
    let add = ["add", "folder:source", "--name", "small", "--out", "out"];
    world.run(&add).succeeded();
    world.assert_installed(&Model::new());

    fs::rename(source.join("model.safetensors"), source.join("weights")).unwrap();
    symlink("blobs/gone", source.join("model.safetensors")).unwrap();
    let again = [&add[..], &["--replace"]].concat();
    world.run(&again).failed(&["model.safetensors: is a link that leads nowhere"]);
    // One that leads somewhere is what it leads to.
    fs::remove_file(source.join("model.safetensors")).unwrap();
    symlink("weights", source.join("model.safetensors")).unwrap();
    world.run(&again).succeeded();
    world.assert_installed(&Model::new());
}

#[test]
fn a_model_that_baton_could_not_run_is_added_with_a_warning() {
    let world = World::new("");
    let source = world.path().join("source");
    put(&Model::new(), &source);
    let add = ["add", "folder:source", "--name", "small", "--replace"];
    for (config, why) in [
        (r#"{"model_type":"gpt2","architectures":["GPT2LMHeadModel"]}"#, "gpt2"),
        (r#"{"model_type":"bert","architectures":["BertModel"]}"#, "BertModel"),
    ] {
        fs::write(source.join("config.json"), config).unwrap();
        let run = world.run(&add).succeeded();
        assert!(
            run.err.contains("small: Baton could not run it: config.json: ") && run.err.contains(why),
            "{run:?}"
        );
    }
}

#[test]
fn a_model_never_replaces_the_folder_that_it_comes_from() {
    let world = World::new("");
    let source = world.path().join("small");
    put(&Model::new(), &source);
    fs::write(source.join("pytorch_model.bin"), "dear").unwrap();
    fs::create_dir(source.join("run")).unwrap();
    put(&Model::new(), &source.join("run"));
    for from in ["folder:small", "folder:./small", "folder:small/run"] {
        let add = ["add", from, "--name", "small", "--out", ".", "--replace"];
        world.run(&add).failed(&["small: the model comes from there", "--out"]);
    }
    fs::write(world.models(), Model::new().entry("folder:small")).unwrap();
    fs::write(source.join("config.json"), "{}").unwrap();
    world.run(&["fetch", "small", "--out", ".", "--replace"]).failed(&["small: the model comes from there"]);
    assert_eq!(fs::read(source.join("pytorch_model.bin")).unwrap(), b"dear");
    // A folder within it is none of its own.
    fs::write(world.models(), "").unwrap();
    world.run(&["add", "folder:small", "--name", "pinned", "--out", "small"]).succeeded();
}

#[test]
fn files_without_a_tokenizer_are_no_model() {
    let world = World::new("");
    put(&Model::new(), &world.path().join("source"));
    let add =
        ["add", "folder:source", "--name", "small", "--file", "config.json", "--file", "model.safetensors"];
    world.run(&add).failed(&["among its files is no tokenizer.json, nor vocab.txt"]);
}

#[test]
fn a_model_that_is_there_as_pinned_needs_no_folder_that_can_be_written() {
    let world = World::new(&Model::new().entry("folder:source"));
    put(&Model::new(), &world.path().join("source"));
    world.fetch().succeeded();
    // Root may write anywhere, so it is looked for what a try to write leaves: a change of the folder.
    let changed = || fs::metadata(world.out()).unwrap().modified().unwrap();
    let before = changed();
    let run = world.fetch().succeeded();
    assert!(run.out.contains("is there already"), "{run:?}");
    assert_eq!(changed(), before);
}

#[test]
fn a_model_with_an_adapter_is_refused_unless_its_files_are_named() {
    let world = World::new("");
    let source = world.path().join("source");
    put(&Model::new(), &source);
    fs::write(source.join("adapter_config.json"), "{}").unwrap();
    let add = ["add", "folder:source", "--name", "small"];
    world.run(&add).failed(&["adapter_config.json", "merge_and_unload", "--file"]);
    let files = ["--file", "config.json", "--file", "tokenizer.json", "--file", "model.safetensors"];
    world.run(&[&add[..], &files].concat()).succeeded();
}
