//! A pipeline file: all stages at once, for `baton local`.

mod links;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{
    ClassifyConfig, ConfigError, Prefix, StageConfig, TaskKind,
    values::{check_name, derived_aliases, forms, language, precision},
};
use crate::{document::contract::ClassifiedOver, limits::Limits};

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
    let mut common = head(file.pipeline, &mut errors);
    common.limits = limits(file.limits, &mut errors);
    let names: Vec<String> = file.stages.iter().map(|stage| stage.name.clone()).collect();
    errors.extend(links::of_one_name(&names));
    let stages = file.stages.into_iter().map(|stage| stage.validate(&common, &names, folder, &mut errors));
    let mut pipeline = PipelineConfig { name: common.pipeline.clone(), stages: stages.collect() };
    if errors.is_empty() {
        errors.extend(links::wrong(&pipeline));
    }
    let entries: BTreeSet<String> = pipeline.entries().map(|stage| stage.stage.clone()).collect();
    for stage in pipeline.stages.iter_mut().filter(|stage| entries.contains(&stage.stage)) {
        stage.buckets = vec![PipelineConfig::DOCUMENTS.into()];
    }
    (pipeline, errors)
}

/// What all stages of the pipeline have in common.
fn head(head: Option<Pipeline>, errors: &mut Vec<String>) -> StageConfig {
    match head.as_ref().map(|head| check_name(&head.name)) {
        None => errors.push("pipeline: is missing; add [pipeline] with name = \"…\"".into()),
        Some(Err(error)) => errors.push(format!("pipeline.name: {error}")),
        Some(Ok(())) => {}
    }
    let head = head.unwrap_or_default();
    let mut wrong = |what: String| errors.push(format!("pipeline.{what}"));
    let place = |prefix: &str| Prefix { bucket: PipelineConfig::OUT.into(), prefix: prefix.into() };
    // Name, task and model are each stage's own.
    let defaults =
        StageConfig::new("", TaskKind::Ner, PathBuf::new(), place(""), place(PipelineConfig::REJECTED));
    let aliases = head.derived_aliases.map(|names| derived_aliases(names.iter().map(String::as_str)));
    StageConfig {
        pipeline: head.name,
        buckets: vec![PipelineConfig::OUT.into()],
        language: checked(&mut wrong, "language", head.language.as_deref().map(language).transpose())
            .unwrap_or(defaults.language),
        derived_aliases: checked(&mut wrong, "derived_aliases", aliases.transpose())
            .unwrap_or(defaults.derived_aliases),
        cache_bytes: head.cache_bytes.unwrap_or(defaults.cache_bytes),
        ..defaults
    }
}

fn limits(mut given: BTreeMap<String, usize>, errors: &mut Vec<String>) -> Limits {
    let mut limits = Limits::default();
    for limit in limits.all() {
        limit.most = given.remove(limit.name).unwrap_or(limit.most);
        if limit.most == 0 {
            errors.push(format!("limits.{}: is 0; every document would be rejected", limit.name));
        }
    }
    errors.extend(given.keys().map(|name| format!("limits.{name}: there is no such limit")));
    limits
}

impl Stage {
    fn validate(
        self,
        common: &StageConfig,
        names: &[String],
        folder: &Path,
        errors: &mut Vec<String>,
    ) -> StageConfig {
        let Stage { name, task, next, .. } = self;
        let mut wrong = |what: String| errors.push(format!("stage {name:?}: {what}"));
        if let Err(error) = check_name(&name) {
            wrong(format!("name: {error}"));
        }
        if name == PipelineConfig::REJECTED {
            wrong("name: is where the rejections go; choose another".into());
        }
        let model = folder.join(&self.model);
        if !model.is_dir() {
            wrong(format!("model: {} is no directory", model.display()));
        }
        for next in next.iter().filter(|next| !names.contains(next)) {
            wrong(format!("next: there is no stage {next:?}"));
        }
        let over = self.over.as_deref().map(ClassifiedOver::parse);
        let threshold = self.threshold.map(ClassifyConfig::check_threshold);
        let classify = ClassifyConfig {
            over: checked(&mut wrong, "over", over.transpose()),
            threshold: checked(&mut wrong, "threshold", threshold.transpose()),
        };
        classify.set_without_effect(task).for_each(|(key, why)| wrong(format!("{key}: {why}")));
        if self.entity_types.is_some() && task != TaskKind::Sentiment {
            let task = task.name();
            wrong(format!("entity_types: is a setting of the task sentiment, and this stage's is {task}"));
        }
        let precision = self.precision.as_deref().map(precision);
        StageConfig {
            precision: checked(&mut wrong, "precision", precision.transpose()),
            forms: checked(&mut wrong, "output", forms(self.output.names(), Some(task))),
            entity_types: self.entity_types.unwrap_or_else(|| common.entity_types.clone()),
            stage: name,
            task,
            model,
            next,
            classify,
            ..common.clone()
        }
    }
}

fn checked<T: Default>(wrong: &mut impl FnMut(String), key: &str, value: Result<T, String>) -> T {
    value.unwrap_or_else(|error| {
        wrong(format!("{key}: {error}"));
        T::default()
    })
}
