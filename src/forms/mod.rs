//! What a stage writes besides the enriched document, for those whose tools read another shape. A form is a pure
//! function of the document and of what the stage found in it, so that writing it again writes the same bytes.

mod comprehend;
mod lines;
mod places;

use crate::{
    bounded::Bounded,
    document::{Document, TaskKind, contract::Annotation},
    error::Failure,
};

/// A shape besides the enriched document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// A result of Amazon Comprehend's asynchronous targeted sentiment.
    Comprehend,
    /// JSON Lines, one for each mention, as Athena and its like read them.
    Lines,
}

/// What a form is made from.
#[derive(Clone, Copy)]
pub struct Enriched<'a> {
    /// The document, with what the stage found in it.
    pub document: &'a Document,
    /// What the stage says about it.
    pub annotation: &'a Annotation,
    /// The document's name in its pipeline.
    pub name: &'a str,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 2] = [Form::Comprehend, Form::Lines];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Form::Comprehend => "comprehend",
            Form::Lines => "lines",
        }
    }

    /// The form of that name.
    ///
    /// # Errors
    /// Which there are.
    pub fn named(name: &str) -> Result<Self, String> {
        let names = Form::ALL.map(Form::name).join(", ");
        let named = Form::ALL.into_iter().find(|form| form.name() == name);
        named.ok_or_else(|| format!("`{name}` is no form of a result; Baton has {names}"))
    }

    /// The tasks whose results it can show.
    pub fn tasks(self) -> &'static [TaskKind] {
        match self {
            Form::Comprehend => &[TaskKind::Sentiment],
            Form::Lines => &[TaskKind::Ner, TaskKind::Sentiment],
        }
    }

    /// The folder below the stage's prefix for results in which it lies. No stage has a dot in its name, so a form never lies
    /// where a result or another form does.
    pub fn folder(self, stage: &str) -> String {
        format!("{stage}.{}", self.name())
    }

    /// What its key ends with; the store tells by it of which type the content is.
    pub fn end(self) -> &'static str {
        match self {
            Form::Comprehend => ".json",
            Form::Lines => ".jsonl",
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// A Reject when it doesn't fit.
    pub fn write(self, out: &mut Bounded, enriched: Enriched<'_>) -> Result<(), Failure> {
        match self {
            Form::Comprehend => comprehend::write(out, enriched),
            Form::Lines => lines::write(out, enriched),
        }
    }
}
