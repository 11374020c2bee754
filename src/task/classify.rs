//! `classify`: any text classifier over every sentence, or over the document's text as a whole. What is too long for
//! the model is read in overlapping parts, and its scores are the parts' mean, weighed by their tokens.

use std::ops::Range;

use indexmap::IndexMap;

use super::{
    TURN, Tokens, first_row, mean,
    runs::{RUN, runs},
    take_turn, tokenizer_failure, tokens_of, tokens_of_sentences, unfit,
    windows::{Window, windows},
};
use crate::{
    config::ClassifyConfig,
    document::{
        Document,
        contract::{Annotation, Class, ClassifiedOver, ClassifyCounts, DocumentClass, Score, SentenceClass},
    },
    error::Failure,
    model::{Labels, LoadError, Model, Promise, Sequence, argmax, config::HeadKind},
    step::in_place,
};

/// Classification of texts.
pub struct Classify {
    pub(super) model: Model,
    labels: Labels,
    over: ClassifiedOver,
    threshold: f64,
}

/// A part of a text that the model is asked about.
struct Asked {
    text: usize,
    /// Tokens that its scores stand for.
    weight: usize,
}

/// The scores of a text so far: sums over its parts.
#[derive(Clone)]
struct Sums {
    scores: Vec<f64>,
    weight: usize,
    parts: usize,
}

impl Classify {
    pub(super) fn new(model: Model, settings: ClassifyConfig) -> Result<Self, LoadError> {
        let fail = |why: &str| Err(unfit(&model, why));
        if model.config.head != HeadKind::Sequence {
            return fail(
                "the task `classify` needs a text classifier, and this one classifies tokens (the task `ner`)",
            );
        }
        if model.description.reads_targets {
            return fail(
                "it was trained on sentences with a target, which the task `classify` has none of; the task \
                 `sentiment` has",
            );
        }
        let labels =
            Labels::new(&model.config.labels, model.description.problem).map_err(|why| unfit(&model, why))?;
        if settings.threshold.is_some() && labels.are_exclusive() {
            return fail(
                "the threshold (BATON_THRESHOLD, threshold or --threshold) is for models that give several \
                 labels at once; this one's labels exclude each other, unless `problem_type` in config.json or \
                 baton.json says multi_label_classification",
            );
        }
        let over = settings.over.unwrap_or_default();
        Ok(Classify { model, labels, over, threshold: settings.threshold() })
    }

    pub(super) fn tokens(&self, document: &Document) -> usize {
        match self.over {
            ClassifiedOver::Sentences => tokens_of_sentences(document),
            // A quarter of each part is read with the next one again.
            ClassifiedOver::Document => tokens_of(document.text.len()) * 4 / 3,
        }
    }

    /// Each text has all labels, with a score.
    pub(super) fn least_bytes(&self, document: &Document) -> usize {
        let texts = match self.over {
            ClassifiedOver::Sentences => document.sentences.len(),
            ClassifiedOver::Document => usize::from(whole(document).is_some()),
        };
        texts * self.labels.names().iter().map(|label| label.len() + "\"\":0,".len()).sum::<usize>()
    }

    pub(super) async fn annotate(
        &self,
        document: &Document,
        mut promise: Promise,
    ) -> Result<Annotation, Failure> {
        let texts = match self.over {
            ClassifiedOver::Sentences => document.sentences.clone(),
            ClassifiedOver::Document => whole(document).into_iter().collect(),
        };
        let none = Sums { scores: vec![0.0; self.labels.names().len()], weight: 0, parts: 0 };
        let mut sums = vec![none; texts.len()];
        let (mut parts, mut tokens) = (self.parts(document, &texts), Tokens::default());
        loop {
            let turn: Vec<_> = in_place(|| parts.by_ref().take(TURN).collect::<Result<_, _>>())?;
            if turn.is_empty() {
                break;
            }
            self.answer(turn, &mut promise, &mut sums, &mut tokens).await?;
        }
        let counts = ClassifyCounts {
            sentences: document.sentences.len(),
            inputs: sums.iter().map(|text| text.parts).sum(),
            tokens: tokens.all,
            windowed: sums.iter().filter(|text| text.parts > 1).count(),
            unknown: tokens.unknown,
        };
        let scores: Vec<Vec<f64>> = sums.into_iter().map(Sums::mean).collect();
        Ok(self.annotation(&scores, counts))
    }

    /// The parts of all texts, cut when they are asked for.
    fn parts<'a>(
        &'a self,
        document: &'a Document,
        texts: &'a [Range<usize>],
    ) -> impl Iterator<Item = Result<(Asked, Sequence), Failure>> + 'a {
        let tokenizer = &self.model.tokenizer;
        texts.iter().enumerate().flat_map(move |(text, range)| {
            let ids = self.ids(&document.text[range.clone()]);
            // What can't be cut is one part, which says so.
            let windows = windows(ids.as_ref().map_or(0, Vec::len), tokenizer.room());
            windows.into_iter().map(move |Window { read, keep }| {
                let ids = ids.as_ref().map_err(Clone::clone)?;
                // A text without a token that the model knows still has its special ones.
                Ok((Asked { text, weight: keep.len().max(1) }, tokenizer.single(&ids[read])))
            })
        })
    }

    /// A text's pieces.
    fn ids(&self, text: &str) -> Result<Vec<u32>, Failure> {
        let mut ids = Vec::new();
        for run in runs(text, RUN) {
            ids.extend(self.model.tokenizer.pieces(&text[run]).map_err(tokenizer_failure)?.ids);
        }
        Ok(ids)
    }

    async fn answer(
        &self,
        turn: Vec<(Asked, Sequence)>,
        promise: &mut Promise,
        sums: &mut [Sums],
        tokens: &mut Tokens,
    ) -> Result<(), Failure> {
        let (asked, sequences): (Vec<Asked>, Vec<Sequence>) = turn.into_iter().unzip();
        let logits = take_turn(&self.model, sequences, promise, tokens).await?;
        for (part, logits) in asked.iter().zip(&logits) {
            sums[part.text].add(&self.labels.scores(first_row(logits)), part.weight);
        }
        Ok(())
    }

    fn annotation(&self, texts: &[Vec<f64>], counts: ClassifyCounts) -> Annotation {
        let classes: Vec<Class> = texts.iter().map(|scores| self.class(scores)).collect();
        let (sentences, document) = match self.over {
            ClassifiedOver::Document => {
                let whole = classes.into_iter().next();
                (Vec::new(), whole.map(|class| DocumentClass { class, sentences: None }))
            }
            ClassifiedOver::Sentences => {
                let document = (!texts.is_empty()).then(|| DocumentClass {
                    class: self.class(&mean(texts)),
                    sentences: Some(self.count(&classes)),
                });
                let sentences = classes.into_iter().enumerate();
                (sentences.map(|(sentence, class)| SentenceClass { sentence, class }).collect(), document)
            }
        };
        let (model, document) = (self.model.reference().clone(), document.map(Box::new));
        Annotation::Classify { model, over: self.over, sentences, document, counts }
    }

    fn class(&self, scores: &[f64]) -> Class {
        let named = self.labels.names().iter().zip(scores);
        let rounded: IndexMap<String, Score> =
            named.map(|(l, score)| (l.clone(), Score::new(*score))).collect();
        if self.labels.are_exclusive() {
            let label = self.labels.names().get(argmax(scores)).cloned();
            return Class { label, labels: None, scores: rounded };
        }
        // By the scores that are written, so that a reader who asks the same of them gets the same.
        let reached = rounded.iter().filter(|(_, score)| score.get() >= self.threshold);
        let labels = reached.map(|(label, _)| label.clone()).collect();
        Class { label: None, labels: Some(labels), scores: rounded }
    }

    /// How many of the sentences have each label.
    fn count(&self, classes: &[Class]) -> IndexMap<String, usize> {
        let mut counts: IndexMap<_, _> = self.labels.names().iter().map(|label| (label.clone(), 0)).collect();
        for label in classes.iter().flat_map(Class::given) {
            *counts.entry(label.clone()).or_default() += 1;
        }
        counts
    }
}

impl Sums {
    fn add(&mut self, scores: &[f64], weight: usize) {
        self.scores.iter_mut().zip(scores).for_each(|(sum, score)| *sum += score * weight as f64);
        self.weight += weight;
        self.parts += 1;
    }

    fn mean(self) -> Vec<f64> {
        self.scores.into_iter().map(|sum| sum / self.weight as f64).collect()
    }
}

/// The document's text; none where there is nothing in it.
fn whole(document: &Document) -> Option<Range<usize>> {
    let begin = document.text.len() - document.text.trim_start().len();
    let end = document.text.trim_end().len();
    (begin < end).then_some(begin..end)
}
