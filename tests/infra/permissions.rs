//! Least privilege, shown: the role's actions are those that the code's calls need, and Lambda's own.

use std::{collections::BTreeSet, fs, path::Path};

use baton::forms::Form;

use super::template::{Template, collect, texts};

/// What a call of the SDK needs. A versioned read needs an action of its own; without ListBucket, a key that
/// isn't there is answered as if it were forbidden.
const NEEDS: [(&str, &[&str]); 8] = [
    ("get_object", &["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"]),
    ("head_object", &["s3:GetObject", "s3:ListBucket"]),
    ("put_object", &["s3:PutObject"]),
    ("send_message", &["sqs:SendMessage"]),
    ("send_message_batch", &["sqs:SendMessage"]),
    ("receive_message", &["sqs:ReceiveMessage"]),
    ("delete_message_batch", &["sqs:DeleteMessage"]),
    ("change_message_visibility_batch", &["sqs:ChangeMessageVisibility"]),
];

/// Calls that a person's commands make, under the person's own role.
const A_PERSONS: [&str; 2] = ["list_objects_v2", "get_queue_attributes"];

/// Calls of a worker, which Lambda's poller does for a function.
const A_WORKERS: [&str; 2] = ["receive_message", "delete_message_batch"];

/// What Lambda does in the function's name: it polls the queue and writes the log.
const LAMBDAS: [&str; 5] = [
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];

/// What S3 and SQS do in the function's name when a key is given.
const THE_KEYS: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];

/// What Lambda does in the function's name where it is to be in subnets.
const IN_SUBNETS: [&str; 6] = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
];

#[test]
fn the_functions_role_allows_what_the_code_calls_and_nothing_else() {
    let but = [&A_PERSONS[..], &A_WORKERS].concat();
    let lambdas = LAMBDAS.into_iter().chain(IN_SUBNETS);
    let needed: BTreeSet<String> =
        needs(&but).into_iter().chain(lambdas).chain(THE_KEYS).map(str::to_owned).collect();
    assert_eq!(
        allowed("stage.yaml", "Role"),
        needed,
        "left: what the role allows; right: what the code needs"
    );
}

#[test]
fn the_workers_role_allows_what_the_code_calls_and_nothing_else() {
    let needed: BTreeSet<String> = needs(&A_PERSONS).into_iter().chain(THE_KEYS).map(str::to_owned).collect();
    assert_eq!(
        allowed("ecs.yaml", "TaskRole"),
        needed,
        "left: what the role allows; right: what the code needs"
    );
}

/// The one permission without a resource is Lambda's alone: the code that it is to run has it not.
#[test]
fn what_puts_a_function_into_subnets_is_denied_to_its_code() {
    let stage = Template::read("stage.yaml");
    let named = |name: &str| {
        let statements = stage.statements("Role");
        *statements.iter().find(|statement| statement["Sid"] == name).expect("it is there")
    };
    let (allow, deny) = (named("JoinTheSubnets"), named("NotTheCode"));
    assert_eq!((&deny["Effect"], &deny["Action"]), (&"Deny".into(), &allow["Action"]));
    let name = &stage.properties("Function")["FunctionName"]["Fn::Sub"];
    let code =
        deny["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"]["Fn::Sub"].as_str().expect("an ARN");
    assert!(code.ends_with(&format!(":function:{}", name.as_str().expect("a name"))), "{code}");
    let everything = stage.statements("Role").into_iter().filter(|statement| statement["Resource"] == "*");
    let everything: Vec<_> = everything.map(|statement| statement["Sid"].as_str()).collect();
    assert_eq!(everything, [Some("JoinTheSubnets"), Some("NotTheCode")]);
}

/// Whether an IAM pattern whose only wildcard is a star at its end covers an object.
fn covers(pattern: &str, object: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == object, |begin| object.starts_with(begin))
}

#[test]
fn the_role_may_write_and_look_at_each_place_that_the_code_writes_to_and_at_no_other_stages() {
    let stage = Template::read("stage.yaml");
    let allows = |action: &str, key: &str| {
        let object = format!("arn:${{AWS::Partition}}:s3:::${{ResultsBucket}}/{key}");
        let of_action: Vec<_> = stage
            .statements("Role")
            .into_iter()
            .filter(|statement| {
                texts(&statement["Action"]).contains(&action) && statement["Sid"] != "ReadDocuments"
            })
            .collect();
        let mut patterns = Vec::new();
        of_action.iter().for_each(|statement| {
            collect(&statement["Resource"], &mut |value| patterns.extend(value.as_str()));
        });
        patterns.into_iter().any(|pattern| covers(pattern, &object))
    };
    let forms = Form::ALL.map(|form| format!("{}/desk/a.txt{}", form.folder("${Stage}"), form.end()));
    for key in forms.iter().map(String::as_str).chain(["${Stage}/desk/a.txt.json"]) {
        for action in ["s3:PutObject", "s3:GetObject"] {
            assert!(allows(action, &format!("enriched/{key}")), "{action} on {key}");
        }
    }
    for other in ["${Stage}-2/a.json", "${Stage}-2.lines/a.jsonl", "other/a.json"] {
        assert!(!allows("s3:PutObject", &format!("enriched/{other}")), "{other} is another stage's");
    }
    assert!(allows("s3:PutObject", "rejected/${Stage}/desk/a.txt.json"));
}

#[test]
fn every_statement_says_what_it_is_for() {
    for (template, role) in [("stage.yaml", "Role"), ("ecs.yaml", "TaskRole")] {
        let template = Template::read(template);
        let mut names = BTreeSet::new();
        for statement in template.statements(role) {
            if statement["Action"] != "sts:AssumeRole" {
                let name = statement["Sid"].as_str().unwrap_or_else(|| panic!("no Sid: {statement}"));
                assert!(names.insert(name.to_owned()), "{name} is there twice");
            }
        }
    }
}

/// The actions that a role allows.
fn allowed(template: &'static str, role: &str) -> BTreeSet<String> {
    let template = Template::read(template);
    let statements = template.statements(role);
    let allowing = statements.iter().filter(|statement| statement["Effect"] == "Allow");
    let actions = allowing.flat_map(|statement| texts(&statement["Action"]));
    actions.filter(|action| *action != "sts:AssumeRole").map(str::to_owned).collect()
}

/// The actions that all calls need but these.
fn needs(but: &[&str]) -> BTreeSet<&'static str> {
    let calls = calls();
    let calls = calls.iter().filter(|call| !but.contains(&call.as_str()));
    let needs = |call: &String| {
        let needs = NEEDS.iter().find(|(name, _)| name == call);
        needs.unwrap_or_else(|| panic!("say here what `{call}` needs to be allowed")).1
    };
    calls.flat_map(|call| needs(call).iter().copied()).collect()
}

/// The operations that the sources call: `client.get_object()`, `….put_object().bucket(…)`.
fn calls() -> BTreeSet<String> {
    let mut calls = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("src/ is readable") {
            let path = entry.expect("src/ is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                calls.extend(calls_in(&fs::read_to_string(&path).expect("a source is UTF-8")));
            }
        }
    }
    assert!(calls.contains("get_object") && calls.contains("put_object"), "found only {calls:?}");
    calls
}

fn calls_in(source: &str) -> Vec<String> {
    if !source.contains("aws_sdk_s3") && !source.contains("aws_sdk_sqs") {
        return Vec::new();
    }
    let dense: String = source.chars().filter(|c| !c.is_whitespace()).collect();
    let calls = dense.match_indices("()").filter_map(|(end, _)| {
        let before = &dense[..end];
        let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        let after = &dense[end + 2..];
        let on_client = before[..start].ends_with("client") && &before[start..=start] == ".";
        let names_place = after.starts_with(".bucket(") || after.starts_with(".queue_url(");
        let name = &before[start + 1..];
        ((on_client && name != "clone") || names_place).then(|| name.to_owned())
    });
    calls.collect()
}
