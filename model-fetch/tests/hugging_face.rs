//! A hub on loopback: revisions, tokens, what is chosen, what is written.

mod support;

use std::{fs, thread, time::Duration};

use support::{Model, Reply, Request, Server, World, finish, sha256};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// What the hub says of `org/name`, with these files.
fn info(names: &[&str], model: &Model) -> String {
    let file = |name: &&str| match model.files.iter().find(|(file, _)| file == name) {
        Some((_, bytes)) if name.ends_with(".safetensors") => {
            let lfs = format!(r#"{{"sha256":"{}","size":{}}}"#, sha256(bytes), bytes.len());
            format!(r#"{{"rfilename":"{name}","size":{},"lfs":{lfs}}}"#, bytes.len())
        }
        Some((_, bytes)) => format!(r#"{{"rfilename":"{name}","size":{}}}"#, bytes.len()),
        None => format!(r#"{{"rfilename":"{name}"}}"#),
    };
    let files: Vec<_> = names.iter().map(file).collect();
    format!(r#"{{"sha":"{COMMIT}","siblings":[{}],"cardData":{{"license":"apache-2.0"}}}}"#, files.join(","))
}

const ALL: [&str; 6] = [
    "../../evil",
    ".gitattributes",
    "config.json",
    "tokenizer.json",
    "model.safetensors",
    "pytorch_model.bin",
];

fn hub(names: &'static [&'static str]) -> Server {
    let model = Model::new();
    Server::start(move |request: &Request| {
        if request.path.starts_with("/api/models/org/name/revision/") {
            return Reply::new(200, info(names, &model).as_bytes()).with("content-type", "application/json");
        }
        match request.path.strip_prefix(&format!("/org/name/resolve/{COMMIT}/")) {
            Some(_) => model.serve(request),
            None => Reply::status(404),
        }
    })
}

#[test]
fn add_resolves_downloads_hashes_and_writes_and_fetch_then_holds_to_it() {
    let hub = hub(&ALL);
    let old = "# my models\n\n[[model]] # the first\nname = 'a' # short\nlicence = \"MIT\"\nsource = \"folder:a\"\n\n# the end\n";
    let world = World::new(old);
    let endpoint = [("HF_ENDPOINT", &*hub.url(""))];
    let run = world.run_with(&endpoint, &["add", "hf:org/name@v1", "--name", "small"]).succeeded();
    assert!(run.out.contains(COMMIT) && run.out.contains("Apache-2.0"), "{run:?}");
    assert_eq!(hub.asked("/revision/v1").len(), 1);

    let text = world.models_text();
    assert!(text.starts_with(old.trim_end_matches("\n# the end\n")), "{text}");
    assert!(text.contains("# the end"), "{text}");
    let model = Model::new();
    assert!(text.contains(&format!("revision = \"{COMMIT}\"")), "{text}");
    for (name, bytes) in &model.files {
        let line =
            format!("{{ path = \"{name}\", bytes = {}, sha256 = \"{}\" }},", bytes.len(), sha256(bytes));
        assert!(text.contains(&line), "{text}");
    }
    assert!(!text.contains("pytorch_model.bin") && !text.contains("evil"), "{text}");

    world.run_with(&endpoint, &["fetch", "small", "--out", "out"]).succeeded();
    world.assert_installed(&model);
    world.run_with(&endpoint, &["add", "hf:org/name", "--name", "small"]).failed(&["--replace"]);
    assert_eq!(world.models_text(), text);
}

#[test]
fn a_revision_of_a_pull_request_is_one_segment() {
    let hub = hub(&ALL);
    let world = World::new("");
    world.run_with(&[("HF_ENDPOINT", &*hub.url(""))], &["add", "hf:org/name@refs/pr/3"]).succeeded();
    assert_eq!(hub.asked("/revision/refs%2Fpr%2F3").len(), 1);
}

#[test]
fn an_entry_that_nobody_pinned_is_refused_until_its_hashes_are_accepted() {
    let hub = hub(&ALL);
    let entry = "[[model]]\nname = \"small\"\nsource = \"hf:org/name\" # from the hub\nlicence = \"MIT\"\n\
                 files = [\n    { path = \"config.json\" },\n    { path = \"tokenizer.json\" },\n    \
                 { path = \"model.safetensors\" },\n]\n";
    let world = World::new(entry);
    let endpoint = [("HF_ENDPOINT", &*hub.url(""))];
    world.run_with(&endpoint, &["fetch", "small", "--out", "out"]).failed(&["no sha256 for config.json"]);
    assert_eq!(world.left_behind(), [] as [&str; 0]);

    world.run_with(&endpoint, &["fetch", "small", "--out", "out", "--accept-new-hashes"]).succeeded();
    let model = Model::new();
    world.assert_installed(&model);
    let text = world.models_text();
    assert!(text.contains("# from the hub") && text.contains(COMMIT), "{text}");
    assert!(text.contains(&sha256(model.bytes("model.safetensors"))), "{text}");
    world.run(&["verify", "small", "--dir", "out"]).succeeded();
}

#[test]
fn a_pinned_commit_is_not_replaced_by_another() {
    let hub = hub(&ALL);
    let pinned = "fedcba9876543210fedcba9876543210fedcba98";
    let entry = format!(
        "[[model]]\nname = \"small\"\nsource = \"hf:org/name\"\nrevision = \"{pinned}\"\nlicence = \"MIT\"\n"
    );
    let world = World::new(&entry);
    let endpoint = [("HF_ENDPOINT", &*hub.url(""))];
    let fetch = ["fetch", "small", "--out", "out", "--accept-new-hashes"];
    world.run_with(&endpoint, &fetch).failed(&[pinned, COMMIT, "HF_ENDPOINT"]);
    assert_eq!(world.models_text(), entry);
    assert_eq!(world.left_behind(), [] as [&str; 0]);
    let add = ["add", &format!("hf:org/name@{pinned}"), "--name", "other"];
    world.run_with(&endpoint, &add).failed(&[pinned, COMMIT]);
}

#[test]
fn the_token_goes_to_the_hub_and_not_along_a_redirect() {
    let store = Model::new();
    let store = Server::start(move |request| store.serve(request));
    let to = store.url("/blob/model.safetensors");
    let model = Model::new();
    let hub = Server::start(move |request: &Request| {
        if request.header("authorization") != Some("Bearer hf_secret") {
            return Reply::status(401);
        }
        match () {
            () if request.path.starts_with("/api/") => Reply::new(200, info(&ALL, &model).as_bytes()),
            () if request.path.ends_with(".safetensors") => Reply::redirect(&to),
            () => model.serve(request),
        }
    });
    let world = World::new("");
    let endpoint = ("HF_ENDPOINT", &*hub.url(""));
    let add = ["add", "hf:org/name", "--name", "small", "--out", "out"];
    world.run_with(&[endpoint], &add).failed(&["401", "HF_TOKEN"]);
    world.run_with(&[endpoint, ("HF_TOKEN", "hf_secret")], &add).succeeded();
    world.assert_installed(&Model::new());
    assert_eq!(store.asked("model.safetensors")[0].header("authorization"), None);
}

#[test]
fn weights_that_differ_from_what_the_hub_states_are_refused() {
    let good = Model::new();
    let hub = Server::start(move |request: &Request| match () {
        () if request.path.starts_with("/api/") => Reply::new(200, info(&ALL, &good).as_bytes()),
        () if request.path.ends_with(".safetensors") => Reply::new(200, b"something else"),
        () => good.serve(request),
    });
    let world = World::new("");
    let run = world.run_with(&[("HF_ENDPOINT", &*hub.url(""))], &["add", "hf:org/name", "--out", "out"]);
    run.failed(&["expected sha256", "found"]);
    assert_eq!(world.left_behind(), [] as [&str; 0]);
    assert_eq!(world.models_text(), "");
}

#[test]
fn pickled_weights_in_shards_are_refused_with_what_to_do() {
    let hub = hub(&["config.json", "tokenizer.json", "pytorch_model.bin.index.json"]);
    let world = World::new("");
    let run = world.run_with(&[("HF_ENDPOINT", &*hub.url(""))], &["add", "hf:org/name"]);
    run.failed(&["pytorch_model.bin.index.json", "save_pretrained"]);
}

#[test]
fn of_several_adds_of_one_name_at_once_one_has_it() {
    let model = Model::new();
    let hub = Server::start(move |request: &Request| {
        thread::sleep(Duration::from_millis(100));
        match request.path.starts_with("/api/") {
            true => Reply::new(200, info(&ALL, &model).as_bytes()),
            false => model.serve(request),
        }
    });
    let world = World::new("");
    let endpoint = hub.url("");
    let add = ["add", "hf:org/name", "--name", "small"];
    let start = || world.command(&add).env("HF_ENDPOINT", &endpoint).spawn().unwrap();
    let children: Vec<_> = (0..3).map(|_| start()).collect();
    let (added, refused): (Vec<_>, Vec<_>) = children.into_iter().map(finish).partition(|run| run.ok);
    assert_eq!(added.len(), 1, "{added:#?}");
    for run in refused {
        run.failed(&["has a model `small`", "--replace"]);
    }
    assert_eq!(world.models_text().matches("[[model]]").count(), 1);
}

#[test]
fn a_token_that_no_header_may_have_is_named_at_once_and_not_shown() {
    let hub = hub(&ALL);
    let world = World::new("");
    let endpoint = ("HF_ENDPOINT", &*hub.url(""));
    for token in ["hf_sec\nret", "hf_sec ret", "hf_secrét"] {
        let run = world.run_with(&[endpoint, ("HF_TOKEN", token)], &["add", "hf:org/name"]);
        let run = run.failed(&["HF_TOKEN or --hf-token", "copy the token anew"]);
        assert!(!run.err.contains("hf_sec") && !run.err.contains("tries"), "{run:?}");
    }
    assert!(hub.asked("").is_empty());
    // The line break at a file's end is none of the token.
    world.run_with(&[endpoint, ("HF_TOKEN", "hf_secret\n")], &["add", "hf:org/name"]).succeeded();
}

#[test]
fn the_note_of_an_entry_that_nobody_pinned_comes_before_the_advice() {
    let entry = "[[model]]\nname = \"small\"\nsource = \"hf:org/name\"\nlicence = \"MIT\"\n";
    let world = World::new(&format!("{entry}note = \"only pytorch_model.bin: convert it\"\n"));
    world.fetch().failed(&[
        "has no files in models.toml; its note there: only pytorch_model.bin: convert it; ",
        "; unless that note speaks against it, --accept-new-hashes",
    ]);
    fs::write(world.models(), entry).unwrap();
    assert!(!world.fetch().failed(&["; --accept-new-hashes"]).err.contains("note"));
}
