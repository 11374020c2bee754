//! `baton replay` as a person runs it, against S3 and SQS on loopback: what is found, what is sent, and what is said
//! of it, to the last message.

#[path = "../support/mod.rs"]
mod support;

mod again;
mod letters;
mod many;
mod missing;
mod sources;

use std::{collections::BTreeMap, process::Command};

use support::{
    deployment,
    local::{Ran, program},
    ministack::Ministack,
    sqs::Queue,
};

/// The command, which reaches this AWS and sends to this queue.
fn command(aws: &Ministack, queue: &Queue, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(["replay", "--queue", &queue.url]).args(arguments);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).envs(aws.sdk_environment());
    command
}

/// Runs it to its end, with this on standard input.
#[track_caller]
fn replay_with(aws: &Ministack, queue: &Queue, arguments: &[&str], input: &str) -> Ran {
    Ran::with_input(&mut command(aws, queue, arguments), input.as_bytes())
}

#[track_caller]
fn replay(aws: &Ministack, queue: &Queue, arguments: &[&str]) -> Ran {
    replay_with(aws, queue, arguments, "")
}

const COUNTS: [&str; 8] = [
    "listed",
    "filtered out",
    "no document (folders, deletions)",
    "of a document listed before",
    "sent by an earlier run",
    "there already",
    "sent",
    "failed",
];

/// The counts of a summary that aren't zero; they add up, or it is a panic.
#[track_caller]
fn counts(ran: &Ran) -> BTreeMap<&'static str, u64> {
    let of = |what: &str| {
        let line = ran
            .stdout
            .lines()
            .find_map(|line| line.trim_start().split_once("  ").filter(|(_, w)| *w == what));
        let (count, _) = line.unwrap_or_else(|| panic!("no {what:?} in {}{}", ran.stdout, ran.stderr));
        count.parse::<u64>().expect("a number")
    };
    let sent = if ran.stdout.contains("to be sent") { "to be sent" } else { "sent" };
    let counts: BTreeMap<_, _> =
        COUNTS.iter().map(|what| (*what, of(if *what == "sent" { sent } else { what }))).collect();
    let all: u64 = counts.iter().filter(|(what, _)| **what != "listed").map(|(_, count)| count).sum();
    assert_eq!(all, counts["listed"], "{}", ran.stdout);
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// The keys of the documents in the messages that are in the queue, sorted; they are taken out.
#[track_caller]
fn sent_keys(aws: &Ministack, queue: &Queue) -> Vec<String> {
    let messages = aws.sqs().take_all(queue);
    let key = |message: &support::sqs::Message| {
        support::document::text(&message.json()["document"]["key"]).to_owned()
    };
    let mut keys: Vec<_> = messages.iter().map(key).collect();
    keys.sort();
    keys
}

/// An AWS with its buckets, and a queue to send to.
fn aws_and_queue() -> (Ministack, Queue) {
    let aws = deployment::aws();
    let queue = aws.sqs().create("documents", serde_json::json!({}));
    (aws, queue)
}
