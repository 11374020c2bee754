//! The same document twice: again, at once in two processes, out of order, and on FIFO queues.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    deployment::{self, Deployed, INCOMING, RESULTS},
    document,
    event::Record,
    local::program,
    runtime_api::Runtime,
    wait_for,
};

const NEWS: &str = "Velmo Corp. lost its customers on Monday. Ada Quist of Zoltar Widgets was pleased.";

fn notification(key: &str, sequencer: &str) -> String {
    json!({"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": INCOMING}, "object": {"key": key, "size": 9, "sequencer": sequencer}}}]})
    .to_string()
}

/// The outcomes that the stage has logged until now; its log may be a moment behind its answers.
#[track_caller]
fn assert_outcomes(stage: &Deployed, expected: &[&str]) {
    wait_for("the outcomes", Duration::from_secs(5), || {
        let log = stage.runtime.stdout();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let outcomes: Vec<_> = lines.filter_map(|line| Some(line["outcome"].as_str()?.to_owned())).collect();
        if outcomes == expected { Ok(()) } else { Err(format!("{outcomes:?}, not {expected:?}")) }
    });
}

#[test]
fn a_message_that_comes_again_is_handed_on_again_and_computed_no_more() {
    let mut stage = Deployed::start("ner");
    stage.put("a.txt", NEWS);
    let record = || Record::new("m1", &format!("s3://{INCOMING}/a.txt"));
    assert!(stage.deliver([record()]).is_empty());
    assert_outcomes(&stage, &["done"]);
    let first = stage.output("ner", "a.txt");
    assert!(stage.deliver([record()]).is_empty());
    assert_outcomes(&stage, &["done", "repeated"]);
    assert_eq!(stage.output("ner", "a.txt"), first);
    let handed_on = stage.handed_on();
    assert_eq!((handed_on.len(), &handed_on[0]), (2, &handed_on[1]));

    let mut forced = handed_on[0].clone();
    forced["document"] = json!({"bucket": INCOMING, "key": "a.txt"});
    forced["force"] = json!(true);
    assert!(stage.deliver([Record::new("m2", &forced.to_string())]).is_empty());
    assert_outcomes(&stage, &["done", "repeated", "done"]);
    assert_eq!(stage.output("ner", "a.txt"), first);
}

#[test]
fn a_document_that_changed_is_computed_anew() {
    let mut stage = Deployed::start("ner");
    let texts = [NEWS, "Quill & Co. opened a shop."];
    for (i, text) in texts.into_iter().enumerate() {
        stage.put("a.txt", text);
        assert!(stage.deliver([Record::new("m1", &format!("s3://{INCOMING}/a.txt"))]).is_empty());
        assert_outcomes(&stage, &["done"; 2][..=i]);
        assert_eq!(stage.enriched("ner", "a.txt")["text"], text);
    }
}

#[test]
fn an_event_that_comes_late_does_not_overwrite_a_newer_result() {
    let mut stage = Deployed::start("ner");
    stage.put("a.txt", "The newer text.");
    assert!(stage.deliver([Record::new("m2", &notification("a.txt", "0062A9B1C2D3E4F5A2"))]).is_empty());
    let newer = stage.output("ner", "a.txt");
    // As if the late event's own version were read: in this bucket there is only one.
    stage.put("a.txt", "The older text.");
    assert!(stage.deliver([Record::new("m1", &notification("a.txt", "0062A9B1C2D3E4F5A1"))]).is_empty());
    assert_outcomes(&stage, &["done", "stale"]);
    assert_eq!(stage.output("ner", "a.txt"), newer);
    assert_eq!(stage.handed_on().len(), 1, "what is stale is not handed on");
}

/// An event later than those before it.
fn event(at: usize) -> [Record; 1] {
    [Record::new(&format!("m{at}"), &notification("a.txt", &format!("0062A9B1C2D3E4F5A{at}")))]
}

#[test]
fn an_event_that_comes_late_does_not_overwrite_a_document_that_was_changed_back() {
    let mut stage = Deployed::start("ner");
    stage.aws.s3().enable_versioning(INCOMING);
    let put = |text| stage.aws.s3().put(INCOMING, "a.txt", text).version.expect("the bucket keeps versions");
    let versions = [NEWS, "What it was between.", NEWS].map(put);
    for at in [1, 3, 2, 3] {
        let place = json!({"bucket": INCOMING, "key": "a.txt", "versionId": versions[at - 1],
                           "sequencer": format!("0062A9B1C2D3E4F5A{at}")});
        let event = json!({"baton": 1, "document": place}).to_string();
        assert!(stage.deliver([Record::new(&format!("m{at}"), &event)]).is_empty());
        assert_eq!(stage.enriched("ner", "a.txt")["text"], NEWS);
    }
    assert_outcomes(&stage, &["done", "done", "stale", "repeated"]);
    assert_eq!(stage.handed_on().len(), 3, "the next stage hears that it is newer");
}

#[test]
fn force_computes_what_is_there_and_lets_no_older_version_overwrite_a_newer_one() {
    let mut stage = Deployed::start("ner");
    for (at, text) in [(2, NEWS), (1, "The older text."), (2, NEWS)] {
        stage.put("a.txt", text);
        let place =
            json!({"bucket": INCOMING, "key": "a.txt", "sequencer": format!("0062A9B1C2D3E4F5A{at}")});
        let forced = json!({"baton": 1, "document": place, "force": true}).to_string();
        assert!(stage.deliver([Record::new("m1", &forced)]).is_empty());
        assert_eq!(stage.enriched("ner", "a.txt")["text"], NEWS);
    }
    assert_outcomes(&stage, &["done", "stale", "done"]);
}

#[test]
fn a_document_whose_newer_version_was_deleted_is_made_again_and_the_deleted_one_comes_too_late() {
    let mut stage = Deployed::start("ner");
    stage.aws.s3().enable_versioning(INCOMING);
    let url = || Record::new("m1", &format!("s3://{INCOMING}/a.txt"));
    let of_version = |version: &str| {
        let place = json!({"bucket": INCOMING, "key": "a.txt", "versionId": version});
        Record::new("m2", &json!({"baton": 1, "document": place}).to_string())
    };
    let put = |stage: &Deployed, text: &str| {
        let written = stage.aws.s3().put(INCOMING, "a.txt", text);
        written.version.expect("the bucket keeps versions")
    };
    let first = put(&stage, NEWS);
    // S3 tells times in seconds.
    std::thread::sleep(Duration::from_millis(1100));
    let second = put(&stage, "It was published by mistake.");
    assert!(stage.deliver([url()]).is_empty());
    assert!(stage.deliver([of_version(&first)]).is_empty());
    assert_outcomes(&stage, &["done", "stale"]);
    let time = |stage: &Deployed| {
        let result = stage.aws.s3().head(RESULTS, "news/ner/a.txt.json").expect("it is there");
        result.metadata.get("baton-input-modified").cloned()
    };
    let newest = time(&stage);

    stage.aws.s3().delete_version(INCOMING, "a.txt", &second);
    for _ in 0..2 {
        assert!(stage.deliver([url()]).is_empty());
        assert_eq!(stage.enriched("ner", "a.txt")["text"], NEWS);
    }
    assert_outcomes(&stage, &["done", "stale", "done", "repeated"]);
    assert!(newest.is_some() && time(&stage) == newest, "what was before the newest stays late");
}

#[test]
fn an_event_that_comes_late_does_not_overwrite_what_was_made_again_without_a_sequencer() {
    let mut stage = Deployed::start("ner");
    stage.put("a.txt", NEWS);
    assert!(stage.deliver(event(2)).is_empty());
    let place = json!({"bucket": INCOMING, "key": "a.txt"});
    let forced = json!({"baton": 1, "document": place, "force": true}).to_string();
    assert!(stage.deliver([Record::new("m1", &forced)]).is_empty());
    stage.put("a.txt", "The older text.");
    assert!(stage.deliver(event(1)).is_empty());
    assert_eq!(stage.enriched("ner", "a.txt")["text"], NEWS);
    assert_outcomes(&stage, &["done", "done", "stale"]);
}

#[test]
fn an_event_between_a_result_and_what_was_made_without_a_sequencer_later_does_not_overwrite_that() {
    let mut stage = Deployed::start("ner");
    stage.aws.s3().enable_versioning(INCOMING);
    let versions = ["Two.", "Three.", "Four."].map(|text| {
        std::thread::sleep(Duration::from_millis(1100));
        stage.aws.s3().put(INCOMING, "a.txt", text).version.expect("the bucket keeps versions")
    });
    let of = |at: usize| {
        let sequencer = format!("0062A9B1C2D3E4F5A{at}");
        let place = json!({"bucket": INCOMING, "key": "a.txt", "versionId": versions[at - 2], "sequencer": sequencer});
        [Record::new(&format!("m{at}"), &json!({"baton": 1, "document": place}).to_string())]
    };
    assert!(stage.deliver(of(2)).is_empty());
    assert!(stage.deliver([Record::new("m1", &format!("s3://{INCOMING}/a.txt"))]).is_empty());
    assert!(stage.deliver(of(3)).is_empty());
    assert_eq!(stage.enriched("ner", "a.txt")["text"], "Four.");
    assert_outcomes(&stage, &["done", "done", "stale"]);
}

#[test]
fn two_processes_at_once_agree_on_one_result() {
    let aws = deployment::aws();
    let next = aws.sqs().create("next", json!({}));
    let mut environment = aws.sdk_environment();
    environment.extend(deployment::variables("ner", &[&next]));
    let mut both = [0, 1].map(|_| Runtime::start(program(), &environment));
    both.iter_mut().for_each(Runtime::wait_ready);
    aws.s3().enable_versioning(RESULTS);
    let news = NEWS.repeat(20);
    let keys: Vec<String> = (0..10).map(|i| format!("{i}.txt")).collect();
    keys.iter().for_each(|key| {
        aws.s3().put(INCOMING, key, &news);
    });
    let records =
        || keys.iter().map(|key| Record::new(key, &format!("s3://{INCOMING}/{key}"))).collect::<Vec<_>>();
    std::thread::scope(|scope| {
        for runtime in &mut both {
            scope.spawn(|| assert_eq!(deployment::deliver(runtime, records()), Vec::<String>::new()));
        }
    });
    let results = aws.s3().list(RESULTS, "news/ner/");
    assert_eq!(results.len(), keys.len());
    let handed_on: Vec<Value> = aws.sqs().take_all(&next).iter().map(|message| message.json()).collect();
    assert_eq!(handed_on.len(), 2 * keys.len(), "each handed on what is there");
    for key in &keys {
        let key = format!("news/ner/{key}.json");
        let version = aws.s3().head(RESULTS, &key).expect("it was listed").version;
        let of_key = handed_on.iter().filter(|body| body["document"]["key"] == key.as_str());
        let versions: Vec<_> =
            of_key.map(|body| body["document"]["versionId"].as_str().map(str::to_owned)).collect();
        assert_eq!(versions, [version.clone(), version], "one result was written, and both mean it");
    }
}

#[test]
fn a_fifo_queue_gets_a_document_once_however_often_its_message_comes() {
    let aws = deployment::aws();
    let next = aws.sqs().create("next.fifo", json!({"FifoQueue": true}));
    let mut environment = aws.sdk_environment();
    environment.extend(deployment::variables("ner", &[&next]));
    let mut runtime = Runtime::start(program(), &environment);
    aws.s3().put(INCOMING, "a.txt", NEWS);
    aws.s3().put(INCOMING, "b.txt", NEWS);
    for _ in 0..3 {
        let records = ["a.txt", "b.txt"].map(|key| Record::new(key, &format!("s3://{INCOMING}/{key}")));
        assert!(deployment::deliver(&mut runtime, records).is_empty());
    }
    let mut names: Vec<_> =
        aws.sqs().take_all(&next).iter().map(|m| document::text(&m.json()["name"]).to_owned()).collect();
    names.sort();
    assert_eq!(names, ["a.txt", "b.txt"]);
}

#[test]
fn a_fifo_queue_gets_a_document_that_was_changed_back_with_or_without_versions_of_results() {
    for versions in [false, true] {
        let aws = deployment::aws();
        let next = aws.sqs().create("next.fifo", json!({}));
        let mut environment = aws.sdk_environment();
        environment.extend(deployment::variables("ner", &[&next]));
        let mut runtime = Runtime::start(program(), &environment);
        if versions {
            aws.s3().enable_versioning(RESULTS);
        }
        for (at, text) in [(1, NEWS), (2, "What it was between."), (3, NEWS)] {
            aws.s3().put(INCOMING, "a.txt", text);
            for _ in 0..2 {
                assert!(deployment::deliver(&mut runtime, event(at)).is_empty());
            }
        }
        let handed_on: Vec<Value> = aws.sqs().take_all(&next).iter().map(|message| message.json()).collect();
        let sequencers: Vec<_> =
            handed_on.iter().map(|body| document::text(&body["document"]["sequencer"])).collect();
        let each_once = ["0062A9B1C2D3E4F5A1", "0062A9B1C2D3E4F5A2", "0062A9B1C2D3E4F5A3"];
        assert_eq!(sequencers, each_once, "with versions: {versions}");
    }
}
