//! A small CloudFormation client, and the few calls that ask what a stack made.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use super::{
    support::{
        http::{Answer, Http, encode_query},
        ministack::Ministack,
        wait_for,
    },
    template::{NAMES, text},
};

const TEMPLATES: &str = "templates";
/// Longer than a batch takes, shorter than a test's patience.
pub const VISIBILITY_S: &str = "15";
const WITHIN: Duration = Duration::from_secs(60);

pub struct CloudFormation {
    http: Http,
    endpoint: String,
}

impl CloudFormation {
    /// Puts the templates where CloudFormation reads them, as `aws cloudformation package` does: nested ones by
    /// the URLs of what was uploaded.
    pub fn new(aws: &Ministack) -> Self {
        let endpoint = aws.endpoint().to_owned();
        let s3 = aws.s3();
        s3.create_bucket(TEMPLATES);
        for name in NAMES {
            let nested = format!("TemplateURL: {endpoint}/{TEMPLATES}/");
            s3.put(TEMPLATES, name, for_the_emulator(&text(name)).replace("TemplateURL: ", &nested));
        }
        Self { http: aws.http().clone(), endpoint }
    }

    #[track_caller]
    pub fn create(&self, stack: &str, template: &str, parameters: &[(&str, String)]) {
        self.apply("CreateStack", stack, template, parameters);
        self.wait(stack, "CREATE_COMPLETE");
    }

    /// Begins an update; `wait` for its end.
    #[track_caller]
    pub fn update(&self, stack: &str, template: &str, parameters: &[(&str, String)]) {
        self.apply("UpdateStack", stack, template, parameters);
    }

    #[track_caller]
    pub fn delete(&self, stack: &str) {
        self.query("", "2010-05-15", "DeleteStack", &[("StackName", stack.to_owned())]);
        wait_for("the stack to be gone", WITHIN, || {
            let about = self.describe(stack);
            let status = element(&about.text(), "StackStatus");
            if about.status == 400 || status.as_deref() == Some("DELETE_COMPLETE") {
                return Ok(());
            }
            Err(format!("{status:?}"))
        });
    }

    /// Waits until the stack has a status; another one at which it stops is a panic that says why.
    #[track_caller]
    pub fn wait(&self, stack: &str, wanted: &str) {
        let last = wait_for(&format!("{stack} to be {wanted}"), WITHIN, || {
            let status = element(&self.describe(stack).ok().text(), "StackStatus").unwrap_or_default();
            if status.ends_with("_IN_PROGRESS") { Err(status) } else { Ok(status) }
        });
        if last != wanted {
            let named = [("StackName", stack.to_owned())];
            panic!(
                "{stack} is {last}: {}",
                self.query("", "2010-05-15", "DescribeStackEvents", &named).text()
            );
        }
    }

    #[track_caller]
    pub fn outputs(&self, stack: &str) -> BTreeMap<String, String> {
        let about = self.describe(stack).ok().text();
        let (keys, values) = (elements(&about, "OutputKey"), elements(&about, "OutputValue"));
        keys.into_iter().zip(values).collect()
    }

    /// The one policy of a role, as it is stored.
    #[track_caller]
    pub fn role_policy(&self, role: &str, policy: &str) -> Value {
        let named = [("RoleName", role.to_owned()), ("PolicyName", policy.to_owned())];
        let answer = self.query("iam", "2010-05-08", "GetRolePolicy", &named).ok().text();
        let document = element(&answer, "PolicyDocument").expect("a document");
        serde_json::from_str(&percent_decode(&document)).expect("a policy is JSON")
    }

    #[track_caller]
    pub fn alarms(&self) -> Vec<String> {
        elements(&self.query("monitoring", "2010-08-01", "DescribeAlarms", &[]).ok().text(), "AlarmName")
    }

    #[track_caller]
    pub fn dashboards(&self) -> Vec<String> {
        elements(&self.query("monitoring", "2010-08-01", "ListDashboards", &[]).ok().text(), "DashboardName")
    }

    #[track_caller]
    pub fn roles(&self) -> Vec<String> {
        elements(&self.query("iam", "2010-05-08", "ListRoles", &[]).ok().text(), "RoleName")
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.http.send("GET", path, &[], b"").ok()
    }

    #[track_caller]
    fn describe(&self, stack: &str) -> Answer {
        self.query("", "2010-05-15", "DescribeStacks", &[("StackName", stack.to_owned())])
    }

    #[track_caller]
    fn apply(&self, action: &str, stack: &str, template: &str, parameters: &[(&str, String)]) {
        let mut request = vec![
            ("StackName".to_owned(), stack.to_owned()),
            ("TemplateURL".to_owned(), format!("{}/{TEMPLATES}/{template}", self.endpoint)),
            ("Capabilities.member.1".to_owned(), "CAPABILITY_IAM".to_owned()),
        ];
        // A tag that differs touches every resource: the emulator forgets the attributes of one in a nested stack
        // that an update leaves as it is, and then can't resolve what refers to them.
        request.push(("Tags.member.1.Key".to_owned(), "deployed-by".to_owned()));
        request.push(("Tags.member.1.Value".to_owned(), action.to_owned()));
        for (n, (name, value)) in parameters.iter().enumerate() {
            let n = n + 1;
            request.push((format!("Parameters.member.{n}.ParameterKey"), (*name).to_owned()));
            request.push((format!("Parameters.member.{n}.ParameterValue"), value.clone()));
        }
        let request: Vec<_> = request.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        self.query("", "2010-05-15", action, &request).ok();
    }

    #[track_caller]
    fn query(&self, service: &str, version: &str, action: &str, parameters: &[(&str, String)]) -> Answer {
        let service = if service.is_empty() { "cloudformation" } else { service };
        let mut body = format!("Action={action}&Version={version}");
        for (name, value) in parameters {
            body.push_str(&format!("&{name}={}", encode_query(value)));
        }
        // The emulator tells services apart by the scope of the signature, which it doesn't check.
        let scope = format!("AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request");
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("authorization", scope.as_str())];
        self.http.send("POST", "/", &headers, body.as_bytes())
    }
}

/// Works round what the emulator does otherwise than AWS: it refuses alarms on expressions; it hands a
/// parameter that is a number on as a text, which its own poller then can't count with; and an update kills
/// the function in the middle of a batch, where AWS lets it end. What was in work then comes back when its
/// visibility timeout is over, which no test can wait for as it is.
fn for_the_emulator(template: &str) -> String {
    let concurrency = "MaximumConcurrency: !Ref MaximumConcurrency }";
    let mut template = template.replace(concurrency, "MaximumConcurrency: 10 }");
    for visibility in ["740", "1820"] {
        let (long, short) = (format!("Visibility: {visibility},"), format!("Visibility: {VISIBILITY_S},"));
        template = template.replace(&long, &short);
    }
    let on_expressions = [
        ("  # The alarm above rings once", "  AgeAlarm:\n"),
        ("  # What comes back often enough", "  # What is sent anew for want of time"),
        ("  # A document never fails an invocation", "  ThrottlesAlarm:\n"),
    ];
    for (begin, after) in on_expressions {
        if let Some(begin) = template.find(begin) {
            let end = template.find(after).expect("the alarm after it");
            template.replace_range(begin..end, "");
        }
    }
    template
}

fn element(xml: &str, name: &str) -> Option<String> {
    elements(xml, name).into_iter().next()
}

/// The texts of all elements of this name; enough XML for what is asked here.
fn elements(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let texts = xml.split(open.as_str()).skip(1);
    texts.filter_map(|rest| Some(rest.split_once(close.as_str())?.0.replace("&quot;", "\""))).collect()
}

fn percent_decode(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}
