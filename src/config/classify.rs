//! The settings of `classify`.

use super::TaskKind;
use crate::document::contract::ClassifiedOver;

/// What `classify` looks at, and what it says of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClassifyConfig {
    /// What is classified; sentences unless it is set.
    pub over: Option<ClassifiedOver>,
    /// The score from which a label of a multi-label model is given; one half unless it is set.
    pub threshold: Option<f64>,
}

impl ClassifiedOver {
    /// What a setting names.
    ///
    /// # Errors
    /// A name that is neither.
    pub fn parse(name: &str) -> Result<Self, String> {
        match name {
            "sentences" => Ok(ClassifiedOver::Sentences),
            "document" => Ok(ClassifiedOver::Document),
            _ => Err(format!("`{name}` can't be classified; Baton classifies sentences, document")),
        }
    }
}

impl ClassifyConfig {
    const DEFAULT_THRESHOLD: f64 = 0.5;

    /// The score from which a label of a multi-label model is given.
    pub fn threshold(&self) -> f64 {
        self.threshold.unwrap_or(Self::DEFAULT_THRESHOLD)
    }

    /// A threshold as it is written.
    ///
    /// # Errors
    /// No number, or one that scores never, or always, reach.
    pub fn parse_threshold(value: &str) -> Result<f64, String> {
        Self::check_threshold(value.parse().map_err(|_| format!("`{value}` is no number"))?)
    }

    pub(super) fn check_threshold(threshold: f64) -> Result<f64, String> {
        if threshold > 0.0 && threshold <= 1.0 {
            return Ok(threshold);
        }
        Err(format!("{threshold} is no score above 0 and up to 1"))
    }

    /// What is set though the stage's task doesn't look at it, and why that is wrong.
    pub(super) fn set_without_effect(&self, task: TaskKind) -> impl Iterator<Item = (&'static str, String)> {
        let set = [("over", self.over.is_some()), ("threshold", self.threshold.is_some())];
        set.into_iter().filter(move |(_, is_set)| *is_set && task != TaskKind::Classify).map(
            move |(name, _)| {
                (name, format!("is a setting of the task classify, and this stage's is {}", task.name()))
            },
        )
    }
}
