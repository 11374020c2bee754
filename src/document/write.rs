//! Document → bytes: its own fields as they were, and what this stage adds. A pure function of its arguments, so
//! that the same message twice writes the same bytes.

use std::ops::Range;

use serde_json::value::RawValue;

use super::{
    Document, Fields,
    contract::{Ambiguous, Annotation, EnrichedEntity, Lineage, Mention, Sentence},
};
use crate::{bounded::Bounded, config::Limit, error::Failure, text};

impl Document {
    /// The enriched document as JSON.
    ///
    /// # Errors
    /// A Reject when it has more bytes than `most`.
    pub fn write(
        mut self,
        stage: &str,
        annotation: &Annotation,
        lineage: &Lineage,
        most: Limit,
    ) -> Result<Vec<u8>, Failure> {
        let mut fields = std::mem::take(&mut self.fields);
        fields.set("offsetUnit", &self.unit);
        if !self.sentences_given {
            let outside = text::to_units(&self.text, self.unit, &self.sentences);
            let sentences: Vec<_> =
                outside.into_iter().map(|r| Sentence { begin: r.start, end: r.end }).collect();
            fields.set("sentences", &sentences);
        }
        fields.set("entities", &self.entity_fields());
        if !self.ambiguous.is_empty() {
            fields.set("ambiguous", &self.ambiguous_places());
        }
        // Both were checked when the document was read.
        let mut annotations: Fields = fields.read("annotations").ok().flatten().unwrap_or_default();
        annotations.set(stage, annotation);
        fields.set("annotations", &annotations);
        let mut line: Vec<Box<RawValue>> = fields.read("lineage").ok().flatten().unwrap_or_default();
        line.push(serde_json::value::to_raw_value(lineage).expect("strings always serialise"));
        fields.set("lineage", &line);
        let mut bytes = Bounded::new(most);
        bytes.value(&fields)?;
        Ok(bytes.into_bytes())
    }

    /// Byte ranges in the document's own unit.
    pub fn outside(&self, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
        text::to_units(&self.text, self.unit, ranges)
    }

    fn ambiguous_places(&self) -> Vec<Ambiguous> {
        let inside: Vec<_> = self.ambiguous.iter().map(|place| place.range.clone()).collect();
        let places = self.ambiguous.iter().zip(self.outside(&inside)).map(|(place, outside)| Ambiguous {
            begin: outside.start,
            end: outside.end,
            text: self.text[place.range.clone()].to_owned(),
            entities: self.ids_of(&place.entities),
        });
        places.collect()
    }

    fn ids_of(&self, entities: &[usize]) -> Vec<String> {
        entities.iter().map(|&entity| self.entities[entity].id.clone()).collect()
    }

    fn entity_fields(&self) -> Vec<Fields> {
        let inside: Vec<_> =
            self.entities.iter().flat_map(|e| e.mentions.iter().map(|m| m.range.clone())).collect();
        let mut outside = self.outside(&inside).into_iter();
        let entities = self.entities.iter().map(|entity| {
            let mentions: Vec<Fields> = entity
                .mentions
                .iter()
                .zip(outside.by_ref())
                .map(|(mention, range)| {
                    let text = self.text[mention.range.clone()].to_owned();
                    let out =
                        Mention { begin: range.start, end: range.end, text, sentence: mention.sentence };
                    merge(&mention.fields, &out)
                })
                .collect();
            let ours = EnrichedEntity {
                id: entity.id.clone(),
                name: entity.name.clone(),
                kind: entity.kind.clone(),
                mentions: Vec::new(),
                could_be: self.ids_of(&entity.could_be),
            };
            let mut fields = merge(&entity.fields, &ours);
            fields.set("mentions", &mentions);
            fields
        });
        entities.collect()
    }
}

/// The fields as they came in, with those that Baton writes set over them.
fn merge<T: serde::Serialize>(kept: &Fields, ours: &T) -> Fields {
    let mut fields = kept.clone();
    fields.set_all(ours);
    fields
}
