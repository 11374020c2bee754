//! What must hold in the templates whatever is given to them, and what no linter says.

use std::collections::BTreeSet;

use baton::{config::TaskKind, forms::Form};
use serde_json::{Value, json};

use super::template::{NAMES, Template, collect, texts};

fn number(value: &Value) -> u64 {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    number.unwrap_or_else(|| panic!("no number: {value}"))
}

#[test]
fn a_message_is_not_given_out_again_while_its_invocation_may_still_run() {
    let stage = Template::read("stage.yaml");
    let allowed = &stage.all["Parameters"]["TimeoutSeconds"]["AllowedValues"];
    let window = number(&stage.all["Parameters"]["BatchWindowSeconds"]["MaxValue"]);
    for timeout in allowed.as_array().expect("only what is in Mappings is allowed") {
        let of_this = &stage.all["Mappings"]["Timeouts"][timeout.to_string()];
        let timeout = number(timeout);
        // Lambda's own advice for a queue that triggers a function.
        assert!(number(&of_this["Visibility"]) >= 6 * timeout + window, "{timeout}: {of_this}");
        assert_eq!(number(&of_this["NearTimeoutMilliseconds"]), timeout * 900, "90 % of {timeout} s");
    }
    let queue = stage.properties("Queue");
    let visibility = json!({"Fn::FindInMap": ["Timeouts", {"Ref": "TimeoutSeconds"}, "Visibility"]});
    assert_eq!(queue["VisibilityTimeout"], visibility);
    assert_eq!(stage.properties("Function")["Timeout"], json!({"Ref": "TimeoutSeconds"}));
}

/// What a nested stack refuses is refused when others are made already.
#[test]
fn what_a_stage_would_refuse_is_refused_by_the_pipeline_before_anything_is_made() {
    let (stage, pipeline) = (Template::read("stage.yaml"), Template::read("pipeline.yaml"));
    let parameters = stage.all["Parameters"].as_object().expect("parameters");
    let mut bounded = 0;
    for (name, parameter) in parameters {
        let given = &pipeline.all["Parameters"][name];
        for bound in ["MinValue", "MaxValue", "AllowedValues", "AllowedPattern"] {
            if given.is_object() && !parameter[bound].is_null() {
                assert_eq!(given[bound], parameter[bound], "{name}'s {bound}");
                bounded += 1;
            }
        }
    }
    assert!(bounded > 10, "{bounded}");
}

#[test]
fn the_templates_know_every_task_and_every_form() {
    let forms = Form::ALL.map(Form::name).join("|");
    for name in ["stage.yaml", "ecs.yaml"] {
        let parameters = &Template::read(name).all["Parameters"];
        assert_eq!(parameters["Task"]["AllowedValues"], json!(TaskKind::ALL.map(TaskKind::name)), "{name}");
        assert_eq!(parameters["OutputForms"]["AllowedPattern"], format!("(({forms})(, *|$))*"), "{name}");
    }
}

#[test]
fn one_bad_message_never_takes_its_batch_along() {
    let trigger = Template::read("stage.yaml");
    let trigger = trigger.properties("Trigger");
    // A misspelling is accepted without a word, and then every answer is a success.
    assert_eq!(trigger["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
    assert!(trigger["ScalingConfig"]["MaximumConcurrency"].is_object());
}

#[test]
fn a_message_is_tried_often_enough_and_kept_long_enough() {
    let stage = Template::read("stage.yaml");
    let (queue, dead_letters) = (stage.properties("Queue"), stage.properties("DeadLetters"));
    let receives = &stage.all["Parameters"]["MaxReceiveCount"];
    assert!(number(&receives["MinValue"]) >= 5 && number(&receives["Default"]) >= 5);
    assert_eq!(queue["RedrivePolicy"]["maxReceiveCount"], json!({"Ref": "MaxReceiveCount"}));
    assert_eq!(queue["RedrivePolicy"]["deadLetterTargetArn"], json!({"Fn::GetAtt": ["DeadLetters", "Arn"]}));
    // A message that moves keeps the time at which it was sent.
    let [kept, dead] = [queue, dead_letters].map(|queue| number(&queue["MessageRetentionPeriod"]));
    assert!(dead > kept, "{dead} s for dead letters, {kept} s in the queue");
    for queue in [queue, dead_letters] {
        assert!(number(&queue["MaximumMessageSize"]) >= 64 * 1024, "S3 sends up to 64 KiB");
    }
}

#[test]
fn the_bucket_alone_may_send_and_everything_only_by_tls() {
    let stage = Template::read("stage.yaml");
    let allowed: Vec<_> =
        stage.statements("QueuePolicy").into_iter().filter(|s| s["Effect"] == "Allow").collect();
    let [notifications, by_way_of_another] = allowed[..] else { panic!("two statements allow: {allowed:?}") };
    assert_eq!(
        by_way_of_another["Condition"],
        json!({"ArnEquals": {"aws:SourceArn": {"Ref": "NotifierArn"}}})
    );
    assert_eq!(notifications["Principal"], json!({"Service": "s3.amazonaws.com"}));
    assert!(notifications["Condition"]["ArnEquals"]["aws:SourceArn"].is_object());
    assert_eq!(
        notifications["Condition"]["StringEquals"]["aws:SourceAccount"],
        json!({"Ref": "AWS::AccountId"})
    );
    let pipeline = Template::read("pipeline.yaml");
    for (template, policy) in [
        (&stage, "QueuePolicy"),
        (&stage, "DeadLettersPolicy"),
        (&pipeline, "DocumentsPolicy"),
        (&pipeline, "ResultsPolicy"),
    ] {
        let by_tls = template.statements(policy).into_iter().any(|statement| {
            statement["Effect"] == "Deny" && statement["Condition"]["Bool"]["aws:SecureTransport"] == "false"
        });
        assert!(by_tls, "{policy} lets plain HTTP in");
    }
}

#[test]
fn buckets_are_private_encrypted_versioned_and_outlive_the_stack() {
    let pipeline = Template::read("pipeline.yaml");
    let buckets: Vec<_> =
        pipeline.resources().filter(|(_, resource)| resource["Type"] == "AWS::S3::Bucket").collect();
    assert_eq!(buckets.len(), 2);
    for (name, bucket) in buckets {
        let properties = &bucket["Properties"];
        assert_eq!(bucket["DeletionPolicy"], "RetainExceptOnCreate", "{name}");
        assert_eq!(bucket["UpdateReplacePolicy"], "Retain", "{name}");
        let block = properties["PublicAccessBlockConfiguration"].as_object().expect("a block");
        assert!(block.len() == 4 && block.values().all(|on| on == true), "{name}: {block:?}");
        assert_eq!(properties["VersioningConfiguration"]["Status"], "Enabled", "{name}");
        for property in ["BucketEncryption", "LifecycleConfiguration", "OwnershipControls"] {
            assert!(properties[property].is_object(), "{name} has no {property}");
        }
    }
}

/// SQS's documentation has a policy name its own queue only.
#[test]
fn a_queues_policy_names_no_other_queue() {
    let stage = Template::read("stage.yaml");
    for (policy, queue) in [("QueuePolicy", "Queue"), ("DeadLettersPolicy", "DeadLetters")] {
        assert_eq!(stage.properties(policy)["Queues"], json!([{"Ref": queue}]), "{policy}");
        for statement in stage.statements(policy) {
            assert_eq!(statement["Resource"], json!({"Fn::GetAtt": [queue, "Arn"]}), "{policy}");
        }
    }
}

/// A message is sent to its own queue anew more often than Lambda lets a function call itself.
#[test]
fn lambda_does_not_take_what_is_sent_anew_for_a_loop() {
    assert_eq!(Template::read("stage.yaml").properties("Function")["RecursiveLoop"], "Allow");
}

#[test]
fn every_metric_that_an_alarm_compares_is_one_that_is_written_with_the_others() {
    let alarms = Template::read("alarms.yaml");
    let metrics = &alarms.properties("GivenBackAlarm")["Metrics"];
    let compared: BTreeSet<&str> = metrics
        .as_array()
        .expect("metrics")
        .iter()
        .filter_map(|m| m["MetricStat"]["Metric"]["MetricName"].as_str())
        .collect();
    let written = super::metrics::table();
    assert!(compared.iter().all(|name| written.contains_key(*name)), "{compared:?}");
    assert_eq!(compared, BTreeSet::from(["Documents", "FailedTries"]));
}

#[test]
fn every_role_can_be_bounded_and_every_function_be_in_subnets() {
    let if_given =
        |condition: &str, then: Value| json!({"Fn::If": [condition, then, {"Ref": "AWS::NoValue"}]});
    let mut roles = 0;
    for name in NAMES {
        let template = Template::read(name);
        for (id, role) in template.resources().filter(|(_, resource)| resource["Type"] == "AWS::IAM::Role") {
            let boundary = if_given("HasBoundary", json!({"Ref": "PermissionsBoundary"}));
            assert_eq!(role["Properties"]["PermissionsBoundary"], boundary, "{name}, {id}");
            roles += 1;
        }
    }
    assert_eq!(roles, 3);
    let list = |parameter: &str| json!({"Fn::Split": [",", {"Ref": parameter}]});
    let subnets = json!({"SubnetIds": list("SubnetIds"), "SecurityGroupIds": list("SecurityGroupIds")});
    assert_eq!(
        Template::read("stage.yaml").properties("Function")["VpcConfig"],
        if_given("IsInSubnets", subnets)
    );
    let pipeline = Template::read("pipeline.yaml");
    for stage in ["Ner", "Sentiment"] {
        for parameter in ["PermissionsBoundary", "SubnetIds", "SecurityGroupIds"] {
            let given = &pipeline.properties(stage)["Parameters"][parameter];
            assert_eq!(given, &json!({"Ref": parameter}), "{stage}");
        }
    }
}

#[test]
fn nothing_is_allowed_on_everything() {
    for name in NAMES {
        let template = Template::read(name);
        for (id, resource) in template.resources() {
            // A key's own policy means that key by "*".
            if resource["Type"] == "AWS::KMS::Key" {
                continue;
            }
            for statement in template.statements(id) {
                // Lambda's own managed policy has this on everything; the code is denied it.
                let is_lambdas = name == "stage.yaml" && statement["Sid"] == "JoinTheSubnets";
                if statement["Effect"] != "Allow" || is_lambdas {
                    continue;
                }
                for action in texts(&statement["Action"]) {
                    assert!(!action.contains('*'), "{name}, {id}: {action}");
                }
                let mut resources = Vec::new();
                collect(&statement["Resource"], &mut |value| resources.extend(value.as_str()));
                for resource in resources {
                    let objects = resource.contains(":s3:::") && resource.contains('/');
                    let streams = resource.contains(":log-group:/aws/lambda/${Pipeline}-${Stage}:");
                    let wildcard = resource.ends_with('*') && !objects && !streams;
                    assert!(!wildcard && resource != "*", "{name}, {id}: {resource}");
                }
            }
        }
    }
}

#[test]
fn the_settings_that_a_stage_gets_are_the_ones_it_must_have() {
    let stage = Template::read("stage.yaml");
    let variables = stage.properties("Function")["Environment"]["Variables"].as_object();
    let variables = variables.expect("variables");
    for needed in
        ["STAGE", "TASK", "MODEL", "OUTPUT", "REJECTED", "BUCKETS", "NEXT", "PIPELINE", "DLQ", "OUTPUT_FORMS"]
    {
        assert!(variables.contains_key(&format!("BATON_{needed}")), "{needed}");
    }
    // Every stage that the pipeline has hands to a queue that may be sent to, or to none.
    let pipeline = Template::read("pipeline.yaml");
    for (id, resource) in pipeline.resources() {
        let given = &resource["Properties"]["Parameters"];
        let both = given["NextQueueUrls"].is_null() == given["NextQueueArns"].is_null();
        assert!(both, "{id} has a next queue that it may not send to, or the other way round");
    }
}
