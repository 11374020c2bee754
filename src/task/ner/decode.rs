//! Labels of words → spans. BIO with the leniency that taggers need: an `I-` after nothing, or after another type,
//! begins a span.

use std::ops::Range;

use super::words::Word;
use crate::{model::argmax, text::Tagged};

/// What a model's labels mean.
#[derive(Clone, Debug)]
pub struct Tags {
    tags: Vec<Tag>,
    kinds: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        let mut kinds: Vec<String> = Vec::new();
        let mut number = |kind: &str| {
            let kind = if kind.eq_ignore_ascii_case("PERSON") { "PER" } else { kind };
            kinds.iter().position(|k| k == kind).unwrap_or_else(|| {
                kinds.push(kind.to_owned());
                kinds.len() - 1
            })
        };
        let tags = labels.iter().map(|label| match label.split_once('-') {
            _ if label == "O" => Ok(Tag::Outside),
            Some(("B", kind)) => Ok(Tag::Begin(number(kind))),
            Some(("I", kind)) => Ok(Tag::Inside(number(kind))),
            _ => Err(format!("the task `ner` reads the labels O, B-… and I-…; the model has {label:?} (baton.json can rename labels)")),
        });
        Ok(Tags { tags: tags.collect::<Result<_, _>>()?, kinds })
    }

    /// The spans of a sentence, from each word's probabilities (None for a word that the tokenizer dropped).
    pub fn decode(&self, sentence: &str, words: &[Word], labels: Vec<Option<Vec<f64>>>) -> Vec<Tagged<'_>> {
        let mut spans = Vec::new();
        let mut open: Option<Open> = None;
        for (i, probabilities) in labels.iter().enumerate() {
            let tag = probabilities.as_ref().map_or(Tag::Outside, |p| self.tags[argmax(p)]);
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
        spans.into_iter().filter_map(|span| self.close(sentence, words, span)).collect()
    }

    /// How sure the model is that a word is part of such a name, begin or inside.
    fn confidence(&self, probabilities: &Option<Vec<f64>>, kind: usize) -> f64 {
        let of_kind = |tag: &Tag| *tag == Tag::Begin(kind) || *tag == Tag::Inside(kind);
        let all = probabilities.iter().flatten().zip(&self.tags);
        all.filter(|(_, tag)| of_kind(tag)).map(|(p, _)| p).sum()
    }

    /// The span's bytes without marks at its edges and without `-backed` and its like; None if nothing is left.
    fn close(&self, sentence: &str, words: &[Word], span: Open) -> Option<Tagged<'_>> {
        let count = span.words.len() as f64;
        let named = |word: &&Word| sentence[word.range.clone()].contains(char::is_alphanumeric);
        let inside = &words[span.words];
        let (first, last) = (inside.iter().find(named)?, inside.iter().rfind(named)?);
        let last_word = &sentence[last.range.clone()];
        let end = match last_word.rsplit_once('-') {
            Some((name, tail)) if !name.is_empty() && tail.starts_with(char::is_lowercase) => {
                last.range.start + name.len()
            }
            _ => last.range.end,
        };
        let confidence = (span.confidence / count) as f32;
        Some(Tagged { range: first.range.start..end, kind: &self.kinds[span.kind], confidence })
    }
}
