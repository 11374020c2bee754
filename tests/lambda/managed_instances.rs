//! On Lambda Managed Instances: several invocations at once in one process.

use super::support::{
    deployment::{Deployed, INCOMING},
    event::{Record, created, failures, sqs_event},
    runtime_api::Invocation,
};

const AT_ONCE: usize = 4;

#[test]
fn as_many_invocations_as_may_be_are_taken_at_once_and_each_gets_its_own_answer() {
    let mut ner = Deployed::start_with("ner", &[("AWS_LAMBDA_MAX_CONCURRENCY", AT_ONCE.to_string())]);
    ner.runtime.wait_asking(AT_ONCE);

    let names: Vec<String> = (0..2 * AT_ONCE).map(|n| format!("{n}.txt")).collect();
    let text =
        |n: usize| format!("Northwind Energy was fined on Monday. Larkfield Capital sold {n} turbines.");
    names.iter().enumerate().for_each(|(n, name)| ner.put(name, text(n)));
    ner.aws.s3().delete(INCOMING, &names[1]);
    let invocations: Vec<String> = names
        .chunks(2)
        .map(|pair| {
            let records = pair.iter().map(|name| Record::new(name, &created(INCOMING, name)));
            ner.runtime.submit(Invocation::new(sqs_event(records)))
        })
        .collect();
    for id in invocations {
        let given_back = failures(&ner.runtime.outcome(&id).response());
        assert!(given_back.is_empty(), "{given_back:?}");
    }
    assert_eq!(ner.rejection("ner", &names[1])["reason"], "object-missing");
    for (n, name) in names.iter().enumerate().filter(|(n, _)| *n != 1) {
        assert_eq!(ner.enriched("ner", name)["text"], text(n));
    }
    ner.runtime.wait_asking(AT_ONCE);
}
