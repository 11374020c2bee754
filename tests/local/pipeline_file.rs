//! What is wrong with a pipeline file is said at once, with its place, before anything is begun.

use super::support::local::{Workplace, program, repository};

/// Runs a pipeline file of this content; what it is refused with.
#[track_caller]
fn refused(pipeline: &str) -> String {
    let place = Workplace::with([("a.txt", "Northwind fell.")]);
    let file = place.path("pipeline.toml");
    let models = repository("model-fetch/models").display().to_string();
    std::fs::write(&file, pipeline.replace("MODELS", &models)).unwrap();
    let ran = place.run_pipeline(&file, &[]).expect(2);
    assert!(ran.stderr.contains("pipeline.toml"), "which file it is: {}", ran.stderr);
    assert!(place.results().is_empty(), "something was begun");
    assert_eq!(ran.stdout, "");
    ran.stderr
}

#[track_caller]
fn assert_says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
}

fn stage(name: &str, next: &str) -> String {
    format!("[[stage]]\nname = \"{name}\"\ntask = \"ner\"\nmodel = \"MODELS/ner\"\nnext = [{next}]\n")
}

const HEAD: &str = "[pipeline]\nname = \"news\"\n";

#[test]
fn an_unknown_key_is_named_with_its_line() {
    let said = refused(&format!("{HEAD}[[stage]]\nname = \"ner\"\ntask = \"ner\"\nmodle = \"MODELS/ner\"\n"));
    assert_says(&said, &["line 6", "modle"]);
    assert_says(&refused(&format!("{HEAD}colour = \"red\"\n")), &["line 3", "colour"]);
    assert_says(&refused(&format!("{HEAD}[limits]\ntext_byte = 1\n")), &["limits.text_byte"]);
}

#[test]
fn an_unknown_task_is_named_with_those_there_are() {
    let said = refused(&format!("{HEAD}[[stage]]\nname = \"a\"\ntask = \"guess\"\nmodel = \"MODELS/ner\"\n"));
    assert_says(&said, &["line 5", "guess", "ner", "sentiment"]);
}

#[test]
fn a_next_that_is_no_stage_is_named() {
    let said = refused(&(HEAD.to_owned() + &stage("ner", "\"sentimnet\"")));
    assert_says(&said, &["stage \"ner\": next: there is no stage \"sentimnet\""]);
}

#[test]
fn a_circle_is_named() {
    let said =
        refused(&(HEAD.to_owned() + &stage("a", "\"b\"") + &stage("b", "\"c\"") + &stage("c", "\"b\"")));
    assert_says(&said, &["stage \"b\": next: leads back to it"]);
    assert_says(&refused(&(HEAD.to_owned() + &stage("a", "\"a\""))), &["stage \"a\": next: leads back"]);
}

#[test]
fn two_stages_of_one_name_are_named() {
    let said = refused(&(HEAD.to_owned() + &stage("ner", "") + &stage("other", "") + &stage("ner", "")));
    assert_says(&said, &["\"ner\"", "two have the same name"]);
}

#[test]
fn a_missing_model_is_named_with_its_path() {
    let said =
        refused(&format!("{HEAD}[[stage]]\nname = \"ner\"\ntask = \"ner\"\nmodel = \"nowhere/ner\"\n"));
    assert_says(&said, &["stage \"ner\": model: ", "nowhere/ner is no directory"]);
}

#[test]
fn a_model_that_cannot_do_the_task_is_refused() {
    let place = Workplace::with([("a.txt", "Northwind fell.")]);
    let file = place.path("pipeline.toml");
    let model = repository("model-fetch/models/sentiment").display().to_string();
    let wrong = format!("{HEAD}[[stage]]\nname = \"a\"\ntask = \"ner\"\nmodel = \"{model}\"\n");
    std::fs::write(&file, wrong).unwrap();
    let ran = place.run_pipeline(&file, &[]).expect(2);
    assert_says(&ran.stderr, &["stage \"a\": model sentiment", "needs a token classifier"]);
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let said = refused(&format!(
        "[pipeline]\nname = \"no spaces\"\n[limits]\nsentence = 1\n{}{}",
        stage("rejected", "\"x\""),
        stage("a/b", "")
    ));
    let parts =
        ["pipeline.name: `no spaces`", "limits.sentence", "stage \"rejected\"", "stage \"a/b\"", "\"x\""];
    assert_says(&said, &parts);
    assert_says(&refused(HEAD), &["stage: there is none"]);
    assert_says(
        &refused(&stage("a", "\"x\"")),
        &["add [pipeline] with name = \"…\"", "there is no stage \"x\""],
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let place = Workplace::new();
    let ran = place.run_pipeline(&place.path("pipelines.toml"), &[]).expect(2);
    assert_says(&ran.stderr, &["pipelines.toml", "No such file"]);
    assert!(!ran.stderr.contains("--pipeline"), "it was named: {}", ran.stderr);
}

#[test]
fn a_limit_of_the_file_holds_and_is_named_in_the_rejection() {
    let place = Workplace::with([("long.txt", "Northwind fell."), ("short.txt", "It fell.")]);
    let file = place.path("pipeline.toml");
    let model = repository("model-fetch/models/ner").display().to_string();
    let stage = stage("ner", "").replace("MODELS/ner", &model);
    std::fs::write(&file, format!("{HEAD}[limits]\ntext_bytes = 10\n{stage}")).unwrap();
    place.run_pipeline(&file, &[]).expect(1);
    let record = place.rejection("long.txt");
    assert_eq!(record["reason"], "too-large");
    assert_says(
        record["message"].as_str().unwrap(),
        &["text_bytes is 15", "limit of 10", "text_bytes in [limits]", "BATON_LIMIT_TEXT_BYTES"],
    );
    place.output("ner", "short.txt");
}

#[test]
fn two_nexts_that_lead_to_one_stage_are_refused_since_its_results_would_take_each_others_place() {
    let both = HEAD.to_owned() + &stage("a", "\"c\"") + &stage("b", "\"c\"") + &stage("c", "");
    assert_says(&refused(&both), &["stage \"c\": two `next` lead to it"]);
    let twice = HEAD.to_owned() + &stage("a", "\"c\", \"c\"") + &stage("c", "");
    assert_says(&refused(&twice), &["stage \"c\": two `next` lead to it"]);
}

#[test]
fn a_limit_of_nothing_and_a_language_that_is_no_tag_are_refused() {
    let said =
        refused(&format!("{HEAD}language = \"klingon\"\n[limits]\ntext_bytes = 0\n{}", stage("a", "")));
    assert_says(&said, &["pipeline.language: `klingon` is no language tag", "limits.text_bytes: is 0"]);
}

#[test]
fn without_a_pipeline_file_it_is_said_where_one_was_looked_for() {
    let place = Workplace::with([("a.txt", "Northwind fell.")]);
    let run = |documents: &str| {
        let mut command = std::process::Command::new(program());
        command.current_dir(place.path("")).args(["local", documents, "--out", "z"]);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let said = run("documents");
    assert_says(&said, &["there is no pipeline.toml; name a pipeline file with --pipeline"]);
    std::fs::create_dir(place.path("desk")).unwrap();
    std::fs::rename(place.documents(), place.path("desk/news")).unwrap();
    assert_says(
        &run("desk/news"),
        &["there is no pipeline.toml and no desk/pipeline.toml; name a pipeline file"],
    );
    // The likelier mistake comes first.
    assert_says(&run("nope"), &["there is no nope; give the folder of documents"]);
}

#[test]
fn the_file_beside_the_folder_of_documents_is_found_from_within_it() {
    let place = Workplace::with([("a.txt", "Northwind fell.")]);
    let models = repository("model-fetch/models").display().to_string();
    let pipeline = (HEAD.to_owned() + &stage("ner", "")).replace("MODELS", &models);
    std::fs::write(place.path("pipeline.toml"), pipeline).unwrap();
    let mut command = std::process::Command::new(program());
    command.current_dir(place.documents()).args(["local", ".", "--out"]).arg(place.out());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    place.output("ner", "a.txt");
}
