//! What `baton.json` in a model's directory says of it: how its inputs are made and what its labels mean, where
//! config.json can't say. Nobody has to write one for a model that reads a text, or a pair of a sentence and a
//! target, and whose labels have names.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    LoadError,
    config::{FEWEST_TOKENS, HeadKind, ModelConfig},
    files::{read_json, read_json_if_there},
    template::Template,
};

/// The file's name.
pub(super) const FILE: &str = "baton.json";

/// A model's description.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// The input that a sentence and a target in it make.
    pub template: Template,
    /// Whether the model says of itself that it was trained on targets; one that wasn't reads texts as they are.
    pub reads_targets: bool,
    /// Whether the target's tokens in the sentence have token type 1.
    pub marks_target: bool,
    /// What the logits of a text are.
    pub problem: Problem,
}

/// What the logits of a text are; by the names that transformers has in `problem_type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Problem {
    /// Of labels that exclude each other.
    #[default]
    SingleLabel,
    /// Each of a label that applies or doesn't.
    MultiLabel,
    /// Numbers, not labels.
    Regression,
}

/// The keys of config.json that are read here, and not by [`ModelConfig`].
#[derive(Deserialize)]
struct Hints {
    problem_type: Option<Value>,
    target_sentiment: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    #[serde(default)]
    marker: Value,
}

impl Problem {
    const NAMES: &str = "single_label_classification, multi_label_classification, regression";

    fn read(value: &Value) -> Result<Self, String> {
        Ok(match value.as_str() {
            Some("single_label_classification") => Problem::SingleLabel,
            Some("multi_label_classification") => Problem::MultiLabel,
            Some("regression") => Problem::Regression,
            _ => return Err(format!("is {value}; Baton has {}", Self::NAMES)),
        })
    }
}

impl Description {
    /// Reads `baton.json`, if the model has one, and applies its labels and length to the configuration.
    ///
    /// # Errors
    /// All that is wrong with it, each with the file and the key.
    pub fn read(directory: &Path, config: &mut ModelConfig) -> Result<Self, LoadError> {
        let mut description = Self::hinted(&directory.join("config.json"), config)?;
        let file = directory.join(FILE);
        let keys: Map<String, Value> = read_json_if_there(&file)?.unwrap_or_default();
        let mut errors = Vec::new();
        for (key, value) in &keys {
            if let Err(wrong) = description.set(key, value, config) {
                errors.extend(wrong.into_iter().map(|what| format!("{}: `{key}` {what}", file.display())));
            }
        }
        if errors.is_empty() { Ok(description) } else { Err(LoadError::new(errors.join("\n"))) }
    }

    /// As far as config.json describes the model.
    fn hinted(file: &Path, config: &ModelConfig) -> Result<Self, LoadError> {
        let Hints { problem_type, target_sentiment } = read_json(file)?;
        let fail = |key: &str, what: String| LoadError::at(file, format!("`{key}` {what}"));
        let problem = problem_type.as_ref().map_or(Ok(Problem::default()), Problem::read);
        let marker = target_sentiment.as_ref().map_or(Ok(false), |target| marks(&target.marker, config));
        Ok(Description {
            template: Template::pair(),
            reads_targets: target_sentiment.is_some(),
            marks_target: marker.map_err(|e| fail("target_sentiment.marker", e))?,
            problem: problem.map_err(|e| fail("problem_type", e))?,
        })
    }

    fn set(&mut self, key: &str, value: &Value, config: &mut ModelConfig) -> Result<(), Vec<String>> {
        let one = |error: String| vec![error];
        match key {
            "input" => {
                for_texts(config).map_err(one)?;
                self.template = template(value)?;
                self.reads_targets = true;
            }
            "mark" => {
                for_texts(config).map_err(one)?;
                self.marks_target = marks(value, config).map_err(one)?;
                self.reads_targets |= self.marks_target;
            }
            "labels" => rename(value, &mut config.labels)?,
            "max_tokens" => config.max_tokens = max_tokens(value, config.max_tokens).map_err(one)?,
            "problem_type" => {
                for_texts(config).map_err(one)?;
                self.problem = Problem::read(value).map_err(one)?;
            }
            _ => {
                let known = "input, mark, labels, max_tokens, problem_type";
                return Err(one(format!("is no key of it (a misspelling?); Baton has {known}")));
            }
        }
        Ok(())
    }
}

fn for_texts(config: &ModelConfig) -> Result<(), String> {
    match config.head {
        HeadKind::Sequence => Ok(()),
        HeadKind::Token => Err("is for models that classify texts, and this one classifies tokens".into()),
    }
}

fn template(value: &Value) -> Result<Template, Vec<String>> {
    let other = || {
        let template = r#"{"template": "{sentence} about {target}"}, with two texts {"template": ["{sentence}", "{target}"]}"#;
        vec![format!("is {value}; Baton has \"pair\" and, for instance, {template}")]
    };
    match value {
        Value::String(name) if name == "pair" => Ok(Template::pair()),
        Value::Object(keys) if keys.len() == 1 => match keys.get("template").ok_or_else(other)? {
            Value::String(text) => Template::parse(&[text]),
            Value::Array(texts) => {
                let texts: Option<Vec<&str>> = texts.iter().map(Value::as_str).collect();
                Template::parse(&texts.ok_or_else(other)?)
            }
            _ => Err(other()),
        },
        _ => Err(other()),
    }
}

fn marks(value: &Value, config: &ModelConfig) -> Result<bool, String> {
    match value {
        Value::Null => Ok(false),
        Value::String(name) if name == "token_types" && config.types < 2 => {
            Err("is \"token_types\", and the model has only one (`type_vocab_size` in config.json)".into())
        }
        Value::String(name) if name == "token_types" => Ok(true),
        _ => Err(format!("is {value}; Baton has \"token_types\"")),
    }
}

/// Several labels may get one name: they are then one label.
fn rename(value: &Value, labels: &mut [String]) -> Result<(), Vec<String>> {
    let names: BTreeMap<String, String> = serde_json::from_value(value.clone())
        .map_err(|_| vec![format!("is {value}; it must be an object of names, each with a new name")])?;
    let mut errors = Vec::new();
    for (name, new) in &names {
        if !labels.contains(name) {
            errors.push(format!("has {name:?}, which is none of the model's labels: {}", labels.join(", ")));
        }
        if new.trim().is_empty() {
            errors.push(format!("gives {name:?} an empty name"));
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    for label in labels {
        if let Some(new) = names.get(label) {
            new.clone_into(label);
        }
    }
    Ok(())
}

fn max_tokens(value: &Value, most: usize) -> Result<usize, String> {
    let tokens = value.as_u64().and_then(|tokens| usize::try_from(tokens).ok());
    tokens.filter(|tokens| (FEWEST_TOKENS..=most).contains(tokens)).ok_or_else(|| {
        format!(
            "is {value}; it must be a whole number from {FEWEST_TOKENS} to {most}, which the model allows"
        )
    })
}
