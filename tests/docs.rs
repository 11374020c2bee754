//! Every command in README and docs runs, against this repository and an AWS on loopback; and what `src/lib.rs` says of its
//! modules is so.
//!
//! A block marked `sh` is one script. Where its lines begin with `$ `, what follows is what it prints. Programs that
//! would leave this machine or take minutes (`make`, `cargo`) are stood in for by ones that check what they are asked.

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::json;
use support::{
    deployment::{self, INCOMING, RESULTS},
    local::{program, repository},
};
use walkdir::WalkDir;

const PAGES: [&str; 7] = [
    "README.md",
    "docs/how-do-i-deploy-it.md",
    "docs/how-do-i-bring-my-own-model.md",
    "docs/how-do-i-read-the-results.md",
    "docs/how-do-i-operate-it.md",
    "docs/how-is-it-built.md",
    "docs/what-does-it-promise.md",
];

/// Pages whose commands need more than is here.
const OTHER_PAGES: [&str; 4] =
    ["infra/README.md", "model-fetch/README.md", "model-fetch/train/README.md", "benches/RESULTS.md"];

/// A target of the Makefile with its variables: that it is there is found out without doing it.
const MAKE: &str =
    "#!/bin/sh\nPATH=\"${PATH#*:}\" exec make --dry-run --directory REPOSITORY \"$@\" >/dev/null\n";
/// The real program in place of one that Cargo would build first.
const CARGO: &str = "#!/bin/sh\n[ \"$1 $2 $3 $4 $5\" = 'run --release --package model-fetch --' ] || exit 9\nshift 5\ncd REPOSITORY && exec MODEL_FETCH \"$@\"\n";

/// The blocks of a page that are scripts.
fn scripts(page: &str) -> Vec<String> {
    let text = fs::read_to_string(repository(page)).expect("the page");
    let mut blocks = text.split("\n```");
    // What stands before the first fence; then inside and outside take turns.
    let _ = blocks.next();
    let inside = blocks.step_by(2);
    inside.filter_map(|block| block.strip_prefix("sh\n")).map(str::to_owned).collect()
}

/// A folder that looks like a clone, with stand-ins on its path.
fn clone(folder: &Path) -> PathBuf {
    for name in ["samples", "model-fetch", "infra", "docs", "Makefile", "Cargo.toml"] {
        symlink(repository(name), folder.join(name)).expect("a link");
    }
    fs::create_dir_all(folder.join("target/release")).expect("a folder");
    symlink(program(), folder.join("target/release/baton")).expect("a link");
    fs::write(folder.join("keys.txt"), format!("s3://{INCOMING}/2026/a.json\n")).expect("a list");
    let bin = folder.join("bin");
    fs::create_dir(&bin).expect("a folder");
    let model_fetch = program().with_file_name("model-fetch");
    for (name, script) in [("make", MAKE), ("cargo", CARGO)] {
        let script = script
            .replace("REPOSITORY", &repository("").display().to_string())
            .replace("MODEL_FETCH", &model_fetch.display().to_string());
        fs::write(bin.join(name), script).expect("a stand-in");
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).expect("it may run");
    }
    bin
}

/// What a block is to print, where it says so: commands, and what they print.
fn commands(script: &str) -> (String, Option<String>) {
    if !script.starts_with("$ ") {
        return (script.to_owned(), None);
    }
    let (asked, said): (Vec<&str>, Vec<&str>) = script.lines().partition(|line| line.starts_with("$ "));
    let asked: String = asked.iter().map(|line| format!("{}\n", &line[2..])).collect();
    (asked, Some(said.join("\n")))
}

#[test]
fn every_command_of_the_pages_runs_and_prints_what_they_say() {
    let aws = deployment::aws();
    aws.s3().put(INCOMING, "2026/a.json", json!({"text": "Northwind Energy was fined."}).to_string());
    let dead = aws.sqs().create("dead", json!({"MessageRetentionPeriod": "1209600"}));
    let redrive = json!({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 5}).to_string();
    let queue =
        json!({"VisibilityTimeout": "720", "MessageRetentionPeriod": "345600", "RedrivePolicy": redrive});
    let queue = aws.sqs().create("ner", queue);
    let next = aws.sqs().create("sentiment", json!({}));
    let model = repository("model-fetch/models/ner").display().to_string();
    let stage = [
        ("BATON_STAGE", "ner"),
        ("BATON_TASK", "ner"),
        ("BATON_MODEL", &model),
        ("BATON_BUCKETS", INCOMING),
        ("BATON_OUTPUT", &format!("s3://{RESULTS}/enriched")),
        ("BATON_REJECTED", &format!("s3://{RESULTS}/rejected")),
    ];
    let mut ran = 0;
    for page in PAGES {
        for script in scripts(page) {
            let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
            let bin = clone(folder.path());
            let (asked, said) = commands(&script);
            let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
            let output = Command::new("bash")
                .args(["-euc", &asked])
                .current_dir(folder.path())
                .env_clear()
                .env("PATH", path)
                .envs(aws.sdk_environment())
                .envs(stage)
                .env("QUEUE", &queue.url)
                .env("DEAD_LETTERS", &dead.url)
                .env("NEXT", &next.url)
                .output()
                .expect("bash");
            let (out, err) =
                (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success(), "{page}:\n{asked}\nended with {}\n{out}{err}", output.status);
            if let Some(said) = said {
                assert_eq!(out.trim_end(), said.trim_end(), "{page}:\n{asked}");
            }
            ran += 1;
        }
    }
    assert!(ran > 10, "only {ran} scripts were found");
}

#[test]
fn make_help_says_what_there_is_to_make() {
    let output = Command::new("make").arg("help").current_dir(repository("")).output().expect("make");
    let said = String::from_utf8_lossy(&output.stdout);
    for line in
        ["demo         Build, and show", "test         All tests", "deploy       Bring the pipeline to AWS"]
    {
        assert!(said.lines().any(|said| said.starts_with(line)), "{line:?} is not in {said}");
    }
}

#[test]
fn every_link_between_the_pages_leads_somewhere() {
    let mut count = 0;
    for page in PAGES.iter().chain(&OTHER_PAGES) {
        let text = fs::read_to_string(repository(page)).expect("the page");
        let folder = repository(page).parent().expect("a folder").to_owned();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            if link.contains("://")
                || link.contains(char::is_whitespace)
                || file.is_empty() && anchor.is_empty()
            {
                continue;
            }
            count += 1;
            let target = if file.is_empty() { repository(page) } else { folder.join(file) };
            assert!(target.exists(), "{page}: {link}");
            if !anchor.is_empty() {
                let text = fs::read_to_string(&target).expect("a page");
                let headings = text.lines().filter(|line| line.starts_with('#')).map(slug);
                assert!(headings.into_iter().any(|heading| heading == anchor), "{page}: {link}");
            }
        }
    }
    assert!(count > 30, "{count} links");
}

/// A heading as a link names it.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The modules of the library that a file of it needs, by their `crate::…`; what is said in comments needs nothing.
fn needs(file: &Path) -> BTreeSet<String> {
    let code = fs::read_to_string(file).expect("a source file");
    let code = code.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let Some(list) = rest.strip_prefix('{') else {
            found.insert(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut begins = true;
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                _ if begins && !c.is_whitespace() => {
                    found.insert(word(&list[at..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    found
}

#[test]
fn no_two_modules_need_each_other_and_each_names_only_what_it_may() {
    let mut modules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut names: BTreeMap<PathBuf, String> = BTreeMap::new();
    let source = repository("src");
    let files = WalkDir::new(&source).into_iter().map(|entry| entry.expect("a folder").into_path());
    for file in files.filter(|file| file.extension().is_some_and(|end| end == "rs")) {
        let below = file.strip_prefix(&source).expect("below it").to_path_buf();
        let module =
            below.components().next().expect("a name").as_os_str().to_string_lossy().replace(".rs", "");
        if !matches!(&*module, "main" | "lib") && !below.starts_with("model/kernels") {
            modules.entry(module).or_default().extend(needs(&file));
            names.insert(below, fs::read_to_string(&file).expect("a source file"));
        }
    }
    assert!(modules.len() > 30 && modules["pipeline"].contains("claim"), "{modules:?}");
    // Taken away one after the other, whoever needs nothing that is left.
    while !modules.is_empty() {
        let is_free = |needed: &BTreeSet<String>, of: &str| {
            needed.iter().all(|name| name == of || !modules.contains_key(name))
        };
        let free: Vec<String> =
            modules.iter().filter(|(of, needed)| is_free(needed, of)).map(|(of, _)| of.clone()).collect();
        assert!(!free.is_empty(), "these need each other, round about: {:?}", modules.keys());
        free.iter().for_each(|module| drop(modules.remove(module)));
    }

    let within = |file: &Path, places: &[&str]| places.iter().any(|place| file.starts_with(place));
    for (file, code) in &names {
        let pure = [
            "text",
            "document",
            "forms",
            "handoff",
            "event.rs",
            "trace.rs",
            "fields.rs",
            "limits.rs",
            "bounded.rs",
        ];
        for (what, allowed) in [
            ("aws_sdk_", &["aws.rs", "store/s3.rs", "store/s3", "queue/sqs.rs", "queue/sqs"][..]),
            ("std::env::", &["config"]),
            ("unsafe {", &["model/weights.rs"]),
        ] {
            assert!(!code.contains(what) || within(file, allowed), "{} names {what}", file.display());
        }
        for what in ["tokio::", "aws_config", "candle_"] {
            assert!(
                !code.contains(what) || !within(file, &pure),
                "{} is pure, and names {what}",
                file.display()
            );
        }
    }
}
