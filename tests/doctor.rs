//! `baton doctor`: what is as it should be is said so, and everything that isn't comes with what to change.

mod support;

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    process::Command,
};

use serde_json::json;
use support::{
    deployment::{self, INCOMING, RESULTS},
    local::{Ran, program},
    ministack::Ministack,
    sqs::Queue,
};

/// A queue whose messages are hidden for so long, kept for four days, and dead after five receives.
fn queue(aws: &Ministack, visibility: &str, dead: &Queue) -> Queue {
    let redrive = json!({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 5}).to_string();
    let attributes = json!({"VisibilityTimeout": visibility, "MessageRetentionPeriod": "345600", "RedrivePolicy": redrive});
    aws.sqs().create("stage", attributes)
}

fn dead_letters(aws: &Ministack, retention: &str) -> Queue {
    aws.sqs().create("dead", json!({"MessageRetentionPeriod": retention}))
}

/// Runs the doctor on the stage `ner` with these variables besides its own.
fn doctor(aws: &Ministack, more: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let mut command = Command::new(program());
    command.env_clear().envs(aws.sdk_environment()).envs(deployment::variables("ner", &[]));
    Ran::of(command.envs(more.iter().copied()).arg("doctor").args(arguments))
}

#[test]
fn a_stage_that_is_deployed_as_it_should_be_is_well() {
    let aws = deployment::aws();
    let dead = dead_letters(&aws, "1209600");
    let own = queue(&aws, "720", &dead);
    let next = aws.sqs().create("next", json!({}));
    let variables = [("BATON_QUEUE", own.url.as_str()), ("BATON_DLQ", &dead.url), ("BATON_NEXT", &next.url)];
    let ran = doctor(&aws, &variables, &[]).expect(0);
    assert!(ran.stdout.ends_with("all is well\n"), "{}", ran.stdout);
    for line in [
        "cold start",
        "tokens a second",
        "can be read",
        "can be written to",
        "can be sent to",
        "can be deleted",
        "sha256:",
    ] {
        assert!(ran.stdout.contains(line), "{line} is not in\n{}", ran.stdout);
    }
    assert!(
        aws.s3().list(INCOMING, "").is_empty() && aws.s3().list(RESULTS, "").is_empty(),
        "it left something"
    );
    assert!([&own, &dead, &next].iter().all(|queue| aws.sqs().peek(queue).is_empty()), "it sent something");
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_what_to_change() {
    let aws = deployment::aws();
    let dead = dead_letters(&aws, "60");
    let own = queue(&aws, "30", &dead);
    let next = format!("{}-gone", own.url);
    let variables = [
        ("BATON_QUEUE", own.url.as_str()),
        ("BATON_DLQ", &dead.url),
        ("BATON_NEXT", &next),
        ("BATON_BUCKETS", "nowhere"),
        ("BATON_OUTPUT", "s3://nowhere-either"),
    ];
    let ran = doctor(&aws, &variables, &["--memory", "128"]).expect(1);
    for line in [
        "WRONG documents",
        "s3:GetObject",
        "WRONG results",
        "s3:PutObject",
        "WRONG visibility",
        "make it 720 seconds or more",
        "WRONG retention",
        "WRONG next queue",
        "sqs:SendMessage",
        "WRONG memory",
        "6 wrong, 0 doubtful",
    ] {
        assert!(ran.stdout.contains(line), "{line} is not in\n{}", ran.stdout);
    }
}

#[test]
fn what_will_only_fail_some_day_is_doubtful_and_no_failure() {
    let aws = deployment::aws();
    let ran = doctor(&aws, &[], &[]).expect(0);
    assert!(
        ran.stdout.contains("BATON_QUEUE is not set") && ran.stdout.contains("BATON_DLQ is not set"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.ends_with("0 wrong, 2 doubtful\n"), "{}", ran.stdout);
}

#[test]
fn a_model_that_cannot_be_used_is_named_and_aws_is_not_asked_offline() {
    let model = support::local::repository("model-fetch/models/sentiment");
    let said = offline(&[("BATON_MODEL", model.as_os_str())]).expect(1).stdout;
    assert!(
        said.contains("WRONG model") && said.contains("classifies") && said.contains("--offline"),
        "{said}"
    );
}

/// Runs the doctor on a stage with these variables, and no AWS.
fn offline(more: &[(&str, &std::ffi::OsStr)]) -> Ran {
    let mut command = Command::new(program());
    command.env_clear().envs(deployment::variables("ner", &[])).envs(more.iter().copied());
    Ran::of(command.args(["doctor", "--offline"]))
}

#[test]
fn settings_that_would_lose_every_document_or_end_the_process_are_refused() {
    for (name, value, says) in [
        ("BATON_BUCKETS", "", "BATON_BUCKETS: names no bucket"),
        ("BATON_LOG", "baton=nonsense", "write levels as in `warn,baton=debug`"),
        ("BATON_CACHE_BYTES", "x", "nor 0 for none"),
        ("BATON_BUCKETS", " , ", "BATON_BUCKETS: names no bucket"),
        ("BATON_LANGUAGE", "klingon", "BATON_LANGUAGE: `klingon` is no language tag"),
        ("BATON_THREADS", "100000", "BATON_THREADS: `100000` is more than"),
        (
            "BATON_NEXT",
            "https://sqs.example/a,https://sqs.example/a",
            "BATON_NEXT: names `https://sqs.example/a` twice",
        ),
    ] {
        let ran = offline(&[(name, value.as_ref())]).expect(2);
        assert!(ran.stderr.contains(says), "{says} is not in {}", ran.stderr);
    }
}

#[test]
#[cfg(unix)]
fn a_variable_that_is_no_text_is_named_if_it_is_batons_and_let_be_if_not() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let no_text = OsStr::from_bytes(b"\xff");
    offline(&[("OTHER", no_text)]).expect(0);
    let ran = offline(&[("BATON_PIPELINE", no_text)]).expect(2);
    assert!(ran.stderr.contains("BATON_PIPELINE: ") && ran.stderr.contains("is not UTF-8"), "{}", ran.stderr);
}

#[test]
fn without_a_region_it_is_said_where_one_is_set() {
    let aws = deployment::aws();
    let mut command = Command::new(program());
    command.env_clear().envs(aws.sdk_environment()).envs(deployment::variables("ner", &[]));
    command.env_remove("AWS_REGION").env("AWS_EC2_METADATA_DISABLED", "true").arg("doctor");
    let said = Ran::of(&mut command).expect(1).stdout;
    assert!(said.contains("no AWS region is set"), "{said}");
}

#[test]
fn the_lambda_mode_elsewhere_says_what_to_take_instead() {
    let said = Ran::of(Command::new(program()).env_clear().arg("lambda")).expect(2).stderr;
    assert!(said.contains("`baton worker`"), "{said}");
}

/// An S3 with one document, and what it answers.
#[derive(Clone, Copy)]
struct Answers {
    get: &'static str,
    head: &'static str,
    put: &'static str,
}

impl Default for Answers {
    fn default() -> Self {
        Answers {
            get: "200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello",
            head: "200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\n",
            put: "412 Precondition Failed\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        }
    }
}

/// What the doctor says of a stage on it.
fn of_one_document(answers: Answers) -> Ran {
    const LIST: &str = "200 OK\r\ncontent-length: 120\r\nconnection: close\r\n\r\n\
        <ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a.txt</Key><Size>5</Size></Contents></ListBucketResult>";
    const MISSING: &str = "404 Not Found\r\ncontent-length: 37\r\nconnection: close\r\n\r\n";
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let lines = BufReader::new(stream.try_clone().expect("a connection")).lines();
            let head: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            let first = head.first().map_or("", String::as_str);
            let said = match first {
                first if first.starts_with("PUT") => answers.put.to_owned(),
                first if first.contains("list-type=2") => LIST.to_owned(),
                first if first.starts_with("HEAD") && first.contains("/a.txt") => answers.head.to_owned(),
                first if first.contains("/a.txt") => answers.get.to_owned(),
                first if first.starts_with("HEAD") => MISSING.to_owned(),
                _ => format!("{MISSING}<Error><Code>NoSuchKey</Code></Error>"),
            };
            let _ = write!(stream, "HTTP/1.1 {said}");
        }
    });
    let mut command = Command::new(program());
    command.env_clear().envs(deployment::variables("ner", &[])).envs([
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL", address.as_str()),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ]);
    Ran::of(command.arg("doctor"))
}

/// What is there is encrypted with a key that the role may not use, of which S3 says nothing as to what isn't there.
#[test]
fn a_bucket_whose_key_may_not_be_used_is_found_though_nothing_is_missing() {
    let get = "403 Forbidden\r\ncontent-length: 92\r\nconnection: close\r\n\r\n\
               <Error><Code>AccessDenied</Code><Message>not authorized to: kms:Decrypt</Message></Error>   ";
    let said = of_one_document(Answers { get, ..Answers::default() }).expect(1).stdout;
    for part in ["WRONG documents", "kms:Decrypt on that", "1 wrong", "go no further than this stage"] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
}

/// How much room it takes is to be known before it is read.
#[test]
fn an_answer_that_does_not_say_how_long_it_is_is_read_where_head_says_it() {
    of_one_document(Answers::default()).expect(0);
    let get = "200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    of_one_document(Answers { get, ..Answers::default() }).expect(0);
    for (head, what) in [
        ("200 OK\r\nconnection: close\r\n\r\n", "a.txt have no Content-Length"),
        ("200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\n", "a.txt gave more bytes of 4"),
        ("200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\n", "a.txt gave 5 bytes of 6"),
    ] {
        let said = of_one_document(Answers { get, head, ..Answers::default() }).expect(1).stdout;
        assert!(said.contains(what), "{what}: {said}");
    }
}

/// As a wrong address of something on the way answers whatever it is asked.
#[test]
fn a_place_that_answers_404_to_a_write_can_not_be_written_to() {
    let put = "404 Not Found\r\ncontent-length: 15\r\nconnection: close\r\n\r\ndefault backend";
    let said = of_one_document(Answers { put, ..Answers::default() }).expect(1).stdout;
    assert!(said.contains("WRONG results") && said.contains("404"), "{said}");
}

/// A server that tells a machine on EC2 its region, and keeps what else it is asked, refused.
fn instance_metadata(region: &'static str) -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let (asked, others) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let lines = BufReader::new(stream.try_clone().expect("a connection")).lines();
            let head: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            let answer = match head.first().map(String::as_str) {
                Some(first) if first.starts_with("PUT /latest/api/token") => "token",
                Some(first) if first.contains("/placement/region") => region,
                _ => "",
            };
            let status = if answer.is_empty() { "403 Forbidden" } else { "200 OK" };
            let ttl = "x-aws-ec2-metadata-token-ttl-seconds: 21600";
            let length = answer.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\n{ttl}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}"
            );
            if answer.is_empty() && asked.send(head.join("\n")).is_err() {
                return;
            }
        }
    });
    (address, others)
}

#[test]
fn on_ec2_the_region_is_the_one_that_the_machine_is_in() {
    let (address, others) = instance_metadata("eu-west-1");
    let mut command = Command::new(program());
    command.env_clear().envs(deployment::variables("ner", &[])).envs([
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", address.as_str()),
        ("AWS_ENDPOINT_URL", &address),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ]);
    let ended = command.arg("doctor").output().expect("it starts");
    assert_eq!(ended.status.code(), Some(1), "the server refuses everything else");
    let signed = others.try_iter().find(|head| head.to_lowercase().contains("authorization"));
    let signed = signed.expect("S3 was asked");
    assert!(signed.contains("/eu-west-1/"), "{signed}");
}

/// The doctor's run on a stage at this endpoint, with a proxy that refuses everything; and what that one was asked.
fn by_proxy(endpoint: &str, more: &[(&str, &str)]) -> (Ran, Vec<String>) {
    let (proxy, asked) = instance_metadata("eu-west-1");
    let mut command = Command::new(program());
    command.env_clear().envs(deployment::variables("ner", &[])).envs([
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL", endpoint),
        ("HTTPS_PROXY", format!(" {proxy}\n").as_str()),
        ("HTTP_PROXY", &proxy),
        ("ALL_PROXY", &proxy),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ]);
    let ran = Ran::of(command.envs(more.iter().copied()).arg("doctor"));
    (ran.expect(1), asked.try_iter().collect())
}

#[test]
fn aws_is_reached_by_the_proxy_that_the_environment_names_and_nothing_else_is() {
    let (_, asked) = by_proxy("https://aws.invalid", &[]);
    assert!(asked.iter().all(|head| head.starts_with("CONNECT aws.invalid:443 ")), "{asked:?}");
    assert!(!asked.is_empty());
    for (endpoint, more) in [
        ("https://aws.invalid", &[("NO_PROXY", "example.com,aws.invalid")][..]),
        // As what hands out a machine's credentials.
        ("http://127.0.0.1:9", &[]),
    ] {
        let (_, asked) = by_proxy(endpoint, more);
        assert_eq!(asked, Vec::<String>::new());
    }
    let (ran, _) = by_proxy("https://aws.invalid", &[("HTTPS_PROXY", "socks5://user:secret@proxy:1080")]);
    let says = "HTTPS_PROXY: is no address of a proxy (http://host:port)";
    assert!(ran.stdout.contains(says) && !ran.stdout.contains("secret@"), "{}", ran.stdout);
}

#[test]
fn a_workers_queue_may_hide_messages_for_as_long_as_it_likes() {
    let aws = deployment::aws();
    let queue = aws.sqs().create("of-a-worker", json!({"VisibilityTimeout": "30"}));
    let more = [("BATON_QUEUE", queue.url.as_str())];
    let says = |ran: Ran| ran.stdout.contains("WRONG visibility");
    assert!(says(doctor(&aws, &more, &[])));
    assert!(!says(doctor(&aws, &more, &["--worker"])));
    let ran = doctor(&aws, &[("BATON_QUEUE", "")], &["--worker"]).expect(2);
    assert!(ran.stderr.contains("BATON_QUEUE: is missing; a worker receives from it"), "{}", ran.stderr);
}

#[test]
fn a_credential_with_a_line_break_at_its_end_is_named_instead_of_a_panic() {
    let aws = deployment::aws();
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        let ran = doctor(&aws, &[(name, "AKIDEXAMPLE\n")], &[]).expect(1);
        assert!(ran.stdout.contains(&format!("{name} has a blank or a line break in it")), "{}", ran.stdout);
    }
}
