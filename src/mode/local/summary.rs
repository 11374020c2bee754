//! What a run found: every entity and every label over all documents, and what did not come through.

mod entities;
mod example;
mod found;
mod labels;
mod missing;

use std::{collections::BTreeMap, fmt::Write, path::Path};

use indexmap::IndexMap;
use serde_json::value::RawValue;

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
    /// Those that are tables by their names.
    tables: usize,
    /// In the pipeline's order.
    stages: IndexMap<String, OfStage>,
    /// Whether a stage says something about entities.
    sentiment: bool,
    labels: BTreeMap<String, LabelTable>,
    pub(super) rejected: Missing,
    pub(super) failed: Missing,
    /// Rejections for which what an earlier run made was taken away.
    pub(super) forgotten: usize,
    /// Whether earlier runs' results of any of these are there.
    pub(super) failed_with_results: bool,
    /// Whether it ended before its end, as a person told it or because it could not go on.
    pub(super) stopped: bool,
    why_stopped: Option<String>,
    /// Of those that came through, the ones for which an earlier run had made everything.
    repeated: usize,
    /// What else is there, said in a line.
    others: Option<String>,
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
        let mut failed = Missing::default();
        files.unreadable.iter().for_each(|(name, why)| failed.unreadable(name, why.clone()));
        Summary {
            documents: files.names.len() + files.unreadable.len(),
            through: 0,
            left_out: files.left_out,
            tables: files.names.iter().filter(|name| is_table(name)).count(),
            stages: stages.collect(),
            sentiment,
            labels: BTreeMap::new(),
            rejected: Missing::default(),
            failed,
            forgotten: 0,
            failed_with_results: false,
            stopped: false,
            why_stopped: None,
            repeated: 0,
            others: None,
        }
    }

    /// Whether every document came through.
    pub fn is_complete(&self) -> bool {
        self.through == self.documents
    }

    /// Whether a person ended it.
    pub fn is_interrupted(&self) -> bool {
        self.stopped && self.why_stopped.is_none()
    }

    /// Every stage is done with a document.
    pub(super) fn document_done(&mut self, name: &str, is_computed: bool) {
        if ![&self.rejected, &self.failed].iter().any(|missing| missing.names().contains(name)) {
            self.through += 1;
            self.repeated += usize::from(!is_computed);
        }
    }

    /// No document more can come through, for this reason.
    pub(super) fn cannot_go_on(&mut self, why: &str) {
        self.stopped = true;
        self.why_stopped.get_or_insert_with(|| why.to_owned());
    }

    /// Adds what a stage found, and wrote there.
    ///
    /// # Errors
    /// What is wrong with what is there.
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
        let fields = fields(output)?;
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

    /// All documents have been added; `others` is what else is there.
    pub(super) fn finish(&mut self, others: Option<String>) {
        self.others = others;
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
        if self.tables > 0 {
            let what = count(
                self.tables,
                "file is a table by its name and was",
                "files are tables by their names and were",
            );
            let _ = writeln!(text, "{what} read as one text; write a document for each row");
        }
        let _ = write!(text, "{} of {} documents came through", self.through, self.documents);
        if self.through > 0 {
            let _ = write!(text, "; the results are in {}", out.display());
        }
        text.push('\n');
        if self.repeated > 0 {
            let _ = writeln!(text, "{} there already, made of the same", count(self.repeated, "was", "were"));
        }
        if let Some(why) = &self.why_stopped {
            let _ = writeln!(text, "stopped: {why}");
        } else if self.stopped {
            text += "stopped; the same command goes on\n";
        }
        if let Some(others) = &self.others {
            let _ = writeln!(text, "{others}");
        }
        for (name, OfStage { found, .. }) in &self.stages {
            for said in [found.nothing(name), found.unread(name)].into_iter().flatten() {
                let _ = writeln!(text, "{said}");
            }
        }
        let mut records = format!("; their records are in {}", out.join(PipelineConfig::REJECTED).display());
        if self.forgotten > 0 {
            records += &format!("; what earlier runs made of {} of them was taken away", self.forgotten);
        }
        let stay = if self.failed_with_results { "; what earlier runs made of them stays" } else { "" };
        for (missing, what) in
            [(&self.rejected, format!("rejected{records}")), (&self.failed, format!("failed{stay}"))]
        {
            if !missing.names().is_empty() {
                let _ = write!(text, "{} {what}:\n{}", missing.names().len(), missing.render());
            }
        }
        text
    }
}

/// What a stage noted in a result that is there.
///
/// # Errors
/// What is wrong with it.
pub(super) fn annotation(stage: &str, output: &Path) -> Result<Annotation, String> {
    let fields = fields(output)?;
    let all: IndexMap<String, &RawValue> = fields.view("annotations").unwrap_or_default();
    let noted = all.get(stage).ok_or_else(|| format!("it has nothing of the stage {stage:?}"))?;
    serde_json::from_str(noted.get()).map_err(|e| e.to_string())
}

fn fields(output: &Path) -> Result<Fields, String> {
    let bytes = std::fs::read(output).map_err(|e| e.to_string())?;
    serde_json::from_slice(&bytes).map_err(|e| e.to_string())
}

fn is_table(name: &str) -> bool {
    let name = name.to_lowercase();
    [".csv", ".tsv", ".csv.gz", ".tsv.gz"].iter().any(|end| name.ends_with(end))
}

fn leads_to_ner(pipeline: &PipelineConfig, stage: &StageConfig) -> bool {
    let mut next = pipeline.stages.iter().filter(|other| stage.next.contains(&other.stage));
    next.any(|other| other.task == TaskKind::Ner || leads_to_ner(pipeline, other))
}
