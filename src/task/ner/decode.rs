//! Labels of words → spans: of all sequences of labels that BIO allows, the likeliest.
//!
//! Taken word by word, the likeliest labels contradict each other where the model wavers between two types: `B-ORG
//! I-PER`. As a sequence they don't, which finds more names (`benches/RESULTS.md`, «Scores»). Some taggers let `I-`
//! begin a name and keep `B-` for one that follows another, or have no `B-`; so `I-` may begin one here too, if the
//! model is much surer of it.

use std::ops::Range;

use indexmap::IndexSet;

use super::{companies, edges::Sentence, legal_forms, persons, words::Word};
use crate::{
    model::argmax,
    text::{Kind, Tagged},
};

/// What the chance of an `I-` that begins a name is multiplied by, if the model has a `B-` for it. From 0.2 down the
/// scores of the model it was chosen with are those of 0, where `I-` never begins one.
const UNBEGUN: f64 = 0.1;

/// What a model's labels mean.
#[derive(Clone, Debug)]
pub struct Tags {
    tags: Vec<Tag>,
    /// For each of the model's labels, its tag: labels of one name are one.
    of_labels: Vec<usize>,
    kinds: Vec<String>,
    /// For each tag, those after which it goes on with a name; for an `I-`, that is.
    goes_on: Vec<Vec<usize>>,
    /// For each tag, the logarithm of what its chance is multiplied by where it goes on with nothing.
    begins: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Tag {
    Outside,
    Begin(usize),
    Inside(usize),
}

struct Open {
    words: Range<usize>,
    kind: usize,
    confidence: f64,
}

impl Tags {
    /// # Errors
    /// A label that is none of BIO.
    pub fn new(labels: &[String]) -> Result<Self, String> {
        let mut kinds = IndexSet::new();
        let mut number = |kind: &str| {
            let kind = if kind.eq_ignore_ascii_case("PERSON") { "PER" } else { kind };
            kinds.insert_full(kind.to_owned()).0
        };
        let tags = labels.iter().map(|label| match label.split_once('-') {
            _ if label == "O" => Ok(Tag::Outside),
            Some(("B", kind)) => Ok(Tag::Begin(number(kind))),
            Some(("I", kind)) => Ok(Tag::Inside(number(kind))),
            _ => Err(format!("the task `ner` reads the labels O, B-… and I-…; the model has {label:?} (baton.json can rename labels)")),
        });
        let mut distinct = IndexSet::new();
        let of_labels = tags.map(|tag| Ok(distinct.insert_full(tag?).0)).collect::<Result<_, String>>()?;
        let (tags, kinds): (Vec<Tag>, _) = (distinct.into_iter().collect(), kinds.into_iter().collect());
        let goes_on = |&tag: &Tag| match tag {
            Tag::Inside(kind) => {
                let of_kind = |before: &Tag| [Tag::Begin(kind), Tag::Inside(kind)].contains(before);
                (0..tags.len()).filter(|&i| of_kind(&tags[i])).collect()
            }
            Tag::Begin(_) | Tag::Outside => Vec::new(),
        };
        let begins = |&tag: &Tag| match tag {
            Tag::Inside(kind) if tags.contains(&Tag::Begin(kind)) => UNBEGUN.ln(),
            _ => 0.0,
        };
        let (goes_on, begins) = (tags.iter().map(goes_on).collect(), tags.iter().map(begins).collect());
        Ok(Tags { tags, of_labels, kinds, goes_on, begins })
    }

    /// The probabilities of the tags, from those of the labels.
    fn of_tags(&self, labels: Vec<f64>) -> Vec<f64> {
        if self.tags.len() == self.of_labels.len() {
            return labels;
        }
        let mut tags = vec![0.0; self.tags.len()];
        labels.iter().zip(&self.of_labels).for_each(|(probability, &tag)| tags[tag] += probability);
        tags
    }

    /// The spans of a sentence, from each word's probabilities (None for a word that the tokenizer dropped).
    pub fn decode(&self, sentence: &str, words: &[Word], labels: Vec<Option<Vec<f64>>>) -> Vec<Tagged<'_>> {
        let labels: Vec<_> = labels.into_iter().map(|word| word.map(|word| self.of_tags(word))).collect();
        let mut spans = Vec::new();
        let mut open: Option<Open> = None;
        let tags = labels.chunk_by(|a, b| a.is_some() == b.is_some()).flat_map(|run| self.likeliest(run));
        for (i, (tag, probabilities)) in tags.zip(&labels).enumerate() {
            match (&mut open, tag) {
                (Some(span), Tag::Inside(kind)) if span.kind == kind => {
                    span.words.end = i + 1;
                    span.confidence += self.confidence(probabilities, kind);
                }
                (_, Tag::Outside) => spans.extend(open.take()),
                (_, Tag::Begin(kind) | Tag::Inside(kind)) => {
                    let confidence = self.confidence(probabilities, kind);
                    spans.extend(open.replace(Open { words: i..i + 1, kind, confidence }));
                }
            }
        }
        spans.extend(open);
        let read = Sentence::new(sentence, words);
        let names = spans.into_iter().flat_map(|span| self.close(read, span));
        let names = persons::in_one_piece(sentence, names);
        let whole = companies::with_what_follows(read, names.into_iter());
        companies::with_forms(sentence, whole.map(|name| self.with_its_kind(sentence, name)))
    }

    /// The likeliest sequence of tags for words that all have probabilities; for words without, outside.
    fn likeliest(&self, run: &[Option<Vec<f64>>]) -> Vec<Tag> {
        let words: Vec<&Vec<f64>> = run.iter().flatten().collect();
        let Some((first, others)) = words.split_first() else { return vec![Tag::Outside; run.len()] };
        let chance = |p: f64| p.max(f64::MIN_POSITIVE).ln();
        // Of the best sequence that ends in each tag: its score, and for every word after the first the tag before.
        let mut scores: Vec<f64> =
            first.iter().zip(&self.begins).map(|(&p, begins)| chance(p) + begins).collect();
        let mut came_from: Vec<Vec<usize>> = Vec::with_capacity(others.len());
        for probabilities in others {
            let best = argmax(&scores);
            let before = |tag: usize| {
                let begun = (best, scores[best] + self.begins[tag]);
                let continued = self.goes_on[tag].iter().map(|&before| (before, scores[before]));
                continued.fold(begun, |best, other| if other.1 >= best.1 { other } else { best })
            };
            let befores: Vec<(usize, f64)> = (0..self.tags.len()).map(before).collect();
            scores = befores.iter().zip(*probabilities).map(|(&(_, score), &p)| score + chance(p)).collect();
            came_from.push(befores.into_iter().map(|(before, _)| before).collect());
        }
        let mut path = vec![argmax(&scores)];
        for befores in came_from.iter().rev() {
            path.push(befores[path[path.len() - 1]]);
        }
        path.into_iter().rev().map(|tag| self.tags[tag]).collect()
    }

    /// How sure the model is that a word is part of such a name, begin or inside.
    fn confidence(&self, probabilities: &Option<Vec<f64>>, kind: usize) -> f64 {
        let of_kind = |tag: &Tag| *tag == Tag::Begin(kind) || *tag == Tag::Inside(kind);
        let all = probabilities.iter().flatten().zip(&self.tags);
        all.filter(|(_, tag)| of_kind(tag)).map(|(p, _)| p).sum()
    }

    /// The names in a span: one, but where the span goes over the cells of a table, or has none.
    fn close<'k, 's>(
        &'k self,
        sentence: Sentence<'s>,
        span: Open,
    ) -> impl Iterator<Item = Tagged<'k>> + use<'k, 's> {
        let confidence = (span.confidence / span.words.len() as f64) as f32;
        let kind = self.kinds[span.kind].as_str();
        sentence.cells(span.words).filter_map(move |cell| {
            let range = sentence.name(cell, Kind::from(kind))?;
            Some(Tagged { range, kind, confidence })
        })
    }

    /// A person that is a company by its name is one, if the model knows any.
    fn with_its_kind<'k>(&'k self, sentence: &str, name: Tagged<'k>) -> Tagged<'k> {
        let is_company =
            Kind::from(name.kind) == Kind::Person && legal_forms::is_company(&sentence[name.range.clone()]);
        let company = || self.kinds.iter().find(|kind| Kind::from(kind.as_str()) == Kind::Organisation);
        match is_company.then(company).flatten() {
            Some(kind) => Tagged { kind, ..name },
            None => name,
        }
    }
}

#[cfg(test)]
mod tests;
