//! Syndicated text: what the model has read once it doesn't read again, and nobody can tell by the results.

use super::support::{
    deployment::{Deployed, INCOMING},
    event::{Record, created},
    wait_for,
};
use serde_json::Value;
use std::time::Duration;

const NEWS: &str = "Northwind Energy was fined on Monday. Anna Kovac praised Larkfield Capital.";

/// The sums of `ModelInputs` and `ModelInputsRecalled`, as soon as so many invocations have said theirs.
fn asked_and_recalled(ner: &Deployed, invocations: usize) -> (u64, u64) {
    wait_for("the metrics of every invocation", Duration::from_secs(20), || {
        let log = ner.runtime.stdout();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let counts: Vec<_> = lines
            .filter_map(|l| Some((l["ModelInputs"].as_u64()?, l["ModelInputsRecalled"].as_u64()?)))
            .collect();
        let sum = || counts.iter().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
        (counts.len() == invocations).then(sum).ok_or(log)
    })
}

fn deliver(ner: &mut Deployed, names: &[&str]) {
    names.iter().for_each(|name| ner.put(name, NEWS));
    let given_back = ner.deliver(names.iter().map(|name| Record::new(name, &created(INCOMING, name))));
    assert!(given_back.is_empty(), "{given_back:?}");
}

#[test]
fn a_text_that_comes_again_is_not_read_again_in_its_batch_or_later() {
    let mut ner = Deployed::start("ner");
    deliver(&mut ner, &["a.txt", "b.txt"]);
    deliver(&mut ner, &["c.txt"]);
    let (asked, recalled) = asked_and_recalled(&ner, 2);
    assert_eq!((asked, recalled), (3 * 2, 2 * 2));

    let [a, b, c] = ["a.txt", "b.txt", "c.txt"].map(|name| {
        let mut document = ner.enriched("ner", name);
        document["lineage"].take();
        document
    });
    assert!(a == b && b == c && a["entities"].as_array().is_some_and(|found| found.len() == 3), "{a}");
}

#[test]
fn without_a_cache_nothing_is_kept_for_later() {
    let mut ner = Deployed::start_with("ner", &[("BATON_CACHE_BYTES", "0".to_owned())]);
    deliver(&mut ner, &["a.txt"]);
    deliver(&mut ner, &["b.txt"]);
    assert_eq!(asked_and_recalled(&ner, 2), (2 * 2, 0));
}
