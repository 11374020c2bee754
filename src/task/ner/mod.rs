//! `ner`: every sentence through a token classifier, its labels read word by word into mentions, the mentions
//! joined into entities.

mod companies;
mod decode;
mod edges;
mod join;
mod legal_forms;
mod persons;
mod unspaced;
mod words;

use std::ops::Range;

use crate::{
    document::{
        Document,
        contract::{Annotation, NerCounts},
    },
    error::Failure,
    model::{LoadError, Logits, Model, Pieces, Promise, Sequence, config::HeadKind, softmax},
    step::in_place,
    text::{Language, Tagged},
};
use decode::Tags;
use unspaced::cut_unspaced;
use words::{Word, words};

use super::{
    TURN, Tokens,
    runs::{RUN, runs},
    take_turn, tokenizer_failure, tokens_of_sentences, unfit,
    windows::{Window, windows},
};

/// Named-entity recognition.
pub struct Ner {
    pub(super) model: Model,
    tags: Tags,
}

/// A sentence, or a part of one that is longer than any real one.
struct Run {
    sentence: usize,
    /// Its bytes in the text.
    range: Range<usize>,
}

/// A run between tokenising and reading its labels.
struct Read {
    words: Vec<Word>,
    /// For each word its first piece, which carries its label.
    first_pieces: Vec<Option<usize>>,
    windows: Vec<Window>,
}

impl Ner {
    pub(super) fn new(model: Model) -> Result<Self, LoadError> {
        if model.config.head != HeadKind::Token {
            let why = "the task `ner` needs a token classifier, and this one classifies texts";
            return Err(unfit(&model, why));
        }
        let tags = Tags::new(&model.config.labels).map_err(|why| unfit(&model, why))?;
        Ok(Ner { model, tags })
    }

    pub(super) fn tokens(&self, document: &Document) -> usize {
        tokens_of_sentences(document)
    }

    pub(super) async fn annotate(
        &self,
        document: &mut Document,
        mut promise: Promise,
    ) -> Result<Annotation, Failure> {
        let mut tokens = Tokens::default();
        let (mut tagged, mut windows) = (Vec::new(), vec![0; document.sentences.len()]);
        for runs in turns(&sentence_runs(document)) {
            let (read, sequences) = in_place(|| self.read(document, runs))?;
            for (run, read) in runs.iter().zip(&read) {
                windows[run.sentence] += read.windows.len();
            }
            let mut logits = take_turn(&self.model, sequences, &mut promise, &mut tokens).await?.into_iter();
            in_place(|| {
                for (Run { range, .. }, read) in runs.iter().zip(read) {
                    let logits: Vec<Logits> = logits.by_ref().take(read.windows.len()).collect();
                    tagged.extend(self.spans(&document.text, range, &read, &logits));
                }
            });
        }
        let counts = NerCounts {
            sentences: document.sentences.len(),
            tokens: tokens.all,
            mentions: in_place(|| join::add_entities(document, &tagged))?,
            windowed: windows.iter().filter(|windows| **windows > 1).count(),
            unknown: tokens.unknown,
        };
        Ok(Annotation::Ner { model: self.model.reference().clone(), counts })
    }

    /// Cuts runs into words and pieces; and the inputs that they make.
    fn read(&self, document: &Document, runs: &[Run]) -> Result<(Vec<Read>, Vec<Sequence>), Failure> {
        let mut sequences = Vec::new();
        let read = runs.iter().map(|run| {
            let sentence = &document.text[run.range.clone()];
            self.read_run(sentence, document.language, &mut sequences)
        });
        Ok((read.collect::<Result<_, _>>()?, sequences))
    }

    /// Cuts a sentence into words and pieces, and adds its input, or inputs where it is too long for one.
    fn read_run(
        &self,
        sentence: &str,
        language: Language,
        sequences: &mut Vec<Sequence>,
    ) -> Result<Read, Failure> {
        let pieces = self.model.tokenizer.pieces(sentence).map_err(tokenizer_failure)?;
        let words = cut_unspaced(words(sentence, language), sentence, &pieces.ranges);
        let owners = owners(&pieces, &words);
        let windows = windows(pieces.ids.len(), self.model.tokenizer.room());
        sequences.extend(
            windows.iter().map(|window| self.sequence(&pieces, &words, &owners, window.read.clone())),
        );
        let mut first_pieces = vec![None; words.len()];
        for (piece, owner) in owners.iter().enumerate() {
            if let Some(word) = owner {
                first_pieces[*word].get_or_insert(piece);
            }
        }
        Ok(Read { words, first_pieces, windows })
    }

    fn sequence(
        &self,
        pieces: &Pieces,
        words: &[Word],
        owners: &[Option<usize>],
        read: Range<usize>,
    ) -> Sequence {
        let mut sequence = self.model.tokenizer.single(&pieces.ids[read.clone()]);
        if self.model.config.word_case {
            // The vocabulary has no case; this model was trained to see each word's in its token types.
            sequence.types.fill(0);
            let text = self.model.tokenizer.text_start();
            for (kind, owner) in sequence.types[text..].iter_mut().zip(&owners[read]) {
                *kind = owner.map_or(0, |word| words[word].case as u32);
            }
        }
        sequence
    }

    /// The mentions in a sentence.
    fn spans(&self, text: &str, range: &Range<usize>, read: &Read, logits: &[Logits]) -> Vec<Tagged<'_>> {
        let first_token = self.model.tokenizer.text_start();
        let mut rows: Vec<&[f32]> = Vec::new();
        for (window, logits) in read.windows.iter().zip(logits) {
            let kept = window.keep.start - window.read.start..window.keep.end - window.read.start;
            rows.extend(logits.rows().skip(first_token + kept.start).take(kept.len()));
        }
        let probabilities = read.first_pieces.iter().map(|piece| piece.map(|piece| softmax(rows[piece])));
        let mut spans = self.tags.decode(&text[range.clone()], &read.words, probabilities.collect());
        for span in &mut spans {
            span.range = range.start + span.range.start..range.start + span.range.end;
        }
        spans
    }
}

/// The sentences with their numbers, one that is longer than any real one in several runs.
fn sentence_runs(document: &Document) -> Vec<Run> {
    let sentences = document.sentences.iter().enumerate();
    let of_sentence = |(sentence, bounds): (usize, &Range<usize>)| {
        let begin = bounds.start;
        let runs = runs(&document.text[bounds.clone()], RUN).into_iter();
        runs.map(move |run| Run { sentence, range: begin + run.start..begin + run.end })
    };
    sentences.flat_map(of_sentence).collect()
}

/// The runs, as many at a time as a turn may have, and as much text as a run: words, pieces and chances take hundreds of
/// times a text's size in memory.
fn turns(runs: &[Run]) -> impl Iterator<Item = &[Run]> {
    let mut rest = runs;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |run: &&Run| {
            bytes += run.range.len();
            bytes <= RUN
        };
        let count = rest.iter().take(TURN).take_while(fits).count().max(1).min(rest.len());
        let (turn, others) = rest.split_at(count);
        rest = others;
        (!turn.is_empty()).then_some(turn)
    })
}

/// The word that each piece belongs to; a piece may begin in one (`€55` is two words and one run of pieces).
fn owners(pieces: &Pieces, words: &[Word]) -> Vec<Option<usize>> {
    let mut word = 0;
    let owner = |piece: &Range<usize>| {
        while words.get(word).is_some_and(|w| w.range.end <= piece.start) {
            word += 1;
        }
        words.get(word).filter(|w| w.range.start < piece.end).map(|_| word)
    };
    pieces.ranges.iter().map(owner).collect()
}
