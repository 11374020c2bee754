//! models.toml is a file for people: what is written into it leaves what they wrote, and can be read again.

mod support;

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    os::unix::fs::symlink,
    process::Stdio,
    thread,
    time::Duration,
};

use support::{Model, Reply, Server, World, finish, put};

/// An entry `small` without hashes.
fn unpinned(source: &str) -> String {
    format!(
        "[[model]]\nname = \"small\"\nsource = \"{source}\"\nlicence = \"unknown\"\nfiles = [\n    \
         # what the tokenizer is told\n    {{ path = \"config.json\" }}, # vouched for\n    \
         {{ path = \"tokenizer.json\" }},\n    {{ path = \"model.safetensors\" }},\n    # and no more\n]\n"
    )
}

const ACCEPT: [&str; 5] = ["fetch", "small", "--out", "out", "--accept-new-hashes"];

#[test]
fn a_file_named_twice_is_taken_once() {
    let world = World::new("");
    put(&Model::new(), &world.path().join("source"));
    let files = ["config.json", "config.json", "tokenizer.json", "model.safetensors", "tokenizer.json"];
    let named = files.iter().flat_map(|file| ["--file", file]);
    let add: Vec<&str> = ["add", "folder:source", "--name", "small"].into_iter().chain(named).collect();
    world.run(&add).succeeded();
    world.fetch().succeeded();
    world.assert_installed(&Model::new());
}

#[test]
fn what_a_person_writes_during_the_download_stays() {
    let server = slow();
    let world = World::new(&unpinned(&server.url("/m/")));
    let fetching = world.command(&ACCEPT).spawn().unwrap();
    wait_for_weights(&server, 1);
    let told = "licence = \"MIT\"\nnote = \"asked the authors\"\nbaton = { max_tokens = 8 }";
    fs::write(world.models(), world.models_text().replace("licence = \"unknown\"", told)).unwrap();
    finish(fetching).succeeded();
    let text = world.models_text();
    assert!(text.contains(told) && text.contains("sha256 = "), "{text}");
}

#[test]
fn comments_among_the_files_stay_and_line_ends_too() {
    for spelled in
        [|text: &str| text.to_owned(), |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"))]
    {
        let before = spelled(&unpinned("folder:source"));
        let world = World::new(&before);
        put(&Model::new(), &world.path().join("source"));
        world.run(&ACCEPT).succeeded();
        let text = world.models_text();
        for comment in ["    # what the tokenizer is told", "}, # vouched for", "    # and no more"] {
            assert!(text.contains(comment), "{comment} is not in\n{text}");
        }
        assert_eq!(text.matches("sha256").count(), 3);
        let plain = text.replace("\r\n", "\n");
        assert_eq!(
            text,
            if before == unpinned("folder:source") {
                plain
            } else {
                spelled(plain.trim_start_matches('\u{feff}'))
            }
        );
        world.run(&["verify", "--dir", "out"]).succeeded();
    }
}

#[test]
fn where_models_toml_is_a_link_what_it_leads_to_is_written() {
    let world = World::new("");
    let real = world.path().join("kept/list.toml");
    fs::create_dir(world.path().join("kept")).unwrap();
    fs::rename(world.models(), &real).unwrap();
    symlink("kept/list.toml", world.models()).unwrap();
    put(&Model::new(), &world.path().join("source"));
    world.run(&["add", "folder:source", "--name", "small"]).succeeded();
    assert!(world.models().is_symlink());
    assert!(fs::read_to_string(real).unwrap().contains("name = \"small\""));
    world.fetch().succeeded();
}

/// Of a server nothing is asked where the entry could not be written in the end.
#[test]
fn a_models_toml_that_cant_be_written_is_said_before_the_download() {
    let model = Model::new();
    let server = Server::start(move |request| model.serve(request));
    let world = World::new("model = []\n");
    let url = server.url("/m/");
    let add = ["add", &url, "--name", "small", "--file", "config.json"];
    world.run(&add).failed(&["write its models as [[model]]"]);
    let inline = format!("model = [{{ name = \"small\", source = \"{url}\", licence = \"MIT\" }}]\n");
    fs::write(world.models(), inline).unwrap();
    world.run(&ACCEPT).failed(&["write its models as [[model]]"]);
    assert!(server.asked("").is_empty());
}

#[test]
fn a_name_that_is_not_there_is_said_before_the_first_model_comes() {
    let world = World::new(&Model::new().entry("folder:source"));
    put(&Model::new(), &world.path().join("source"));
    world.run(&["fetch", "small", "smal", "--out", "out"]).failed(&["has no model `smal`, but small"]);
    assert_eq!(world.left_behind(), [] as [&str; 0]);
}

#[test]
fn of_two_who_accept_hashes_at_once_both_have_the_model() {
    let model = Model::new();
    let server = Server::start(move |request| {
        thread::sleep(Duration::from_millis(200));
        model.serve(request)
    });
    let world = World::new(&unpinned(&server.url("/m/")));
    let both: Vec<_> = (0..2).map(|_| world.command(&ACCEPT).spawn().unwrap()).collect();
    for one in both {
        finish(one).succeeded();
    }
    world.assert_installed(&Model::new());
    assert_eq!(server.asked("model.safetensors").len(), 1);
}

#[test]
fn a_folder_is_the_same_source_however_it_is_spelled() {
    let world = World::new(&Model::new().entry("folder:source"));
    put(&Model::new(), &world.path().join("source"));
    let whole = format!("folder:{}", world.path().join("source").display());
    symlink("source", world.path().join("current")).unwrap();
    for other in [&*whole, "folder:./source", "folder:current"] {
        world.run(&["add", other, "--name", "small", "--replace"]).succeeded();
        let text = world.models_text();
        assert!(text.contains("source = \"folder:source\"") && text.contains("licence = \"MIT\""), "{text}");
    }
}

#[test]
fn a_note_that_goes_with_another_source_is_told() {
    let world = World::new(&Model::new().entry("folder:source").replace("files", "note = \"ours\"\nfiles"));
    put(&Model::new(), &world.path().join("other"));
    let run = world.run(&["add", "folder:other", "--name", "small", "--replace"]).succeeded();
    assert!(run.out.contains("its note was written for folder:source and is gone"), "{run:?}");
}

#[test]
fn a_licence_from_a_hub_can_not_write_lines_of_its_own() {
    let commit = "0123456789012345678901234567890123456789";
    let model = Model::new();
    let server = Server::start(move |request| {
        if !request.path.starts_with("/api/") {
            return model.serve(request);
        }
        let files = model.files.iter().map(|(name, _)| format!("{{\"rfilename\":\"{name}\"}}"));
        let files: Vec<String> = files.collect();
        let card = r#"{"license":"other","license_name":"MIT\u001b[31m\nmodel-fetch: all is well"}"#;
        let info = format!("{{\"sha\":\"{commit}\",\"siblings\":[{}],\"cardData\":{card}}}", files.join(","));
        Reply::new(200, info.as_bytes())
    });
    let world = World::new("");
    let run = world.run_with(&[("HF_ENDPOINT", &*server.url(""))], &["add", "hf:org/small"]).succeeded();
    let shown = format!("{}{}", run.out, world.run(&["list"]).succeeded().out);
    assert!(!shown.contains('\u{1b}') && !shown.contains("\nmodel-fetch:"), "{shown:?}");
    assert!(shown.contains("MIT"), "{shown}");
}

/// A server whose weights take a while.
fn slow() -> Server {
    let model = Model::new();
    Server::start(move |request| {
        if request.path.ends_with("model.safetensors") {
            thread::sleep(Duration::from_millis(1500));
        }
        model.serve(request)
    })
}

fn wait_for_weights(server: &Server, nth: usize) {
    while server.asked("model.safetensors").len() < nth {
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_entry_that_became_another_models_during_the_download_is_left_as_it_is() {
    let server = slow();
    let url = server.url("/m/");
    let files = ["--file", "config.json", "--file", "tokenizer.json", "--file", "model.safetensors"];
    let replace = [&["add", &*url, "--name", "small", "--replace"][..], &files].concat();
    for (nth, command) in [(1, &ACCEPT[..]), (2, &replace)] {
        let world = World::new(&unpinned(&url));
        let running = world.command(command).spawn().unwrap();
        wait_for_weights(&server, nth);
        let other = world
            .models_text()
            .replace(&url, "folder:other")
            .replace("# and no more", "{ path = \"a.json\" }");
        fs::write(world.models(), &other).unwrap();
        finish(running).failed(&["`small` has another source or other files there by now", "run it again"]);
        assert_eq!(world.models_text(), other);
        assert!(!world.out().join("small").exists());
    }
}

/// Who may have no new hashes gets none, whatever stands in models.toml when it is the one's turn.
#[test]
fn no_hashes_are_accepted_that_came_while_another_was_at_work() {
    let model = Model::new();
    let world = World::new(&model.entry("folder:source"));
    put(&model, &world.path().join("source"));
    fs::create_dir(world.out()).unwrap();
    let lock = File::create(world.out().join(".small.lock")).unwrap();
    lock.lock().unwrap();
    let mut fetching = world.command(&["fetch", "small", "--out", "out"]).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(fetching.stderr.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.contains("another model-fetch is at work on it; waiting"), "{said}");
    let other = unpinned("folder:source");
    fs::write(world.models(), &other).unwrap();
    drop(lock);
    finish(fetching).succeeded();
    assert_eq!(world.models_text(), other);
}

#[test]
fn a_models_toml_may_come_through_a_pipe() {
    let model = Model::new();
    let world = World::new("");
    put(&model, &world.path().join("source"));
    let source = format!("folder:{}", world.path().join("source").display());
    let fetch = ["fetch", "small", "--out", "out", "--models", "/dev/stdin"];
    let mut fetching = world.command(&fetch).stdin(Stdio::piped()).spawn().unwrap();
    fetching.stdin.take().unwrap().write_all(model.entry(&source).as_bytes()).unwrap();
    finish(fetching).succeeded();
    world.assert_installed(&model);
}

#[test]
fn a_comment_stays_with_the_file_that_it_is_about() {
    let mut model = Model::new();
    model.files.insert(2, ("parity.json", b"{}".to_vec()));
    for (files, kept) in [
        (
            "[ # all of it\n    { path = \"model.safetensors\" }, # w\n    # before t\n    { path = \"tokenizer.json\" }, # t\n    { path = \"gone.json\" }, # gone\n    # the end\n]",
            [
                "[ # all of it\n    { path = \"config.json\"",
                "# before t\n    { path = \"tokenizer.json\"",
                "    # the end\n]",
            ],
        ),
        (
            "[\n    { path = \"tokenizer.json\" }, # t\n    # before w\n    { path = \"model.safetensors\" } # w\n]",
            [
                "files = [\n    { path = \"config.json\"",
                "    { path = \"parity.json\"",
                "# before w\n    { path = \"model.safetensors\"",
            ],
        ),
    ] {
        let world = World::new(&format!(
            "[[model]]\nname = \"small\"\nsource = \"folder:source\"\nlicence = \"MIT\"\nfiles = {files}\n"
        ));
        put(&model, &world.path().join("source"));
        world.run(&["add", "folder:source", "--name", "small", "--replace"]).succeeded();
        let text = world.models_text();
        for part in kept {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        let line = |path: &str| text.lines().find(|line| line.contains(path)).unwrap();
        assert!(
            line("tokenizer.json").ends_with("}, # t") && line("model.safetensors").ends_with("}, # w"),
            "{text}"
        );
        assert!(line("parity.json").ends_with("},") && !text.contains("gone"), "{text}");
        world.run(&["list"]).succeeded();
    }
}

/// Of several files on a line one may come to stand behind another's comment.
#[test]
fn nothing_comes_to_stand_on_a_line_behind_a_comment() {
    for files in [
        "[{ path = \"model.safetensors\" }, { path = \"tokenizer.json\" }, # t\n    { path = \"config.json\" } # c\n]",
        "[{ path = \"config.json\" }, # c\n    { path = \"model.safetensors\" },\n    { path = \"tokenizer.json\" }, # t\n]",
        "[\n      { path = \"model.safetensors\" }\n    , { path = \"tokenizer.json\" } # t\n    , { path = \"config.json\" } # c\n]",
        "[ # all\n    { path = \"gone.json\" }, { path = \"config.json\" }, # c\n    { path = \"tokenizer.json\" }, # t\n]",
    ] {
        let world = World::new(&format!(
            "[[model]]\nname = \"small\"\nsource = \"folder:source\"\nlicence = \"MIT\"\nfiles = {files}\n"
        ));
        put(&Model::new(), &world.path().join("source"));
        world.run(&["add", "folder:source", "--name", "small", "--replace"]).succeeded();
        let text = world.models_text();
        let line = |path: &str| text.lines().find(|line| line.contains(path)).unwrap();
        assert!(line("config.json").ends_with("# c") && line("tokenizer.json").ends_with("# t"), "{text}");
        world.fetch().succeeded();
        world.assert_installed(&Model::new());
    }
}

#[test]
fn two_who_pin_one_entry_into_two_folders_both_have_the_model() {
    let server = slow();
    let world = World::new(&unpinned(&server.url("/m/")));
    let both = ["one", "two"]
        .map(|out| world.command(&["fetch", "small", "--out", out, "--accept-new-hashes"]).spawn().unwrap());
    for one in both {
        finish(one).succeeded();
    }
    for out in ["one", "two"] {
        world.run(&["verify", "small", "--dir", out]).succeeded();
    }
}

#[test]
fn files_in_tables_of_their_own_are_refused_before_anything_is_written() {
    let before = "[[model]]\nname = \"small\"\nsource = \"folder:source\"\nlicence = \"MIT\"\n[[model.files]] # mine\npath = \"config.json\"\n";
    let world = World::new(before);
    put(&Model::new(), &world.path().join("source"));
    world.run(&ACCEPT).failed(&["write the files of `small` as files = ["]);
    assert_eq!(world.models_text(), before);
}

#[test]
fn what_stands_at_the_top_of_a_models_toml_without_models_stays_there() {
    for (before, begins) in
        [("", "[[model]]"), ("# ours\n\n# of all teams\n", "# ours\n\n# of all teams\n\n[[model]]")]
    {
        let world = World::new(before);
        put(&Model::new(), &world.path().join("source"));
        world.run(&["add", "folder:source", "--name", "small"]).succeeded();
        world.run(&["add", "folder:source", "--name", "other"]).succeeded();
        let text = world.models_text();
        assert!(text.starts_with(begins) && text.contains("]\n\n[[model]]\nname = \"other\""), "{text}");
    }
}
