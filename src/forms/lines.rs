//! JSON Lines, one for each mention: flat, in names that SQL takes without quotes. `infra/athena.sql` is the table
//! of them.

use std::ops::Range;

use serde::Serialize;

use super::{
    Enriched,
    places::{Place, places},
};
use crate::{bounded::Bounded, error::Failure};

/// What is unknown is null, so that every line has every key.
#[derive(Serialize)]
struct Line<'a> {
    document: &'a str,
    document_id: Option<&'a str>,
    published: Option<&'a str>,
    entity_id: &'a str,
    entity_name: &'a str,
    entity_type: Option<&'a str>,
    mention: &'a str,
    begin_offset: usize,
    end_offset: usize,
    sentence: Option<usize>,
    sentence_text: Option<String>,
    label: Option<&'a str>,
    /// Positive minus negative.
    score: Option<f64>,
    negative: Option<f64>,
    neutral: Option<f64>,
    positive: Option<f64>,
}

/// # Errors
/// A Reject when it doesn't fit.
pub fn write(out: &mut Bounded, enriched: Enriched<'_>) -> Result<(), Failure> {
    let (id, day) = (enriched.document.given_id(), enriched.document.day());
    let mut places = places(enriched.document, enriched.annotation);
    places.sort_by_key(|place| (place.bytes.start, place.bytes.end));
    for place in &places {
        let of = |label: &str| Some(place.sentiment?.scores.get(label)?.get());
        let (negative, positive) = (of("negative"), of("positive"));
        let text = &enriched.document.text;
        out.line(&Line {
            document: enriched.name,
            document_id: id.as_deref(),
            published: day.as_deref(),
            entity_id: &place.entity.id,
            entity_name: &place.entity.name,
            entity_type: place.entity.kind.as_deref(),
            mention: place.text,
            begin_offset: place.points.start,
            end_offset: place.points.end,
            sentence: place.sentence.as_ref().map(|(index, _)| *index),
            sentence_text: place.sentence.as_ref().map(|(_, sentence)| around(text, sentence, place)),
            label: place.sentiment.map(|said| said.label.as_str()),
            score: positive.zip(negative).map(|(p, n)| crate::document::contract::Score::new(p - n).get()),
            negative,
            neutral: of("neutral"),
            positive,
        })?;
    }
    Ok(())
}

/// A sentence, and all of the mention that is in it; of one that is very long, what stands around the mention, with `…` where it is cut.
fn around(text: &str, sentence: &Range<usize>, place: &Place<'_>) -> String {
    const EACH_SIDE: usize = 1000;
    let (first, last) = (sentence.start.min(place.bytes.start), sentence.end.max(place.bytes.end));
    let begin = text.floor_char_boundary(place.bytes.start.saturating_sub(EACH_SIDE)).max(first);
    let end = text.ceil_char_boundary(place.bytes.end + EACH_SIDE).min(last);
    let cut = |is_cut: bool| if is_cut { "…" } else { "" };
    format!("{}{}{}", cut(begin > sentence.start), &text[begin..end], cut(end < sentence.end))
}
