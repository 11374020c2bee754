//! Only what has no result, or one of another input, model or configuration; or all of it whatever is there.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    aws_and_queue, command, counts, replay, sent_keys,
    support::{
        deployment::{INCOMING, RESULTS, variables},
        driven::{By, Driven},
        local::Ran,
        ministack::Ministack,
        sqs::Queue,
    },
};

const SOON: std::time::Duration = std::time::Duration::from_secs(60);

fn only_missing(aws: &Ministack, queue: &Queue, task: &str, from: &str, more: &[(&str, &str)]) -> Ran {
    let mut command = command(aws, queue, &["--only-missing", "--prefix", from]);
    command.envs(variables(task, &[])).envs(more.iter().copied());
    Ran::of(&mut command)
}

#[test]
fn only_documents_without_a_result_of_this_input_model_and_configuration_are_sent() {
    let (aws, queue) = aws_and_queue();
    let next = aws.sqs().create("next", json!({}));
    for i in 0..40 {
        aws.s3().put(INCOMING, &format!("desk/{i:02}.txt"), format!("Velmo Corp. lost {i} customers."));
    }
    let from = format!("s3://{INCOMING}/");
    let stage = Driven::start(By::Worker, &aws, "ner", &queue, &[&next], 60, &[]);
    replay(&aws, &queue, &["--prefix", &from, "--glob", "desk/[0-2]*"]).expect(0);
    aws.sqs().wait_empty(&queue, SOON);
    drop(stage);
    aws.s3().put(INCOMING, "desk/07.txt", "Velmo Corp. won them back.");

    // Another queue: what a worker asked for before it was killed may still be given to it.
    let queue = aws.sqs().create("missing", json!({}));
    let ran = only_missing(&aws, &queue, "ner", &from, &[]).expect(0);
    assert_eq!(counts(&ran), BTreeMap::from([("listed", 40), ("there already", 29), ("sent", 11)]));
    let mut expected: Vec<_> = (30..40).map(|i| format!("desk/{i}.txt")).collect();
    expected.insert(0, "desk/07.txt".into());
    assert_eq!(sent_keys(&aws, &queue), expected);

    let ran = only_missing(&aws, &queue, "ner", &from, &[("BATON_LANGUAGE", "de")]).expect(0);
    assert_eq!(counts(&ran), BTreeMap::from([("listed", 40), ("sent", 40)]), "of another configuration");
    aws.sqs().take_all(&queue);

    // What the stage made itself is no document of its, nor is what lies where it may not read.
    let results = format!("s3://{RESULTS}/news/ner/");
    let both = format!("{INCOMING},{RESULTS}");
    let ran = only_missing(&aws, &queue, "ner", &results, &[("BATON_BUCKETS", &both)]).expect(0);
    assert_eq!(counts(&ran), BTreeMap::from([("listed", 30), ("there already", 30)]));
    let ran = only_missing(&aws, &queue, "ner", &results, &[]).expect(1);
    assert_eq!(counts(&ran), BTreeMap::from([("listed", 30), ("failed", 30)]));

    // The next stage's documents are named by what an earlier stage wrote beside them.
    let second = [("BATON_BUCKETS", RESULTS.to_owned())];
    let stage = Driven::start(By::Worker, &aws, "sentiment", &next, &[], 60, &second);
    aws.sqs().wait_empty(&next, SOON);
    drop(stage);
    let ran = only_missing(&aws, &queue, "sentiment", &results, &[("BATON_BUCKETS", RESULTS)]).expect(0);
    assert_eq!(counts(&ran), BTreeMap::from([("listed", 30), ("there already", 30)]));
}

#[test]
fn the_variables_of_one_stage_and_the_queue_of_another_are_refused() {
    let (aws, queue) = aws_and_queue();
    let other = aws.sqs().create("other", json!({}));
    let from = format!("s3://{INCOMING}/");
    let ran = only_missing(&aws, &queue, "ner", &from, &[("BATON_QUEUE", &other.url)]).expect(2);
    assert!(
        ran.stderr.contains(&other.url) && ran.stderr.contains("and the queue of one stage"),
        "{}",
        ran.stderr
    );
    aws.s3().put(INCOMING, "a.txt", "Velmo Corp. lost.");
    only_missing(&aws, &queue, "ner", &from, &[("BATON_QUEUE", &queue.url)]).expect(0);
}

#[test]
fn force_computes_what_is_there_in_this_stage_and_the_next() {
    let (aws, queue) = aws_and_queue();
    let next = aws.sqs().create("next", json!({}));
    aws.s3().put(INCOMING, "a.txt", "Velmo Corp. lost its customers.");
    let stage = Driven::start(By::Worker, &aws, "ner", &queue, &[&next], 60, &[]);
    let from = format!("s3://{INCOMING}/");
    for more in [&[][..], &[], &["--force"]] {
        replay(&aws, &queue, &[&["--prefix", &from], more].concat()).expect(0);
        aws.sqs().wait_empty(&queue, SOON);
    }
    assert_eq!(stage.outcomes(), ["done", "repeated", "done"]);
    let forced: Vec<_> =
        aws.sqs().take_all(&next).iter().map(|message| message.json()["force"].as_bool()).collect();
    assert_eq!(forced.iter().filter(|force| **force == Some(true)).count(), 1, "{forced:?}");
}
