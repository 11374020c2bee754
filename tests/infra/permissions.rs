//! Least privilege, shown: the role's actions are those that the code's calls need, and Lambda's own.

use std::{collections::BTreeSet, fs, path::Path};

use super::template::{Template, texts};

/// What a call of the SDK needs. A versioned read needs an action of its own; without ListBucket, a key that
/// isn't there is answered as if it were forbidden.
const NEEDS: [(&str, &[&str]); 6] = [
    ("get_object", &["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"]),
    ("head_object", &["s3:GetObject", "s3:ListBucket"]),
    ("put_object", &["s3:PutObject"]),
    ("send_message", &["sqs:SendMessage"]),
    ("send_message_batch", &["sqs:SendMessage"]),
    ("change_message_visibility", &["sqs:ChangeMessageVisibility"]),
];

/// Calls of the modes that run under a person's or a container's own role, never under the function's.
const NOT_THE_FUNCTIONS: [&str; 6] = [
    "list_objects_v2",
    "receive_message",
    "delete_message",
    "delete_message_batch",
    "get_queue_attributes",
    "get_queue_url",
];

/// What Lambda does in the function's name: it polls the queue and writes the log.
const LAMBDAS: [&str; 5] = [
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];

/// What S3 and SQS do in the function's name when a key is given.
const THE_KEYS: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];

#[test]
fn the_role_allows_what_the_code_calls_and_nothing_else() {
    let mut needed: BTreeSet<&str> = LAMBDAS.into_iter().chain(THE_KEYS).collect();
    for call in calls() {
        if NOT_THE_FUNCTIONS.contains(&call.as_str()) {
            continue;
        }
        let needs = NEEDS.iter().find(|(name, _)| *name == call);
        needed.extend(needs.unwrap_or_else(|| panic!("say here what `{call}` needs to be allowed")).1);
    }
    let stage = Template::read("stage.yaml");
    let statements = stage.statements("Role");
    let allowed: BTreeSet<&str> = statements
        .iter()
        .flat_map(|statement| texts(&statement["Action"]))
        .filter(|action| *action != "sts:AssumeRole")
        .collect();
    assert_eq!(allowed, needed, "left: what the role allows; right: what the code needs");
}

#[test]
fn every_statement_says_what_it_is_for() {
    let stage = Template::read("stage.yaml");
    let mut names = BTreeSet::new();
    for statement in stage.statements("Role") {
        if statement["Action"] != "sts:AssumeRole" {
            let name = statement["Sid"].as_str().unwrap_or_else(|| panic!("no Sid: {statement}"));
            assert!(names.insert(name.to_owned()), "{name} is there twice");
        }
    }
}

/// The operations that the sources call: `client.get_object()`, `….put_object().bucket(…)`.
fn calls() -> BTreeSet<String> {
    let mut calls = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("src/ is readable") {
            let path = entry.expect("src/ is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                calls.extend(calls_in(&fs::read_to_string(&path).expect("a source is UTF-8")));
            }
        }
    }
    assert!(calls.contains("get_object") && calls.contains("put_object"), "found only {calls:?}");
    calls
}

fn calls_in(source: &str) -> Vec<String> {
    if !source.contains("aws_sdk_s3") && !source.contains("aws_sdk_sqs") {
        return Vec::new();
    }
    let dense: String = source.chars().filter(|c| !c.is_whitespace()).collect();
    let calls = dense.match_indices("()").filter_map(|(end, _)| {
        let before = &dense[..end];
        let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        let after = &dense[end + 2..];
        let on_client = before[..start].ends_with("client") && &before[start..=start] == ".";
        let names_place = after.starts_with(".bucket(") || after.starts_with(".queue_url(");
        let name = &before[start + 1..];
        ((on_client && name != "clone") || names_place).then(|| name.to_owned())
    });
    calls.collect()
}
