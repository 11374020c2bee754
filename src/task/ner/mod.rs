//! `ner`: every sentence through a token classifier, its labels read word by word into mentions, the mentions
//! joined into entities.

mod decode;
mod edges;
mod words;

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
};

use crate::{
    document::{
        Document, Entity,
        contract::{Annotation, NerCounts},
    },
    error::{Failure, Reason},
    model::{LoadError, Logits, Model, Pieces, Promise, Sequence, config::HeadKind, softmax},
    step::in_place,
    text::{self, Ambiguous, Tagged},
};
use decode::Tags;
use words::{Word, words};

use super::{
    TURN,
    runs::{RUN, runs},
    take_turn, tokenizer_failure, tokens_of_sentences,
    windows::{Window, windows},
};

/// Named-entity recognition.
pub struct Ner {
    pub(super) model: Model,
    tags: Tags,
}

/// Entities that came with a document that those found could be, each counted for each.
const MOST_COULD_BE: usize = 1_000_000;

/// A sentence between tokenising and reading its labels.
struct Read {
    words: Vec<Word>,
    /// For each word its first piece, which carries its label.
    first_pieces: Vec<Option<usize>>,
    windows: Vec<Window>,
}

impl Ner {
    pub(super) fn new(model: Model) -> Result<Self, LoadError> {
        let fail = |what: String| LoadError::new(format!("model {}: {what}", model.name));
        if model.config.head != HeadKind::Token {
            return Err(fail(
                "the task `ner` needs a token classifier, and this one classifies texts".into(),
            ));
        }
        let tags = Tags::new(&model.config.labels).map_err(fail)?;
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
        let mut counts = NerCounts { sentences: document.sentences.len(), ..Default::default() };
        let (mut tagged, mut windows) = (Vec::new(), vec![0; document.sentences.len()]);
        for runs in turns(&sentence_runs(document)) {
            let mut sequences = Vec::new();
            let mut read = Vec::new();
            for (sentence, range) in runs {
                let run = self.read(&document.text[range.clone()], &mut sequences)?;
                windows[*sentence] += run.windows.len();
                read.push(run);
            }
            counts.tokens += sequences.iter().map(|sequence| sequence.ids.len()).sum::<usize>();
            let mut logits = take_turn(&self.model, sequences, &mut promise).await?.into_iter();
            for ((_, range), run) in runs.iter().zip(read) {
                let logits: Vec<Logits> = logits.by_ref().take(run.windows.len()).collect();
                tagged.extend(self.spans(&document.text, range, &run, &logits));
            }
        }
        counts.windowed = windows.iter().filter(|windows| **windows > 1).count();
        let given = given(document);
        tagged.retain(|span| !text::overlap(&given, &span.range));
        counts.mentions = tagged.len();
        in_place(|| add_entities(document, &tagged))?;
        Ok(Annotation::Ner { model: self.model.reference().clone(), counts })
    }

    /// Cuts a sentence into words and pieces, and adds its input, or inputs where it is too long for one.
    fn read(&self, sentence: &str, sequences: &mut Vec<Sequence>) -> Result<Read, Failure> {
        let pieces = self.model.tokenizer.pieces(sentence).map_err(tokenizer_failure)?;
        let words = words(sentence);
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
            let text = self.model.tokenizer.text_positions(read.len());
            for (kind, owner) in sequence.types[text].iter_mut().zip(&owners[read]) {
                *kind = owner.map_or(0, |word| words[word].case as u32);
            }
        }
        sequence
    }

    /// The mentions in a sentence.
    fn spans(&self, text: &str, range: &Range<usize>, read: &Read, logits: &[Logits]) -> Vec<Tagged<'_>> {
        let first_token = self.model.tokenizer.text_positions(0).start;
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
fn sentence_runs(document: &Document) -> Vec<(usize, Range<usize>)> {
    let sentences = document.sentences.iter().enumerate();
    let of_sentence = |(number, sentence): (usize, &Range<usize>)| {
        let begin = sentence.start;
        let runs = runs(&document.text[sentence.clone()], RUN).into_iter();
        runs.map(move |run| (number, begin + run.start..begin + run.end))
    };
    sentences.flat_map(of_sentence).collect()
}

/// The runs, as many at a time as a turn may have, and as much text as a run: words, pieces and chances take hundreds of
/// times a text's size in memory.
fn turns(runs: &[(usize, Range<usize>)]) -> impl Iterator<Item = &[(usize, Range<usize>)]> {
    let mut rest = runs;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |(_, range): &&(usize, Range<usize>)| {
            bytes += range.len();
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

/// What came with the document, which is not found again.
fn given(document: &Document) -> Vec<Range<usize>> {
    let mentions = document.entities.iter().flat_map(|entity| &entity.mentions);
    text::merged(&mentions.map(|mention| mention.range.clone()).collect::<Vec<_>>())
}

/// Joins the mentions into entities. Those of a name that came with the document join its entity; where they could
/// be of several that came, they are an entity of their own that says so.
fn add_entities(document: &mut Document, tagged: &[Tagged<'_>]) -> Result<(), Failure> {
    let too_many = |e: text::LinkError| Failure::reject(Reason::TooLarge, e.to_string());
    let found = text::link(&document.text, tagged).map_err(too_many)?;
    let given = Given::of(document);
    let (mut places, mut taken, mut could_be) = (Vec::with_capacity(found.len()), document.ids(), 0);
    for entity in &found {
        let mentions: Vec<_> = entity.mentions.iter().map(|&i| tagged[i].range.clone()).collect();
        let (namesakes, unclear) = (given.namesakes(&document.entities, entity), given.unclear(&mentions));
        let place = match namesakes[..] {
            [known] if unclear.is_empty() => {
                document.add_mentions(known, mentions.into_iter());
                known
            }
            _ => {
                let name = entity.name.clone();
                let place =
                    document.add_entity(&mut taken, &entity.id, name, entity.kind, mentions.into_iter());
                let either = if unclear.is_empty() { namesakes } else { unclear };
                could_be += either.len();
                if could_be > MOST_COULD_BE {
                    return Err(too_many(text::LinkError));
                }
                document.entities[place].could_be = either;
                place
            }
        };
        places.push(place);
    }
    for (entity, &place) in found.iter().zip(&places) {
        document.entities[place].could_be.extend(entity.could_be.iter().map(|&other| places[other]));
    }
    Ok(())
}

/// What came with a document, to be looked up.
struct Given {
    by_name: HashMap<String, Vec<usize>>,
    /// Apart from each other, in the order of the text.
    ambiguous: Vec<Ambiguous>,
}

impl Given {
    fn of(document: &Document) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, entity) in document.entities.iter().enumerate() {
            by_name.entry(entity.name.clone()).or_default().push(i);
        }
        let mut ambiguous = document.ambiguous.clone();
        ambiguous.sort_by_key(|place| place.range.start);
        Given { by_name, ambiguous }
    }

    /// The entities under a name that was found that may be what it was found to be.
    fn namesakes(&self, entities: &[Entity], found: &text::Entity<'_>) -> Vec<usize> {
        let may_be = |&&i: &&usize| {
            let kind = entities[i].kind.as_deref();
            kind.is_none_or(|kind| text::may_be_same_type(kind, found.kind))
        };
        self.by_name.get(&found.name).into_iter().flatten().filter(may_be).copied().collect()
    }

    /// The entities that places among these could name.
    fn unclear(&self, places: &[Range<usize>]) -> Vec<usize> {
        let here = |place: &Range<usize>| {
            let next = self.ambiguous.partition_point(|unclear| unclear.range.end <= place.start);
            let end = place.end;
            self.ambiguous[next..].iter().take_while(move |unclear| unclear.range.start < end)
        };
        let entities: BTreeSet<usize> =
            places.iter().flat_map(here).flat_map(|unclear| unclear.entities.iter().copied()).collect();
        entities.into_iter().collect()
    }
}
