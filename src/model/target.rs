//! A sentence and a target in it → the model's input, in the form that the model was trained on.
//!
//! What is too long is cut to a window of the sentence around the target, and that is said, never done in silence.

use std::{num::NonZeroUsize, ops::Range};

use lru::LruCache;

use super::{
    Model, Pieces, Sequence,
    template::{Quoted, Segment},
};

/// The type of the target's tokens in the sentence, where the model wants them marked: that of a pair's second
/// text, which names the target too.
const MARK: u32 = 1;

/// Makes inputs; a segment that was just cut into pieces is not cut again.
pub struct TargetInputs<'a> {
    model: &'a Model,
    /// As many as one input is made from.
    last: LruCache<String, Pieces>,
}

/// The input of a target.
pub struct TargetInput {
    /// What the model reads.
    pub sequence: Sequence,
    /// Whether anything was too long and cut to a window.
    pub windowed: bool,
}

/// A segment's pieces, cut where it had to be.
struct Cut {
    ids: Vec<u32>,
    ranges: Vec<Range<usize>>,
}

impl<'a> TargetInputs<'a> {
    /// Inputs for this model.
    pub fn new(model: &'a Model) -> Self {
        const LAST: NonZeroUsize = NonZeroUsize::new(2).expect("not zero");
        TargetInputs { model, last: LruCache::new(LAST) }
    }

    /// The input of a sentence and a target in it, given by its bytes in the sentence.
    ///
    /// # Errors
    /// What the tokenizer says; none is known for valid UTF-8.
    pub fn input(&mut self, sentence: &str, target: &Range<usize>) -> Result<TargetInput, String> {
        let longest = self.model.config.max_tokens;
        let (part, within) = near(sentence, target, BYTES_OF_TOKEN * longest);
        let input = self.whole(part, &within)?;
        if input.windowed || part.len() == sentence.len() {
            return Ok(input);
        }
        // Of what is no words the model can read more.
        let (part, within) = near(sentence, target, BYTES_OF_LONGEST_TOKEN * longest);
        let input = self.whole(part, &within)?;
        Ok(TargetInput { windowed: input.windowed || part.len() < sentence.len(), ..input })
    }

    /// The input of a sentence all of which is looked at.
    fn whole(&mut self, sentence: &str, target: &Range<usize>) -> Result<TargetInput, String> {
        let tokenizer = &self.model.tokenizer;
        let (first, second) = self.model.description.template.fill(sentence, target);
        let Some(second) = second else {
            let whole = self.pieces(&first)?;
            let cut = fit(&whole, first.sentence.as_ref(), tokenizer.room());
            let mut sequence = tokenizer.single(&cut.ids);
            self.mark(&mut sequence, tokenizer.text_start(), &cut, &first);
            return Ok(TargetInput { sequence, windowed: cut.ids.len() < whole.ids.len() });
        };
        let (a, b) = (self.pieces(&first)?, self.pieces(&second)?);
        // What is beside the sentence takes a third at most, where both don't fit: a longer name would leave too
        // little of what is said about it.
        let room = tokenizer.pair_room();
        let beside = |sentence: &Pieces| (room / 3).max(room.saturating_sub(sentence.ids.len()));
        let (a_cut, b_cut) = if first.sentence.is_some() {
            let b_cut = fit(&b, None, beside(&a));
            (fit(&a, first.sentence.as_ref(), room - b_cut.ids.len()), b_cut)
        } else {
            let a_cut = fit(&a, None, beside(&b));
            let room = room - a_cut.ids.len();
            (a_cut, fit(&b, second.sentence.as_ref(), room))
        };
        let mut sequence = tokenizer.pair(&a_cut.ids, &b_cut.ids);
        let [at_first, at_second] = tokenizer.pair_positions(a_cut.ids.len(), b_cut.ids.len());
        self.mark(&mut sequence, at_first, &a_cut, &first);
        self.mark(&mut sequence, at_second, &b_cut, &second);
        let windowed = a_cut.ids.len() + b_cut.ids.len() < a.ids.len() + b.ids.len();
        Ok(TargetInput { sequence, windowed })
    }

    fn pieces(&mut self, segment: &Segment) -> Result<Pieces, String> {
        if let Some(pieces) = self.last.get(&segment.text) {
            return Ok(pieces.clone());
        }
        let pieces = self.model.tokenizer.pieces(&segment.text)?;
        if segment.sentence.is_some() {
            self.last.put(segment.text.clone(), pieces.clone());
        }
        Ok(pieces)
    }

    fn mark(&self, sequence: &mut Sequence, from: usize, cut: &Cut, segment: &Segment) {
        let Some(quoted) = segment.sentence.as_ref().filter(|_| self.model.description.marks_target) else {
            return;
        };
        for (kind, range) in sequence.types[from..].iter_mut().zip(&cut.ranges) {
            if range.start < quoted.target.end && quoted.target.start < range.end {
                *kind = MARK;
            }
        }
    }
}

/// Bytes of a block of a sentence for each token that the model can read: thrice what English words take, so that no
/// window of words reaches from a target beyond the block next to its own.
const BYTES_OF_TOKEN: usize = 16;

/// The same for what is no words, such as a key of thousands of digits, which may be one token.
const BYTES_OF_LONGEST_TOKEN: usize = 64;

/// The blocks of a sentence around the beginning of a target, and what of the target is in them. Targets that begin in
/// one block have the same ones, which are cut into pieces once, unless the template puts the target among them.
fn near<'t>(sentence: &'t str, target: &Range<usize>, bytes: usize) -> (&'t str, Range<usize>) {
    let block = target.start / bytes;
    let begin = sentence.floor_char_boundary(block.saturating_sub(1) * bytes);
    let end = sentence.ceil_char_boundary((block + 2) * bytes);
    (&sentence[begin..end], target.start - begin..target.end.min(end) - begin)
}

/// As many pieces of a segment as there is room for: all that stands around the sentence (a third of the room at
/// most on each side), and of the sentence a window around the target.
fn fit(pieces: &Pieces, sentence: Option<&Quoted>, room: usize) -> Cut {
    let total = pieces.ids.len();
    if total <= room {
        return Cut { ids: pieces.ids.clone(), ranges: pieces.ranges.clone() };
    }
    let take = |parts: [Range<usize>; 3]| Cut {
        ids: parts.iter().flat_map(|part| pieces.ids[part.clone()].iter().copied()).collect(),
        ranges: parts.iter().flat_map(|part| pieces.ranges[part.clone()].iter().cloned()).collect(),
    };
    let Some(quoted) = sentence else {
        return take([0..room, 0..0, 0..0]);
    };
    let begin = pieces.ranges.partition_point(|range| range.end <= quoted.whole.start);
    // Some tokenizers have a piece for white space at the end, of which no bytes are left.
    let is_within = |range: &Range<usize>| range.start < quoted.whole.end || range.end <= quoted.whole.end;
    let end = pieces.ranges.partition_point(is_within).max(begin);
    let (head, tail) = (begin.min(room / 3), (total - end).min(room / 3));
    let inner = Pieces { ids: pieces.ids[begin..end].to_vec(), ranges: pieces.ranges[begin..end].to_vec() };
    let window = inner.window(&quoted.marked, room - head - tail);
    take([0..head, begin + window.start..begin + window.end, end..end + tail])
}
