//! What nobody pinned yet is looked at before it is pinned or installed: partial files, and what is none of a model.

mod support;

use std::fs;

use support::{Model, Reply, Server, World, put, safetensors};

const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 1200000\n";
const ADD: [&str; 6] = ["add", "folder:source", "--name", "small", "--out", "out"];

/// A world with the model in `source`, but that one file of it.
fn with(name: &str, bytes: &[u8]) -> World {
    let world = World::new("# mine\n");
    put(&Model::new(), &world.path().join("source"));
    fs::write(world.path().join("source").join(name), bytes).unwrap();
    world
}

#[track_caller]
fn assert_refused(world: &World, words: &[&str]) {
    world.run(&ADD).failed(words);
    assert_eq!(world.left_behind(), [] as [&str; 0]);
    assert_eq!(world.models_text(), "# mine\n");
}

#[test]
fn weights_that_are_not_as_long_as_their_header_says_are_not_pinned() {
    let whole = safetensors(&[7; 1000]);
    for (bytes, words) in [
        (whole[..600].to_vec(), "has 600 bytes where its header says 1108"),
        ([&whole[..], b"more"].concat(), "has 1112 bytes where its header says 1108"),
        (whole[..50].to_vec(), "has 50 bytes where with its header alone it would have 108"),
        (whole[..5].to_vec(), "has 5 bytes"),
        (vec![b'x'; 5000], "is no safetensors: its header would have"),
        ([&whole[..8], &[b'x'; 1100]].concat(), "is no safetensors: its header can't be read"),
    ] {
        let world = with("model.safetensors", &bytes);
        assert_refused(
            &world,
            &["small/model.safetensors from folder:source: ", words, "put the whole file"],
        );
    }
}

#[test]
fn what_is_no_json_object_is_not_pinned() {
    for name in [
        "config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "baton.json",
    ] {
        for bytes in [&b"{\"a\": "[..], b"[]", b""] {
            assert_refused(
                &with(name, bytes),
                &[&format!("small/{name} "), "is no JSON object", "run it again"],
            );
        }
    }
}

#[test]
fn a_pointer_of_git_lfs_is_told_apart_in_any_file() {
    for name in ["config.json", "model.safetensors"] {
        assert_refused(&with(name, POINTER), &[&format!("small/{name} "), "Git LFS", "git lfs pull"]);
    }
    let world = with("vocab.txt", POINTER);
    fs::remove_file(world.path().join("source/tokenizer.json")).unwrap();
    assert_refused(&world, &["small/vocab.txt ", "git lfs pull"]);
}

#[test]
fn a_part_of_a_file_whose_length_the_server_hides_is_not_pinned() {
    let model = Model::new();
    let server = Server::start(move |request| match request.path.ends_with("model.safetensors") {
        true => Reply { announced: None, ..Reply::new(200, &model.bytes("model.safetensors")[..500_000]) },
        false => model.serve(request),
    });
    let world = World::new("");
    let url = server.url("/m/");
    let files = ["--file", "config.json", "--file", "tokenizer.json", "--file", "model.safetensors"];
    let add = [&["add", &*url, "--name", "small", "--out", "out"][..], &files].concat();
    world.run(&add).failed(&["has 500000 bytes where its header says 1200000"]);
    assert_eq!((world.left_behind(), world.models_text()), (Vec::new(), String::new()));
}

#[test]
fn hashes_of_what_is_not_whole_are_not_accepted_and_what_is_pinned_stays_pinned() {
    let mut model = Model::new();
    model.files[2].1.truncate(500_000);
    let pinned = model.entry("folder:source");
    let hash = format!(", sha256 = \"{}\"", support::sha256(model.bytes("config.json")));
    let unpinned = pinned.replace(&hash, "");
    let world = World::new(&unpinned);
    put(&model, &world.path().join("source"));
    let accept = ["fetch", "small", "--out", "out", "--accept-new-hashes"];
    world.run(&accept).failed(&["has 500000 bytes where its header says 1200000"]);
    assert_eq!(world.left_behind(), [] as [&str; 0]);
    assert_eq!(world.models_text(), unpinned);

    fs::write(world.models(), pinned).unwrap();
    world.fetch().succeeded();
}

#[test]
fn what_is_no_vocabulary_is_not_pinned() {
    for text in [
        "",
        "{\"error\":\"rate limited\"}\n",
        "../../../etc/passwd",
        "Too many requests\nfrom here\na\nb\nc\nd\n",
    ] {
        let world = with("vocab.txt", text.as_bytes());
        fs::remove_file(world.path().join("source/tokenizer.json")).unwrap();
        assert_refused(&world, &["small/vocab.txt ", "is no vocabulary"]);
    }
    let page = with("vocab.txt", b"<html>\n<head>\n<title>Error</title>\n</head>\n<body>\n</body>\n");
    fs::remove_file(page.path().join("source/tokenizer.json")).unwrap();
    assert_refused(&page, &["small/vocab.txt ", "is a web page"]);
    let world = with("vocab.txt", b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n!\n");
    fs::remove_file(world.path().join("source/tokenizer.json")).unwrap();
    world.run(&["add", "folder:source", "--name", "small"]).succeeded();
}
