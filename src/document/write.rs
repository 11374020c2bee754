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
        let ambiguous = (!self.ambiguous.is_empty()).then_some("ambiguous");
        let ours = ["offsetUnit", "sentences", "entities"].into_iter().chain(ambiguous);
        let names = self.fields.names_with(ours.chain(["annotations", "lineage"]));
        // What came in as null says as much as what is missing, which is what the schema has.
        let is_said = |name: &str| ambiguous.is_some() || self.fields.begins_with(name).is_some();
        let names = names.filter(|name| *name != "ambiguous" || is_said(name));
        out.object(names, |out, name| match name {
            "offsetUnit" => out.value(&self.unit),
            "sentences" if !self.sentences_given => self.write_sentences(out),
            "entities" => self.write_entities(out),
            "ambiguous" if ambiguous.is_some() => self.write_ambiguous(out),
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

    fn write_ambiguous(&self, out: &mut Bounded) -> Result<(), Failure> {
        let inside: Vec<_> = self.ambiguous.iter().map(|place| place.range.clone()).collect();
        let kept: Vec<&RawValue> = self.fields.view("ambiguous").unwrap_or_default();
        let known: Vec<Ambiguous> = self.fields.view("ambiguous").unwrap_or_default();
        let known: HashSet<(usize, usize)> = known.iter().map(|place| (place.begin, place.end)).collect();
        let found = self.ambiguous.iter().zip(self.outside(&inside));
        let found: Vec<_> = found.filter(|(_, at)| !known.contains(&(at.start, at.end))).collect();
        out.array(0..kept.len() + found.len(), |out, i| match kept.get(i) {
            Some(kept) => out.value(kept),
            None => {
                let (place, outside) = &found[i - kept.len()];
                out.value(&Ambiguous {
                    begin: outside.start,
                    end: outside.end,
                    text: self.text[place.range.clone()].to_owned(),
                    entities: self.ids_of(&place.entities),
                })
            }
        })
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
