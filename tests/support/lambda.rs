//! A small Lambda client: functions from a zip, SQS event source mappings, invocations and logs.
//!
//! The emulator runs `bootstrap` as a child process and keeps it warm, one for each concurrent invocation. It
//! sets `AWS_ENDPOINT_URL`, the region and credentials for it, and hands a batch over within milliseconds of
//! a send. What it does otherwise than AWS, a test must not lean on: it takes 10 messages a batch at most,
//! ignores the batching window, and takes an answer that is no batch response for success.

use serde_json::{Map, Value, json};

use super::http::Http;
use super::ministack::ACCOUNT;
use super::s3::S3;
use super::sqs::Queue;

const FUNCTIONS: &str = "/2015-03-31/functions";
const MAPPINGS: &str = "/2015-03-31/event-source-mappings";
const CODE_BUCKET: &str = "function-code";

pub struct Lambda {
    http: Http,
}

pub struct Function<'a> {
    pub name: &'a str,
    pub zip: &'a [u8],
    pub environment: &'a [(&'a str, String)],
    /// On AWS the queue's visibility timeout may not be shorter; the emulator doesn't check that.
    pub timeout_s: u32,
}

impl Lambda {
    pub fn new(http: Http) -> Self {
        Self { http }
    }

    /// Creates the function. Its processes start with its first invocations.
    #[track_caller]
    pub fn create(&self, function: &Function<'_>) {
        // By S3 and not in the request: base64 of a release build would take seconds.
        let s3 = S3::new(self.http.clone());
        s3.create_bucket(CODE_BUCKET);
        s3.put(CODE_BUCKET, function.name, function.zip);
        self.call(
            "POST",
            FUNCTIONS,
            json!({
                "FunctionName": function.name, "Runtime": "provided.al2023", "Handler": "bootstrap",
                "Code": {"S3Bucket": CODE_BUCKET, "S3Key": function.name},
                "Role": format!("arn:aws:iam::{ACCOUNT}:role/baton"), "Timeout": function.timeout_s,
                "Environment": environment(function.environment),
            }),
        );
    }

    /// Lets at most this many run at once: 1 makes batches go one after another, in one process.
    #[track_caller]
    pub fn reserve_concurrency(&self, function: &str, count: u32) {
        self.call(
            "PUT",
            &format!("/2017-10-31/functions/{function}/concurrency"),
            json!({"ReservedConcurrentExecutions": count}),
        );
    }

    /// Makes the queue trigger the function, with partial batch responses, and gives the mapping's id. So many batches
    /// may run at once (`ScalingConfig.MaximumConcurrency`, at least 2); without it 5 here. Messages that are sent while
    /// the mapping is on may come in smaller batches; to have them in one, send them first.
    #[track_caller]
    pub fn trigger(&self, function: &str, queue: &Queue, concurrency: Option<u32>) -> String {
        let mut request = json!({
            "FunctionName": function, "EventSourceArn": queue.arn, "BatchSize": 10,
            "FunctionResponseTypes": ["ReportBatchItemFailures"], "Enabled": true,
        });
        if let Some(concurrency) = concurrency {
            request["ScalingConfig"] = json!({"MaximumConcurrency": concurrency});
        }
        let created = self.call("POST", MAPPINGS, request);
        created["UUID"].as_str().unwrap_or_else(|| panic!("no UUID in {created}")).to_owned()
    }

    /// What the mapping says of its last batch: `OK - 3 records, 1 partial failures`, `FAILED`, …
    #[track_caller]
    pub fn last_result(&self, mapping: &str) -> String {
        let answer = self.call("GET", &format!("{MAPPINGS}/{mapping}"), Value::Null);
        answer["LastProcessingResult"].as_str().unwrap_or_default().to_owned()
    }

    /// Every line that the function wrote to stdout or stderr, with Lambda's START, END and REPORT. An
    /// invocation's lines are there only when it has ended.
    #[track_caller]
    pub fn logs(&self, function: &str) -> Vec<String> {
        let request = json!({"logGroupName": format!("/aws/lambda/{function}"), "limit": 10_000});
        let headers = [
            ("x-amz-target", "Logs_20140328.FilterLogEvents"),
            ("content-type", "application/x-amz-json-1.1"),
        ];
        let body = request.to_string();
        let answer = self.http.send("POST", "/", &headers, body.as_bytes());
        if answer.status == 400 && answer.text().contains("ResourceNotFoundException") {
            return Vec::new();
        }
        let answer = answer.ok().json();
        let events = answer["events"].as_array().into_iter().flatten();
        events.filter_map(|event| Some(event["message"].as_str()?.to_owned())).collect()
    }

    #[track_caller]
    fn call(&self, method: &str, path: &str, request: Value) -> Value {
        let body = request.to_string();
        let headers = [("content-type", "application/json")];
        self.http.send(method, path, &headers, body.as_bytes()).ok().json()
    }
}

fn environment(variables: &[(&str, String)]) -> Value {
    let variables: Map<_, _> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
    json!({"Variables": variables})
}
