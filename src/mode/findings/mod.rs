//! What enriched documents say, read back as whoever is downstream reads them: the run's summary and the report are
//! made from the same findings, so that they never differ.

mod document;
mod entities;

pub use document::{Document, Mention, is_enriched};
pub use entities::{Entities, Strongest};
