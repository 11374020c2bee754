//! A stage from `BATON_…` variables: how a deployed stage is configured.

use super::{
    ClassifyConfig, ConfigError, Prefix, StageConfig, TaskKind, WorkerConfig, check_bucket,
    stage::{MOST_CONCURRENCY, MOST_THREADS},
    values::{
        at_most, check_account, check_filter, check_name, check_queue, checked, derived_aliases, directory,
        forms, language, list, milliseconds, number, parts, precision, seconds,
    },
    variables::Variables,
    worker,
};
use crate::{document::contract::ClassifiedOver, limits::Limits, model::kernels::Isa};

/// Reads the stage that this process is.
///
/// # Errors
/// All that is missing, wrong or unknown, each with its variable.
pub fn stage_from_environment() -> Result<StageConfig, ConfigError> {
    let mut read = Variables::of_process();
    let stage = stage(&mut read);
    // One environment serves a function, a worker, and a person beside them.
    worker::read(&mut read, String::new());
    read.finish(stage)
}

/// Reads the stage that this process is, and how it receives its messages itself.
///
/// # Errors
/// As `stage_from_environment`, and without the stage's own queue.
pub fn worker_from_environment() -> Result<(StageConfig, WorkerConfig), ConfigError> {
    let mut read = Variables::of_process();
    if !read.is_set("BATON_QUEUE") {
        read.wrong("BATON_QUEUE: is missing; a worker receives from it".into());
    }
    let stage = stage(&mut read);
    let worker = worker::read(&mut read, stage.queue.clone().unwrap_or_default());
    read.finish((stage, worker))
}

fn stage(read: &mut Variables) -> StageConfig {
    read.optional("BATON_LOG", (), check_filter);
    let task = read.required("BATON_TASK", |v| TaskKind::named(v).map(Some));
    let defaults = StageConfig::new(
        read.required("BATON_STAGE", checked(check_name)),
        task.unwrap_or(TaskKind::Ner),
        read.required("BATON_MODEL", directory),
        read.required("BATON_OUTPUT", Prefix::parse),
        read.required("BATON_REJECTED", Prefix::parse),
    );
    let stage = StageConfig {
        pipeline: read.optional("BATON_PIPELINE", defaults.pipeline, checked(check_name)),
        forms: read.optional("BATON_OUTPUT_FORMS", defaults.forms, |v| forms(parts(v), task)),
        next: read.optional("BATON_NEXT", defaults.next, |v| each_once(list(v, check_queue)?)),
        buckets: read.required("BATON_BUCKETS", |v| match each_once(list(v, check_bucket)?)? {
            none if none.is_empty() => Err("names no bucket; documents are read from those it names".into()),
            buckets => Ok(buckets),
        }),
        bucket_owner: read.maybe("BATON_BUCKET_OWNER", checked(check_account)),
        dead_letters: read.maybe("BATON_DLQ", checked(check_queue)),
        queue: read.maybe("BATON_QUEUE", checked(check_queue)),
        backoff: read.optional("BATON_BACKOFF_S", defaults.backoff, seconds),
        backoff_most: read.optional("BATON_BACKOFF_MAX_S", defaults.backoff_most, seconds),
        deadline_margin: read.optional("BATON_DEADLINE_MARGIN_MS", defaults.deadline_margin, milliseconds),
        entity_types: read
            .possibly_empty("BATON_ENTITY_TYPES", defaults.entity_types, |v| list(v, |_| Ok(()))),
        classify: ClassifyConfig {
            over: read.maybe("BATON_OVER", ClassifiedOver::parse),
            threshold: read.maybe("BATON_THRESHOLD", ClassifyConfig::parse_threshold),
        },
        language: read.optional("BATON_LANGUAGE", defaults.language, language),
        derived_aliases: read
            .possibly_empty("BATON_DERIVED_ALIASES", defaults.derived_aliases, |v| derived_aliases(parts(v))),
        limits: limits(read, defaults.limits),
        threads: read.optional("BATON_THREADS", defaults.threads, at_most(MOST_THREADS)),
        concurrency: read.optional("BATON_CONCURRENCY", defaults.concurrency, at_most(MOST_CONCURRENCY)),
        cache_bytes: read.optional("BATON_CACHE_BYTES", defaults.cache_bytes, |v| match v {
            "0" => Ok(0),
            _ => number(v).map_err(|wrong| format!("{wrong}, nor 0 for none")),
        }),
        isa: read.maybe("BATON_ISA", Isa::named),
        precision: read.maybe("BATON_PRECISION", precision),
        ..defaults
    };
    contradictions(read, &stage);
    if let Some(task) = task {
        let idle = stage.classify.set_without_effect(task);
        idle.for_each(|(name, why)| read.wrong(format!("BATON_{}: {why}", name.to_ascii_uppercase())));
    }
    stage
}

/// What is wrong with several variables together.
fn contradictions(read: &mut Variables, stage: &StageConfig) {
    // Where both were reported missing, both are nowhere.
    if stage.records_may_meet_results() && !stage.output.bucket.is_empty() {
        read.wrong(
            "BATON_REJECTED: its records would lie among the results of BATON_OUTPUT, and one could take a result's \
             place; give it another prefix"
                .into(),
        );
    }
    for next in &stage.next {
        if stage.queue.as_ref() == Some(next) {
            read.wrong("BATON_NEXT: names BATON_QUEUE; each result would come back as a document".into());
        }
        if stage.dead_letters.as_ref() == Some(next) {
            read.wrong("BATON_NEXT: names BATON_DLQ; each result would be a dead letter".into());
        }
    }
    if stage.queue.is_some() && stage.queue == stage.dead_letters {
        read.wrong("BATON_DLQ: is what BATON_QUEUE is; what is rejected would come back for ever".into());
    }
}

fn each_once(names: Vec<String>) -> Result<Vec<String>, String> {
    let twice = names.iter().enumerate().find(|(i, name)| names[..*i].contains(name));
    match twice {
        Some((_, name)) => Err(format!("names `{name}` twice")),
        None => Ok(names),
    }
}

fn limits(read: &mut Variables, mut limits: Limits) -> Limits {
    for limit in limits.all() {
        limit.most = read.optional(&limit.variable(), limit.most, number);
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::Form;

    fn read(pairs: &[(&str, &str)]) -> Result<StageConfig, ConfigError> {
        let mut read = Variables::of(pairs);
        let stage = stage(&mut read);
        read.finish(stage)
    }

    #[test]
    fn a_stage_that_would_get_its_own_results_or_mix_them_with_its_records_is_refused() {
        let with = |more: &[(&str, &str)]| {
            let all = [
                ("BATON_STAGE", "ner"),
                ("BATON_TASK", "ner"),
                ("BATON_MODEL", env!("CARGO_MANIFEST_DIR")),
                ("BATON_OUTPUT", "s3://results/x"),
                ("BATON_REJECTED", "s3://results/rejected"),
                ("BATON_BUCKETS", "incoming"),
                ("BATON_QUEUE", "https://sqs.example/1/own"),
                ("BATON_DLQ", "https://sqs.example/1/dead"),
            ];
            let is_new = |(name, _): &&(&str, &str)| more.iter().all(|(new, _)| new != name);
            let all: Vec<_> = all.iter().filter(is_new).chain(more).copied().collect();
            read(&all).map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(with(&[]), Ok(()));
        assert_eq!(with(&[("BATON_REJECTED", "s3://results")]), Ok(()));
        assert_eq!(with(&[("BATON_REJECTED", "s3://other/x/ner")]), Ok(()));
        for (variable, value, why) in [
            ("BATON_NEXT", "https://sqs.example/1/own", "names BATON_QUEUE"),
            ("BATON_NEXT", "https://sqs.example/1/dead", "names BATON_DLQ"),
            ("BATON_BUCKETS", "incoming,incoming", "names `incoming` twice"),
            ("BATON_REJECTED", "s3://results/x", "a result's place"),
            ("BATON_REJECTED", "s3://results/x/ner", "a result's place"),
            ("BATON_REJECTED", "s3://results/x/ner.lines", "a result's place"),
        ] {
            let error = with(&[(variable, value)]).expect_err(value);
            assert!(error.contains(variable) && error.contains(why), "{value}: {error}");
        }
        let around = [("BATON_OUTPUT", "s3://results/ner"), ("BATON_REJECTED", "s3://results")];
        assert!(with(&around).is_err(), "the record of `ner/a` would be the result of `a`");
    }

    #[test]
    fn all_errors_are_reported_at_once_each_with_its_variable() {
        let error = read(&[
            ("BATON_TASK", "guess"),
            ("BATON_OUTPUT", "bucket/prefix"),
            ("BATON_THREADS", "0"),
            ("BATON_NEXT", "sentiment"),
            ("BATON_LIMIT_SENTENCES", "many"),
            ("BATON_OUTPTU", "s3://bucket"),
        ])
        .unwrap_err()
        .to_string();
        for name in [
            "BATON_STAGE: is missing",
            "BATON_MODEL: is missing",
            "BATON_REJECTED: is missing",
            "BATON_BUCKETS: is missing",
            "BATON_TASK: `guess` is no task",
            "BATON_OUTPUT: `bucket/prefix`",
            "BATON_THREADS: `0`",
            "BATON_NEXT: `sentiment`",
            "BATON_LIMIT_SENTENCES: `many`",
            "BATON_OUTPTU: is no setting",
        ] {
            assert!(error.contains(name), "{name} is not in {error}");
        }
        assert_eq!(error.lines().count(), 11);
    }

    #[test]
    fn dead_letters_go_to_another_queue_than_the_stages_own() {
        let queue = "https://sqs.example/1/own";
        let error = read(&[("BATON_QUEUE", queue), ("BATON_DLQ", queue)]).unwrap_err().to_string();
        assert!(error.contains("BATON_DLQ: is what BATON_QUEUE is"), "{error}");
        let error = read(&[]).unwrap_err().to_string();
        assert!(!error.contains("BATON_DLQ"), "{error}");
    }

    #[test]
    fn a_form_that_the_task_has_not_is_said_only_when_the_task_is_known() {
        let forms = ("BATON_OUTPUT_FORMS", "comprehend");
        let error = read(&[forms, ("BATON_TASK", "ner")]).unwrap_err().to_string();
        assert!(error.contains("BATON_OUTPUT_FORMS: `comprehend` shows what sentiment finds"), "{error}");
        for task in [&[("BATON_TASK", "sentiment"), forms][..], &[forms]] {
            let error = read(task).unwrap_err().to_string();
            assert!(!error.contains("BATON_OUTPUT_FORMS"), "{error}");
        }
    }

    #[test]
    fn what_is_given_is_what_the_stage_is() {
        let stage = read(&[
            ("BATON_STAGE", "ner"),
            ("BATON_TASK", "ner"),
            ("BATON_MODEL", "."),
            ("BATON_OUTPUT", "s3://results/news/"),
            ("BATON_REJECTED", "s3://results"),
            ("BATON_BUCKETS", "incoming, archive"),
            ("BATON_NEXT", ""),
            ("BATON_OUTPUT_FORMS", "lines, lines"),
            ("BATON_LIMIT_TEXT_BYTES", "1000"),
        ])
        .unwrap();
        assert_eq!(stage.output.key("ner/a.json"), "news/ner/a.json");
        assert_eq!(stage.rejected.key("a"), "a");
        assert_eq!(stage.buckets, ["incoming", "archive"]);
        assert!(stage.next.is_empty());
        assert_eq!(stage.forms, [Form::Lines]);
        assert_eq!(stage.limits.text_bytes.most, 1000);
    }
}
