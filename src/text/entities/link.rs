//! Joins the mentions that a tagger found in one document into entities.

use std::collections::BTreeMap;
use std::ops::Range;

use super::names;

/// A mention as a tagger gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged<'a> {
    /// Its bytes in the text; on character boundaries.
    pub range: Range<usize>,
    /// Its type, such as `PER`, without a `B-` or `I-` before it.
    pub kind: &'a str,
    /// How sure the tagger is, from 0 to 1.
    pub confidence: f32,
}

/// Mentions of the same thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Entity<'a> {
    /// Stable: made of type and name, such as `per-anna-kovac`, so that the same document gives
    /// the same ids, whatever else is found in it.
    pub id: String,
    /// The fullest form in which the text names it.
    pub name: String,
    /// The type that most of its mentions have; the more confident one if there are as many.
    pub kind: &'a str,
    /// Indices of its mentions, as they were given, in the order of the text.
    pub mentions: Vec<usize>,
    /// Indices of mentions of a part of the name that could be several entities; each of them is
    /// an entity of its own, and this says which others it could be.
    pub could_be: Vec<String>,
}

/// The entities of the mentions of one document, in the order in which they first stand.
pub fn link<'a>(text: &str, tagged: &[Tagged<'a>]) -> Vec<Entity<'a>> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, t) in tagged.iter().enumerate() {
        let surface = text.get(t.range.clone()).unwrap_or_default();
        let key = names::without_legal_form(surface).unwrap_or(surface).to_lowercase();
        groups.entry(key).or_default().push(i);
    }
    let mut entities: Vec<_> = groups
        .into_values()
        .map(|mentions| {
            let first = &tagged[mentions[0]];
            let name = text.get(first.range.clone()).unwrap_or_default().to_owned();
            Entity {
                id: format!("{}-{}", first.kind, name).to_lowercase().replace(' ', "-"),
                name,
                kind: first.kind,
                mentions,
                could_be: Vec::new(),
            }
        })
        .collect();
    entities.sort_by_key(|e| tagged[e.mentions[0]].range.start);
    entities
}
