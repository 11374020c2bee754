//! The shape of Amazon Comprehend's asynchronous targeted sentiment: one JSON object on one line, so that the files
//! of many documents after one another are what Comprehend's own output file is.
//!
//! `Score` and `GroupScore` are 1: Baton keeps no confidence of a mention, and joins mentions by rules, not by chance.

use indexmap::IndexMap;
use serde::{Serialize, Serializer};

use super::{
    Enriched,
    places::{Place, places},
};
use crate::{bounded::Bounded, document::contract::MentionSentiment, error::Failure, text::Kind};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Mention<'a> {
    begin_offset: usize,
    end_offset: usize,
    score: Number,
    group_score: Number,
    text: &'a str,
    #[serde(rename = "Type")]
    kind: &'static str,
    mention_sentiment: Sentiment,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sentiment {
    sentiment: String,
    sentiment_score: Scores,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Scores {
    positive: Number,
    negative: Number,
    neutral: Number,
    mixed: Number,
}

/// A number as Comprehend writes it: without decimals where it has none.
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let whole = self.0 as u8;
        if f64::from(whole) == self.0 {
            serializer.serialize_u8(whole)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

/// # Errors
/// A Reject when it doesn't fit.
pub fn write(out: &mut Bounded, enriched: Enriched<'_>) -> Result<(), Failure> {
    let places = places(enriched.document, enriched.annotation);
    let mut entities: IndexMap<&str, Vec<(&Place<'_>, &MentionSentiment)>> = IndexMap::new();
    for (place, said) in places.iter().filter_map(|place| Some((place, place.sentiment?))) {
        entities.entry(&place.entity.id).or_default().push((place, said));
    }
    out.object(["Entities", "File"], |out, name| match name {
        "Entities" => out.array(entities.values(), |out, places| entity(out, places)),
        _ => out.value(enriched.name),
    })?;
    out.bytes(b"\n")
}

fn entity(out: &mut Bounded, places: &[(&Place<'_>, &MentionSentiment)]) -> Result<(), Failure> {
    out.object(["DescriptiveMentionIndex", "Mentions"], |out, name| match name {
        "Mentions" => out.array(places, |out, (place, said)| out.value(&mention(place, said))),
        _ => out.value(&[most_descriptive(places)]),
    })
}

fn mention<'a>(place: &Place<'a>, said: &MentionSentiment) -> Mention<'a> {
    let score = |label: &str| Number(said.scores.get(label).map_or(0.0, |score| score.get()));
    Mention {
        begin_offset: place.points.start,
        end_offset: place.points.end,
        score: Number(1.0),
        group_score: Number(1.0),
        text: place.text,
        kind: kind(place.entity.kind.as_deref().unwrap_or_default()),
        mention_sentiment: Sentiment {
            sentiment: said.label.to_uppercase(),
            sentiment_score: Scores {
                positive: score("positive"),
                negative: score("negative"),
                neutral: score("neutral"),
                mixed: Number(0.0),
            },
        },
    }
}

/// The first mention that is the entity's name, or else the first of the longest ones.
fn most_descriptive(places: &[(&Place<'_>, &MentionSentiment)]) -> usize {
    let rank = |place: &Place<'_>| (place.text == place.entity.name, place.points.len());
    // Of equals, `max_by_key` takes the last.
    let best = places.iter().enumerate().rev().max_by_key(|(_, (place, _))| rank(place));
    best.map_or(0, |(index, _)| index)
}

/// Comprehend's word for a type.
fn kind(kind: &str) -> &'static str {
    match Kind::from(kind) {
        Kind::Person => "PERSON",
        Kind::Organisation => "ORGANIZATION",
        Kind::Location => "LOCATION",
        Kind::Other => "OTHER",
    }
}
