//! Document → bytes: its own fields as they were, and what this stage adds. A pure function of its arguments, so
//! that the same message twice writes the same bytes. It is written part by part, so that no part is in memory twice.

use std::{collections::HashSet, ops::Range};

use indexmap::IndexMap;
use serde_json::value::RawValue;

use super::{
    Document, Entity, Mention,
    contract::{self, Ambiguous, Annotation, EnrichedEntity, Lineage, Sentence},
};
use crate::{bounded::Bounded, error::Failure, fields::Fields, text};

/// A place that could name several entities: as it came, or as it was found.
enum Place<'a> {
    Given(&'a RawValue),
    Found(&'a text::Ambiguous, Range<usize>),
}

impl Document {
    /// Writes the enriched document as JSON, with `stage`'s annotation and its line in the lineage. What no stage made has
    /// no lineage.
    ///
    /// # Errors
    /// A Reject when it doesn't fit.
    pub fn write(
        &self,
        out: &mut Bounded,
        stage: &str,
        annotation: &Annotation,
        lineage: Option<&Lineage>,
    ) -> Result<(), Failure> {
        // Both were checked when the document was read.
        let annotations: IndexMap<String, &RawValue> = self.fields.view("annotations").unwrap_or_default();
        let lines: Vec<&RawValue> = lineage.and_then(|_| self.fields.view("lineage")).unwrap_or_default();
        let stages =
            annotations.keys().map(String::as_str).chain((!annotations.contains_key(stage)).then_some(stage));
        // The last is this stage's own.
        let all_lines = lines.iter().map(Some).chain(lineage.map(|_| None));
        let places = self.still_ambiguous();
        let ours = ["offsetUnit", "sentences", "entities", "ambiguous", "annotations", "lineage"];
        let names = self.fields.names_with(ours);
        let names = names.filter(|name| *name != "ambiguous" || !places.is_empty());
        out.object(names, |out, name| match name {
            "offsetUnit" => out.value(&self.unit),
            "sentences" if !self.sentences_given => self.write_sentences(out),
            "entities" => self.write_entities(out),
            "ambiguous" => out.array(places.iter(), |out, place| match place {
                Place::Given(kept) => out.value(kept),
                Place::Found(place, outside) => out.value(&Ambiguous {
                    begin: outside.start,
                    end: outside.end,
                    text: self.text[place.range.clone()].to_owned(),
                    entities: self.ids_of(&place.entities),
                }),
            }),
            "annotations" => out.object(stages.clone(), |out, name| match annotations.get(name) {
                Some(kept) if name != stage => out.value(kept),
                _ => out.value(annotation),
            }),
            "lineage" => out.array(all_lines.clone(), |out, line| match line {
                Some(kept) => out.value(kept),
                None => out.value(&lineage),
            }),
            kept => out.value(&self.fields.raw(kept)),
        })
    }

    /// Byte ranges in the document's own unit.
    pub fn outside(&self, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
        text::to_units(&self.text, self.unit, ranges)
    }

    fn write_sentences(&self, out: &mut Bounded) -> Result<(), Failure> {
        out.array(self.outside(&self.sentences), |out, Range { start, end }| {
            out.value(&Sentence { begin: start, end })
        })
    }

    /// The places that came and aren't settled, and those that are ambiguous besides.
    fn still_ambiguous(&self) -> Vec<Place<'_>> {
        let given: Vec<&RawValue> = self.fields.view("ambiguous").unwrap_or_default();
        let given = self.ambiguous_given.iter().zip(given);
        let kept = given.filter(|(place, _)| !text::overlap(&self.settled, place));
        let known: HashSet<&Range<usize>> = self.ambiguous_given.iter().collect();
        let found: Vec<_> = self.ambiguous.iter().filter(|place| !known.contains(&place.range)).collect();
        let inside: Vec<_> = found.iter().map(|place| place.range.clone()).collect();
        let found = found.into_iter().zip(self.outside(&inside));
        let found = found.map(|(place, outside)| Place::Found(place, outside));
        kept.map(|(_, kept)| Place::Given(kept)).chain(found).collect()
    }

    fn ids_of(&self, entities: &[usize]) -> Vec<String> {
        entities.iter().map(|&entity| self.entities[entity].id.clone()).collect()
    }

    fn write_entities(&self, out: &mut Bounded) -> Result<(), Failure> {
        let inside: Vec<_> =
            self.entities.iter().flat_map(|e| e.mentions.iter().map(|m| m.range.clone())).collect();
        let mut outside = self.outside(&inside).into_iter();
        out.array(&self.entities, |out, entity| {
            let Entity { id, name, kind, mentions, could_be, fields } = entity;
            let ours = EnrichedEntity {
                id: id.clone(),
                name: name.clone(),
                kind: kind.clone(),
                mentions: Vec::new(),
                could_be: self.ids_of(could_be),
            };
            let ours = Fields::of(&ours);
            let mut mentions = mentions.iter().zip(outside.by_ref());
            let names = fields.names_with(ours.names());
            let names = names
                .filter(|name| *name != "couldBe" || ours.has(name) || fields.begins_with(name).is_some());
            out.object(names, |out, name| match name {
                "mentions" => out.array(mentions.by_ref(), |out, (mention, outside)| {
                    self.write_mention(out, mention, outside)
                }),
                name => out.value(&ours.raw(name).or(fields.raw(name))),
            })
        })
    }

    fn write_mention(
        &self,
        out: &mut Bounded,
        mention: &Mention,
        outside: Range<usize>,
    ) -> Result<(), Failure> {
        let ours = contract::Mention {
            begin: outside.start,
            end: outside.end,
            text: self.text[mention.range.clone()].to_owned(),
            sentence: mention.sentence,
        };
        let Some(given) = &mention.given else {
            return out.value(&ours);
        };
        let (ours, given) = (Fields::of(&ours), given.open());
        // Where it is in no sentence, none that came along holds.
        let names = given.names_with(ours.names()).filter(|name| *name != "sentence" || ours.has(name));
        out.object(names, |out, name| out.value(&ours.raw(name).or(given.raw(name))))
    }
}
