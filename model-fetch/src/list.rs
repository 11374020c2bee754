//! `list`: what models.toml has, a line each.

use crate::{manifest::Manifest, output::plain, progress::size};

/// The table, and what one should know of some.
pub fn render(manifest: &Manifest) -> String {
    let rows: Vec<[String; 4]> = manifest
        .models
        .iter()
        .map(|entry| {
            let revision = entry
                .revision
                .as_deref()
                .map_or_else(String::new, |revision| format!("@{}", revision.get(..12).unwrap_or(revision)));
            let state = if entry.is_pinned() {
                entry.bytes().map_or("pinned".into(), |bytes| format!("pinned, {}", size(bytes)))
            } else {
                "not pinned".into()
            };
            [entry.name.clone(), state, plain(&entry.licence), format!("{}{revision}", entry.source)]
        })
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (name, state, licence) = (width(0), width(1), width(2));
    let mut text = String::new();
    for row in &rows {
        text += &format!("{:name$}  {:state$}  {:licence$}  {}\n", row[0], row[1], row[2], row[3]);
    }
    for entry in &manifest.models {
        if let Some(note) = &entry.note {
            text += &format!("\n{}: {note}\n", entry.name);
        }
    }
    text
}
