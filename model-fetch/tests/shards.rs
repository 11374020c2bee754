//! Weights in shards: those that the index names are taken, wherever in the model they lie.

mod support;

use std::fs;

use support::{Model, Reply, Request, Server, World, put, safetensors};

const INDEX: &str = "model.safetensors.index.json";
const FIRST: &str = "w/model-00001-of-00002.safetensors";
const SECOND: &str = "w/model-00002-of-00002.safetensors";

/// A model with two shards.
fn sharded(first: &'static str, second: &'static str) -> Model {
    let index = format!(r#"{{"weight_map":{{"a":"{first}","b":"{second}","c":"{first}"}}}}"#);
    let mut model = Model::new();
    model.files.truncate(2);
    model.files.push((INDEX, index.into_bytes()));
    model.files.push((first, safetensors(b"first")));
    model.files.push((second, safetensors(b"second")));
    model
}

/// A world with it in `source`.
fn with(model: &Model) -> World {
    let world = World::new("");
    fs::create_dir_all(world.path().join("source/w")).unwrap();
    put(model, &world.path().join("source"));
    world
}

const ADD: [&str; 6] = ["add", "folder:source", "--name", "small", "--out", "out"];

#[test]
fn shards_without_their_sibling_are_no_model() {
    let model = sharded("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
    let world = with(&model);
    let second = world.path().join("source/model-00002-of-00002.safetensors");
    fs::remove_file(&second).unwrap();
    world.run(&ADD).failed(&[INDEX, "model-00002-of-00002.safetensors, which is missing"]);
    fs::write(&second, safetensors(b"second")).unwrap();
    world.run(&ADD).succeeded();
    world.assert_installed(&model);
}

#[test]
fn shards_in_a_subfolder_are_taken_as_the_index_names_them_and_others_are_not() {
    let model = sharded(FIRST, SECOND);
    let world = with(&model);
    fs::write(world.path().join("source/w/model-00003-of-00003.safetensors"), "another's").unwrap();
    world.run(&ADD).succeeded();
    world.assert_installed(&model);
    world.run(&["verify", "--dir", "out"]).succeeded();
    assert!(!world.models_text().contains("00003"), "{}", world.models_text());
    fs::remove_dir_all(world.out()).unwrap();
    world.fetch().succeeded();
    world.assert_installed(&model);

    fs::remove_file(world.path().join("source").join(SECOND)).unwrap();
    let again = [&ADD[..], &["--replace"]].concat();
    world.run(&again).failed(&[SECOND, "is missing, though", "an index of weights names it"]);
}

#[test]
fn files_of_a_subfolder_can_be_named_one_by_one() {
    let model = sharded(FIRST, SECOND);
    let world = with(&model);
    let files = model.files.iter().flat_map(|(name, _)| ["--file", name]);
    world.run(&ADD.into_iter().chain(files).collect::<Vec<_>>()).succeeded();
    world.assert_installed(&model);
    let missing = ["--replace", "--file", "w/other.safetensors"];
    world.run(&[&ADD[..], &missing].concat()).failed(&["w/other.safetensors: is missing"]);
    let missing = ["--replace", "--file", "other.safetensors"];
    world.run(&[&ADD[..], &missing].concat()).failed(&["folder:source: has no file other.safetensors"]);
}

#[test]
fn shards_in_a_subfolder_of_s3_are_taken_too() {
    let model = sharded(FIRST, SECOND);
    let server = Server::start(|request: &Request| {
        let model = sharded(FIRST, SECOND);
        let at_top = |name: &&str| !name.contains('/');
        let key = |name: &str| format!("<Contents><Key>m/{name}</Key></Contents>");
        match request.path.split('?').next().unwrap().strip_prefix("/bucket/m/") {
            Some(name) => match model.files.iter().find(|(file, _)| *file == name) {
                Some((_, bytes)) => Reply::file(request, bytes),
                None => Reply::status(404),
            },
            None => {
                let objects: String =
                    model.files.iter().map(|(name, _)| *name).filter(at_top).map(key).collect();
                let page =
                    format!("<ListBucketResult><IsTruncated>false</IsTruncated>{objects}</ListBucketResult>");
                Reply::new(200, page.as_bytes()).with("content-type", "application/xml")
            }
        }
    });
    let world = World::new("");
    let environment = [
        ("AWS_ENDPOINT_URL", &*server.url("")),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let add = ["add", "s3://bucket/m", "--name", "small", "--licence", "MIT", "--out", "out"];
    world.run_with(&environment, &add).succeeded();
    world.assert_installed(&model);
    assert_eq!(server.asked(INDEX).len(), 1);
    let missing = [&add[..], &["--replace", "--file", "w/x.safetensors"]].concat();
    world
        .run_with(&environment, &missing)
        .failed(&["s3://bucket/m/w/x.safetensors: there is no such object"]);
}

#[test]
fn an_index_that_names_what_lies_outside_is_refused() {
    let mut model = sharded("../../evil.safetensors", SECOND);
    model.files.retain(|(name, _)| !name.starts_with(".."));
    let world = with(&model);
    world.run(&ADD).failed(&[INDEX, "`../../evil.safetensors` is no path inside a model"]);
    assert_eq!(world.models_text(), "");
}
