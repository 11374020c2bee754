//! Where enriched documents are found, and which of several of one document is shown.

use serde_json::{Value, json};

use crate::{
    Page, make, report,
    support::{
        deployment::{self, RESULTS},
        document::list,
        local::{Workplace, program, repository},
    },
};

const NEWS: [(&str, &str); 2] = [
    ("desk/a.txt", "Northwind Energy was praised by Anna Kovac on Monday."),
    (
        "sentiment/b.json",
        r#"{"text": "Anna Kovac has failed Northwind Energy terribly.", "date": "2026-03-12"}"#,
    ),
];

fn names(page: &Page) -> Vec<&str> {
    list(&page.data["documents"]).iter().filter_map(|document| document["name"].as_str()).collect()
}

#[test]
fn a_whole_folder_of_results_and_that_of_its_last_stage_give_the_same_page() {
    let place = Workplace::with(NEWS.into_iter().chain([("bad.json", "{")]));
    place.run(&[]).expect(1);
    let whole = report(&place.out());
    let last = report(&place.out().join("sentiment"));
    assert_eq!(names(&whole), ["desk/a.txt", "sentiment/b.json"]);
    assert_eq!((&whole.data["rejected"], &last.data["rejected"]), (&json!(1), &json!(0)));
    assert_eq!(whole.html.replace("\"rejected\":1", "\"rejected\":0"), last.html);
    assert!(
        list(&whole.data["documents"]).iter().all(|d| list(&d["mentions"]).iter().all(|m| !m[4].is_null()))
    );
}

#[test]
fn documents_that_were_rejected_are_counted_and_it_is_said_where_to_look() {
    let bad = [("bad.json", "{"), ("desk/worse.json", "{}")];
    let place = Workplace::with(NEWS.into_iter().chain(bad));
    place.run(&[]).expect(1);
    let records = place.out().join("rejected/ner").display().to_string();
    let ran = make(&place.out()).expect(0);
    assert!(
        ran.stdout.starts_with(&format!("2 were rejected: see {records}\n2 documents, ")),
        "{}",
        ran.stdout
    );
    assert_eq!(Page::read(&place.out().join("report.html")).data["rejected"], 2);

    let aws = deployment::aws();
    for (name, bytes) in place.results() {
        aws.s3().put(RESULTS, &format!("rejected-some/{name}"), bytes);
    }
    let to = place.path("report.html");
    let mut command = std::process::Command::new(program());
    command.args(["report", &format!("s3://{RESULTS}/rejected-some"), "--to", to.to_str().unwrap()]);
    let output = command.envs(aws.sdk_environment()).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let line = format!("2 were rejected: see s3://{RESULTS}/rejected-some/rejected/ner\n");
    assert!(said.starts_with(&line), "{said}{}", String::from_utf8_lossy(&output.stderr));

    let place = Workplace::with(bad);
    place.run(&[]).expect(1);
    let ran = make(&place.out()).expect(2);
    let records = place.out().join("rejected/ner").display().to_string();
    let says = format!("has no enriched documents: all 2 were rejected; see why in {records}\n");
    assert!(ran.stderr.ends_with(&says), "{}", ran.stderr);
}

#[test]
fn a_document_that_was_rejected_and_came_through_is_counted_as_both() {
    let place = Workplace::with([("a.json", r#"{"text": "Northwind Energy fell."}"#), ("bad.json", "{")]);
    place.run(&[]).expect(1);
    let record = place.out().join("rejected/ner/bad.json.json");
    // As it is on AWS, where no record is taken away when the document was mended.
    let text = std::fs::read_to_string(&record).unwrap().replace("bad.json", "a.json");
    std::fs::write(place.out().join("rejected/ner/a.json.json"), text).unwrap();
    let ran = make(&place.out()).expect(0);
    let says =
        "2 were rejected, 1 of which are shown, as an earlier stage left them or in another version: see ";
    assert!(ran.stdout.starts_with(says), "{}", ran.stdout);
}

#[test]
fn documents_of_one_key_in_two_buckets_are_two_and_named_with_their_buckets() {
    let place = Workplace::with(NEWS);
    place.run(&[]).expect(0);
    let last = place.out().join("sentiment");
    let first: Value = serde_json::from_slice(&place.output("sentiment", "desk/a.txt")).unwrap();
    for bucket in ["news", "archive"] {
        let mut document = first.clone();
        document["lineage"][0]["input"]["bucket"] = bucket.into();
        std::fs::write(last.join(format!("{bucket}.json")), document.to_string()).unwrap();
    }
    let page = report(&last);
    let several =
        ["archive/desk/a.txt", "documents/desk/a.txt", "documents/sentiment/b.json", "news/desk/a.txt"];
    assert_eq!(names(&page), several.map(|name| format!("s3://{name}")));
    assert_eq!(page.entity("Anna Kovac").1["documents"], 4);
}

#[test]
fn documents_of_one_name_in_two_runs_are_two() {
    let place = Workplace::with([("a.txt", "Northwind Energy fell.")]);
    place.run(&[]).expect(0);
    let all = place.path("all");
    std::fs::create_dir(&all).unwrap();
    std::fs::rename(place.out(), all.join("january")).unwrap();
    place.put("a.txt", "Larkfield Capital rose.");
    place.run(&[]).expect(0);
    std::fs::rename(place.out(), all.join("february")).unwrap();
    let ran = make(&all).expect(0);
    assert_eq!(ran.stderr, "");
    assert_eq!(names(&crate::Page::read(&all.join("report.html"))), ["a.txt (february)", "a.txt (january)"]);
}

#[test]
fn a_folder_whose_name_ends_like_a_stages_is_no_run_of_its_own() {
    let place = Workplace::with([("a.txt", "Northwind Energy fell.")]);
    place.run(&[]).expect(0);
    std::fs::rename(place.out().join("ner"), place.out().join("old-ner")).unwrap();
    assert_eq!(names(&report(&place.out())), ["a.txt"]);
}

#[test]
fn a_null_that_results_of_before_have_for_a_list_is_read() {
    let place = Workplace::with([("a.txt", "Northwind Energy fell.")]);
    place.run(&[]).expect(0);
    let path = place.out().join("sentiment/a.txt.json");
    let mut result: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    result["entities"][0]["couldBe"] = Value::Null;
    std::fs::write(&path, result.to_string()).unwrap();
    assert_eq!(report(&place.out()).entity("Northwind Energy").1["documents"], 1);
}

#[test]
fn without_sentiment_the_entities_alone_are_shown() {
    let place = Workplace::with(NEWS);
    place.run(&[]).expect(0);
    let page = report(&place.out().join("ner"));
    assert_eq!(names(&page), ["desk/a.txt", "sentiment/b.json"]);
    let (_, northwind) = page.entity("Northwind Energy");
    assert_eq!((&northwind["mentions"], &northwind["score"]), (&json!(2), &Value::Null));
    assert!(
        list(&page.document("desk/a.txt").1["mentions"]).iter().all(|m| m[4].is_null() && m[5].is_null())
    );
}

#[test]
fn forms_and_other_files_beside_the_results_are_no_documents() {
    let place = Workplace::with(NEWS);
    let file = place.path("pipeline.toml");
    let models = repository("model-fetch/models").display().to_string();
    let pipeline = std::fs::read_to_string(repository("samples/pipeline.toml")).unwrap();
    let pipeline = pipeline.replace("../model-fetch/models", &models);
    std::fs::write(&file, pipeline.trim_end().to_owned() + "\noutput = [\"comprehend\", \"lines\"]\n")
        .unwrap();
    place.run_pipeline(&file, &[]).expect(0);
    assert!(
        place.results().contains_key("sentiment.comprehend/desk/a.txt.json"),
        "{:?}",
        place.results().keys()
    );
    for (name, body) in [
        ("notes.json", r#"{"text": "mine"}"#),
        ("list.json", "[1]"),
        ("text.json", "\"a\""),
        ("null.json", " null"),
    ] {
        std::fs::write(place.out().join(name), body).unwrap();
    }
    assert_eq!(make(&place.out()).expect(0).stderr, "");
    assert_eq!(names(&Page::read(&place.out().join("report.html"))), ["desk/a.txt", "sentiment/b.json"]);
}

#[test]
fn the_page_goes_where_it_is_told_to() {
    let place = Workplace::with(NEWS);
    place.run(&[]).expect(0);
    let to = place.path("a page.html");
    let arguments = ["report".into(), place.out(), "--to".into(), to.clone()];
    let ran = crate::run(arguments).expect(0);
    assert!(ran.stdout.contains("a page.html"), "{}", ran.stdout);
    assert_eq!(names(&Page::read(&to)).len(), 2);
    assert!(!place.out().join("report.html").exists());
}

#[test]
fn a_bucket_gives_the_same_page_as_a_folder_however_many_pages_its_listing_has() {
    let place = Workplace::with(NEWS);
    place.run(&[]).expect(0);
    let aws = deployment::aws();
    for (name, bytes) in place.results() {
        aws.s3().put(RESULTS, &format!("enriched/{name}"), bytes);
    }
    // More than one answer of S3's holds.
    for i in 0..1001 {
        aws.s3().put(RESULTS, &format!("enriched/a/{i}.txt"), "none");
    }
    aws.s3().put(RESULTS, "enriched-not/c.json", "{");
    let to = place.path("report.html");
    let output = std::process::Command::new(program())
        .args(["report", &format!("s3://{RESULTS}/enriched/"), "--to", to.to_str().unwrap()])
        .envs(aws.sdk_environment())
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(Page::read(&to).html, report(&place.out()).html);
}

#[test]
fn a_place_without_enriched_documents_gives_status_2_and_no_page() {
    let place = Workplace::with(NEWS);
    for (folder, says) in [
        (place.documents(), "has no enriched documents"),
        (place.path("nowhere"), "nowhere is no folder"),
        (place.documents().join("desk/a.txt"), "is no folder"),
    ] {
        let ran = make(&folder).expect(2);
        assert!(ran.stderr.contains(says), "{says:?} is not in {}", ran.stderr);
    }
    assert!(!place.documents().join("report.html").exists());
    let ran = crate::run(["report", "s3://x"]).expect(2);
    assert!(ran.stderr.contains("`x` is no bucket name"), "{}", ran.stderr);
}

#[test]
fn what_the_sdk_warns_of_on_the_way_to_an_error_is_not_said() {
    let mut command = std::process::Command::new(program());
    command.args(["report", "s3://some-bucket/x"]).env_clear();
    // Nobody answers there, as on a desk.
    command.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9");
    let output = command.output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.starts_with("baton: no AWS region is set") && said.lines().count() == 1, "{said}");
}

#[test]
fn of_a_document_that_stages_of_earlier_runs_left_in_another_version_it_is_said_so() {
    let place = Workplace::with([("a.txt", "Northwind Energy fell."), ("b.txt", "Larkfield rose.")]);
    place.run(&[]).expect(0);
    assert_eq!(make(&place.out()).expect(0).stderr, "");
    place.put("a.txt", "Castellan Bank fell.");
    let model = repository("model-fetch/models/ner");
    let stage = format!("[[stage]]\nname = \"ner\"\ntask = \"ner\"\nmodel = {model:?}\n");
    let pipeline = place.path("pipeline.toml");
    std::fs::write(&pipeline, format!("[pipeline]\nname = \"p\"\n{stage}")).unwrap();
    place.run_pipeline(&pipeline, &[]).expect(0);
    let ran = make(&place.out()).expect(0);
    assert!(ran.stderr.contains("of a.txt there are results of several versions"), "{}", ran.stderr);
    std::fs::remove_dir_all(place.out().join("sentiment")).unwrap();
    assert_eq!(make(&place.out()).expect(0).stderr, "");
}

#[test]
fn a_page_takes_the_place_of_no_file_but_a_page() {
    let place = Workplace::with(NEWS);
    place.run(&[]).expect(0);
    let result = place.out().join("ner/desk/a.txt.json");
    let before = std::fs::read(&result).unwrap();
    let to = |to: &std::path::Path| crate::run(["report".into(), place.out(), "--to".into(), to.to_owned()]);
    let ran = to(&result).expect(2);
    assert!(ran.stderr.contains("is there and is no page; name another file with --to"), "{}", ran.stderr);
    assert_eq!(std::fs::read(&result).unwrap(), before);
    let page = place.path("page.html");
    std::fs::write(&page, "").unwrap();
    to(&page).expect(0);
    to(&page).expect(0);

    std::fs::set_permissions(&page, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    to(&page).expect(0);
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&page).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "whoever may not read a page may not read the next one");

    let mut into_pipe = std::process::Command::new(program());
    into_pipe.arg("report").arg(place.out()).args(["--to", "/dev/stdout"]);
    let written = into_pipe.output().unwrap();
    assert!(written.status.success() && written.stdout.starts_with(b"<!doctype html>"), "{written:?}");
}
