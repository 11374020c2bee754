//! A run over what an earlier one wrote: nothing is done twice, and nothing of the earlier one is taken for this one's.

use std::{
    fs,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use super::support::{
    local::{Ran, Workplace, program, repository},
    process,
};

const NEWS: [(&str, &str); 3] = [
    ("a.txt", "Northwind Energy fell. Its critics were right."),
    ("b.txt", "Larkfield Power rose."),
    ("desk/c.json", r#"{"text": "Castellan Bank failed its customers."}"#),
];

/// How many documents are said to have been there already.
#[track_caller]
fn there_already(ran: &Ran) -> usize {
    let line = ran.stdout.lines().find(|line| line.contains(" there already, made of the same"));
    line.map_or(0, |line| line.split(' ').next().unwrap().parse().expect("a number"))
}

/// The samples' pipeline with something else in it.
fn pipeline(place: &Workplace, from: &str, to: &str) -> std::path::PathBuf {
    let models = repository("model-fetch/models").display().to_string();
    let samples = fs::read_to_string(repository("samples/pipeline.toml")).unwrap();
    let text = samples.replace("../model-fetch/models", &models);
    assert!(text.contains(from), "{text}");
    let path = place.path("p.toml");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    path
}

#[test]
fn what_is_there_already_is_not_computed_again_and_shown_as_if_it_were() {
    let place = Workplace::with(NEWS);
    let first = place.run(&[]).expect(0);
    let results = place.results();
    assert_eq!(there_already(&first), 0);
    let again = place.run(&[]).expect(0);
    assert_eq!(there_already(&again), 3);
    assert_eq!(again.stdout.replace("3 were there already, made of the same\n", ""), first.stdout);

    place.put("a.txt", "Northwind Energy rose.");
    assert_eq!(there_already(&place.run(&[]).expect(0)), 2);
    place.put("a.txt", NEWS[0].1);
    fs::remove_file(place.out().join("ner/b.txt.json")).unwrap();
    fs::write(place.out().join("sentiment/desk/c.json.json"), "{}").unwrap();
    assert_eq!(there_already(&place.run(&[]).expect(0)), 0);
    assert_eq!(place.results(), results);
    assert_eq!(there_already(&place.run(&["--force"]).expect(0)), 0);
    assert_eq!(place.results(), results);
}

#[test]
fn other_settings_make_all_anew_that_they_decide() {
    let place = Workplace::with(NEWS);
    place.run(&[]).expect(0);
    let persons = pipeline(&place, "task = \"sentiment\"", "task = \"sentiment\"\nentity_types = [\"PER\"]");
    assert_eq!(there_already(&place.run_pipeline(&persons, &[]).expect(0)), 0);
    assert_eq!(place.enriched("a.txt")["annotations"]["sentiment"]["counts"]["pairs"], 0);
    assert_eq!(there_already(&place.run_pipeline(&persons, &[]).expect(0)), 3);
}

/// `kill -9`, so that nothing could be written down at its end.
#[test]
fn a_run_that_was_killed_is_gone_on_with() {
    let place = Workplace::new();
    let text = format!("{} ", NEWS[0].1).repeat(20);
    (0..200).for_each(|i| place.put(&format!("{i:03}.txt"), format!("{text}It is number {i}.")));
    let mut command = Command::new(program());
    command.args(["local", "--jobs", "1", "--out"]).arg(place.out()).arg("--pipeline");
    command.arg(repository("samples/pipeline.toml")).arg(place.documents());
    let mut run = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    while !place.out().join("sentiment/003.txt.json").exists() {
        assert!(run.try_wait().unwrap().is_none(), "it ended before it was killed");
        thread::sleep(Duration::from_millis(5));
    }
    process::signal(run.id(), "KILL");
    run.wait().unwrap();
    let ran = place.run(&[]).expect(0);
    let there = there_already(&ran);
    assert!((3..200).contains(&there), "{there}: {}", ran.stdout);
    assert!(ran.stdout.contains("200 of 200 documents came through"), "{}", ran.stdout);
}

#[test]
fn what_an_earlier_run_made_of_a_document_that_fails_now_stays_and_is_said_to() {
    let place = Workplace::with(NEWS);
    place.run(&[]).expect(0);
    place.put("a.txt", "Northwind Energy rose.");
    let result = place.out().join("sentiment/a.txt.json");
    fs::remove_file(&result).unwrap();
    fs::create_dir_all(result.join("in the way")).unwrap();
    let ran = place.run(&[]).expect(1);
    assert!(ran.stdout.contains("2 of 3 documents came through"), "{}", ran.stdout);
    assert!(ran.stdout.contains("1 failed; what earlier runs made of them stays:\n"), "{}", ran.stdout);
    assert!(result.join("in the way").exists());
}

#[test]
fn a_folder_that_holds_something_else_is_none_for_results() {
    let place = Workplace::with(NEWS);
    let mine = place.out().join("mine.txt");
    fs::create_dir(place.out()).unwrap();
    fs::write(&mine, "precious").unwrap();
    let ran = place.run(&[]).expect(2);
    assert!(
        ran.stderr.contains(
            "holds mine.txt and no .baton-results, so `baton local` didn't write it; give an empty folder"
        ),
        "{}",
        ran.stderr
    );
    assert_eq!(place.results().into_keys().collect::<Vec<_>>(), ["mine.txt"]);
    fs::rename(&mine, place.out().join(".hidden")).unwrap();
    place.run(&[]).expect(0);
}

#[test]
fn what_else_lies_among_the_results_is_said() {
    let place = Workplace::with(NEWS);
    place.run(&[]).expect(0);
    fs::remove_file(place.documents().join("desk/c.json")).unwrap();
    let ran = place.run(&[]).expect(0);
    let of = |what: &str| format!("{} also has what was made {what}\n", place.out().display());
    let line = of("of 1 document that this run hasn't");
    assert!(ran.stdout.contains(&line), "{line} is not in {}", ran.stdout);
    let renamed = pipeline(&place, "name = \"sentiment\"", "name = \"mood\"");
    let text = fs::read_to_string(&renamed).unwrap().replace("next = [\"sentiment\"]", "next = [\"mood\"]");
    fs::write(&renamed, text).unwrap();
    let ran = place.run_pipeline(&renamed, &[]).expect(0);
    let line =
        of("of 1 document that this run hasn't, and made by stages that the pipeline hasn't (sentiment)");
    assert!(ran.stdout.contains(&line), "{line} is not in {}", ran.stdout);
}

#[test]
fn what_is_over_a_new_limit_is_not_there_already() {
    let place = Workplace::with(NEWS);
    place.run(&[]).expect(0);
    let limited = pipeline(&place, "[pipeline]", "[limits]\ntext_bytes = 30\n[pipeline]");
    let ran = place.run_pipeline(&limited, &[]).expect(1);
    assert!(
        ran.stdout.contains("1 of 3 documents came through") && there_already(&ran) == 0,
        "{}",
        ran.stdout
    );
    assert!(!place.out().join("sentiment/a.txt.json").exists());
}

#[test]
fn the_record_of_a_document_that_is_gone_is_said_to_be_there() {
    let place = Workplace::with(NEWS);
    place.put("bad.json", "{");
    place.run(&[]).expect(1);
    fs::remove_file(place.documents().join("bad.json")).unwrap();
    let ran = place.run(&[]).expect(0);
    let line =
        format!("{} also has what was made of 1 document that this run hasn't\n", place.out().display());
    assert!(ran.stdout.contains(&line), "{line} is not in {}", ran.stdout);
}

/// Nobody ever writes to the pipe, and the link leads out of the folder for results.
#[cfg(unix)]
#[test]
fn only_records_that_a_run_wrote_are_taken_away() {
    let place = Workplace::with([("a.json", "{")]);
    place.run(&[]).expect(1);
    let rejected = place.out().join("rejected");
    let elsewhere = place.path("archive");
    fs::create_dir(&elsewhere).unwrap();
    fs::copy(rejected.join("ner/a.json.json"), elsewhere.join("a.json.json")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, rejected.join("kept")).unwrap();
    fs::create_dir(rejected.join("pipes")).unwrap();
    let pipe = Command::new("mkfifo").arg(rejected.join("pipes/a.json.json")).status();
    assert!(pipe.unwrap().success());
    place.put("a.json", r#"{"text": "Northwind Energy fell."}"#);
    place.run(&[]).expect(0);
    assert!(elsewhere.join("a.json.json").exists() && !rejected.join("ner").exists());
}

#[test]
fn a_stage_that_comes_to_it_makes_nothing_anew_of_those_before_it() {
    let place = Workplace::with(NEWS);
    let model = repository("model-fetch/models/ner");
    let alone = format!(
        "[pipeline]\nname = \"news\"\n[[stage]]\nname = \"ner\"\ntask = \"ner\"\nmodel = {model:?}\n"
    );
    fs::write(place.path("one.toml"), alone).unwrap();
    place.run_pipeline(&place.path("one.toml"), &[]).expect(0);
    let written = || fs::metadata(place.out().join("ner/a.txt.json")).unwrap().modified().unwrap();
    let before = written();
    place.run(&[]).expect(0);
    assert_eq!(written(), before);
    place.output("sentiment", "a.txt");
}
