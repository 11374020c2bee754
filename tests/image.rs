//! The function as it is in its image, on a queue and a bucket. Run by `make image-test`, which builds the image.

mod support;

use std::{env, fs, path::Path, time::Duration};

use serde_json::Value;
use support::{lambda::Function, ministack::Ministack, zip};

#[test]
#[ignore = "needs an image: `make image-test` makes it and runs this"]
fn the_image_takes_a_document_from_its_message_to_its_result() {
    let aws = Ministack::start();
    let (s3, sqs, lambda) = (aws.s3(), aws.sqs(), aws.lambda());
    s3.create_bucket("documents");
    s3.create_bucket("results");
    let queue = sqs.create("ner", serde_json::json!({"VisibilityTimeout": 360}));
    let zip = zip::bootstrap(&in_the_image());
    let environment = [
        ("BATON_PIPELINE", "news".into()),
        ("BATON_STAGE", "ner".into()),
        ("BATON_TASK", "ner".into()),
        ("BATON_BUCKETS", "documents".into()),
        ("BATON_OUTPUT", "s3://results/enriched".into()),
        ("BATON_REJECTED", "s3://results/rejected".into()),
    ];
    lambda.create(&Function { name: "ner", zip: &zip, environment: &environment, timeout_s: 60 });
    lambda.trigger("ner", &queue, None);

    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/documents/energy");
    let document = fs::read(document.join("northwind-first-quarter.json")).expect("a sample");
    s3.put("documents", "first-quarter.json", document);
    sqs.send(&queue, "s3://documents/first-quarter.json");

    let keys = s3.wait_count("results", "", 1, Duration::from_secs(60));
    let result = s3.get("results", &keys[0]).expect("what was listed");
    let result: Value = serde_json::from_slice(&result.body).expect("JSON");
    assert_eq!(result["annotations"]["ner"]["task"], "ner", "{keys:?}: {result}");
    assert!(!result["entities"].as_array().expect("entities").is_empty());
    sqs.wait_empty(&queue, Duration::from_secs(30));
}

/// A `bootstrap` that becomes the image's entrypoint, as the image's user and with the function's environment:
/// the emulator runs no images, but it runs what runs one.
fn in_the_image() -> String {
    let [run, image] = ["BATON_TEST_IMAGE_RUN", "BATON_TEST_IMAGE"]
        .map(|name| env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `make image-test`")));
    format!(
        "#!/bin/sh\n\
         for name in $(env | sed -n 's/^\\(AWS_[A-Z_]*\\|BATON_[A-Z_]*\\)=.*/\\1/p'); do\n\
         \tset -- \"$@\" --env \"$name=$(printenv \"$name\")\"\n\
         done\n\
         exec {run} \"$@\" {image} /var/task/bootstrap\n"
    )
}
