//! The places of a model's input: where the tokenizer puts special tokens around one text or two.

use tokenizers::{Encoding, Token};

use super::encoder::Sequence;

/// A place, and the token type of what stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub holds: Holds,
    pub kind: u32,
}

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A special token, by its id.
    Special(u32),
    First,
    Second,
}

/// The places of an input, in their order.
#[derive(Clone, Debug)]
pub struct Slots(pub Vec<Slot>);

impl Slots {
    /// Learns them from what the tokenizer's post-processor does to a piece of a text, or of two: whatever it is, and
    /// whatever pieces the vocabulary has.
    ///
    /// # Errors
    /// A post-processor that leaves out a text.
    pub fn learn(tokenizer: &tokenizers::Tokenizer, pair: bool) -> Result<Self, String> {
        let text = |kind| Encoding::from_tokens(vec![Token::new(0, "a".into(), (0, 1))], kind);
        let whole =
            tokenizer.post_process(text(0), pair.then(|| text(1)), true).map_err(|e| e.to_string())?;
        let mut slots = Vec::new();
        let mut seen = [false; 2];
        for (i, sequence) in whole.get_sequence_ids().into_iter().enumerate() {
            let kind = whole.get_type_ids()[i];
            // Special tokens are in no text, or marked as such.
            let special = whole.get_special_tokens_mask()[i] == 1;
            match sequence {
                Some(text @ (0 | 1)) if !special => {
                    if !std::mem::replace(&mut seen[text], true) {
                        slots.push(Slot { holds: [Holds::First, Holds::Second][text], kind });
                    }
                }
                _ => slots.push(Slot { holds: Holds::Special(whole.get_ids()[i]), kind }),
            }
        }
        if seen == [true, pair] {
            Ok(Slots(slots))
        } else {
            Err("its post_processor leaves out a text".into())
        }
    }

    /// The same for a model with so many token types: one without has one row for them, whatever the tokenizer says.
    pub fn within(self, types: usize) -> Self {
        let last = types.saturating_sub(1) as u32;
        Slots(self.0.into_iter().map(|Slot { holds, kind }| Slot { holds, kind: kind.min(last) }).collect())
    }

    /// Whether a classifier can be given such inputs.
    ///
    /// # Errors
    /// What its special tokens lack, or what the model lacks for them: a vocabulary of so many rows, so many tokens to
    /// read.
    pub fn check(&self, vocabulary: usize, most: usize) -> Result<(), String> {
        let specials = self.specials().count();
        if specials == 0 {
            return Err(
                "no special tokens, of which a classifier reads the first; save the tokenizer anew from the \
                        class that the model was trained with"
                    .into(),
            );
        }
        if specials > most {
            return Err(format!("{specials} special tokens, where Baton has room for {most}"));
        }
        match self.specials().find(|id| *id as usize >= vocabulary) {
            Some(id) => Err(format!(
                "a special token of the id {id}, for which the model has no row: config.json's vocab_size is {vocabulary}"
            )),
            None => Ok(()),
        }
    }

    /// The ids of the special tokens in an input.
    pub fn specials(&self) -> impl Iterator<Item = u32> {
        self.0.iter().filter_map(|slot| match slot.holds {
            Holds::Special(id) => Some(id),
            Holds::First | Holds::Second => None,
        })
    }

    /// Where the two texts' tokens begin.
    pub fn positions(&self, first: usize, second: usize) -> [usize; 2] {
        let (mut positions, mut at) = ([0; 2], 0);
        for slot in &self.0 {
            match slot.holds {
                Holds::Special(_) => at += 1,
                Holds::First => {
                    positions[0] = at;
                    at += first;
                }
                Holds::Second => {
                    positions[1] = at;
                    at += second;
                }
            }
        }
        positions
    }

    /// The input.
    pub fn fill(&self, first: &[u32], second: &[u32]) -> Sequence {
        let mut sequence = Sequence { ids: Vec::new(), types: Vec::new() };
        for slot in &self.0 {
            match slot.holds {
                Holds::Special(id) => sequence.ids.push(id),
                Holds::First => sequence.ids.extend_from_slice(first),
                Holds::Second => sequence.ids.extend_from_slice(second),
            }
            sequence.types.resize(sequence.ids.len(), slot.kind);
        }
        sequence
    }
}
