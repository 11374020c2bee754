//! The places of a model's input: where the tokenizer puts special tokens around one text or two.

use tokenizers::{Encoding, Token};

use super::encoder::Sequence;

/// A place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Special { id: u32, kind: u32 },
    First { kind: u32 },
    Second { kind: u32 },
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
                        slots.push(if text == 0 { Slot::First { kind } } else { Slot::Second { kind } });
                    }
                }
                _ => slots.push(Slot::Special { id: whole.get_ids()[i], kind }),
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
        let within = |slot| match slot {
            Slot::Special { id, kind } => Slot::Special { id, kind: kind.min(last) },
            Slot::First { kind } => Slot::First { kind: kind.min(last) },
            Slot::Second { kind } => Slot::Second { kind: kind.min(last) },
        };
        Slots(self.0.into_iter().map(within).collect())
    }

    /// Whether a classifier can be given such inputs.
    ///
    /// # Errors
    /// What its special tokens lack, or what the model lacks for them: a vocabulary of so many rows, so many tokens to
    /// read.
    pub fn check(&self, vocabulary: usize, most: usize) -> Result<(), String> {
        let specials = self.specials();
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
        let beyond = self.0.iter().find_map(|slot| match slot {
            Slot::Special { id, .. } if *id as usize >= vocabulary => Some(id),
            _ => None,
        });
        match beyond {
            Some(id) => Err(format!(
                "a special token of the id {id}, for which the model has no row: config.json's vocab_size is {vocabulary}"
            )),
            None => Ok(()),
        }
    }

    /// Special tokens in an input.
    pub fn specials(&self) -> usize {
        self.0.iter().filter(|slot| matches!(slot, Slot::Special { .. })).count()
    }

    /// Where the two texts' tokens begin.
    pub fn positions(&self, first: usize, second: usize) -> [usize; 2] {
        let (mut positions, mut at) = ([0; 2], 0);
        for slot in &self.0 {
            match slot {
                Slot::Special { .. } => at += 1,
                Slot::First { .. } => {
                    positions[0] = at;
                    at += first;
                }
                Slot::Second { .. } => {
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
            let (ids, kind): (&[u32], u32) = match slot {
                Slot::Special { id, kind } => (std::slice::from_ref(id), *kind),
                Slot::First { kind } => (first, *kind),
                Slot::Second { kind } => (second, *kind),
            };
            sequence.ids.extend_from_slice(ids);
            sequence.types.resize(sequence.ids.len(), kind);
        }
        sequence
    }
}
