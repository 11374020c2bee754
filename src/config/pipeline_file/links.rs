//! How the stages of a pipeline lead to one another: nobody twice to the same place, and nowhere in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::PipelineConfig;

/// What is wrong with the names of a pipeline's stages.
pub(super) fn of_one_name(names: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let twice = names.iter().filter(|name| !seen.insert(*name));
    let mut wrong: Vec<String> =
        twice.map(|name| format!("stage {name:?}: name: two have the same name")).collect();
    if names.is_empty() {
        wrong.push("stage: there is none; a pipeline has one [[stage]] or more".into());
    }
    wrong
}

/// What is wrong with the ways of documents, of stages that are all there.
pub(super) fn wrong(pipeline: &PipelineConfig) -> Vec<String> {
    match in_a_circle(pipeline) {
        Some(stage) => {
            vec![format!("stage {stage:?}: next: leads back to it; documents would go round for ever")]
        }
        None => led_to_twice(pipeline),
    }
}

/// Stages that several lead to.
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
