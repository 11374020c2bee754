//! What a run found: every entity and every label over all documents, and what did not come through.

mod entities;
mod example;
mod found;
mod labels;
mod missing;

use std::{collections::BTreeMap, fmt::Write, path::Path};

use indexmap::IndexMap;

use super::files::Files;
use crate::{
    config::{PipelineConfig, StageConfig, TaskKind},
    document::contract::Annotation,
    fields::Fields,
    mode::{
        findings::{Document, Entities},
        line::count,
    },
};
use found::Found;
use labels::LabelTable;
use missing::Missing;

/// The results of a run.
#[derive(Debug)]
pub struct Summary {
    /// Documents that there are, and those that came through.
    documents: usize,
    through: usize,
    /// Folders of other runs' results and pipeline files beside them.
    left_out: usize,
    /// In the pipeline's order.
    stages: IndexMap<String, OfStage>,
    /// Whether a stage says something about entities.
    sentiment: bool,
    labels: BTreeMap<String, LabelTable>,
    pub(super) rejected: Missing,
    pub(super) failed: Missing,
    /// Whether a person ended it.
    pub stopped: bool,
}

/// What a stage found.
#[derive(Debug)]
struct OfStage {
    found: Found,
    /// The entities that it has, where they are shown.
    entities: Option<Entities>,
}

impl Summary {
    /// Nothing yet of these documents.
    pub(super) fn start(pipeline: &PipelineConfig, files: &Files) -> Self {
        let sentiment = pipeline.stages.iter().any(|stage| stage.task == TaskKind::Sentiment);
        let is_shown = |stage: &StageConfig| match stage.task {
            TaskKind::Sentiment => true,
            // What one finds, another after it has too.
            TaskKind::Ner => !sentiment && !leads_to_ner(pipeline, stage),
            TaskKind::Classify => false,
        };
        let stages = pipeline.stages.iter().map(|stage| {
            let entities = is_shown(stage).then(Entities::default);
            (stage.stage.clone(), OfStage { found: Found::of(stage), entities })
        });
        Summary {
            documents: files.names.len() + files.unreadable.len(),
            through: 0,
            left_out: files.left_out,
            stages: stages.collect(),
            sentiment,
            labels: BTreeMap::new(),
            rejected: Missing::default(),
            failed: Missing::default(),
            stopped: false,
        }
    }

    /// Whether every document came through.
    pub fn is_complete(&self) -> bool {
        self.through == self.documents
    }

    /// Every stage is done with a document.
    pub(super) fn document_done(&mut self, name: &str) {
        if ![&self.rejected, &self.failed].iter().any(|missing| missing.names().contains(name)) {
            self.through += 1;
        }
    }

    /// Adds what a stage found, and wrote there.
    pub(super) fn add(
        &mut self,
        stage: &str,
        name: &str,
        annotation: &Annotation,
        output: &Path,
    ) -> Result<(), String> {
        let Some(OfStage { found, entities }) = self.stages.get_mut(stage) else { return Ok(()) };
        let said = match annotation {
            Annotation::Ner { .. } if entities.is_none() => {
                found.add(annotation, None);
                return Ok(());
            }
            Annotation::Sentiment { .. } => Some(stage),
            Annotation::Ner { .. } | Annotation::Classify { .. } => None,
        };
        let bytes = std::fs::read(output).map_err(|e| e.to_string())?;
        let fields: Fields = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
        let read = Document::read(&fields, said)?;
        found.add(annotation, Some(&read));
        if let Annotation::Classify { sentences, document, .. } = annotation {
            let texts: Vec<_> = read.sentences.iter().map(|place| &read.text[place.clone()]).collect();
            let table = self.labels.entry(stage.to_owned()).or_default();
            table.add(name, &read.text, &texts, sentences, document.as_deref());
        } else if let Some(entities) = entities {
            entities.add(name, &read);
        }
        Ok(())
    }

    /// All documents have been added.
    pub(super) fn finish(&mut self) {
        self.stages.values_mut().flat_map(|stage| &mut stage.entities).for_each(Entities::join_companies);
    }

    /// The table and the counts, for a person; `width` in columns.
    pub fn render(&self, most: usize, width: u16, out: &Path) -> String {
        let mut text = String::new();
        let of_stages = self.stages.iter().filter_map(|(name, stage)| Some((name, stage.entities.as_ref()?)));
        let of_stages: Vec<_> = of_stages.collect();
        for (stage, entities) in of_stages.iter().filter(|(_, entities)| !entities.is_empty()) {
            // Two models' opinions are two, not twice as many.
            if of_stages.len() > 1 {
                let _ = writeln!(text, "stage {stage}:");
            }
            text += &entities::render(entities, self.sentiment, most, width);
        }
        self.labels.iter().for_each(|(stage, table)| text += &table.render(stage, width));
        if self.left_out > 0 {
            let what = count(self.left_out, "other is", "others are");
            let _ = writeln!(text, "{what} no document: the results of another run, or a pipeline file");
        }
        let _ = write!(text, "{} of {} documents came through", self.through, self.documents);
        if self.through > 0 {
            let _ = write!(text, "; the results are in {}", out.display());
        }
        text.push('\n');
        if self.stopped {
            text += "stopped\n";
        }
        for nothing in self.stages.iter().filter_map(|(name, stage)| stage.found.nothing(name)) {
            let _ = writeln!(text, "{nothing}");
        }
        let records = format!("; their records are in {}", out.join(PipelineConfig::REJECTED).display());
        for (missing, what) in
            [(&self.rejected, format!("rejected{records}")), (&self.failed, "failed".into())]
        {
            if !missing.names().is_empty() {
                let _ = write!(text, "{} {what}:\n{}", missing.names().len(), missing.render());
            }
        }
        text
    }
}

fn leads_to_ner(pipeline: &PipelineConfig, stage: &StageConfig) -> bool {
    let mut next = pipeline.stages.iter().filter(|other| stage.next.contains(&other.stage));
    next.any(|other| other.task == TaskKind::Ner || leads_to_ner(pipeline, other))
}
