//! baton.json, which an entry has as a table where its source has no such file.

mod support;

use std::{fs, path::PathBuf};

use serde_json::{Value, json};
use support::{Model, Server, World, put};

const INLINE: &str =
    "baton = { max_tokens = 256, labels = { LABEL_0 = \"negative\", LABEL_1 = \"positive\" } }\n";
const SPELLED_OUT: &str = "\n[model.baton] # the labels' names\nmax_tokens = 256\n\n\
                           [model.baton.labels]\nLABEL_0 = 'negative'\nLABEL_1 = 'positive'\n";

fn description() -> Value {
    json!({"labels": {"LABEL_0": "negative", "LABEL_1": "positive"}, "max_tokens": 256})
}

/// A world whose entry names a folder with the model, and that folder.
fn setup(table: &str) -> (Model, World, PathBuf) {
    let model = Model::new();
    let world = World::new(&format!("{}{table}", model.entry("folder:source")));
    let source = world.path().join("source");
    put(&model, &source);
    (model, world, source)
}

fn fetched(world: &World) -> Value {
    serde_json::from_slice(&fs::read(world.out().join("small/baton.json")).unwrap()).unwrap()
}

#[test]
fn an_entrys_table_is_fetched_as_baton_json_and_passes_verify() {
    for table in [INLINE, SPELLED_OUT] {
        let (model, world, _) = setup(table);
        world.fetch().succeeded();
        world.assert_installed(&model);
        assert_eq!(fetched(&world), description());
        world.run(&["verify", "--dir", "out"]).succeeded();
        assert!(world.fetch().succeeded().out.contains("is there already"));
    }
}

#[test]
fn a_table_goes_with_files_from_a_server_too() {
    let model = Model::new();
    let server = Server::start(move |request| model.serve(request));
    let world = World::new(&format!("{}{INLINE}", Model::new().entry(&server.url("/m/"))));
    world.fetch().succeeded();
    assert_eq!(fetched(&world), description());
    assert!(server.asked("baton.json").is_empty());
}

#[test]
fn verify_says_where_baton_json_differs_from_the_table() {
    let (_, world, _) = setup(INLINE);
    world.fetch().succeeded();
    let file = world.out().join("small/baton.json");
    // The same in another spelling is the same.
    fs::write(&file, description().to_string()).unwrap();
    world.run(&["verify", "--dir", "out"]).succeeded();

    fs::write(&file, r#"{"labels": {"LABEL_0": "positive", "LABEL_1": "positive"}, "mark": "token_types"}"#)
        .unwrap();
    let differs = [
        "small/baton.json: `labels.LABEL_0`: models.toml has \"negative\", found \"positive\"",
        "`mark`: models.toml has nothing, found \"token_types\"",
        "`max_tokens`: models.toml has 256, found nothing",
    ];
    assert!(!world.run(&["verify", "--dir", "out"]).failed(&differs).err.contains("LABEL_1"));
    world.fetch().failed(&differs).failed(&["--replace"]);
    fs::write(&file, "{").unwrap();
    world.run(&["verify", "--dir", "out"]).failed(&["baton.json: is no JSON"]);
    fs::remove_file(&file).unwrap();
    world.run(&["verify", "--dir", "out"]).failed(&["baton.json: is missing"]);

    world.run(&["fetch", "small", "--out", "out", "--replace"]).succeeded();
    assert_eq!(fetched(&world), description());
}

#[test]
fn a_table_beside_a_listed_baton_json_is_refused() {
    let (_, world, _) = setup(INLINE);
    let text = world.models_text().replace("files = [", "files = [\n    { path = \"baton.json\" },");
    fs::write(world.models(), text).unwrap();
    world.fetch().failed(&["models.toml: model `small`", "a table `baton` and a file baton.json"]);
}

#[test]
fn a_model_pinned_anew_keeps_its_table_as_people_spelled_it() {
    for table in [INLINE, SPELLED_OUT] {
        let (_, world, source) = setup(table);
        fs::write(source.join("config.json"), "{}").unwrap();
        fs::write(source.join("baton.json"), r#"{"max_tokens": 8}"#).unwrap();
        let add = ["add", "folder:source", "--name", "small", "--replace", "--out", "out"];
        world.run(&add).succeeded();
        let text = world.models_text();
        assert!(text.contains(table) && !text.contains("path = \"baton.json\""), "{text}");
        assert_eq!(fetched(&world), description());
        world.run(&["verify", "--dir", "out"]).succeeded();
        let named = ["--file", "config.json", "--file", "model.safetensors", "--file", "baton.json"];
        world.run(&[&add[..], &named].concat()).failed(&["table `baton`", "--file baton.json"]);
    }
}

#[test]
fn a_model_from_elsewhere_does_not_take_over_the_table() {
    let (_, world, source) = setup(SPELLED_OUT);
    fs::rename(source, world.path().join("other")).unwrap();
    let run = world.run(&["add", "folder:other", "--name", "small", "--replace", "--out", "out"]).succeeded();
    assert!(run.out.contains("`baton` was written for folder:source and is gone"), "{run:?}");
    assert!(!world.models_text().contains("LABEL_0"), "{}", world.models_text());
    world.run(&["verify", "--dir", "out"]).succeeded();
}
