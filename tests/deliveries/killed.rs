//! The process is killed in the middle of batches, again and again.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};

use crate::support::{
    deployment::{self, INCOMING, RESULTS},
    document,
    driven::{By, Driven},
    wait_for,
};

const DOCUMENTS: usize = 200;
/// One in twenty.
const POISON_EVERY: usize = 20;
const KILLS: usize = 6;
const SOON: Duration = Duration::from_secs(150);

fn is_poison(i: usize) -> bool {
    i % POISON_EVERY == 7
}

fn body(i: usize) -> String {
    if is_poison(i) {
        return format!("{{\"text\": \"{i}");
    }
    let text =
        format!("Velmo Corp. lost {i} customers on Monday. Ada Quist was pleased with Zoltar Widgets.");
    json!({"text": text, "entities": [{"name": "Velmo Corp."}, {"name": "Zoltar Widgets"}]}).to_string()
}

crate::whoever_delivers! {
    killed_again_and_again_in_the_middle_of_batches_it_loses_nothing
}

fn killed_again_and_again_in_the_middle_of_batches_it_loses_nothing(by: By) {
    let aws = deployment::aws();
    let (s3, sqs) = (aws.s3(), aws.sqs());
    let dead = sqs.create("dead", json!({}));
    let next = sqs.create("next", json!({}));
    // A batch whose process died comes back when this time is over.
    let source = sqs.create_with_redrive("source", 4, &dead, 50);
    for i in 0..DOCUMENTS {
        s3.put(INCOMING, &format!("{i}.json"), body(i));
        sqs.send(&source, &format!("s3://{INCOMING}/{i}.json"));
    }
    // One at a time, so that one life doesn't do it all.
    let more = [("BATON_DLQ", dead.url.clone()), ("BATON_CONCURRENCY", "1".to_owned())];
    let mut stage = Driven::start(by, &aws, "sentiment", &source, &[&next], 4, &more);

    let done = || s3.list(RESULTS, "news/sentiment/").len();
    let mut kills = 0;
    while kills < KILLS {
        // Somewhere in the middle: each life gets a little further than the one before it.
        let before = done();
        wait_for("the next life to do something", SOON, || {
            if done() > before { Ok(()) } else { Err(before.to_string()) }
        });
        kills += stage.kill();
        assert!(done() < DOCUMENTS, "all was done before the process was killed {KILLS} times");
    }
    println!("killed {kills} times");

    sqs.wait_empty(&source, SOON);
    let good: BTreeSet<String> =
        (0..DOCUMENTS).filter(|i| !is_poison(*i)).map(|i| format!("{i}.json")).collect();
    let poison: BTreeSet<String> =
        (0..DOCUMENTS).filter(|i| is_poison(*i)).map(|i| format!("{i}.json")).collect();
    let keys = |prefix: &str| -> BTreeSet<String> {
        let name =
            |key: &String| key.trim_start_matches(prefix).trim_end_matches(".json").to_owned() + ".json";
        s3.list(RESULTS, prefix).iter().map(name).collect()
    };
    assert_eq!(keys("news/sentiment/"), good, "every good document has its result");
    assert_eq!(keys("rejected/sentiment/"), poison, "every poison document has its record");
    for key in &good {
        let object = s3.get(RESULTS, &format!("news/sentiment/{key}.json")).expect("it was listed");
        let enriched = document::enriched(&object.body);
        assert_eq!(enriched["annotations"]["sentiment"]["counts"]["pairs"], 2, "{key}");
    }
    let handed_on: Vec<Value> = sqs.take_all(&next).iter().map(|message| message.json()).collect();
    let names: BTreeSet<String> =
        handed_on.iter().map(|body| document::text(&body["name"]).to_owned()).collect();
    assert_eq!(names, good, "every good document was handed on");
    let letters = sqs.take_all(&dead);
    assert!(letters.iter().all(|letter| letter.attribute("Reason") == Some("invalid-json")), "{letters:?}");
    let letters: BTreeSet<String> =
        letters.iter().map(|l| l.body.trim_start_matches("s3://incoming/").to_owned()).collect();
    assert_eq!(letters, poison, "every poison document's message is among the dead letters");
}
