//! A function that is configured wrongly doesn't start, and says everything that is wrong at once.

use std::time::Duration;

use super::support::{
    deployment::variables,
    local::{program, repository},
    runtime_api::Runtime,
};

const SOON: Duration = Duration::from_secs(60);

/// Starts the function with these variables; what it says when it refuses to serve.
#[track_caller]
fn refused(environment: &[(&str, String)]) -> String {
    let mut runtime = Runtime::start(program(), environment);
    let status = runtime.wait_exit(SOON);
    assert_eq!(status.code(), Some(2), "{}", runtime.stderr());
    // The stream is read by a thread of its own.
    super::support::wait_for("what it says", SOON, || {
        let said = runtime.stderr();
        if said.ends_with('\n') { Ok(said) } else { Err(said) }
    })
}

fn changed(name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    let mut environment = variables("ner", &[]);
    environment.retain(|(other, _)| *other != name);
    environment.push((name, value.to_owned()));
    environment
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let said = refused(&[]);
    for name in ["STAGE", "TASK", "MODEL", "OUTPUT", "REJECTED", "BUCKETS"] {
        assert!(said.contains(&format!("BATON_{name}: is missing")), "{name} is not in {said}");
    }
    assert!(!said.contains("BATON_NEXT") && !said.contains("BATON_PIPELINE"), "these may be missing: {said}");
}

#[test]
fn everything_that_is_wrong_or_misspelt_is_named_at_once() {
    let pairs = [
        ("BATON_STAGE", "no spaces"),
        ("BATON_TASK", "guess"),
        ("BATON_MODEL", "/nowhere/ner"),
        ("BATON_OUTPUT", "results/news"),
        ("BATON_REJECTED", "s3://"),
        ("BATON_BUCKET", "incoming"),
        ("BATON_NEXT", "sentiment"),
        ("BATON_THREADS", "two"),
        ("BATON_CONCURRENCY", "18446744073709551615"),
        ("BATON_OVER", "words"),
        ("BATON_THRESHOLD", "most"),
        ("BATON_PRECISION", "int3"),
        ("BATON_ISA", "sse9"),
        ("BATON_LIMIT_SENTENCES", "0"),
    ];
    let environment = pairs.map(|(name, value)| (name, value.to_owned()));
    let said = refused(&environment);
    for (name, value) in pairs {
        let line = said.lines().find(|line| line.trim_start().starts_with(&format!("{name}: ")));
        let line = line.unwrap_or_else(|| panic!("{name} is not in {said}"));
        assert!(name == "BATON_BUCKET" || name == "BATON_REJECTED" || line.contains(value), "{line}");
    }
    assert!(said.contains("BATON_BUCKETS: is missing"), "{said}");
    assert!(said.contains("BATON_BUCKET: is no setting of Baton's"), "{said}");
}

/// A record of a rejection would be written over a good result.
#[test]
fn results_and_rejections_in_one_place_are_refused() {
    let output =
        variables("ner", &[]).into_iter().find(|(name, _)| *name == "BATON_OUTPUT").expect("it is set").1;
    let said = refused(&changed("BATON_REJECTED", &(output + "/")));
    assert!(said.contains("BATON_REJECTED: its records would lie among the results"), "{said}");
}

#[test]
fn a_directory_without_a_model_is_refused_with_its_name() {
    let folder = repository("samples").display().to_string();
    let said = refused(&changed("BATON_MODEL", &folder));
    assert!(said.contains("samples/config.json"), "{said}");
}

#[test]
fn a_model_for_another_task_is_refused() {
    let said = refused(&changed("BATON_TASK", "sentiment"));
    assert!(said.contains("the task `sentiment` needs a text classifier"), "{said}");
}

#[test]
fn settings_of_another_task_are_refused() {
    let mut environment = changed("BATON_OVER", "document");
    environment.push(("BATON_THRESHOLD", "0.3".to_owned()));
    let said = refused(&environment);
    for name in ["BATON_OVER", "BATON_THRESHOLD"] {
        assert!(
            said.contains(&format!("{name}: is a setting of the task classify, and this stage's is ner")),
            "{said}"
        );
    }
}

#[test]
fn an_instruction_set_that_the_cpu_lacks_is_refused_with_those_it_has() {
    let said = refused(&changed("BATON_ISA", "sse9"));
    assert!(said.contains("BATON_ISA") && said.contains("sse9") && said.contains("portable"), "{said}");
}

#[test]
fn an_optional_setting_that_is_empty_is_not_set() {
    let mut environment = variables("ner", &[]);
    for name in [
        "BATON_BUCKET_OWNER",
        "BATON_DLQ",
        "BATON_QUEUE",
        "BATON_BACKOFF_S",
        "BATON_PIPELINE",
        "BATON_OVER",
        "BATON_THREADS",
        "BATON_ISA",
        "BATON_PRECISION",
        "BATON_LIMIT_SENTENCES",
        "BATON_WORKER_LISTEN",
    ] {
        environment.retain(|(other, _)| *other != name);
        environment.push((name, String::new()));
    }
    let mut runtime = Runtime::start(program(), &environment);
    runtime.wait_ready();
}

#[test]
fn a_required_setting_that_is_empty_is_named() {
    for name in ["BATON_STAGE", "BATON_TASK", "BATON_MODEL", "BATON_OUTPUT"] {
        let said = refused(&changed(name, ""));
        assert!(said.contains(&format!("{name}: ")), "{said}");
    }
}

#[test]
fn a_stage_that_hands_nothing_on_needs_no_queue() {
    let mut runtime = Runtime::start(program(), &changed("BATON_NEXT", ""));
    runtime.wait_ready();
}
