//! `baton doctor`: what is as it should be is said so, and everything that isn't comes with what to change.

mod support;

use std::process::Command;

use serde_json::json;
use support::{
    deployment::{self, INCOMING, RESULTS},
    local::{Ran, program},
    ministack::Ministack,
    sqs::Queue,
};

/// A queue whose messages are hidden for so long, kept for four days, and dead after five receives.
fn queue(aws: &Ministack, visibility: &str, dead: &Queue) -> Queue {
    let redrive = json!({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 5}).to_string();
    let attributes = json!({"VisibilityTimeout": visibility, "MessageRetentionPeriod": "345600", "RedrivePolicy": redrive});
    aws.sqs().create("stage", attributes)
}

fn dead_letters(aws: &Ministack, retention: &str) -> Queue {
    aws.sqs().create("dead", json!({"MessageRetentionPeriod": retention}))
}

/// Runs the doctor on the stage `ner` with these variables besides its own.
fn doctor(aws: &Ministack, more: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let mut command = Command::new(program());
    command.env_clear().envs(aws.sdk_environment()).envs(deployment::variables("ner", &[]));
    let output =
        command.envs(more.iter().copied()).arg("doctor").args(arguments).output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let status = output.status.code().expect("an exit status");
    Ran { status, stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn a_stage_that_is_deployed_as_it_should_be_is_well() {
    let aws = deployment::aws();
    let dead = dead_letters(&aws, "1209600");
    let own = queue(&aws, "720", &dead);
    let next = aws.sqs().create("next", json!({}));
    let variables = [("BATON_QUEUE", own.url.as_str()), ("BATON_DLQ", &dead.url), ("BATON_NEXT", &next.url)];
    let ran = doctor(&aws, &variables, &[]).expect(0);
    assert!(ran.stdout.ends_with("all is well\n"), "{}", ran.stdout);
    for line in
        ["cold start", "tokens a second", "can be read", "can be written to", "can be sent to", "sha256:"]
    {
        assert!(ran.stdout.contains(line), "{line} is not in\n{}", ran.stdout);
    }
    assert!(
        aws.s3().list(INCOMING, "").is_empty() && aws.s3().list(RESULTS, "").is_empty(),
        "it left something"
    );
    assert!([&own, &dead, &next].iter().all(|queue| aws.sqs().peek(queue).is_empty()), "it sent something");
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_what_to_change() {
    let aws = deployment::aws();
    let dead = dead_letters(&aws, "60");
    let own = queue(&aws, "30", &dead);
    let next = format!("{}-gone", own.url);
    let variables = [
        ("BATON_QUEUE", own.url.as_str()),
        ("BATON_DLQ", &dead.url),
        ("BATON_NEXT", &next),
        ("BATON_BUCKETS", "nowhere"),
        ("BATON_OUTPUT", "s3://nowhere-either"),
    ];
    let ran = doctor(&aws, &variables, &["--memory", "128"]).expect(1);
    for line in [
        "WRONG documents",
        "s3:GetObject",
        "WRONG results",
        "s3:PutObject",
        "WRONG visibility",
        "make it 720 seconds or more",
        "WRONG retention",
        "WRONG next queue",
        "sqs:SendMessage",
        "WRONG memory",
        "6 wrong, 0 doubtful",
    ] {
        assert!(ran.stdout.contains(line), "{line} is not in\n{}", ran.stdout);
    }
}

#[test]
fn what_will_only_fail_some_day_is_doubtful_and_no_failure() {
    let aws = deployment::aws();
    let ran = doctor(&aws, &[], &[]).expect(0);
    assert!(
        ran.stdout.contains("BATON_QUEUE is not set") && ran.stdout.contains("BATON_DLQ is not set"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.ends_with("0 wrong, 2 doubtful\n"), "{}", ran.stdout);
}

#[test]
fn a_model_that_cannot_be_used_is_named_and_aws_is_not_asked_offline() {
    let output = Command::new(program())
        .env_clear()
        .envs(deployment::variables("ner", &[]))
        .env("BATON_MODEL", support::local::repository("model-fetch/models/sentiment"))
        .args(["doctor", "--offline"])
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("WRONG model") && said.contains("classifies") && said.contains("--offline"),
        "{said}"
    );
}
