//! The scripts that bring a pipeline up and take it down, with an `aws` that writes down what it is asked.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

/// Three messages wait in the dead letters of `ner`, whose stack is nested in the pipeline's; the queue of `sentiment` is
/// gone.
const AWS: &str = r#"#!/bin/bash
echo "$*" >> "$CALLS"
case "$*" in
    *get-caller-identity*) echo 123456789012 ;;
    *head-bucket*elsewhere*) echo eu-central-1 ;;
    *head-bucket*old*) echo None ;;
    *describe-stack-events*arn:nested*)
        printf 'CREATE_FAILED\tAWS::Lambda::Function\t-\tFunction\tPermanentRedirect\n'
        printf 'CREATE_FAILED\tAWS::SQS::Queue\t-\tQueue\tResource creation cancelled\n'
        printf 'CREATE_IN_PROGRESS\tAWS::CloudFormation::Stack\tarn:nested\tbroken-Ner\t-\n'
        printf 'CREATE_FAILED\tAWS::SQS::Queue\tq\tQueue\tof an earlier time\n'
        ;;
    *describe-stack-events*broken*)
        printf 'ROLLBACK_COMPLETE\tAWS::CloudFormation::Stack\tarn:whole\tbroken\tNone\n'
        printf 'CREATE_FAILED\tAWS::CloudFormation::Stack\tarn:nested\tNer\tEmbedded stack was not created\n'
        printf 'CREATE_FAILED\tAWS::CloudFormation::Stack\tarn:nested\tNer\tEmbedded stack was not created\n'
        printf 'CREATE_IN_PROGRESS\tAWS::CloudFormation::Stack\tarn:whole\tbroken\tUser Initiated\n'
        ;;
    "cloudformation deploy"*broken*) echo "Failed to create/update the stack" >&2; exit 255 ;;
    *head-bucket*theirs*123456789012*) echo "An error occurred (403) when calling the HeadBucket operation: Forbidden" >&2; exit 254 ;;
    *describe-stacks*others*Description*) printf "CREATE_COMPLETE\tThe news desk's own things\n" ;;
    *describe-stacks*tagged*Tags*) printf "team\tnews desk\ncost-centre\t42\n" ;;
    *describe-stacks*begun*Description*) printf "REVIEW_IN_PROGRESS\tNone\n" ;;
    *describe-stacks*hidden*Description*) echo "An error occurred (AccessDenied) when calling DescribeStacks" >&2; exit 254 ;;
    *describe-stacks*missing*Description*) echo "An error occurred (ValidationError): Stack with id missing does not exist" >&2; exit 254 ;;
    *describe-stacks*Description*) printf "CREATE_COMPLETE\tA Baton pipeline - documents in a bucket\n" ;;
    *describe-stacks*untold*Tags*) echo "An error occurred (Throttling) when calling DescribeStacks" >&2; exit 254 ;;
    *list-stack-resources*news-ner-1*) printf "AWS::SQS::Queue\turl/news-ner\nAWS::SQS::Queue\turl/news-ner-dead-letters\n" ;;
    *list-stack-resources*news-gone-1*) printf "AWS::SQS::Queue\turl/news-gone\nAWS::SQS::Queue\tNone\nAWS::IAM::Role\trole\n" ;;
    *list-stack-resources*" news "*) printf "AWS::S3::Bucket\tb\nAWS::CloudFormation::Stack\tarn:news-gone-1\nAWS::CloudFormation::Stack\tarn:news-ner-1\n" ;;
    *list-stack-resources*idle*) printf "AWS::CloudFormation::Stack\tarn:news-gone-1\n" ;;
    *list-stack-resources*denied*) echo "An error occurred (AccessDenied) when calling ListStackResources" >&2; exit 254 ;;
    *list-stack-resources*uncounted*) printf "AWS::SQS::Queue\turl/uncounted\n" ;;
    *list-stack-resources*unsaid*) printf "AWS::SQS::Queue\turl/unsaid\n" ;;
    *get-queue-attributes*None*) echo "An error occurred (InvalidAddress) when calling GetQueueAttributes" >&2; exit 254 ;;
    *get-queue-attributes*gone*) echo "An error occurred (AWS.SimpleQueueService.NonExistentQueue) when calling GetQueueAttributes" >&2; exit 254 ;;
    *get-queue-attributes*uncounted*) echo "An error occurred (AccessDenied) when calling GetQueueAttributes" >&2; exit 254 ;;
    *get-queue-attributes*unsaid*) ;;
    *get-queue-attributes*dead-letters*) printf '2\t1\t0\n' ;;
    *get-queue-attributes*) printf '0\t0\t0\n' ;;
esac
"#;

/// Whether a script came to its end, what it said, and what AWS was asked for.
fn run(script: &str, stages: &[&str], variables: &[(&str, &str)]) -> (bool, String, String) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let aws = folder.path().join("aws");
    fs::write(&aws, AWS).expect("a stand-in");
    fs::set_permissions(&aws, fs::Permissions::from_mode(0o755)).expect("it may run");
    let calls = folder.path().join("calls");
    fs::write(&calls, "").expect("a file");
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("infra").join(script))
        .args(stages)
        .env_clear()
        .env("PATH", path)
        .env("CALLS", &calls)
        .envs(variables.iter().copied())
        .output()
        .expect("bash");
    let said = [output.stdout, output.stderr].concat();
    let calls = fs::read_to_string(calls).expect("what was asked");
    (output.status.success(), String::from_utf8_lossy(&said).into_owned(), calls)
}

#[test]
fn queues_with_messages_are_not_taken_down_unless_told_to() {
    let (done, said, calls) = run("destroy.sh", &[], &[]);
    assert!(!done && said.contains("news-ner-dead-letters has 3 messages"), "{said}");
    assert!(said.contains("FORCE=1"), "{said}");
    assert!(!calls.contains("delete-stack"), "{calls}");
    let (done, said, calls) = run("destroy.sh", &[], &[("FORCE", "1")]);
    assert!(done, "{said}");
    assert!(calls.contains("delete-stack --stack-name news"), "{calls}");
    let (done, said, calls) = run("destroy.sh", &[], &[("PIPELINE", "idle")]);
    assert!(done, "{said}");
    assert!(calls.contains("delete-stack --stack-name idle"), "{calls}");
}

#[test]
fn a_queue_that_may_not_be_looked_at_is_not_taken_for_an_empty_one() {
    for (stack, why) in
        [("denied", "can't be seen"), ("uncounted", "can't be counted"), ("unsaid", "can't be counted")]
    {
        let (done, said, calls) = run("destroy.sh", &[], &[("PIPELINE", stack)]);
        assert!(!done && said.contains(why), "{stack}: {said}");
        assert!(stack == "unsaid" || said.contains("AccessDenied"), "{stack}: {said}");
        assert!(!calls.contains("delete-stack"), "{stack}: {calls}");
    }
}

#[test]
fn a_stack_of_somebody_elses_is_neither_taken_down_nor_written_over() {
    let image = [("BUCKET", "code"), ("ARCH", "arm64"), ("NER_IMAGE", "a")];
    for script in ["destroy.sh", "deploy.sh"] {
        for (name, why) in [("others", "The news desk's own things"), ("hidden", "AccessDenied")] {
            let variables = [&image[..], &[("PIPELINE", name)]].concat();
            let (done, said, calls) = run(script, &["ner"], &variables);
            assert!(!done && said.contains(why), "{script}, {name}: {said}");
            assert!(!calls.contains("delete-stack") && !calls.contains("cloudformation deploy"), "{calls}");
        }
    }
    for name in ["missing", "begun"] {
        let (done, said, _) = run("deploy.sh", &["ner"], &[&image[..], &[("PIPELINE", name)]].concat());
        assert!(done, "the first of its name: {said}");
    }
}

#[test]
fn a_parameter_that_the_pipeline_has_not_is_refused() {
    // Documents is a resource of it, and an output
    for (parameter, why) in [
        ("TriggerEnabled=false", "pipeline.yaml has no parameter TriggerEnabled"),
        ("Documents=their-bucket", "pipeline.yaml has no parameter Documents"),
        ("HasOwnKey=true", "pipeline.yaml has no parameter HasOwnKey"),
        ("OwnKey", "OwnKey is given no value"),
    ] {
        let variables =
            [("BUCKET", "code"), ("ARCH", "arm64"), ("NER_IMAGE", "a"), ("PARAMETERS", parameter)];
        let (done, said, calls) = run("deploy.sh", &["ner"], &variables);
        assert!(!done && said.contains(why), "{said}");
        assert!(!calls.contains("cloudformation deploy"), "{calls}");
    }
    let variables = [
        ("BUCKET", "code"),
        ("ARCH", "arm64"),
        ("NER_IMAGE", "a"),
        ("PARAMETERS", "DocumentsBucket=b OwnKey=true"),
    ];
    let (done, said, calls) = run("deploy.sh", &["ner"], &variables);
    assert!(done && calls.contains("DocumentsBucket=b OwnKey=true"), "{said}");
}

#[test]
fn code_goes_to_no_bucket_of_another_account_unless_that_is_named() {
    let image = [("BUCKET", "theirs"), ("ARCH", "arm64"), ("NER_IMAGE", "a")];
    let (done, said, calls) = run("deploy.sh", &["ner"], &image);
    assert!(!done && said.contains("no bucket theirs of the account 123456789012"), "{said}");
    assert!(!calls.contains("s3 cp") && !calls.contains("cloudformation package"), "{calls}");
    let (done, said, calls) =
        run("deploy.sh", &["ner"], &[&image[..], &[("BUCKET_OWNER", "210987654321")]].concat());
    assert!(done && calls.contains("--expected-bucket-owner 210987654321"), "{said}");
}

#[test]
fn code_goes_to_no_bucket_of_another_region() {
    let of =
        |bucket| [("BUCKET", bucket), ("ARCH", "arm64"), ("NER_IMAGE", "a"), ("AWS_REGION", "eu-west-1")];
    for arguments in [&["ner"], &["--check-bucket"]] {
        let (done, said, calls) = run("deploy.sh", arguments, &of("elsewhere"));
        assert!(
            !done && said.contains("elsewhere is in eu-central-1") && said.contains("in eu-west-1"),
            "{said}"
        );
        assert!(!calls.contains("cloudformation package"), "{calls}");
    }
    let moved = [&of("elsewhere")[..3], &[("AWS_DEFAULT_REGION", "eu-central-1")]].concat();
    for variables in [moved, of("old").to_vec()] {
        let (done, said, _) = run("deploy.sh", &["ner"], &variables);
        assert!(done, "{said}");
    }
    let (done, said, calls) = run("deploy.sh", &["--check-bucket"], &of("code"));
    assert!(done && !calls.contains("cloudformation package"), "it only looked: {said}");
}

#[test]
fn what_failed_in_a_nested_stack_is_said_with_its_reason() {
    let variables = [("BUCKET", "code"), ("ARCH", "arm64"), ("NER_IMAGE", "a"), ("PIPELINE", "broken")];
    let (done, said, calls) = run("deploy.sh", &["ner"], &variables);
    assert!(!done && !calls.contains("Outputs"), "{calls}");
    let reasons: Vec<_> = said.lines().skip_while(|line| !line.starts_with("Failed")).skip(1).collect();
    assert_eq!(reasons, ["Function: PermanentRedirect"], "{said}");
    // What is empty would be no field to the shell.
    assert!(
        calls.contains("PhysicalResourceId||'-'") && calls.contains("ResourceStatusReason||'-'"),
        "{calls}"
    );
}

/// As the shell would, in the folder that the script is in.
#[test]
fn a_star_in_a_parameter_is_no_list_of_files() {
    let variables = [("BUCKET", "code"), ("ARCH", "arm64"), ("NER_IMAGE", "a"), ("PARAMETERS", "*")];
    let (done, said, _) = run("deploy.sh", &["ner"], &variables);
    assert!(!done && said.contains("pipeline.yaml has no parameter *"), "{said}");
}

#[test]
fn tags_are_given_where_there_are_any_and_kept_where_none_are() {
    let image = [("BUCKET", "code"), ("ARCH", "arm64"), ("NER_IMAGE", "a")];
    let (done, said, calls) =
        run("deploy.sh", &["ner"], &[&image[..], &[("TAGS", "team=news  cost-centre=42\nowner=x")]].concat());
    assert!(done, "{said}");
    assert!(calls.contains("Architecture=arm64 --tags team=news cost-centre=42 owner=x\n"), "{calls}");
    let (done, said, calls) = run("deploy.sh", &["ner"], &[&image[..], &[("PIPELINE", "tagged")]].concat());
    assert!(done, "{said}");
    assert!(calls.contains("--tags team=news desk cost-centre=42\n"), "those that it has: {calls}");
    let (done, said, calls) = run("deploy.sh", &["ner"], &image);
    assert!(done && !calls.contains("--tags"), "{said}");
    let (done, said, calls) = run("deploy.sh", &["ner"], &[&image[..], &[("PIPELINE", "untold")]].concat());
    assert!(!done && said.contains("Throttling"), "without them they would be gone: {said}");
    assert!(!calls.contains("cloudformation deploy"), "{calls}");
}

#[test]
fn an_image_without_a_digest_is_warned_of_and_a_stage_may_have_a_hyphen() {
    let variables = |image| [("BUCKET", "code"), ("ARCH", "arm64"), ("NEWS_DE_IMAGE", image)];
    let (done, said, calls) = run("deploy.sh", &["news-de"], &variables("r/baton:ner"));
    assert!(done && said.contains("NEWS_DE_IMAGE has no digest"), "{said}");
    assert!(calls.contains("NewsDeImage=r/baton:ner NewsDeZip="), "{calls}");
    let (done, said, _) = run("deploy.sh", &["news-de"], &variables("r/baton@sha256:5f"));
    assert!(done && !said.contains("no digest"), "{said}");
}

#[test]
fn stages_from_images_need_no_zips() {
    let images = [("BUCKET", "code"), ("ARCH", "arm64"), ("NER_IMAGE", "a"), ("SENTIMENT_IMAGE", "b")];
    let (done, said, calls) = run("deploy.sh", &["ner", "sentiment"], &images);
    assert!(done, "{said}");
    assert!(!calls.contains("s3 cp"), "{calls}");
    let given =
        "NerImage=a NerZip= SentimentImage=b SentimentZip= CodeBucket=code Pipeline=news Architecture=arm64";
    assert!(calls.contains(given), "{calls}");
    let (done, said, _) = run("deploy.sh", &["ner"], &[("BUCKET", "code"), ("NER_IMAGE", "a")]);
    assert!(!done && said.contains("ARCH"), "{said}");
}
