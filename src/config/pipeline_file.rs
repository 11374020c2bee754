//! A pipeline file: all stages at once, for `baton local`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde::Deserialize;

use super::{
    ClassifyConfig, ConfigError, Prefix, StageConfig, TaskKind,
    values::{check_name, derived_aliases, forms, language, precision},
};
use crate::{
    document::contract::ClassifiedOver,
    limits::Limits,
    text::{FindOptions, Language},
};

/// A pipeline of stages, in the file's order.
#[derive(Clone, Debug)]
pub struct PipelineConfig {
    /// Its name.
    pub name: String,
    /// The stages. Their `next` are names of stages.
    pub stages: Vec<StageConfig>,
}

impl PipelineConfig {
    /// The bucket that documents come from.
    pub const DOCUMENTS: &str = "documents";
    /// The bucket that results go to.
    pub const OUT: &str = "out";
    /// What rejections' keys begin with in [`Self::OUT`].
    pub const REJECTED: &str = "rejected";

    /// The stages that no other names as next: where documents come in.
    pub fn entries(&self) -> impl Iterator<Item = &StageConfig> {
        let named: BTreeSet<&String> = self.stages.iter().flat_map(|stage| &stage.next).collect();
        self.stages.iter().filter(move |stage| !named.contains(&stage.stage))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    pipeline: Option<Pipeline>,
    #[serde(rename = "stage", default)]
    stages: Vec<Stage>,
    #[serde(default)]
    limits: BTreeMap<String, usize>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Pipeline {
    name: String,
    language: Option<String>,
    derived_aliases: Option<Vec<String>>,
    cache_bytes: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stage {
    name: String,
    task: TaskKind,
    model: String,
    #[serde(default)]
    next: Vec<String>,
    entity_types: Option<Vec<String>>,
    over: Option<String>,
    threshold: Option<f64>,
    precision: Option<String>,
    #[serde(default)]
    output: Output,
}

/// The forms in which a stage's results are written besides the enriched document.
#[derive(Deserialize, Default)]
#[serde(untagged, expecting = "expected the name of a form, or a list of them")]
enum Output {
    One(String),
    Many(Vec<String>),
    #[default]
    Nothing,
}

impl Output {
    fn names(&self) -> impl Iterator<Item = &str> {
        let names: &[String] = match self {
            Output::One(name) => std::slice::from_ref(name),
            Output::Many(names) => names,
            Output::Nothing => &[],
        };
        names.iter().map(String::as_str)
    }
}

/// Reads and checks a pipeline file.
///
/// # Errors
/// What is wrong with it: the place for TOML, all at once for what it says.
pub fn read_pipeline(file: &Path) -> Result<PipelineConfig, ConfigError> {
    let fail = |errors| ConfigError { source: format!("{}", file.display()), errors };
    let text = std::fs::read_to_string(file).map_err(|e| fail(vec![e.to_string()]))?;
    let parsed: File =
        toml::from_str(&text).map_err(|e| fail(vec![e.to_string().trim_end().replace('\n', "\n  ")]))?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let (pipeline, errors) = validate(parsed, folder);
    if errors.is_empty() { Ok(pipeline) } else { Err(fail(errors)) }
}

fn validate(file: File, folder: &Path) -> (PipelineConfig, Vec<String>) {
    let mut errors = Vec::new();
    let head = file.pipeline.as_ref().map(|head| check_name(&head.name));
    match head {
        None => errors.push("pipeline: is missing; add [pipeline] with name = \"…\"".into()),
        Some(Err(error)) => errors.push(format!("pipeline.name: {error}")),
        Some(Ok(())) => {}
    }
    let head = file.pipeline.unwrap_or_default();
    let language = head.language.as_deref().map_or(Ok(Language::default()), language);
    let language = language.unwrap_or_else(|error| {
        errors.push(format!("pipeline.language: {error}"));
        Language::default()
    });
    let aliases = match &head.derived_aliases {
        None => FindOptions::default(),
        Some(names) => derived_aliases(names.iter().map(String::as_str)).unwrap_or_else(|error| {
            errors.push(format!("pipeline.derived_aliases: {error}"));
            FindOptions::default()
        }),
    };
    let mut limits = Limits::default();
    let mut given = file.limits;
    for limit in limits.all() {
        limit.most = given.remove(limit.name).unwrap_or(limit.most);
        if limit.most == 0 {
            errors.push(format!("limits.{}: is 0; every document would be rejected", limit.name));
        }
    }
    errors.extend(given.keys().map(|name| format!("limits.{name}: there is no such limit")));

    let mut names = BTreeSet::new();
    for stage in &file.stages {
        if !names.insert(stage.name.clone()) {
            errors.push(format!("stage {:?}: name: two have the same name", stage.name));
        }
    }
    if names.is_empty() {
        errors.push("stage: there is none; a pipeline has one [[stage]] or more".into());
    }
    let mut stages = Vec::new();
    for stage in file.stages {
        let mut wrong = |what: String| errors.push(format!("stage {:?}: {what}", stage.name));
        if let Err(error) = check_name(&stage.name) {
            wrong(format!("name: {error}"));
        }
        if stage.name == PipelineConfig::REJECTED {
            wrong("name: is where the rejections go; choose another".into());
        }
        let model = folder.join(&stage.model);
        if !model.is_dir() {
            wrong(format!("model: {} is no directory", model.display()));
        }
        for next in stage.next.iter().filter(|next| !names.contains(*next)) {
            wrong(format!("next: there is no stage {next:?}"));
        }
        let classify = ClassifyConfig {
            over: checked(&mut wrong, "over", stage.over.as_deref().map(ClassifiedOver::parse).transpose()),
            threshold: checked(
                &mut wrong,
                "threshold",
                stage.threshold.map(ClassifyConfig::check_threshold).transpose(),
            ),
        };
        classify.set_without_effect(stage.task).for_each(|(key, why)| wrong(format!("{key}: {why}")));
        let precision =
            checked(&mut wrong, "precision", stage.precision.as_deref().map(precision).transpose());
        let forms = forms(stage.output.names(), Some(stage.task)).unwrap_or_else(|error| {
            wrong(format!("output: {error}"));
            Vec::new()
        });
        let place = |prefix: &str| Prefix { bucket: PipelineConfig::OUT.into(), prefix: prefix.into() };
        let least =
            StageConfig::new(stage.name, stage.task, model, place(""), place(PipelineConfig::REJECTED));
        stages.push(StageConfig {
            pipeline: head.name.clone(),
            forms,
            next: stage.next,
            buckets: vec![PipelineConfig::OUT.into()],
            entity_types: stage.entity_types.unwrap_or(least.entity_types),
            classify,
            language,
            derived_aliases: aliases,
            limits,
            cache_bytes: head.cache_bytes.unwrap_or(least.cache_bytes),
            precision,
            ..least
        });
    }
    let mut pipeline = PipelineConfig { name: head.name, stages };
    if errors.is_empty()
        && let Some(stage) = in_a_circle(&pipeline)
    {
        errors.push(format!("stage {stage:?}: next: leads back to it; documents would go round for ever"));
    }
    if errors.is_empty() {
        errors.extend(led_to_twice(&pipeline));
    }
    let entries: BTreeSet<String> = pipeline.entries().map(|stage| stage.stage.clone()).collect();
    for stage in pipeline.stages.iter_mut().filter(|stage| entries.contains(&stage.stage)) {
        stage.buckets = vec![PipelineConfig::DOCUMENTS.into()];
    }
    (pipeline, errors)
}

fn checked<T: Default>(wrong: &mut impl FnMut(String), key: &str, value: Result<T, String>) -> T {
    value.unwrap_or_else(|error| {
        wrong(format!("{key}: {error}"));
        T::default()
    })
}

/// What is wrong with stages that several lead to.
fn led_to_twice(pipeline: &PipelineConfig) -> Vec<String> {
    let mut led_to = BTreeSet::new();
    let next = pipeline.stages.iter().flat_map(|stage| &stage.next);
    let twice = next.filter(|next| !led_to.insert(next.as_str()));
    let wrong = twice.map(|stage| {
        format!(
            "stage {stage:?}: two `next` lead to it, and each document's second result would take the first one's \
             place; give the branches stages of their own"
        )
    });
    wrong.collect()
}

/// A stage that its own documents come back to, if there is one.
fn in_a_circle(pipeline: &PipelineConfig) -> Option<&str> {
    let next: BTreeMap<&str, &[String]> =
        pipeline.stages.iter().map(|stage| (stage.stage.as_str(), stage.next.as_slice())).collect();
    next.keys().copied().find(|&start| {
        let mut seen = BTreeSet::new();
        let mut ahead: Vec<&str> = next[start].iter().map(String::as_str).collect();
        while let Some(stage) = ahead.pop() {
            if stage == start {
                return true;
            }
            if seen.insert(stage) {
                ahead.extend(next[stage].iter().map(String::as_str));
            }
        }
        false
    })
}
