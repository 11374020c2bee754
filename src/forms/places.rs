//! Every mention with all that is known of it: the one list from which all forms are made.

use std::{collections::HashMap, ops::Range};

use crate::{
    document::{
        Document, Entity,
        contract::{Annotation, MentionSentiment},
    },
    text::{OffsetUnit, to_units},
};

/// A mention.
pub struct Place<'a> {
    /// Whose it is.
    pub entity: &'a Entity,
    /// What stands there.
    pub text: &'a str,
    /// Its bytes.
    pub bytes: Range<usize>,
    /// Its code points, whatever unit the document counts in.
    pub points: Range<usize>,
    /// The index and the bytes of the sentence in which it begins.
    pub sentence: Option<(usize, Range<usize>)>,
    /// What the stage says about it; None for what it wasn't asked about.
    pub sentiment: Option<&'a MentionSentiment>,
}

/// All mentions, entity by entity, each entity's in the order of the text.
pub fn places<'a>(document: &'a Document, annotation: &'a Annotation) -> Vec<Place<'a>> {
    let mentions: Vec<_> = document
        .entities
        .iter()
        .enumerate()
        .flat_map(|(entity, known)| known.mentions.iter().map(move |m| (entity, m)))
        .collect();
    let inside: Vec<_> = mentions.iter().map(|(_, mention)| mention.range.clone()).collect();
    let points = to_units(&document.text, OffsetUnit::Codepoint, &inside);
    let outside = document.outside(&inside);
    let said = said(annotation);
    let said_of: Vec<_> = document.entities.iter().map(|entity| said.get(entity.id.as_str())).collect();
    let places =
        mentions.into_iter().zip(points).zip(outside).map(|(((entity, mention), points), outside)| {
            let sentence = mention.sentence.and_then(|i| Some((i, document.sentences.get(i)?.clone())));
            let said = said_of[entity].and_then(|said| said.get(&(outside.start, outside.end)));
            let entity = &document.entities[entity];
            Place {
                entity,
                text: &document.text[mention.range.clone()],
                bytes: mention.range.clone(),
                points,
                sentence,
                sentiment: said.copied(),
            }
        });
    places.collect()
}

/// What is said about each mention, by its entity's id and its place in the document's own unit.
fn said(annotation: &Annotation) -> HashMap<&str, HashMap<(usize, usize), &MentionSentiment>> {
    let mut said: HashMap<&str, HashMap<_, _>> = HashMap::new();
    if let Annotation::Sentiment { mentions, .. } = annotation {
        for mention in mentions {
            said.entry(&mention.entity).or_default().insert((mention.begin, mention.end), mention);
        }
    }
    said
}
