//! Where messages are found, and which of them are meant.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
};

use serde_json::json;

use super::{
    aws_and_queue, command, counts, replay, replay_with, sent_keys,
    support::{
        deployment::{INCOMING, RESULTS},
        local::Ran,
    },
};

fn expect(ran: Ran, status: i32, expected: &[(&'static str, u64)]) -> Ran {
    assert_eq!(counts(&ran), BTreeMap::from_iter(expected.iter().copied()), "{}", ran.stderr);
    ran.expect(status)
}

#[test]
fn a_prefix_gives_its_documents_that_the_filters_let_through() {
    let (aws, queue) = aws_and_queue();
    for (key, body) in [
        ("desk/a.json", "0123456789"),
        ("desk/old/ünï + 1.json", "0123456789"),
        ("desk/b.txt", "0123456789"),
        ("desk/short.json", "01"),
        ("desk/folder/", ""),
        ("desk2/c.json", "0123456789"),
    ] {
        aws.s3().put(INCOMING, key, body);
    }
    let desk = format!("s3://{INCOMING}/desk/");
    let all = [("listed", 5), ("no document (folders, deletions)", 1), ("sent", 4)];
    expect(replay(&aws, &queue, &["--prefix", &desk]), 0, &all);
    assert_eq!(
        sent_keys(&aws, &queue),
        ["desk/a.json", "desk/b.txt", "desk/old/ünï + 1.json", "desk/short.json"]
    );

    let few = ["--prefix", &desk, "--glob", "desk/*.json", "--min-bytes", "3", "--after", "2020-01-01"];
    let counts = [("listed", 5), ("no document (folders, deletions)", 1), ("filtered out", 3), ("sent", 1)];
    expect(replay(&aws, &queue, &few), 0, &counts);
    let messages = aws.sqs().take_all(&queue);
    let place = json!({"bucket": INCOMING, "key": "desk/a.json"});
    assert_eq!(messages[0].json(), json!({"baton": 1, "document": place, "hop": 0}));

    let none = ["--prefix", &desk, "--before", "2020-01-01T00:00:00Z"];
    let counts = [("listed", 5), ("no document (folders, deletions)", 1), ("filtered out", 4)];
    expect(replay(&aws, &queue, &none), 0, &counts);
}

#[test]
fn a_dry_run_counts_shows_a_few_and_says_what_it_would_cost_and_sends_nothing() {
    let (aws, queue) = aws_and_queue();
    (0..12).for_each(|i| drop(aws.s3().put(INCOMING, &format!("{i:02}.txt"), "text")));
    let from = format!("s3://{INCOMING}");
    let folder = tempfile::tempdir().expect("a folder");
    let checkpoint = folder.path().join("checkpoint").display().to_string();
    let arguments = ["--prefix", &from, "--dry-run", "--rate", "2/s", "--checkpoint", &checkpoint];
    let ran = expect(replay(&aws, &queue, &arguments), 0, &[("listed", 12), ("sent", 12)]);
    for part in ["s3://incoming/00.txt", "s3://incoming/04.txt", "about 6 s to send", "about $0.00"] {
        assert!(ran.stdout.contains(part), "{part} is not in {}", ran.stdout);
    }
    assert!(!ran.stdout.contains("05.txt"), "{}", ran.stdout);
    assert!(aws.sqs().peek(&queue).is_empty());
    assert!(!folder.path().join("checkpoint").exists(), "a dry run leaves no trace");
}

#[test]
fn a_list_may_have_urls_json_and_notifications_and_says_which_lines_are_wrong() {
    let (aws, queue) = aws_and_queue();
    let list = [
        "# what failed on Monday",
        "s3://incoming/desk/red flower+1.json",
        r#"{"bucket": "incoming", "key": "b.txt"}"#,
        "",
        r#"{"baton":1,"document":{"bucket":"results","key":"news/ner/c.txt.json","versionId":"v7"},"name":"c.txt","hop":1}"#,
        r#"{"bucket": "incoming", "key": "b.txt"}"#,
        "s3://incoming",
        "nonsense",
    ];
    let ran = replay_with(&aws, &queue, &["--list", "-"], &list.join("\n"));
    let ran =
        expect(ran, 1, &[("listed", 6), ("of a document listed before", 1), ("sent", 3), ("failed", 2)]);
    assert!(ran.stdout.contains("line 7: `s3://incoming` names no object"), "{}", ran.stdout);
    assert!(ran.stdout.contains("line 8: is no s3:// URL, no JSON, and no row"), "{}", ran.stdout);
    let messages = aws.sqs().take_all(&queue);
    let third = messages.iter().map(|m| m.json()).find(|m| m["name"] == "c.txt").expect("the handoff");
    assert_eq!((&third["hop"], &third["document"]["versionId"]), (&json!(1), &json!("v7")));
}

#[test]
fn a_line_that_is_not_utf_8_is_named_and_all_others_are_sent() {
    let (aws, queue) = aws_and_queue();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("list");
    std::fs::write(&file, b"s3://incoming/a.txt\ns3://incoming/\xff.txt\ns3://incoming/b.txt\n")
        .expect("a file");
    let ran = replay(&aws, &queue, &["--list", &file.display().to_string()]);
    let ran = expect(ran, 1, &[("listed", 3), ("sent", 2), ("failed", 1)]);
    assert!(ran.stdout.contains("line 2: is not UTF-8"), "{}", ran.stdout);
    assert_eq!(sent_keys(&aws, &queue), ["a.txt", "b.txt"]);
}

#[test]
fn what_a_key_would_tell_the_terminal_is_not_shown() {
    let (aws, queue) = aws_and_queue();
    let line = r#"{"bucket": "incoming", "key": "a\u001b]0;x\u0007\n        9  failed"}"#;
    let ran = replay_with(&aws, &queue, &["--list", "-", "--dry-run"], line).expect(0);
    assert_eq!(counts(&ran), BTreeMap::from([("listed", 1), ("sent", 1)]));
    assert!(
        ran.stdout.contains("s3://incoming/a]0;x 9 failed") && !ran.stdout.contains('\u{1b}'),
        "{}",
        ran.stdout
    );
}

#[test]
fn an_inventory_is_a_list_packed_or_not_with_its_sizes_and_times() {
    let (aws, queue) = aws_and_queue();
    let rows = r#""incoming","a+b%2Bc.txt","10","2026-03-12T14:20:07.000Z"
"incoming","d.txt","99","2026-03-12T14:20:07.000Z"
"incoming","e.txt","10","2025-01-01T00:00:00.000Z"
"#;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("inventory.csv.gz");
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(rows.as_bytes()).expect("memory takes it");
    std::fs::write(&file, gz.finish().expect("memory takes it")).expect("a file");
    let file = file.display().to_string();
    let columns = "Bucket, Key, Size, LastModifiedDate";
    let arguments = ["--list", &file, "--columns", columns, "--max-bytes", "50", "--after", "2026-01-01"];
    expect(replay(&aws, &queue, &arguments), 0, &[("listed", 3), ("filtered out", 2), ("sent", 1)]);
    assert_eq!(sent_keys(&aws, &queue), ["a b+c.txt"]);
    expect(replay(&aws, &queue, &["--list", &file]), 0, &[("listed", 3), ("sent", 3)]);
}

#[test]
fn a_list_on_a_pipe_gives_all_its_documents() {
    const DOCUMENTS: u64 = 20_000;
    let (aws, queue) = aws_and_queue();
    let list: String = (0..DOCUMENTS).map(|i| format!("s3://{INCOMING}/doc-{i:05}.txt\n")).collect();
    let all = [("listed", DOCUMENTS), ("sent", DOCUMENTS)];
    expect(replay_with(&aws, &queue, &["--list", "/dev/stdin", "--dry-run"], &list), 0, &all);

    let folder = tempfile::tempdir().expect("a folder");
    let fifo = folder.path().join("list");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().expect("it starts").success());
    let path = fifo.display().to_string();
    let writer = std::thread::spawn(move || std::fs::write(fifo, list));
    expect(replay(&aws, &queue, &["--list", &path, "--dry-run"]), 0, &all);
    writer.join().expect("it ends").expect("all of it was read");
}

#[test]
fn lines_that_only_look_like_documents_are_named_and_not_sent() {
    let (aws, queue) = aws_and_queue();
    let list = [
        "Bucket,Key",
        "bucket,key",
        "https://x/y,z.txt",
        "foo bar,baz",
        "s3://Incoming/a.txt",
        r#"{"bucket": "Incoming", "key": "a.txt"}"#,
        "incoming,b.txt",
    ];
    let ran = replay_with(&aws, &queue, &["--list", "-"], &list.join("\n"));
    let ran = expect(ran, 1, &[("listed", 7), ("sent", 1), ("failed", 6)]);
    for said in [
        "line 1: has the names of columns",
        "line 2: has the names of columns",
        "line 3: is no s3:// URL",
        "s3://Incoming/a.txt: `Incoming` is no bucket name",
    ] {
        assert!(ran.stdout.contains(said), "{said} is not in {}", ran.stdout);
    }
    assert_eq!(sent_keys(&aws, &queue), ["b.txt"]);
}

#[test]
fn a_list_that_begins_with_a_byte_order_mark_is_read_from_its_first_line() {
    let (aws, queue) = aws_and_queue();
    for first in ["s3://incoming/a.txt", "incoming,a.txt", r#"{"bucket":"incoming","key":"a.txt"}"#] {
        let ran = replay_with(&aws, &queue, &["--list", "-"], &format!("\u{feff}{first}\r\n"));
        expect(ran, 0, &[("listed", 1), ("sent", 1)]);
        assert_eq!(sent_keys(&aws, &queue), ["a.txt"]);
    }
}

#[test]
fn rejections_give_their_handoffs_and_their_messages() {
    let (aws, queue) = aws_and_queue();
    let handoff = json!({"baton": 1, "document": {"bucket": INCOMING, "key": "a.json", "versionId": "v1",
        "sequencer": "0A"}, "name": "a.json", "hop": 0});
    let record = |more: serde_json::Value| {
        let mut record = json!({"baton": "0.1.0", "pipeline": "news", "stage": "ner",
            "model": {"name": "ner", "digest": "sha256:0"}, "reason": "invalid-json", "message": "m"});
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        record.to_string()
    };
    aws.s3().put(RESULTS, "rejected/ner/a.json.json", record(json!({"handoff": handoff})));
    aws.s3().put(RESULTS, "rejected/ner/messages/m1.json", record(json!({"body": "no message"})));
    aws.s3().put(RESULTS, "rejected/ner/other.txt", "no record");
    let from = format!("s3://{RESULTS}/rejected/ner/");
    let ran = replay(&aws, &queue, &["--rejections", &from]);
    let ran = expect(ran, 1, &[("listed", 3), ("sent", 2), ("failed", 1)]);
    assert!(ran.stdout.contains("other.txt: is no record of a rejection"), "{}", ran.stdout);
    let mut bodies: Vec<_> = aws.sqs().take_all(&queue).into_iter().map(|message| message.body).collect();
    bodies.sort();
    assert_eq!(bodies[0], "no message");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&bodies[1]).unwrap(), handoff);

    expect(
        replay(&aws, &queue, &["--rejections", &from, "--latest", "--glob", "a.json"]),
        1,
        &[("listed", 3), ("filtered out", 1), ("sent", 1), ("failed", 1)],
    );
    let body = aws.sqs().take_all(&queue)[0].json();
    assert_eq!(body["document"], json!({"bucket": INCOMING, "key": "a.json"}));
}

#[test]
fn a_fifo_queue_gets_every_run_though_it_drops_what_a_run_repeats() {
    let (aws, _) = aws_and_queue();
    let queue = aws.sqs().create("documents.fifo", json!({}));
    (0..12).for_each(|i| drop(aws.s3().put(INCOMING, &format!("{i}.txt"), "text")));
    let from = format!("s3://{INCOMING}/");
    for _ in 0..2 {
        expect(replay(&aws, &queue, &["--prefix", &from]), 0, &[("listed", 12), ("sent", 12)]);
        assert_eq!(aws.sqs().take(&queue, 12, std::time::Duration::from_secs(60)).len(), 12);
    }
}

#[test]
fn what_does_not_go_together_is_refused_before_anything_is_done() {
    let (aws, queue) = aws_and_queue();
    for (arguments, said) in [
        (vec![], "--prefix"),
        (vec!["--list", "a", "--prefix", "s3://incoming"], "cannot be used with"),
        (vec!["--prefix", "incoming"], "is no s3://bucket/prefix"),
        (vec!["--prefix", "s3://In coming/"], "`In coming` is no bucket name"),
        (vec!["--list", "-", "--min-bytes", "3"], "sizes are known with --prefix"),
        (vec!["--list", "-", "--after", "2026-03-12"], "times are known with --prefix"),
        (vec!["--prefix", "s3://incoming", "--after", "monday"], "`monday` is no time"),
        (vec!["--prefix", "s3://incoming", "--rate", "fast"], "write messages a second"),
        (vec!["--prefix", "s3://incoming", "--rate", "50/s/s"], "write messages a second"),
        (vec!["--prefix", "s3://incoming", "--force", "--only-missing"], "cannot be used with"),
        (vec!["--prefix", "s3://incoming", "--only-missing"], "BATON_STAGE: is missing"),
        (vec!["--dead-letters", &queue.url], "is the queue of --dead-letters"),
        (vec!["--list", "/nowhere/list"], "--list: /nowhere/list"),
    ] {
        let ran = replay(&aws, &queue, &arguments).expect(2);
        assert!(ran.stderr.contains(said), "{said} is not in {}", ran.stderr);
    }
}

#[test]
fn a_bucket_or_a_queue_that_is_not_there_ends_the_run_and_is_named() {
    let (aws, mut queue) = aws_and_queue();
    let ran = replay(&aws, &queue, &["--prefix", "s3://no-such-bucket/"]).expect(1);
    assert!(ran.stdout.contains("ended early: can't list s3://no-such-bucket/"), "{}", ran.stdout);
    (0..30).for_each(|i| drop(aws.s3().put(INCOMING, &format!("{i}.txt"), "text")));
    queue.url.push_str("-gone");
    let ran = replay(&aws, &queue, &["--prefix", "s3://incoming/"]).expect(1);
    assert!(ran.stdout.contains("the queue took none of 30 messages"), "{}", ran.stdout);
    assert!(ran.stdout.contains("       30  failed"), "{}", ran.stdout);
}

/// As one that only knows the first version of lists answers: what comes after the first thousand would be left out in silence.
#[test]
fn a_list_that_is_cut_short_and_does_not_say_how_it_goes_on_ends_the_run() {
    const LIST: &str = "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>a.txt</Key></Contents></ListBucketResult>";
    let (aws, queue) = aws_and_queue();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let lines = BufReader::new(stream.try_clone().expect("a connection")).lines();
            let _ = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).count();
            let length = LIST.len();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{LIST}"
            );
        }
    });
    let mut command = command(&aws, &queue, &["--prefix", &format!("s3://{INCOMING}/")]);
    let ran = Ran::of(command.env("AWS_ENDPOINT_URL_S3", endpoint)).expect(1);
    assert!(format!("{}{}", ran.stdout, ran.stderr).contains("doesn't know ListObjectsV2"), "{}", ran.stdout);
    assert!(aws.sqs().take_all(&queue).is_empty());
}
