//! Labels of words → spans: of all sequences of labels that BIO allows, the likeliest.
//!
//! Taken word by word, the likeliest labels contradict each other where the model wavers between two types: `B-ORG
//! I-PER`. As a sequence they don't, which finds more names (`benches/RESULTS.md`, «Scores»). Some taggers let `I-`
//! begin a name and keep `B-` for one that follows another, or have no `B-`; so `I-` may begin one here too, if the
//! model is much surer of it.

use std::ops::Range;

use super::words::Word;
use crate::text::Tagged;

/// What the chance of an `I-` that begins a name is multiplied by, if the model has a `B-` for it. From 0.2 down the
/// shipped model's scores are those of 0, where `I-` never begins one.
const UNBEGUN: f64 = 0.1;

/// What a model's labels mean.
#[derive(Clone, Debug)]
pub struct Tags {
    tags: Vec<Tag>,
    kinds: Vec<String>,
    /// `steps[tag][before]`: the logarithm of what a tag's chance is multiplied by after another; the last is for nothing
    /// before.
    steps: Vec<Vec<f64>>,
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
        let tags = tags.collect::<Result<Vec<Tag>, String>>()?;
        let before = || tags.iter().copied().map(Some).chain([None]);
        let steps = tags.iter().map(|&tag| before().map(|before| step(&tags, before, tag).ln()).collect());
        Ok(Tags { steps: steps.collect(), tags, kinds })
    }

    /// The spans of a sentence, from each word's probabilities (None for a word that the tokenizer dropped).
    pub fn decode(&self, sentence: &str, words: &[Word], labels: Vec<Option<Vec<f64>>>) -> Vec<Tagged<'_>> {
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
        spans.into_iter().filter_map(|span| self.close(sentence, words, span)).collect()
    }

    /// The likeliest sequence of tags for words that all have probabilities; for words without, outside.
    fn likeliest(&self, run: &[Option<Vec<f64>>]) -> Vec<Tag> {
        let words: Vec<&Vec<f64>> = run.iter().flatten().collect();
        let Some((first, others)) = words.split_first() else { return vec![Tag::Outside; run.len()] };
        let nothing = self.tags.len();
        let chance = |p: f64| p.max(f64::MIN_POSITIVE).ln();
        // Of the best sequence that ends in each tag: its score, and for every word after the first the tag before.
        let start = |(steps, p): (&Vec<f64>, &f64)| steps[nothing] + chance(*p);
        let mut scores: Vec<f64> = self.steps.iter().zip(*first).map(start).collect();
        let mut came_from: Vec<Vec<usize>> = Vec::with_capacity(others.len());
        for probabilities in others {
            let best = |steps: &Vec<f64>| argmax_by(nothing, |before| scores[before] + steps[before]);
            let befores: Vec<usize> = self.steps.iter().map(best).collect();
            let score = |tag: usize| {
                scores[befores[tag]] + self.steps[tag][befores[tag]] + chance(probabilities[tag])
            };
            scores = (0..nothing).map(score).collect();
            came_from.push(befores);
        }
        let mut path = vec![argmax_by(nothing, |tag| scores[tag])];
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

/// What a tag's chance is multiplied by after another, or after nothing.
fn step(tags: &[Tag], before: Option<Tag>, tag: Tag) -> f64 {
    match tag {
        Tag::Inside(kind) => match before {
            Some(Tag::Begin(of) | Tag::Inside(of)) if of == kind => 1.0,
            _ if tags.contains(&Tag::Begin(kind)) => UNBEGUN,
            _ => 1.0,
        },
        Tag::Begin(_) | Tag::Outside => 1.0,
    }
}

/// The number below `count` that gets the greatest score; the first of equals.
fn argmax_by(count: usize, score: impl Fn(usize) -> f64) -> usize {
    (1..count).fold(0, |best, i| if score(i) > score(best) { i } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::ner::words::words;

    /// What is found in a sentence whose words have these chances of the labels; a word without any is one that the
    /// tokenizer dropped.
    fn found(labels: &[&str], sentence: &str, chances: &[&[f64]]) -> Vec<String> {
        let labels: Vec<String> = labels.iter().map(|&label| label.to_owned()).collect();
        let tags = Tags::new(&labels).expect("labels of BIO");
        let chances = chances.iter().map(|word| (!word.is_empty()).then(|| word.to_vec())).collect();
        let spans = tags.decode(sentence, &words(sentence), chances);
        spans.into_iter().map(|span| format!("{} {}", span.kind, &sentence[span.range])).collect()
    }

    const BIO: &[&str] = &["O", "B-ORG", "I-ORG", "B-PER", "I-PER"];

    #[test]
    fn a_name_of_two_words_has_one_type_where_the_words_disagree() {
        let chances: &[&[f64]] =
            &[&[0.1, 0.6, 0.0, 0.3, 0.0], &[0.1, 0.0, 0.35, 0.0, 0.55], &[0.9, 0.1, 0.0, 0.0, 0.0]];
        assert_eq!(found(BIO, "Hollis Tarrant said", chances), ["ORG Hollis Tarrant"]);
    }

    #[test]
    fn two_names_side_by_side_are_two() {
        let chances: &[&[f64]] =
            &[&[0.0, 0.9, 0.1, 0.0, 0.0], &[0.0, 0.8, 0.2, 0.0, 0.0], &[0.0, 0.1, 0.1, 0.8, 0.0]];
        assert_eq!(
            found(BIO, "Northwind Castellan Halloran", chances),
            ["ORG Northwind", "ORG Castellan", "PER Halloran"]
        );
    }

    #[test]
    fn a_word_that_only_goes_on_begins_no_name_but_when_the_model_is_sure() {
        let begins = |inside: f64| {
            found(BIO, "the Bank", &[&[1.0, 0.0, 0.0, 0.0, 0.0], &[1.0 - inside, 0.0, inside, 0.0, 0.0]])
        };
        assert_eq!(begins(0.6), [""; 0]);
        assert_eq!(begins(0.99), ["ORG Bank"]);
    }

    #[test]
    fn where_a_model_has_no_b_an_i_begins_names() {
        let chances: &[&[f64]] = &[&[0.4, 0.6, 0.0], &[0.4, 0.0, 0.6], &[0.4, 0.0, 0.6]];
        assert_eq!(
            found(&["O", "I-ORG", "I-PER"], "Northwind Ann Lee", chances),
            ["ORG Northwind", "PER Ann Lee"]
        );
    }

    #[test]
    fn a_word_that_the_tokenizer_dropped_is_outside_and_ends_a_name() {
        let (begin, inside): (&[f64], &[f64]) = (&[0.0, 1.0, 0.0, 0.0, 0.0], &[0.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(
            found(BIO, "Northwind Castellan Bank", &[begin, &[], inside]),
            ["ORG Northwind", "ORG Bank"]
        );
        assert_eq!(found(BIO, "Northwind", &[&[]]), [""; 0]);
    }
}
