//! `sentiment`: every mention with its sentence through a pair classifier, its probabilities for the mention,
//! their mean for the entity.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::tokenizer_failure;
use crate::{
    document::{
        Document, Entity,
        contract::{Annotation, EntitySentiment, MentionSentiment, Score, SentimentCounts},
    },
    error::Failure,
    model::{LoadError, Logits, Model, Pieces, Sequence, argmax, config::HeadKind, softmax},
};

/// Sentiment towards entities.
pub struct Sentiment {
    pub(super) model: Model,
    entity_types: Vec<String>,
    labels: Vec<Polarity>,
}

/// What a label says, and how it is written in results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Polarity {
    Negative,
    Neutral,
    Positive,
}

/// A mention to be classified.
struct Target {
    entity: usize,
    mention: usize,
    sentence: usize,
    /// Its pair among the sequences; the same words in the same sentence are one.
    pair: usize,
}

/// A document's targets.
pub struct Work {
    targets: Vec<Target>,
    counts: SentimentCounts,
}

impl Polarity {
    const ALL: [Polarity; 3] = [Polarity::Negative, Polarity::Neutral, Polarity::Positive];

    fn name(self) -> &'static str {
        match self {
            Polarity::Negative => "negative",
            Polarity::Neutral => "neutral",
            Polarity::Positive => "positive",
        }
    }
}

impl Sentiment {
    pub(super) fn new(model: Model, entity_types: Vec<String>) -> Result<Self, LoadError> {
        let fail = |what: String| LoadError::new(format!("model {}: {what}", model.reference.name));
        if model.config.head != HeadKind::Sequence {
            return Err(fail(
                "the task `sentiment` needs a text classifier, and this one classifies tokens".into(),
            ));
        }
        let polarity =
            |label: &String| Polarity::ALL.into_iter().find(|p| label.eq_ignore_ascii_case(p.name()));
        let labels: Option<Vec<_>> = model.config.labels.iter().map(polarity).collect();
        let labels = labels.filter(|l| l.contains(&Polarity::Negative) && l.contains(&Polarity::Positive));
        let labels = labels.ok_or_else(|| {
            fail(format!(
                "the task `sentiment` reads the labels negative, neutral and positive; config.json's id2label has {}",
                model.config.labels.join(", ")
            ))
        })?;
        Ok(Sentiment { model, entity_types, labels })
    }

    pub(super) fn prepare(&self, document: &Document) -> Result<(Work, Vec<Sequence>), Failure> {
        let mut targets: Vec<Target> = Vec::new();
        for (entity, known) in document.entities.iter().enumerate().filter(|(_, e)| self.concerns(e)) {
            for (mention, place) in known.mentions.iter().enumerate() {
                targets.extend(place.sentence.map(|sentence| Target { entity, mention, sentence, pair: 0 }));
            }
        }
        let range = |t: &Target| document.entities[t.entity].mentions[t.mention].range.clone();
        targets.sort_by_key(|t| (range(t).start, range(t).end, t.entity));

        let mut work = SentimentCounts { sentences: document.sentences.len(), ..Default::default() };
        let mut sequences = Vec::new();
        let mut known: HashMap<(usize, &str), usize> = HashMap::new();
        let mut sentence = (usize::MAX, Pieces::default());
        for target in &mut targets {
            let place = range(target);
            let bounds = document.sentences[target.sentence].clone();
            if sentence.0 != target.sentence {
                let pieces = self.model.tokenizer.pieces(&document.text[bounds.clone()]);
                sentence = (target.sentence, pieces.map_err(tokenizer_failure)?);
            }
            target.pair = match known.entry((target.sentence, &document.text[place.clone()])) {
                std::collections::hash_map::Entry::Occupied(pair) => *pair.get(),
                std::collections::hash_map::Entry::Vacant(new) => {
                    let inside = place.start - bounds.start..place.end - bounds.start;
                    let (sequence, windowed) = self.pair(&sentence.1, inside, &document.text[place])?;
                    work.windowed += usize::from(windowed);
                    work.tokens += sequence.ids.len();
                    sequences.push(sequence);
                    *new.insert(sequences.len() - 1)
                }
            };
        }
        work.pairs = targets.len();
        Ok((Work { targets, counts: work }, sequences))
    }

    /// Whether sentiment is asked about such an entity.
    fn concerns(&self, entity: &Entity) -> bool {
        entity.kind.as_ref().is_none_or(|kind| self.entity_types.contains(kind))
    }

    /// The pair of a sentence and a mention, both cut to a window where they are too long; and whether they were.
    fn pair(
        &self,
        sentence: &Pieces,
        place: std::ops::Range<usize>,
        mention: &str,
    ) -> Result<(Sequence, bool), Failure> {
        let tokenizer = &self.model.tokenizer;
        let mention = tokenizer.pieces(mention).map_err(tokenizer_failure)?.ids;
        // A name longer than a third of the input leaves too little of what is said about it.
        let kept = mention.len().min(tokenizer.room_beside(0) / 3);
        let window = sentence.window(&place, tokenizer.room_beside(kept));
        let windowed = kept < mention.len() || window.len() < sentence.ids.len();
        Ok((tokenizer.pair(&sentence.ids[window], &mention[..kept]), windowed))
    }

    pub(super) fn finish(&self, document: &Document, work: Work, logits: &[Logits]) -> Annotation {
        let probabilities: Vec<Vec<f64>> =
            logits.iter().map(|logits| logits.rows().next().map(softmax).unwrap_or_default()).collect();
        let inside: Vec<_> = work
            .targets
            .iter()
            .map(|t| document.entities[t.entity].mentions[t.mention].range.clone())
            .collect();
        let mentions = work.targets.iter().zip(document.outside(&inside)).map(|(target, place)| {
            let scores = &probabilities[target.pair];
            MentionSentiment {
                entity: document.entities[target.entity].id.clone(),
                sentence: target.sentence,
                begin: place.start,
                end: place.end,
                label: self.labels[argmax(scores)].name().to_owned(),
                scores: self
                    .labels
                    .iter()
                    .zip(scores)
                    .map(|(l, p)| (l.name().to_owned(), Score::new(*p)))
                    .collect(),
            }
        });
        Annotation::Sentiment {
            model: self.model.reference.clone(),
            mentions: mentions.collect(),
            entities: self.entities(document, &work.targets, &probabilities),
            counts: work.counts,
        }
    }

    /// The sentiment of every entity that was classified, in the document's order.
    fn entities(&self, document: &Document, targets: &[Target], pairs: &[Vec<f64>]) -> Vec<EntitySentiment> {
        let mut by_entity: IndexMap<usize, Vec<&Vec<f64>>> = IndexMap::new();
        for target in targets {
            by_entity.entry(target.entity).or_default().push(&pairs[target.pair]);
        }
        by_entity.sort_unstable_keys();
        let entities = by_entity.into_iter().map(|(entity, scores)| {
            let mean = |label: usize| scores.iter().map(|s| s[label]).sum::<f64>() / scores.len() as f64;
            let means: Vec<f64> = (0..self.labels.len()).map(mean).collect();
            let of = |wanted: Polarity| {
                let all = self.labels.iter().zip(&means).filter(|(label, _)| **label == wanted);
                all.map(|(_, mean)| mean).sum::<f64>()
            };
            let count = |wanted: Polarity| scores.iter().filter(|s| self.labels[argmax(s)] == wanted).count();
            EntitySentiment {
                entity: document.entities[entity].id.clone(),
                label: self.labels[argmax(&means)].name().to_owned(),
                score: Score::new(of(Polarity::Positive) - of(Polarity::Negative)),
                mentions: scores.len(),
                negative: count(Polarity::Negative),
                neutral: count(Polarity::Neutral),
                positive: count(Polarity::Positive),
            }
        });
        entities.collect()
    }
}
