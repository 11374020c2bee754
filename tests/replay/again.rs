//! A run that ends before its end is gone on with: what was confirmed is never sent again.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::TcpListener,
    process::{Child, Stdio},
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    time::Duration,
};

use super::{
    aws_and_queue, command, counts, replay, replay_with,
    support::{deployment::INCOMING, document, local::Ran, process, sent::Sent, wait_for},
};

const DOCUMENTS: usize = 600;
/// What may be sent twice when a run is killed: at 400 a second, a tenth of a second's.
const IN_DOUBT: usize = 40;
const SOON: Duration = Duration::from_secs(60);

fn list() -> String {
    (0..DOCUMENTS).map(|i| format!("s3://{INCOMING}/{i:04}.txt\n")).collect()
}

/// Waits until the checkpoint has so many documents more.
fn wait_sent(path: &std::path::Path, at_least: usize, child: &mut Child) {
    wait_for("something to be sent", SOON, || {
        let lines = std::fs::read_to_string(path).map_or(0, |text| text.lines().count());
        assert!(child.try_wait().expect("it can be waited for").is_none(), "it ended before it was killed");
        if lines >= at_least { Ok(()) } else { Err(format!("{lines} lines")) }
    });
}

#[test]
fn killed_again_and_again_it_goes_on_and_sends_every_document() {
    let (aws, queue) = aws_and_queue();
    let folder = tempfile::tempdir().expect("a folder");
    let (path, file) = (folder.path().join("checkpoint"), folder.path().join("list"));
    std::fs::write(&file, list()).expect("a file");
    let (checkpoint, file) = (path.display().to_string(), file.display().to_string());
    let arguments = ["--list", &file, "--checkpoint", &checkpoint, "--rate", "400/s"];
    let kills = 4;
    for life in 1..=kills {
        let mut command = command(&aws, &queue, &arguments);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        wait_sent(&path, life * DOCUMENTS / (kills + 2), &mut child);
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    }
    let ran = replay(&aws, &queue, &arguments).expect(0);
    let last = counts(&ran);
    assert_eq!(last["listed"], DOCUMENTS as u64);
    assert_eq!(last["sent"] + last["sent by an earlier run"], DOCUMENTS as u64, "{}", ran.stdout);

    let bodies: Vec<String> = aws.sqs().take_all(&queue).into_iter().map(|message| message.body).collect();
    let different: BTreeSet<&String> = bodies.iter().collect();
    assert_eq!(different.len(), DOCUMENTS, "none is missing");
    assert!(bodies.len() <= DOCUMENTS + kills * IN_DOUBT, "{} for {DOCUMENTS} documents", bodies.len());

    let again = replay(&aws, &queue, &arguments).expect(0);
    assert_eq!(
        counts(&again),
        BTreeMap::from([("listed", DOCUMENTS as u64), ("sent by an earlier run", DOCUMENTS as u64)])
    );
    let other = replay(&aws, &queue, &["--list", &file, "--checkpoint", &checkpoint, "--force"]).expect(2);
    assert!(other.stderr.contains("of a run with other arguments"), "{}", other.stderr);
}

#[test]
fn ctrl_c_ends_it_after_the_call_under_way_and_nothing_is_sent_twice() {
    let (aws, queue) = aws_and_queue();
    let folder = tempfile::tempdir().expect("a folder");
    let (path, file) = (folder.path().join("checkpoint"), folder.path().join("list"));
    std::fs::write(&file, list()).expect("a file");
    let (checkpoint, file) = (path.display().to_string(), file.display().to_string());
    let arguments = ["--list", &file, "--checkpoint", &checkpoint, "--rate", "200/s"];
    let mut command = command(&aws, &queue, &arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    wait_sent(&path, 100, &mut child);
    process::signal(child.id(), "INT");
    let first = Ran::from(child.wait_with_output().expect("it ends")).expect(130);
    assert!(
        first.stdout.contains("stopped") && first.stdout.contains("the same command goes on"),
        "{}",
        first.stdout
    );
    let rest = counts(&replay(&aws, &queue, &arguments).expect(0));
    assert!(rest["sent by an earlier run"] >= 99, "{rest:?}");
    let bodies: Vec<String> = aws.sqs().take_all(&queue).into_iter().map(|message| message.body).collect();
    assert_eq!(bodies.len(), DOCUMENTS, "each exactly once");
    assert_eq!(bodies.iter().collect::<BTreeSet<_>>().len(), DOCUMENTS);
}

#[test]
fn told_to_stop_it_does_not_try_again_what_the_queue_refuses() {
    static REFUSED: AtomicUsize = AtomicUsize::new(0);
    let (aws, queue) = aws_and_queue();
    let sqs = Sent::start_refusing(|_| {
        REFUSED.fetch_add(1, SeqCst);
        true
    });
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("list");
    std::fs::write(&file, format!("s3://{INCOMING}/a.txt")).expect("a file");
    let mut command = command(&aws, &queue, &["--list", &file.display().to_string()]);
    command.env("AWS_ENDPOINT_URL_SQS", sqs.endpoint()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("it starts");
    wait_for("a message to be refused", SOON, || match REFUSED.load(SeqCst) {
        0 => Err("none was".to_owned()),
        _ => Ok(()),
    });
    process::signal(child.id(), "INT");
    let ran = Ran::from(child.wait_with_output().expect("it ends")).expect(130);
    assert!(ran.stdout.contains("stopped") && !ran.stdout.contains("ended early"), "{}", ran.stdout);
}

#[test]
fn told_twice_it_does_not_wait_for_a_queue_that_does_not_answer() {
    let (aws, queue) = aws_and_queue();
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
    let endpoint = format!("http://{}", silent.local_addr().expect("an address"));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("list");
    std::fs::write(&file, format!("s3://{INCOMING}/a.txt")).expect("a file");
    let mut command = command(&aws, &queue, &["--list", &file.display().to_string()]);
    command.env("AWS_ENDPOINT_URL_SQS", endpoint).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let _call = silent.accept().expect("it calls");
    process::signal(child.id(), "INT");
    // Signals that come too fast are one to the system.
    wait_for("it to end", Duration::from_secs(20), || {
        match child.try_wait().expect("it can be waited for") {
            Some(_) => Ok(()),
            None => {
                process::signal(child.id(), "INT");
                Err("it waits".to_owned())
            }
        }
    });
    let ran = Ran::from(child.wait_with_output().expect("it ends")).expect(130);
    assert!(ran.stdout.contains("stopped"), "{}", ran.stdout);
}

#[test]
fn a_damaged_checkpoint_is_refused_with_the_line_that_is_wrong_and_left_alone() {
    let (aws, queue) = aws_and_queue();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("checkpoint");
    let checkpoint = path.display().to_string();
    let arguments = ["--list", "-", "--checkpoint", &checkpoint];
    replay_with(&aws, &queue, &arguments, "s3://incoming/a.txt").expect(0);
    let whole = std::fs::read(&path).expect("it was written");
    for damage in [format!("a{}", "é".repeat(40)).into_bytes(), vec![0xff; 40], vec![b'\n'; 33]] {
        let damaged = [whole.clone(), damage].concat();
        std::fs::write(&path, &damaged).expect("a file");
        let ran = replay(&aws, &queue, &arguments).expect(2);
        assert!(ran.stderr.contains("is damaged: line 3 is no id; delete that line"), "{}", ran.stderr);
        assert_eq!(std::fs::read(&path).expect("it is there"), damaged);
    }
}

/// Alone in its call, as all are at a slow rate.
#[test]
fn a_message_that_the_queue_finds_fault_with_keeps_no_other_from_being_sent() {
    let (aws, queue) = aws_and_queue();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("list");
    std::fs::write(&file, "s3://incoming/bad.txt\ns3://incoming/a.txt\n").expect("a file");
    let sqs = Sent::start_finding_fault(|body| body.contains("bad"));
    let mut command = command(&aws, &queue, &["--list", &file.display().to_string(), "--rate", "1"]);
    command.env("AWS_ENDPOINT_URL_SQS", sqs.endpoint());
    let ran = Ran::of(&mut command).expect(1);
    assert_eq!(counts(&ran), BTreeMap::from([("listed", 2), ("sent", 1), ("failed", 1)]));
    assert!(ran.stdout.contains("bad.txt") && !ran.stdout.contains("ended early"), "{}", ran.stdout);
}

#[test]
fn what_the_queue_refuses_of_a_call_is_sent_again_and_nothing_else_is() {
    let (aws, queue) = aws_and_queue();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("list");
    std::fs::write(&file, list()).expect("a file");
    // Every third, and for a while all: more often than a call by itself tries.
    let sqs = Sent::start_refusing(|n| n % 3 == 0 || (300..620).contains(&n));
    let file = file.display().to_string();
    let mut command = command(&aws, &queue, &["--list", &file]);
    command.env("AWS_ENDPOINT_URL_SQS", sqs.endpoint());
    let ran = Ran::of(&mut command).expect(0);
    assert_eq!(counts(&ran), BTreeMap::from([("listed", DOCUMENTS as u64), ("sent", DOCUMENTS as u64)]));
    let bodies: Vec<String> =
        sqs.messages().iter().map(|entry| document::text(&entry["MessageBody"]).to_owned()).collect();
    assert_eq!(bodies.len(), DOCUMENTS, "each exactly once");
    assert_eq!(bodies.iter().collect::<BTreeSet<_>>().len(), DOCUMENTS);
}

/// One call after the other would take an hour for a million of them where a call takes 40 ms.
#[test]
fn several_calls_are_under_way_at_once() {
    static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let (aws, queue) = aws_and_queue();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("list");
    std::fs::write(&file, list()).expect("a file");
    let sqs = Sent::start_refusing(|_| {
        MOST.fetch_max(UNDER_WAY.fetch_add(1, SeqCst) + 1, SeqCst);
        std::thread::sleep(Duration::from_millis(5));
        UNDER_WAY.fetch_sub(1, SeqCst);
        false
    });
    let mut command = command(&aws, &queue, &["--list", &file.display().to_string()]);
    command.env("AWS_ENDPOINT_URL_SQS", sqs.endpoint());
    let ran = Ran::of(&mut command).expect(0);
    assert_eq!(counts(&ran), BTreeMap::from([("listed", DOCUMENTS as u64), ("sent", DOCUMENTS as u64)]));
    assert_eq!(sqs.messages().len(), DOCUMENTS);
    assert!((2..=8).contains(&MOST.load(SeqCst)), "{MOST:?}");
}
