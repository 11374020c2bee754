//! The whole pipeline from the templates: it comes up, a document comes through, an update loses none, and
//! deleting it leaves the data.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use serde_json::{Value, json};

use super::{
    cloudformation::{CloudFormation, VISIBILITY_S},
    metrics,
    support::{
        ministack::{ACCOUNT, Ministack, REGION},
        process,
        sqs::Queue,
        zip,
    },
};

const CODE: &str = "code";
const STAGES: [&str; 2] = ["ner", "sentiment"];
const SOON: Duration = Duration::from_secs(90);

#[test]
fn a_pipeline_comes_up_from_nothing_and_leaves_nothing_but_its_data() {
    let aws = Ministack::start();
    let stack = CloudFormation::new(&aws);
    aws.s3().create_bucket(CODE);
    stack.create("news", "pipeline.yaml", &parameters(&aws, 1));
    let outputs = stack.outputs("news");
    let (documents, results) = (outputs["Documents"].as_str(), outputs["Results"].as_str());

    what_was_made_is_what_the_templates_say(&aws, &stack, documents);
    a_document_comes_out_of_the_last_stage(&aws, documents, results);
    a_poison_one_lies_in_the_rejections_and_the_dead_letters(&aws, documents, results);
    an_update_with_documents_in_flight_loses_none(&aws, &stack, documents, results);
    what_was_measured_is_in_the_table_of_metrics(&aws);

    let kept = aws.s3().list(results, "");
    stack.delete("news");
    what_is_left_is_the_data(&aws, &stack);
    assert_eq!(aws.s3().list(results, ""), kept);
    assert!(!aws.s3().list(documents, "").is_empty());
}

#[test]
fn a_pipeline_with_a_key_of_its_own_in_a_network_of_ones_own_comes_up_too() {
    let aws = Ministack::start();
    let stack = CloudFormation::new(&aws);
    aws.s3().create_bucket(CODE);
    let mut parameters = parameters(&aws, 1);
    parameters.push(("OwnKey", "true".into()));
    parameters.push(("PermissionsBoundary", "arn:aws:iam::000000000000:policy/bounds".into()));
    parameters.push(("SubnetIds", "subnet-1,subnet-2".into()));
    parameters.push(("SecurityGroupIds", "sg-1".into()));
    stack.create("news", "pipeline.yaml", &parameters);
    for stage in STAGES {
        let attributes = attributes(&aws, &format!("news-{stage}"));
        assert!(
            attributes["KmsMasterKeyId"].as_str().is_some_and(|key| key.contains("key/")),
            "{attributes}"
        );
        let policy = stack.role_policy(&role(&aws, stage), "stage");
        for part in ["kms:GenerateDataKey", "ec2:CreateNetworkInterface", &format!("function:news-{stage}")] {
            assert!(policy.to_string().contains(part), "{part} is not in {policy}");
        }
    }
}

#[test]
fn a_pipeline_over_a_bucket_that_is_there_already_tells_a_queue_of_each_result_and_can_be_paused() {
    let aws = Ministack::start();
    let stack = CloudFormation::new(&aws);
    aws.s3().create_bucket(CODE);
    aws.s3().create_bucket("theirs");
    let after = aws.sqs().create("after", json!({}));
    let mut parameters = parameters(&aws, 1);
    parameters.push(("DocumentsBucket", "theirs".into()));
    parameters.push(("NextQueueUrl", after.url.clone()));
    parameters.push(("NextQueueArn", after.arn.clone()));
    stack.create("news", "pipeline.yaml", &parameters);
    assert_eq!(stack.outputs("news")["Documents"], "theirs");
    let first = attributes(&aws, "news-ner");
    assert!(first["Policy"].as_str().unwrap().contains("arn:aws:s3:::theirs"), "{first}");
    aws.s3().put("theirs", "a.txt", "Northwind Energy lost money.");
    aws.sqs().send(&queue(&aws, "news-ner"), "s3://theirs/a.txt");
    let told = aws.sqs().take(&after, 1, SOON);
    assert!(told[0].body.contains("enriched/sentiment/a.txt.json"), "{told:?}");

    parameters.push(("SentimentTriggerEnabled", "false".into()));
    stack.update("news", "pipeline.yaml", &parameters);
    stack.wait("news", "UPDATE_COMPLETE");
    for (stage, state) in [("ner", "Enabled"), ("sentiment", "Disabled")] {
        assert_eq!(mapping(&stack, stage)["State"], state, "{}", mapping(&stack, stage));
    }
}

/// What the stack is given, with the code of this version: another version is another object.
fn parameters(aws: &Ministack, version: u32) -> Vec<(&'static str, String)> {
    let code = zip::launcher(Path::new(env!("CARGO_BIN_EXE_baton")));
    let key = format!("{version}.zip");
    aws.s3().put(CODE, &key, code);
    let model = |name: &str| format!("{}/model-fetch/models/{name}", env!("CARGO_MANIFEST_DIR"));
    vec![
        ("CodeBucket", CODE.into()),
        ("NerZip", key.clone()),
        ("SentimentZip", key),
        ("NerModel", model("ner")),
        ("SentimentModel", model("sentiment")),
    ]
}

fn what_was_made_is_what_the_templates_say(aws: &Ministack, stack: &CloudFormation, documents: &str) {
    let notification = stack.get(&format!("/{documents}?notification")).text();
    assert!(notification.contains(&arn("news-ner")), "{notification}");
    for stage in STAGES {
        let queue = attributes(aws, &format!("news-{stage}"));
        let redrive: Value = serde_json::from_str(queue["RedrivePolicy"].as_str().unwrap()).unwrap();
        assert_eq!(redrive["deadLetterTargetArn"], arn(&format!("news-{stage}-dead-letters")));
        assert_eq!(redrive["maxReceiveCount"].to_string().trim_matches('"'), "20");
        assert_eq!(queue["VisibilityTimeout"], VISIBILITY_S);
        let from_s3 = queue["Policy"].as_str().unwrap().contains(&format!("arn:aws:s3:::{documents}"));
        assert_eq!(from_s3, stage == "ner", "{queue}");

        let mapping = mapping(stack, stage);
        assert_eq!(mapping["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
        assert_eq!(mapping["ScalingConfig"]["MaximumConcurrency"].to_string().trim_matches('"'), "10");

        let policy = stack.role_policy(&role(aws, stage), "stage");
        let hands_on = policy["Statement"].as_array().unwrap().iter().find(|s| s["Sid"] == "HandOn");
        match stage {
            "ner" => assert_eq!(hands_on.unwrap()["Resource"], json!([arn("news-sentiment")])),
            _ => assert!(hands_on.is_none(), "the last stage hands to nobody: {policy}"),
        }
    }
    // Eight on AWS: the emulator has no alarms on expressions.
    assert_eq!(stack.alarms().len(), 5 * STAGES.len());
    assert_eq!(stack.dashboards(), ["baton-news"]);
}

fn a_document_comes_out_of_the_last_stage(aws: &Ministack, documents: &str, results: &str) {
    aws.s3().put(documents, "energy/first quarter+1.json", sample("energy/northwind-first-quarter.json"));
    let keys = aws.s3().wait_count(results, "enriched/sentiment/", 1, SOON);
    let result = aws.s3().get(results, &keys[0]).expect("what was listed");
    let result: Value = serde_json::from_slice(&result.body).expect("JSON");
    for stage in STAGES {
        assert_eq!(result["annotations"][stage]["task"], stage, "{result}");
    }
    let stages: Vec<_> = result["lineage"].as_array().unwrap().iter().map(|line| &line["stage"]).collect();
    assert_eq!(stages, STAGES);
}

fn a_poison_one_lies_in_the_rejections_and_the_dead_letters(aws: &Ministack, documents: &str, results: &str) {
    aws.s3().put(documents, "poison.json", r#"{"text": "#);
    let keys = aws.s3().wait_count(results, "rejected/ner/", 1, SOON);
    let record = aws.s3().get(results, &keys[0]).expect("what was listed").body;
    let record: Value = serde_json::from_slice(&record).expect("JSON");
    assert!(record["reason"].is_string() && record["stage"] == "ner", "{record}");
    let dead = aws.sqs().take(&queue(aws, "news-ner-dead-letters"), 1, SOON);
    assert!(dead[0].body.contains("poison.json"), "{dead:?}");
    assert_eq!(dead[0].attribute("Reason"), record["reason"].as_str(), "{dead:?}");
}

fn an_update_with_documents_in_flight_loses_none(
    aws: &Ministack,
    stack: &CloudFormation,
    documents: &str,
    results: &str,
) {
    const DOCUMENTS: usize = 12;
    // Long enough to be in flight for a while, and no sentence twice: that would be read once.
    let sentence = |n: usize, i: usize| {
        format!(
            "Northwind Energy told Anna Kovac of Larkfield Capital that unit {n} had lost {i} million dollars. "
        )
    };
    for n in 0..DOCUMENTS {
        let text: String = (0..300).map(|i| sentence(n, i)).collect();
        aws.s3().put(documents, &format!("in-flight/{n}.txt"), text);
    }
    let before: Vec<u32> = running(aws);
    let mut parameters = parameters(aws, 2);
    parameters.push(("TimeoutSeconds", "300".into()));
    stack.update("news", "pipeline.yaml", &parameters);
    stack.wait("news", "UPDATE_COMPLETE");
    let through = aws.s3().list(results, "enriched/sentiment/").len();
    assert!(through < 1 + DOCUMENTS, "all documents were through before the update was");
    // A processor without VNNI has a minute's work with them, beside whatever else it does.
    aws.s3().wait_count(results, "enriched/sentiment/", 1 + DOCUMENTS, 4 * SOON);
    assert_eq!(aws.s3().list(results, "rejected/").len(), 1, "the poison one alone");
    for stage in STAGES {
        aws.sqs().wait_empty(&queue(aws, &format!("news-{stage}")), SOON);
        assert!(aws.sqs().take_all(&queue(aws, &format!("news-{stage}-dead-letters"))).is_empty());
        assert_eq!(configuration(aws, stage)["Timeout"].to_string().trim_matches('"'), "300");
    }
    let still = before.iter().filter(|&&pid| process::is_running(pid)).count();
    assert!(still < before.len(), "no process was replaced: the update changed nothing");
}

/// Each metric that the functions wrote to their logs (EMF) has its name and unit from the table.
fn what_was_measured_is_in_the_table_of_metrics(aws: &Ministack) {
    let table = metrics::table();
    let mut seen = BTreeMap::new();
    for line in STAGES.iter().flat_map(|stage| aws.lambda().logs(&format!("news-{stage}"))) {
        let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
        for directive in line["_aws"]["CloudWatchMetrics"].as_array().into_iter().flatten() {
            assert_eq!(directive["Namespace"], "Baton", "{line}");
            for metric in directive["Metrics"].as_array().into_iter().flatten() {
                let name = metric["Name"].as_str().expect("a name").to_owned();
                seen.insert(name, metric["Unit"].as_str().unwrap_or("None").to_owned());
            }
        }
    }
    for name in ["Documents", "Tokens", "DocumentMilliseconds", "ColdStart"] {
        assert!(seen.contains_key(name), "{name} is not among {seen:?}");
    }
    for (name, unit) in seen {
        assert_eq!(table.get(&name), Some(&unit), "{name} is not so in infra/metrics.json");
    }
}

fn what_is_left_is_the_data(aws: &Ministack, stack: &CloudFormation) {
    assert_eq!(aws.sqs().call("ListQueues", json!({}))["QueueUrls"].as_array().map_or(0, Vec::len), 0);
    let functions = stack.get("/2015-03-31/functions").json();
    assert_eq!(functions["Functions"], json!([]));
    let mappings = stack.get("/2015-03-31/event-source-mappings").json();
    assert_eq!(mappings["EventSourceMappings"], json!([]));
    for left in [stack.alarms(), stack.dashboards()] {
        assert!(left.is_empty(), "{left:?}");
    }
    let roles: Vec<_> = stack.roles().into_iter().filter(|role| role.contains("news")).collect();
    assert!(roles.is_empty(), "{roles:?}");
}

fn running(aws: &Ministack) -> Vec<u32> {
    STAGES.iter().flat_map(|stage| aws.function_processes(&format!("news-{stage}"))).collect()
}

fn mapping(stack: &CloudFormation, stage: &str) -> Value {
    let path = format!("/2015-03-31/event-source-mappings?FunctionName=news-{stage}");
    stack.get(&path).json()["EventSourceMappings"][0].clone()
}

/// The name of the role that a stage's function runs under.
fn role(aws: &Ministack, stage: &str) -> String {
    let configuration = configuration(aws, stage);
    let role = configuration["Role"].as_str().expect("a role");
    role.rsplit('/').next().expect("a name").to_owned()
}

fn configuration(aws: &Ministack, stage: &str) -> Value {
    let path = format!("/2015-03-31/functions/news-{stage}/configuration");
    aws.http().send("GET", &path, &[], b"").ok().json()
}

fn attributes(aws: &Ministack, queue: &str) -> Value {
    let request = json!({"QueueUrl": queue_url(aws, queue), "AttributeNames": ["All"]});
    aws.sqs().call("GetQueueAttributes", request)["Attributes"].clone()
}

fn queue_url(aws: &Ministack, name: &str) -> String {
    let answer = aws.sqs().call("GetQueueUrl", json!({"QueueName": name}));
    answer["QueueUrl"].as_str().expect("a URL").to_owned()
}

fn arn(queue: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}")
}

fn queue(aws: &Ministack, name: &str) -> Queue {
    Queue { name: name.to_owned(), url: queue_url(aws, name), arn: arn(name) }
}

fn sample(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/documents").join(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
