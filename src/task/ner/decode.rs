//! Labels of words → spans: of all sequences of labels that BIO allows, the likeliest.
//!
//! Taken word by word, the likeliest labels contradict each other where the model wavers between two types: `B-ORG
//! I-PER`. As a sequence they don't, which finds more names (`benches/RESULTS.md`, «Scores»). Some taggers let `I-`
//! begin a name and keep `B-` for one that follows another, or have no `B-`; so `I-` may begin one here too, if the
//! model is much surer of it.

use std::ops::Range;

use super::words::Word;
use crate::{model::argmax, text::Tagged};

/// What the chance of an `I-` that begins a name is multiplied by, if the model has a `B-` for it. From 0.2 down the
/// scores of the model it was chosen with are those of 0, where `I-` never begins one.
const UNBEGUN: f64 = 0.1;

/// What names nobody by itself, though a model may take it for a person. Others may: there are Bishops and Kings.
const TITLES: &[&str] = &["mr", "mrs", "ms", "dr", "prof"];

/// What a hyphen puts after a person's name to make another word of it, besides `-backed` and `-leaning`: anything else, as
/// in `Soo-jin`, is the name.
const AFTER_PERSONS: &str = "led run fed era style like type ish esque born bred built chosen drawn driven given held \
    made taught written adjacent centric critical free friendly heavy less lite loyal loyalist only sceptic \
    sceptical skeptic skeptical worthy appointee hater supporter voter";

/// What a model's labels mean.
#[derive(Clone, Debug)]
pub struct Tags {
    tags: Vec<Tag>,
    kinds: Vec<String>,
    /// For each tag, those after which it goes on with a name; for an `I-`, that is.
    goes_on: Vec<Vec<usize>>,
    /// For each tag, the logarithm of what its chance is multiplied by where it goes on with nothing.
    begins: Vec<f64>,
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
        Ok(Tags { tags, kinds, goes_on, begins })
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

    /// The span's bytes without marks at its edges and without what a hyphen adds to the name; None if nothing is left, or
    /// nothing but a person's title.
    fn close(&self, sentence: &str, words: &[Word], span: Open) -> Option<Tagged<'_>> {
        let count = span.words.len() as f64;
        let named = |word: &&Word| sentence[word.range.clone()].contains(char::is_alphanumeric);
        let inside = &words[span.words];
        let (first, last) = (inside.iter().find(named)?, inside.iter().rfind(named)?);
        let is_title = |word: &Word| {
            let word = sentence[word.range.clone()].trim_end_matches('.');
            TITLES.iter().any(|title| word.eq_ignore_ascii_case(title))
        };
        let kind = self.kinds[span.kind].as_str();
        if kind == "PER" && inside.iter().filter(named).all(is_title) {
            return None;
        }
        let end = last.range.start + without_tail(&sentence[last.range.clone()], kind).len();
        let confidence = (span.confidence / count) as f32;
        Some(Tagged { range: first.range.start..end, kind, confidence })
    }
}

/// A name's last word without what a hyphen adds to it: `-backed` and all else that begins small, but after a person's
/// name, which may go on so itself, only participles and `AFTER_PERSONS`.
fn without_tail<'a>(word: &'a str, kind: &str) -> &'a str {
    let Some((name, tail)) = word.rsplit_once('-') else { return word };
    // Names end so, too, but shorter: Mei-ling, Ying-ching; and where nothing is a capital: al-sayed.
    let participle = (tail.len() > 3 && tail.ends_with("ed")) || (tail.len() > 5 && tail.ends_with("ing"));
    let is_added = match kind {
        "PER" => {
            name.contains(char::is_uppercase)
                && (participle || AFTER_PERSONS.split(' ').any(|after| after == tail))
        }
        _ => !name.is_empty(),
    };
    if is_added && tail.starts_with(char::is_lowercase) { name } else { word }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
    fn a_title_alone_is_no_person_and_one_before_a_name_stays() {
        let (person, goes_on): (&[f64], &[f64]) = (&[0.0, 0.0, 0.0, 1.0, 0.0], &[0.0, 0.0, 0.0, 0.0, 1.0]);
        assert_eq!(found(BIO, "Mr. Crie", &[person, person]), ["PER Crie"]);
        assert_eq!(found(BIO, "Mr. Crie", &[person, goes_on]), ["PER Mr. Crie"]);
        let organisation: &[f64] = &[0.0, 1.0, 0.0, 0.0, 0.0];
        assert_eq!(found(BIO, "MS", &[organisation]), ["ORG MS"]);
    }

    #[test]
    fn a_hyphen_within_a_persons_name_is_no_end_of_it() {
        let person: &[f64] = &[0.0, 0.0, 0.0, 1.0, 0.0];
        for name in ["Soo-jin", "Mei-ling", "Hsiao-hsing", "Jean-Claude", "al-sayed", "Osei-Lindgren"] {
            assert_eq!(found(BIO, name, &[person]), [format!("PER {name}")]);
        }
        let goes_on: &[f64] = &[0.0, 0.0, 0.0, 0.0, 1.0];
        assert_eq!(found(BIO, "Park Soo-jin", &[person, goes_on]), ["PER Park Soo-jin"]);
    }

    #[test]
    fn what_a_hyphen_adds_to_a_name_is_none_of_it() {
        let (person, organisation): (&[f64], &[f64]) =
            (&[0.0, 0.0, 0.0, 1.0, 0.0], &[0.0, 1.0, 0.0, 0.0, 0.0]);
        for tail in ["backed", "leaning", "led", "era", "appointee"] {
            assert_eq!(found(BIO, &format!("Zoë-{tail}"), &[person]), ["PER Zoë"]);
            assert_eq!(found(BIO, &format!("Soo-jin-{tail}"), &[person]), ["PER Soo-jin"]);
            assert_eq!(found(BIO, &format!("Castellan-{tail}"), &[organisation]), ["ORG Castellan"]);
        }
        assert_eq!(found(BIO, "Castellan-wide", &[organisation]), ["ORG Castellan"]);
        assert_eq!(found(BIO, "Hollis-Tarrant", &[organisation]), ["ORG Hollis-Tarrant"]);
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

    /// A sequence's score by its definition.
    fn score(tags: &[Tag], sequence: &[usize], chances: &[Option<Vec<f64>>]) -> f64 {
        let mut before = Tag::Outside;
        let of = |(&tag, chances): (&usize, &Option<Vec<f64>>)| {
            let goes_on = matches!((before, tags[tag]),
                (Tag::Begin(of) | Tag::Inside(of), Tag::Inside(kind)) if of == kind);
            before = tags[tag];
            let begins = matches!(tags[tag], Tag::Inside(_)) && !goes_on;
            chances.as_ref().unwrap()[tag].max(f64::MIN_POSITIVE).ln()
                + if begins { UNBEGUN.ln() } else { 0.0 }
        };
        sequence.iter().zip(chances).map(of).sum()
    }

    proptest! {
        #[test]
        fn no_sequence_is_likelier_than_the_one_taken(
            words in prop::collection::vec(prop::collection::vec(0.0..1.0_f64, BIO.len()), 1..5),
        ) {
            let tags = Tags::new(&BIO.iter().map(|&label| label.to_owned()).collect::<Vec<_>>()).unwrap();
            let chances: Vec<_> = words.into_iter().map(Some).collect();
            let at = |tag: &Tag| tags.tags.iter().position(|t| t == tag).unwrap();
            let taken: Vec<usize> = tags.likeliest(&chances).iter().map(at).collect();
            let taken = score(&tags.tags, &taken, &chances);
            for number in 0..BIO.len().pow(chances.len() as u32) {
                let other: Vec<usize> = (0..chances.len() as u32).map(|i| number / BIO.len().pow(i) % BIO.len()).collect();
                prop_assert!(score(&tags.tags, &other, &chances) <= taken + 1e-9, "{other:?}");
            }
        }
    }
}
