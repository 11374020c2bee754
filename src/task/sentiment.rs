//! `sentiment`: every mention with its sentence through a classifier, its probabilities for the mention, their mean
//! for the entity.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use indexmap::IndexMap;

use super::{TURN, Tokens, first_row, mean, take_turn, tokenizer_failure, tokens_of, unfit};
use crate::{
    bounded::written,
    document::{
        Document, Entity,
        contract::{Annotation, EntitySentiment, MentionSentiment, Score, SentimentCounts},
    },
    error::Failure,
    model::{Labels, LoadError, Model, Problem, Promise, Sequence, TargetInputs, argmax, config::HeadKind},
    step::in_place,
    text::same_type,
};

/// Sentiment towards entities.
pub struct Sentiment {
    pub(super) model: Model,
    entity_types: Vec<String>,
    labels: Labels,
}

/// What a label may say, as results have it.
const POLARITIES: [&str; 3] = ["negative", "neutral", "positive"];

/// A mention to be classified.
struct Target {
    entity: usize,
    sentence: usize,
    /// Its bytes in the text.
    place: Range<usize>,
}

/// Few texts have longer tokens than this on average: of those with more bytes for each, it is sure that they are cut.
const MEAN_BYTES_OF_TOKEN: usize = 6;

impl Sentiment {
    pub(super) fn new(model: Model, entity_types: Vec<String>) -> Result<Self, LoadError> {
        let fail = |why: &str| Err(unfit(&model, why));
        if model.config.head != HeadKind::Sequence {
            return fail("the task `sentiment` needs a text classifier, and this one classifies tokens");
        }
        if model.description.template.has_two_texts() {
            model.tokenizer.reads_pairs()?;
        }
        if model.description.problem != Problem::SingleLabel {
            return fail(
                "the task `sentiment` needs labels that exclude each other, and `problem_type` in config.json or \
                 baton.json says that this model's don't",
            );
        }
        let polarity =
            |label: &String| POLARITIES.into_iter().find(|known| label.eq_ignore_ascii_case(known));
        let given: Option<Vec<&str>> = model.config.labels.iter().map(polarity).collect();
        let given = given.filter(|given| given.contains(&"negative") && given.contains(&"positive"));
        let Some(given) = given else {
            return fail(&format!(
                "the task `sentiment` reads the labels negative, neutral and positive; the model has {} (`labels` in \
                 baton.json can rename them)",
                model.config.labels.join(", ")
            ));
        };
        let names: Vec<String> = given.into_iter().map(str::to_owned).collect();
        let labels = Labels::new(&names, Problem::SingleLabel).map_err(|why| unfit(&model, why))?;
        Ok(Sentiment { model, entity_types, labels })
    }

    /// What somebody should know who takes this model for the task, if anything.
    pub(super) fn caution(&self) -> Option<String> {
        (!self.model.description.reads_targets).then(|| {
            format!(
                "model {} doesn't say that it was trained on targets; it is asked in the form of a pair, and what it \
                 says may be of the sentence as a whole (if it was, say so with `input` in its baton.json)",
                self.model.name
            )
        })
    }

    pub(super) fn tokens(&self, document: &Document) -> usize {
        let (targets, longest) = (self.targets(document).0, self.model.config.max_tokens);
        // A sentence that stands there twice is one; it is hashed once, however many it names.
        let (mut numbers, mut asked) = (HashMap::new(), HashSet::new());
        let sentences = document.sentences.iter().enumerate();
        let number =
            |(i, range): (usize, &Range<usize>)| *numbers.entry(&document.text[range.clone()]).or_insert(i);
        let number: Vec<usize> = sentences.map(number).collect();
        // However long the sentence, an input is no longer than the model's longest; one that is surely cut is of its place.
        let tokens = |target: &Target| {
            let words = &document.text[target.place.clone()];
            let bytes = document.sentences[target.sentence].len() + words.len();
            let is_of_place = self.tells_places_apart() || bytes / MEAN_BYTES_OF_TOKEN > longest;
            let place = is_of_place.then_some(target.place.start);
            let is_new = asked.insert((number[target.sentence], words, place));
            if is_new { tokens_of(bytes).min(longest) } else { 0 }
        };
        targets.iter().map(tokens).sum()
    }

    /// Each mention has its entity's id, and a score for each label.
    pub(super) fn least_bytes(&self, document: &Document) -> usize {
        const FIELDS: &str = r#"{"entity":,"sentence":0,"begin":0,"end":1,"label":"","scores":{}},"#;
        let scores: usize = self.labels.names().iter().map(|label| written(label) + ":0,".len()).sum();
        let asked = document.entities.iter().filter(|entity| self.concerns(entity));
        let said = |entity: &Entity| entity.mentions.iter().filter(|m| m.sentence.is_some()).count();
        asked.map(|entity| (written(&entity.id) + FIELDS.len() + scores) * said(entity)).sum()
    }

    pub(super) async fn annotate(
        &self,
        document: &Document,
        mut promise: Promise,
    ) -> Result<Annotation, Failure> {
        let (targets, skipped) = self.targets(document);
        let (mut tokens, mut windowed) = (Tokens::default(), 0);
        let mut probabilities: Vec<Vec<f64>> = Vec::with_capacity(targets.len());
        for targets in targets.chunks(TURN) {
            let (sequences, pairs) = in_place(|| self.pairs(document, targets, &mut windowed))?;
            let logits = take_turn(&self.model, sequences, &mut promise, &mut tokens).await?;
            let scores: Vec<_> = logits.iter().map(|l| self.labels.scores(first_row(l))).collect();
            probabilities.extend(pairs.into_iter().map(|pair| scores[pair].clone()));
        }
        Ok(Annotation::Sentiment {
            model: self.model.reference().clone(),
            mentions: self.mentions(document, &targets, &probabilities),
            entities: self.entities(document, &targets, &probabilities),
            counts: SentimentCounts {
                sentences: document.sentences.len(),
                pairs: targets.len(),
                tokens: tokens.all,
                windowed,
                skipped,
                unknown: tokens.unknown,
            },
        })
    }

    /// The mentions to be classified, in the order of the text, and how many there are besides that stand in none
    /// of the sentences that came with the document.
    fn targets(&self, document: &Document) -> (Vec<Target>, usize) {
        let (mut targets, mut outside) = (Vec::new(), 0);
        for (entity, known) in document.entities.iter().enumerate().filter(|(_, e)| self.concerns(e)) {
            for mention in &known.mentions {
                match mention.sentence {
                    Some(sentence) => targets.push(Target { entity, sentence, place: mention.range.clone() }),
                    None => outside += 1,
                }
            }
        }
        targets.sort_by_key(|target| (target.place.start, target.place.end, target.entity));
        (targets, outside)
    }

    /// The inputs of a turn, and for each target which of them is its own: the same words in the same sentence
    /// are one, unless the input is cut to what surrounds them.
    fn pairs(
        &self,
        document: &Document,
        targets: &[Target],
        windowed: &mut usize,
    ) -> Result<(Vec<Sequence>, Vec<usize>), Failure> {
        let (mut sequences, mut pairs) = (Vec::new(), Vec::new());
        let mut inputs = TargetInputs::new(&self.model);
        let tells_apart = self.tells_places_apart();
        let mut known: HashMap<(usize, &str, Option<usize>), usize> = HashMap::new();
        for Target { sentence, place, .. } in targets {
            let words = &document.text[place.clone()];
            let here = (*sentence, words, Some(place.start));
            let anywhere = (*sentence, words, None);
            if let Some(pair) = known.get(&here).or_else(|| known.get(&anywhere)) {
                pairs.push(*pair);
                continue;
            }
            let bounds = document.sentences[*sentence].clone();
            // A mention as it was given may begin in the white space before its sentence, or go on after it.
            let within = |at: usize| at.clamp(bounds.start, bounds.end) - bounds.start;
            let inside = within(place.start)..within(place.end);
            let input = inputs.input(&document.text[bounds], &inside).map_err(tokenizer_failure)?;
            *windowed += usize::from(input.windowed);
            known.insert(if tells_apart || input.windowed { here } else { anywhere }, sequences.len());
            pairs.push(sequences.len());
            sequences.push(input.sequence);
        }
        Ok((sequences, pairs))
    }

    /// Whether the same words in two places of a sentence make two inputs.
    fn tells_places_apart(&self) -> bool {
        let description = &self.model.description;
        description.marks_target || description.template.tells_places_apart()
    }

    /// Whether sentiment is asked about such an entity.
    fn concerns(&self, entity: &Entity) -> bool {
        let asked = |kind: &String| self.entity_types.iter().any(|wanted| same_type(wanted, kind));
        entity.kind.as_ref().is_none_or(asked)
    }

    fn mentions(
        &self,
        document: &Document,
        targets: &[Target],
        scores: &[Vec<f64>],
    ) -> Vec<MentionSentiment> {
        let inside: Vec<_> = targets.iter().map(|target| target.place.clone()).collect();
        let (places, names) = (document.outside(&inside), self.labels.names());
        let mentions =
            targets.iter().zip(places).zip(scores).map(|((target, place), scores)| MentionSentiment {
                entity: document.entities[target.entity].id.clone(),
                sentence: target.sentence,
                begin: place.start,
                end: place.end,
                label: names[argmax(scores)].clone(),
                scores: names.iter().cloned().zip(scores.iter().copied().map(Score::new)).collect(),
            });
        mentions.collect()
    }

    /// The sentiment of every entity that was classified, in the document's order.
    fn entities(&self, document: &Document, targets: &[Target], scores: &[Vec<f64>]) -> Vec<EntitySentiment> {
        let names = self.labels.names();
        let mut by_entity: IndexMap<usize, Vec<&Vec<f64>>> = IndexMap::new();
        for (target, scores) in targets.iter().zip(scores) {
            by_entity.entry(target.entity).or_default().push(scores);
        }
        by_entity.sort_unstable_keys();
        let entities = by_entity.into_iter().map(|(entity, scores)| {
            let means = mean(&scores);
            let of = |wanted: &str| {
                let all = names.iter().zip(&means).filter(|(label, _)| *label == wanted);
                all.map(|(_, mean)| mean).sum::<f64>()
            };
            let count = |wanted: &str| scores.iter().filter(|s| names[argmax(s)] == wanted).count();
            EntitySentiment {
                entity: document.entities[entity].id.clone(),
                label: names[argmax(&means)].clone(),
                score: Score::new(of("positive") - of("negative")),
                mentions: scores.len(),
                negative: count("negative"),
                neutral: count("neutral"),
                positive: count("positive"),
            }
        });
        entities.collect()
    }
}
