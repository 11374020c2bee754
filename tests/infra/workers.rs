//! Workers on ECS and Kubernetes: their settings are a stage's, they are given the time that they need to stop, and
//! what the platform asks is what they serve.

use std::{collections::BTreeSet, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    support::{
        deployment::{self, INCOMING, RESULTS},
        document,
        local::repository,
        worker::Worker,
    },
    template::{Template, text, to_json},
};

const SOON: Duration = Duration::from_secs(60);

/// The objects of the manifest.
fn manifest() -> Vec<Value> {
    let text = text("kubernetes.yaml");
    let objects = serde_yaml_ng::Deserializer::from_str(&text);
    objects.map(|object| to_json(serde_yaml_ng::Value::deserialize(object).expect("YAML"))).collect()
}

#[track_caller]
fn object(kind: &str) -> Value {
    let found = manifest().into_iter().find(|object| object["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind} in kubernetes.yaml"))
}

fn container() -> Value {
    object("Deployment")["spec"]["template"]["spec"]["containers"][0].clone()
}

/// The variables of the task's container, each with its value.
fn task_variables() -> Vec<(String, Value)> {
    let template = Template::read("ecs.yaml");
    let container = &template.properties("TaskDefinition")["ContainerDefinitions"][0];
    let variables = container["Environment"].as_array().expect("variables").iter();
    variables.map(|v| (document::text(&v["Name"]).to_owned(), v["Value"].clone())).collect()
}

#[test]
fn a_worker_gets_the_settings_that_the_function_gets() {
    let stage = Template::read("stage.yaml");
    let function = stage.properties("Function")["Environment"]["Variables"].as_object().expect("variables");
    // The image has the model in it, and says where.
    let function: BTreeSet<&str> =
        function.keys().map(String::as_str).filter(|n| *n != "BATON_MODEL").collect();
    let task = task_variables();
    let config = object("ConfigMap");
    let pod: BTreeSet<&str> = config["data"].as_object().expect("data").keys().map(String::as_str).collect();
    for settings in [task.iter().map(|(name, _)| name.as_str()).collect(), pod] {
        let missing: Vec<_> = function.difference(&settings).collect();
        assert!(missing.is_empty(), "missing: {missing:?}");
    }
}

#[test]
fn the_platform_waits_longer_than_the_grace_before_it_kills() {
    let template = Template::read("ecs.yaml");
    let stop = template.properties("TaskDefinition")["ContainerDefinitions"][0]["StopTimeout"].as_u64();
    let grace =
        task_variables().into_iter().find(|(name, _)| name == "BATON_WORKER_GRACE_S").expect("a grace").1;
    let seconds = |grace: &Value| document::text(grace).parse::<u64>().expect("seconds");
    // What is not done then is given back, in a call or two.
    assert!(stop >= Some(seconds(&grace) + 5) && stop <= Some(120), "{stop:?} s, which ECS limits to 120");
    let pod = object("Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"].as_u64();
    assert!(pod >= Some(seconds(&object("ConfigMap")["data"]["BATON_WORKER_GRACE_S"]) + 5), "{pod:?}");
}

#[test]
fn what_is_asked_is_what_is_served() {
    let template = Template::read("ecs.yaml");
    let container_of_task = &template.properties("TaskDefinition")["ContainerDefinitions"][0];
    let listen =
        task_variables().into_iter().find(|(name, _)| name == "BATON_WORKER_LISTEN").expect("an address").1;
    assert_eq!(listen, "0.0.0.0:9090");
    assert_eq!(container_of_task["PortMappings"][0]["ContainerPort"], 9090);
    assert_eq!(container_of_task["Command"], json!(["worker"]));
    let check = container_of_task["HealthCheck"]["Command"].to_string();
    assert!(check.contains("127.0.0.1/9090") && check.contains("GET /healthz"), "{check}");

    assert_eq!(object("ConfigMap")["data"]["BATON_WORKER_LISTEN"], "0.0.0.0:9090");
    let container = container();
    assert_eq!(
        (&container["args"], &container["ports"][0]["containerPort"]),
        (&json!(["worker"]), &json!(9090))
    );
    for (probe, path) in
        [("livenessProbe", "/healthz"), ("readinessProbe", "/readyz"), ("startupProbe", "/healthz")]
    {
        assert_eq!(container[probe]["httpGet"], json!({"path": path, "port": container["ports"][0]["name"]}));
    }
    let pod = &object("Deployment")["spec"]["template"];
    assert_eq!(pod["metadata"]["annotations"]["prometheus.io/port"], "9090");
    assert_eq!(pod["spec"]["enableServiceLinks"], false);
}

#[test]
fn keda_scales_the_deployment_on_the_workers_own_queue() {
    let (deployment, config, scaled) = (object("Deployment"), object("ConfigMap"), object("ScaledObject"));
    assert_eq!(scaled["spec"]["scaleTargetRef"]["name"], deployment["metadata"]["name"]);
    let trigger = &scaled["spec"]["triggers"][0];
    assert_eq!(trigger["type"], "aws-sqs-queue");
    assert_eq!(trigger["metadata"]["queueURL"], config["data"]["BATON_QUEUE"]);
    assert_eq!(trigger["metadata"]["awsRegion"], config["data"]["AWS_REGION"]);
    // Otherwise pods would be ended while they have the last messages in work.
    assert_eq!(trigger["metadata"]["scaleOnInFlight"], "true");
    let authentication = object("TriggerAuthentication");
    assert_eq!(trigger["authenticationRef"]["name"], authentication["metadata"]["name"]);
    assert!(deployment["spec"]["replicas"].is_null(), "two would say how many there are");
    let pod = &deployment["spec"]["template"]["spec"];
    assert_eq!(pod["serviceAccountName"], object("ServiceAccount")["metadata"]["name"]);
    assert_eq!(pod["containers"][0]["envFrom"][0]["configMapRef"]["name"], config["metadata"]["name"]);
    assert_eq!(
        deployment["spec"]["selector"]["matchLabels"],
        deployment["spec"]["template"]["metadata"]["labels"]
    );
}

#[test]
fn a_pod_with_the_manifests_variables_does_its_stage() {
    let aws = deployment::aws();
    let queues = ["news-ner", "news-ner-dead-letters", "news-sentiment"];
    let made: Vec<_> = queues.iter().map(|name| aws.sqs().create(name, json!({}))).collect();
    let config = object("ConfigMap");
    let mut environment = aws.sdk_environment();
    for (name, value) in config["data"].as_object().expect("data") {
        let mut value = document::text(value).to_owned();
        for (queue, name) in made.iter().zip(queues) {
            if value == format!("https://sqs.REGION.amazonaws.com/ACCOUNT/{name}") {
                value.clone_from(&queue.url);
            }
        }
        let value = value.replace("DOCUMENTS-BUCKET", INCOMING).replace("RESULTS-BUCKET", RESULTS);
        // Any free port here, where several tests run.
        let value = value.replace("0.0.0.0:9090", "127.0.0.1:0").replace("ACCOUNT", "000000000000");
        environment.push((name.clone().leak(), value.replace("REGION", "us-east-1")));
    }
    let model = repository("model-fetch/models/ner").display().to_string();
    environment.push(("BATON_MODEL", model));
    let mut worker = Worker::start(&environment);
    aws.s3().put(INCOMING, "a.txt", "Velmo Corp. lost its customers on Monday.");
    aws.sqs().send(&made[0], &format!("s3://{INCOMING}/a.txt"));
    aws.s3().wait_object(RESULTS, "enriched/ner/a.txt.json", SOON);
    assert_eq!(aws.sqs().take(&made[2], 1, SOON)[0].json()["name"], "a.txt");
    let address = worker.log("serving").pop().expect("it listens")["address"].clone();
    let (host, port) = document::text(&address).split_once(':').expect("a port");
    assert!(is_healthy(&format!("{host}/{port}")));
    worker.signal("TERM");
    assert!(worker.wait_exit(SOON).success());
    assert!(!is_healthy(&format!("{host}/{port}")), "nobody is there");
}

/// Runs the task's health check, as ECS does in the container.
fn is_healthy(address: &str) -> bool {
    let template = Template::read("ecs.yaml");
    let check = &template.properties("TaskDefinition")["ContainerDefinitions"][0]["HealthCheck"]["Command"];
    let check: Vec<&str> = document::list(check).iter().map(document::text).collect();
    let ["CMD", program, "-c", script] = check[..] else { panic!("{check:?}") };
    let script = script.replace("127.0.0.1/9090", address);
    let output =
        std::process::Command::new(program).args(["-c", &script]).output().expect("there is a shell");
    output.status.success()
}
