//! The exit status, what is printed with it, and the records of what was rejected.

use super::support::{
    document::text,
    local::{SampleRun, Workplace, program, repository, run, sample_run, tree},
};

const GOOD: &str = "Northwind Energy was praised by Anna Kovac on Monday. Shares rose.";

#[test]
fn every_sample_document_comes_through_with_status_0_and_a_table_of_what_was_found() {
    let names = tree(&repository("samples/documents"));
    let SampleRun { results, ran } = sample_run();

    for name in names.keys() {
        let document = sample_run().enriched(name);
        let mentions = document["annotations"]["sentiment"]["mentions"].as_array().map_or(0, Vec::len);
        assert!(mentions >= 5, "{name}: a news text names more than {mentions} times");
    }
    assert_eq!(results.len(), 2 * names.len(), "one file for each document and stage, nothing else");
    let through = format!("{0} of {0} documents came through; the results are in", names.len());
    assert!(ran.stdout.contains(&through), "{}", ran.stdout);
    let line = |begin: &str| ran.stdout.lines().find(|line| line.trim_start().starts_with(begin));
    assert!(line("entity").is_some_and(|header| header.contains("positive")), "{}", ran.stdout);
    assert!(line("Northwind Energy").is_some_and(|row| row.contains("ORG")), "{}", ran.stdout);
    assert!(line("− 0.").is_some_and(|strongest| strongest.ends_with(')')), "{}", ran.stdout);
    assert!(ran.stderr.contains(&format!("{0}/{0} documents in", names.len())), "{}", ran.stderr);
}

#[test]
fn a_rejected_document_gives_status_1_a_line_and_a_record_and_its_neighbours_come_through() {
    let place = Workplace::with([
        ("good.txt", GOOD),
        ("cut off.json", r#"{"text": "Northwind Ener"#),
        ("desk/no text.json", r#"{"title": "Nothing"}"#),
    ]);
    let ran = place.run(&[]).expect(1);

    assert!(ran.stdout.contains("1 of 3 documents came through"), "{}", ran.stdout);
    let records = format!("2 rejected; their records are in {}:", place.out().join("rejected").display());
    assert!(ran.stdout.contains(&records), "{}", ran.stdout);
    assert!(ran.stdout.contains("  cut off.json, stage ner: invalid-json: "), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("  desk/no text.json, stage ner: invalid-document: `text` is missing"),
        "{}",
        ran.stdout
    );

    let record = place.rejection("desk/no text.json");
    assert_eq!(record["reason"], "invalid-document");
    assert_eq!(record["message"], "`text` is missing");
    assert_eq!((&record["pipeline"], &record["stage"]), (&"news".into(), &"ner".into()));
    assert_eq!(record["handoff"]["document"]["key"], "desk/no text.json");
    assert!(text(&record["model"]["digest"]).starts_with("sha256:"));
    assert_eq!(place.rejection("cut off.json")["reason"], "invalid-json");
    assert!(place.enriched("good.txt")["lineage"].as_array().is_some_and(|lines| lines.len() == 2));
}

#[test]
fn a_document_that_two_stages_reject_is_one_document_in_the_counts_and_each_stage_has_a_line() {
    let place = Workplace::with([("bad.json", "{"), ("good.txt", GOOD), ("worse.json", "{")]);
    let model = repository("model-fetch/models/ner").display().to_string();
    let stage = |name: &str| format!("[[stage]]\nname = \"{name}\"\ntask = \"ner\"\nmodel = \"{model}\"\n");
    let pipeline = place.path("pipeline.toml");
    let stages = stage("left") + &stage("right");
    std::fs::write(&pipeline, format!("[pipeline]\nname = \"p\"\n{stages}")).unwrap();

    let ran = place.run_pipeline(&pipeline, &[]).expect(1);
    assert!(ran.stdout.contains("1 of 3 documents came through"), "{}", ran.stdout);
    assert!(ran.stdout.contains("2 rejected; their records are in "), "{}", ran.stdout);
    let lines: Vec<_> = ran.stdout.lines().filter_map(|line| line.split_once(": invalid-")).collect();
    let places: Vec<_> = lines.iter().map(|(place, _)| place.trim_start()).collect();
    let both = ["left", "right"].map(|stage| format!("bad.json, worse.json, stage {stage}"));
    assert_eq!(places, both, "{}", ran.stdout);
}

#[test]
fn thousands_of_rejections_are_a_few_lines_with_counts_and_examples() {
    let place = Workplace::with([("good.txt", GOOD)]);
    for i in 0..200 {
        place.put(&format!("no text {i:03}.json"), "{}");
        place.put(&format!("latin {i:03}.txt"), [&vec![b'a'; i][..], b"\xe9"].concat());
    }
    let ran = place.run(&[]).expect(1);
    for line in [
        "1 of 401 documents came through; the results are in ",
        "400 rejected; their records are in ",
        "  no text 000.json, no text 001.json, no text 002.json and 197 more, stage ner: invalid-document: `text` is missing\n",
        "  latin 000.txt, stage ner: not-utf8: byte 0 (0xe9)",
        "  latin 004.txt, stage ner: not-utf8: byte 4 (0xe9)",
        "  and 195 more, stage ner: not-utf8\n",
    ] {
        assert!(ran.stdout.contains(line), "{line:?} is not in {}", ran.stdout);
    }
    let list = ran.stdout.lines().skip_while(|line| !line.starts_with("400 rejected"));
    assert_eq!(list.count(), 1 + 1 + 5 + 1, "{}", ran.stdout);
}

#[test]
fn where_nothing_came_through_no_results_are_said_to_be_anywhere() {
    let place = Workplace::with([("bad.json", "{")]);
    let ran = place.run(&[]).expect(1);
    assert!(ran.stdout.starts_with("0 of 1 documents came through\n1 rejected; "), "{}", ran.stdout);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_counts_as_a_document_that_failed() {
    let place = Workplace::with([("good.txt", GOOD)]);
    std::os::unix::fs::symlink("nowhere", place.documents().join("gone.txt")).unwrap();
    let ran = place.run(&[]).expect(1);
    assert!(ran.stdout.contains("1 of 2 documents came through"), "{}", ran.stdout);
    assert!(ran.stdout.contains("1 failed:\n  ") && ran.stdout.contains("gone.txt: "), "{}", ran.stdout);
}

#[test]
fn a_mended_document_comes_through_on_the_next_run_and_its_record_is_gone() {
    let place = Workplace::with([("a.json", r#"{"text": "Northwind", "language": 7}"#)]);
    place.run(&[]).expect(1);
    assert_eq!(place.rejection("a.json")["reason"], "invalid-document");

    place.put("a.json", r#"{"text": "Northwind", "language": "en"}"#);
    place.run(&[]).expect(0);
    assert_eq!(place.results().into_keys().collect::<Vec<_>>(), ["ner/a.json.json", "sentiment/a.json.json"]);

    place.put("a.json", "{");
    let said = place.run(&[]).expect(1).stdout;
    assert!(said.contains("; what earlier runs made of 1 of them was taken away:\n"), "{said}");
    assert_eq!(place.results().into_keys().collect::<Vec<_>>(), ["rejected/ner/a.json.json"]);
    let said = place.run(&[]).expect(1).stdout;
    assert!(!said.contains("taken away"), "{said}");
}

#[test]
fn a_run_of_one_document_leaves_the_records_of_others() {
    let place = Workplace::with([("a.json", "{"), ("desk/b.json", "{")]);
    place.run(&[]).expect(1);
    place.put("a.json", r#"{"text": "Northwind fell."}"#);
    let (one, out) = (place.documents().join("a.json"), place.out());
    let pipeline = super::support::local::repository("samples/pipeline.toml");
    let arguments = ["local".into(), one, "--out".into(), out, "--pipeline".into(), pipeline];
    super::support::local::run(arguments).expect(0);
    assert_eq!(place.rejection("desk/b.json")["reason"], "invalid-json");
    assert!(!place.out().join("rejected/ner/a.json.json").exists());
}

#[test]
fn a_wrong_offset_is_rejected_with_both_sides_shown() {
    let body = r#"{"text": "“Ünal” met Northwind today.", "entities": [
        {"id": "e7", "name": "Northwind", "mentions": [{"begin": 11, "end": 20, "text": "Northwnd"}]}]}"#;
    let place = Workplace::with([("off.json", body)]);
    place.run(&[]).expect(1);

    let record = place.rejection("off.json");
    assert_eq!(record["reason"], "invalid-offsets");
    let message = text(&record["message"]);
    for part in ["mention 0", "\"e7\"", "Northwnd", "\"Northwind\"", "11..20"] {
        assert!(message.contains(part), "{part} is not in {message}");
    }
}

#[test]
fn a_folder_without_documents_gives_status_2() {
    let place = Workplace::with([(".hidden", "Northwind fell.")]);
    let ran = place.run(&[]).expect(2);
    assert!(
        ran.stderr.contains(&format!("no documents in {}", place.documents().display())),
        "{}",
        ran.stderr
    );
    assert!(!place.out().exists(), "something was begun");
}

#[test]
fn wrong_usage_gives_status_2_and_says_what_is_wrong() {
    for (arguments, said) in [
        (&["local"][..], "--out"),
        (&["local", "samples/documents", "--out", "out", "--jobs", "0"], "--jobs"),
        (&["local", "samples/documents", "--out", "out", "--job", "2"], "--job"),
        (&["classify-all"], "classify-all"),
        (&["schema", "documents"], "documents"),
    ] {
        let ran = run(arguments).expect(2);
        assert!(ran.stderr.contains(said), "{arguments:?}: {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn a_folder_that_is_not_there_gives_status_2() {
    let place = Workplace::new();
    std::fs::remove_dir(place.documents()).unwrap();
    let ran = place.run(&[]).expect(2);
    let says = format!("there is no {}; give the folder", place.documents().display());
    assert!(ran.stderr.contains(&says), "{}", ran.stderr);
}

#[test]
fn a_folder_for_results_that_cannot_be_written_to_is_said_once_and_before_any_work() {
    let place = Workplace::with([("a.txt", GOOD), ("b.txt", GOOD)]);
    let documents = place.documents().display().to_string();
    let ran = run(["local", &documents, "--out", "/dev/null/out", "--pipeline", "samples/pipeline.toml"]);
    let ran = ran.expect(2);
    assert!(
        ran.stderr.starts_with("baton: --out: nothing can be written to /dev/null/out: "),
        "{}",
        ran.stderr
    );
    assert_eq!((ran.stderr.lines().count(), ran.stdout.as_str()), (1, ""));
}

#[test]
fn a_single_document_may_be_given_instead_of_a_folder() {
    let place = Workplace::with([("desk/a.txt", GOOD), ("desk/b.txt", GOOD)]);
    let (one, out) = (place.documents().join("desk/a.txt"), place.out());
    let arguments = ["local".as_ref(), one.as_os_str(), "--out".as_ref(), out.as_os_str()];
    let ran = run(arguments.into_iter().chain(["--pipeline", "samples/pipeline.toml"].map(AsRef::as_ref)));
    assert!(ran.expect(0).stdout.contains("1 of 1 documents came through"));
    assert_eq!(place.results().into_keys().collect::<Vec<_>>(), ["ner/a.txt.json", "sentiment/a.txt.json"]);
}

#[test]
fn variables_of_deployed_stages_are_said_to_be_without_effect() {
    let place = Workplace::with([("a.txt", GOOD)]);
    let mut command = std::process::Command::new(program());
    command
        .args(["local", "--pipeline", "samples/pipeline.toml", "--out"])
        .arg(place.out())
        .arg(place.documents());
    let output = command.env("BATON_LIMIT_TEXT_BYTES", "1").env("BATON_STAGE", "ner").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let line = "`baton local` doesn't read BATON_LIMIT_TEXT_BYTES, BATON_STAGE, set for deployed stages: ";
    assert!(output.status.success() && said.matches(line).count() == 1, "{said}");
}

#[test]
#[cfg(unix)]
fn a_run_that_a_person_stops_says_how_far_it_came_and_ends_with_130() {
    let place = Workplace::new();
    let text = format!("{GOOD} ").repeat(40);
    (0..300).for_each(|i| place.put(&format!("{i:03}.txt"), format!("{text}It is number {i}.")));
    let mut command = std::process::Command::new(program());
    command.args(["local", "--jobs", "1", "--pipeline", "samples/pipeline.toml", "--out"]);
    command.arg(place.out()).arg(place.documents());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    while !place.out().join("sentiment/001.txt.json").exists() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let told = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(130), "{said}");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("stopping: waiting for 1 document in work; once more ends at once\n"), "{told}");
    let results =
        format!("the results are in {}\nstopped; the same command goes on\n", place.out().display());
    let (count, _) = said.split_once(&format!(" of 300 documents came through; {results}")).expect(&said);
    let count: usize = count.rsplit('\n').next().unwrap().parse().expect("a number");
    let whole = place.results().keys().filter(|key| key.starts_with("sentiment/")).count();
    assert!((2..300).contains(&count) && count == whole, "{count} and {whole}: {said}");
}

#[test]
fn a_run_that_cannot_begin_leaves_what_an_earlier_one_wrote() {
    let place = Workplace::with([("bad.json", "{")]);
    place.run(&[]).expect(1);
    let before = place.results();
    let wrong = "[pipeline]\nname = \"p\"\n[[stage]]\nname = \"a\"\ntask = \"ner\"\nmodel = \"documents\"\n";
    let pipeline = place.path("pipeline.toml");
    std::fs::write(&pipeline, wrong).unwrap();

    let ran = place.run_pipeline(&pipeline, &[]).expect(2);
    assert!(ran.stderr.contains("stage \"a\": ") && ran.stderr.contains("config.json"), "{}", ran.stderr);
    assert_eq!(place.results(), before);
}

#[test]
fn documents_may_not_lie_among_the_results_of_the_same_run() {
    let place = Workplace::with([("bad.json", "{"), ("good.txt", GOOD)]);
    place.run(&[]).expect(1);
    let before = place.results();
    for folder in [place.out(), place.out().join("rejected")] {
        let (folder, out) = (folder.display().to_string(), place.out().display().to_string());
        let ran = run(["local", &folder, "--out", &out, "--pipeline", "samples/pipeline.toml"]).expect(2);
        assert!(ran.stderr.contains("--out"), "{}", ran.stderr);
    }
    assert_eq!(place.results(), before);
}

#[test]
fn what_somebody_else_keeps_among_the_rejections_stays_there() {
    let place = Workplace::with([("bad.json", "{"), ("good.txt", GOOD)]);
    place.run(&[]).expect(1);
    let (mine, other) =
        (place.out().join("rejected/mine/notes.txt"), place.out().join("rejected/ner/own.json"));
    std::fs::create_dir_all(mine.parent().unwrap()).unwrap();
    std::fs::write(&mine, "precious").unwrap();
    std::fs::write(&other, "{}").unwrap();
    place.put("bad.json", "now it is a text");
    place.run(&[]).expect(0);
    assert_eq!(
        (std::fs::read(&mine).unwrap(), std::fs::read(&other).unwrap()),
        (b"precious".into(), b"{}".into())
    );
    assert!(!place.out().join("rejected/ner/bad.json.json").exists(), "the record of the run before");
}

#[test]
fn a_document_that_is_rejected_now_leaves_no_result_of_an_earlier_run() {
    let place = Workplace::with([("a.json", r#"{"text": "Northwind Energy fell."}"#), ("good.txt", GOOD)]);
    place.run(&[]).expect(0);
    place.put("a.json", "{");
    place.run(&[]).expect(1);
    let results = place.results();
    assert!(
        !results.contains_key("ner/a.json.json") && !results.contains_key("sentiment/a.json.json"),
        "{:?}",
        results.keys()
    );
    place.enriched("good.txt");
}

#[test]
#[cfg(unix)]
fn a_pipe_among_the_documents_is_rejected_and_nobody_waits_for_it() {
    let place = Workplace::with([("good.txt", GOOD)]);
    let made = std::process::Command::new("mkfifo").arg(place.documents().join("pipe.txt")).status().unwrap();
    assert!(made.success());
    let ran = place.run(&[]).expect(1);
    assert!(ran.stdout.contains("pipe.txt is no ordinary file"), "{}", ran.stdout);
    place.enriched("good.txt");
}

#[test]
#[cfg(target_os = "linux")]
fn what_can_not_be_printed_is_an_error() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = std::process::Command::new(program());
    let ended = command.args(["schema", "document"]).stdout(full).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success() && said.contains("standard output"), "{said}");
}

#[test]
fn what_readme_shows_of_the_demo_is_what_it_prints() {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    let shown = readme
        .split_once("The output begins and ends like this:\n\n```\n")
        .unwrap()
        .1
        .split_once("\n…\n")
        .unwrap()
        .0;
    let printed: Vec<&str> = sample_run().ran.stdout.lines().collect();
    assert!(shown.lines().count() > 10, "{shown}");
    for line in shown.lines() {
        assert!(printed.contains(&line), "{line:?} is not in\n{}", sample_run().ran.stdout);
    }
}
