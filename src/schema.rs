//! The published JSON Schemas (draft 2020-12), generated from the types that read and write.

use schemars::{Schema, schema_for};

use crate::{document::contract, handoff::Handoff, rejection::Rejection};

/// The schemas' names.
pub const NAMES: [&str; 4] = ["document", "enriched", "handoff", "rejection"];

/// The schema of that name, as JSON with a line break at its end.
pub fn schema(name: &str) -> Option<String> {
    let schema: Schema = match name {
        "document" => schema_for!(contract::Document),
        "enriched" => schema_for!(contract::Enriched),
        "handoff" => schema_for!(Handoff),
        "rejection" => schema_for!(Rejection),
        _ => return None,
    };
    serde_json::to_string_pretty(&schema).ok().map(|json| json + "\n")
}
