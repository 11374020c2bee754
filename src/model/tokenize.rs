//! Texts and pairs of texts → the model's input sequences.
//!
//! A text is cut into pieces once; sequences are put together from runs of pieces, with the special tokens that
//! the tokenizer itself puts around them. So one sentence with three entities is tokenised once, and an
//! over-long one is windowed here, openly, not cut off by the tokenizer in silence.

use std::{
    ops::Range,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use tokenizers::ModelWrapper;

use super::{
    LoadError, config::ModelConfig, encoder::Sequence, refuse_pointer, token_types, tokenizer_config::Parts,
    vocab_txt, wordpiece::WordPiece,
};

/// Fewer pieces of a text are read without what they stand among.
const FEWEST_PIECES: usize = 8;

/// A model's tokenizer.
pub struct Tokenizer {
    fast: Option<WordPiece>,
    /// What cuts the texts that `fast` doesn't; loaded when the first of them comes, where there is a `fast`.
    general: OnceLock<Result<tokenizers::Tokenizer, String>>,
    source: Source,
    single: Vec<Slot>,
    pair: Vec<Slot>,
    max_tokens: usize,
}

/// Where the general tokenizer comes from when it is needed.
enum Source {
    /// From tokenizer.json, read again.
    File(PathBuf),
    /// From what was made of vocab.txt.
    Made(Vec<u8>),
}

/// A text cut into pieces, without special tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    /// The vocabulary's ids.
    pub ids: Vec<u32>,
    /// Where each piece stands in the text, in bytes, without the space before a word that some tokenizers make
    /// part of its first piece.
    pub ranges: Vec<Range<usize>>,
}

/// A place of the input template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Special { id: u32, kind: u32 },
    First { kind: u32 },
    Second { kind: u32 },
}

impl Tokenizer {
    /// Reads `tokenizer.json` in a model's directory, or `vocab.txt` of those that were before it.
    ///
    /// # Errors
    /// A file that is missing or unreadable or contradicts another, or special tokens that can't be told from the
    /// text's.
    pub fn load(directory: &Path, config: &ModelConfig) -> Result<Self, LoadError> {
        let mut file = directory.join("tokenizer.json");
        let (bytes, source) = if file.is_file() {
            let bytes = std::fs::read(&file);
            let bytes = bytes.map_err(|e| LoadError::new(format!("{}: {e}", file.display())))?;
            refuse_pointer(&file, &bytes)?;
            (bytes, Source::File(file.clone()))
        } else {
            file = directory.join("vocab.txt");
            let bytes = vocab_txt::as_tokenizer_json(directory, config)?;
            (bytes.clone(), Source::Made(bytes))
        };
        let fail = |e: &dyn std::fmt::Display| LoadError::new(format!("{}: {e}", file.display()));
        let general = OnceLock::new();
        let fast = WordPiece::read(&bytes);
        let (size, single, pair) = match &fast {
            Some(fast) => (fast.size(), fast.single.clone(), fast.pair.clone()),
            None => {
                let (tokenizer, single, pair) = in_peace(|| {
                    let tokenizer = parse(bytes)?;
                    let (single, pair) = (template(&tokenizer, false)?, template(&tokenizer, true)?);
                    Ok((tokenizer, single, pair))
                })
                .map_err(|e| fail(&e))?;
                let size = tokenizer.get_vocab_size(true);
                general.get_or_init(|| Ok(tokenizer));
                (size, single, pair)
            }
        };
        // What was made of vocab.txt has been made of tokenizer_config.json too.
        if let Source::File(_) = source {
            let parts = match (&fast, general.get()) {
                (Some(fast), _) => Parts { normalizer: Some(fast.normalizer()), ..Parts::default() },
                (None, Some(Ok(tokenizer))) => Parts::of(tokenizer),
                (None, _) => Parts::default(),
            };
            parts.check(directory)?;
        }
        if size > config.vocabulary {
            return Err(fail(&format!(
                "has {size} tokens, but config.json's vocab_size is {}: the model has no row for the others; call \
                 `model.resize_token_embeddings(len(tokenizer))` before it is trained and saved, or leave out the \
                 tokens that were added",
                config.vocabulary
            )));
        }
        let told_apart =
            [&single, &pair].into_iter().flatten().any(|slot| slot.within(config.types) != slot.within(0));
        let types = match told_apart && !token_types::are_given(directory, config.architecture)? {
            true => 0,
            false => config.types,
        };
        let clip = |slots: Vec<Slot>| slots.into_iter().map(|slot| slot.within(types)).collect();
        let (single, pair): (Vec<_>, Vec<_>) = (clip(single), clip(pair));
        let most = config.max_tokens.saturating_sub(FEWEST_PIECES);
        for specials in [specials(&single), specials(&pair)] {
            if specials == 0 {
                return Err(fail(
                    &"its post_processor adds no special tokens, of which a classifier reads the first; save the \
                      tokenizer anew from the class that the model was trained with",
                ));
            }
            if specials > most {
                return Err(fail(&format!(
                    "its post_processor adds {specials} special tokens; of the {} that the model reads, Baton \
                     has room for {most}",
                    config.max_tokens
                )));
            }
        }
        Ok(Tokenizer { fast, general, source, single, pair, max_tokens: config.max_tokens })
    }

    /// Cuts a text into pieces.
    ///
    /// # Errors
    /// What the tokenizer says; none is known for valid UTF-8.
    pub fn pieces(&self, text: &str) -> Result<Pieces, String> {
        if let Some(pieces) = self.fast.as_ref().and_then(|fast| fast.pieces(text)) {
            return Ok(pieces);
        }
        let load = || match &self.source {
            Source::File(file) => parse(std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?),
            Source::Made(json) => parse(json.clone()),
        };
        let tokenizer = self.general.get_or_init(|| in_peace(load)).as_ref().map_err(String::clone)?;
        let encoding = tokenizer.encode(text, false).map_err(|e| e.to_string())?;
        let ranges = without_spaces(text, encoding.get_offsets());
        Ok(Pieces { ids: encoding.get_ids().to_vec(), ranges })
    }

    /// How many pieces fit an input of one text.
    pub fn room(&self) -> usize {
        self.max_tokens.saturating_sub(specials(&self.single))
    }

    /// How many pieces fit an input of two texts, both together.
    pub fn pair_room(&self) -> usize {
        self.max_tokens.saturating_sub(specials(&self.pair))
    }

    /// The input of one text, or a run of it.
    pub fn single(&self, ids: &[u32]) -> Sequence {
        fill(&self.single, ids, &[])
    }

    /// The input of two texts.
    pub fn pair(&self, first: &[u32], second: &[u32]) -> Sequence {
        fill(&self.pair, first, second)
    }

    /// Where the two texts' tokens begin in their input.
    pub fn pair_positions(&self, first: usize, second: usize) -> [usize; 2] {
        let (mut positions, mut at) = ([0; 2], 0);
        for slot in &self.pair {
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

    /// Which of the input's tokens are the text's own.
    pub fn text_positions(&self, pieces: usize) -> Range<usize> {
        let before = self.single.iter().take_while(|slot| matches!(slot, Slot::Special { .. })).count();
        before..before + pieces
    }
}

impl Pieces {
    /// The run of at most `room` pieces around the middle of `target` (bytes of the text) that begins with a
    /// whole word; all pieces where they fit.
    pub fn window(&self, target: &Range<usize>, room: usize) -> Range<usize> {
        let total = self.ids.len();
        if total <= room {
            return 0..total;
        }
        let first = self.ranges.partition_point(|r| r.end <= target.start);
        let last = self.ranges.partition_point(|r| r.start < target.end).max(first);
        let middle = first + (last - first) / 2;
        let mut from = middle.saturating_sub(room / 2).min(total - room);
        let to = from + room;
        // A piece that touches the one before it goes on with its word.
        while from > 0 && from < first && self.ranges[from - 1].end == self.ranges[from].start {
            from += 1;
        }
        from..to
    }
}

impl Slot {
    /// A model without token types has one row for them, whatever the tokenizer says.
    fn within(self, types: usize) -> Slot {
        let last = types.saturating_sub(1) as u32;
        match self {
            Slot::Special { id, kind } => Slot::Special { id, kind: kind.min(last) },
            Slot::First { kind } => Slot::First { kind: kind.min(last) },
            Slot::Second { kind } => Slot::Second { kind: kind.min(last) },
        }
    }
}

/// The pieces' ranges without white space at their edges. A piece that is nothing else, the space before a word
/// that has a piece of its own, is the beginning of that word: a token classifier has its label there.
fn without_spaces(text: &str, offsets: &[(usize, usize)]) -> Vec<Range<usize>> {
    let trim = |&(from, to): &(usize, usize)| {
        let Some(piece) = text.get(from..to) else { return from..to };
        let start = to - piece.trim_start().len();
        start..start + piece.trim().len()
    };
    let mut ranges: Vec<_> = offsets.iter().map(trim).collect();
    for i in (1..ranges.len()).rev() {
        let is_space = ranges[i - 1].is_empty() && offsets[i - 1].0 < offsets[i - 1].1;
        if is_space && ranges[i - 1].end == ranges[i].start {
            let first = text.get(ranges[i].clone()).and_then(|piece| piece.chars().next());
            ranges[i - 1].end += first.map_or(0, char::len_utf8);
        }
    }
    ranges
}

/// The library panics at some files that fit its format and make no sense.
fn in_peace<T>(load: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let panicked = |_| Err("the library fails at it: something that it names is not in it".to_owned());
    std::panic::catch_unwind(AssertUnwindSafe(load)).unwrap_or_else(panicked)
}

fn parse(json: Vec<u8>) -> Result<tokenizers::Tokenizer, String> {
    let mut tokenizer = tokenizers::Tokenizer::from_bytes(json).map_err(|e| e.to_string())?;
    // Some files bake in a fixed padding and a truncation: every text would cost its length, and long ones would
    // be cut without a word.
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None).map_err(|e| e.to_string())?;
    // And a dropout of merges, which is for training: the same text would be cut otherwise each time.
    if let ModelWrapper::BPE(bytes) = tokenizer.get_model()
        && bytes.dropout.is_some()
    {
        let mut bytes = bytes.clone();
        bytes.dropout = None;
        tokenizer.with_model(bytes);
    }
    Ok(tokenizer)
}

/// Learns the template from what the tokenizer does to two letters: it holds for every post-processor.
fn template(tokenizer: &tokenizers::Tokenizer, pair: bool) -> Result<Vec<Slot>, String> {
    let whole = match pair {
        false => tokenizer.encode("a", true),
        true => tokenizer.encode(("a", "b"), true),
    };
    let whole = whole.map_err(|e| e.to_string())?;
    let mut slots = Vec::new();
    let mut seen = [false; 2];
    for (i, sequence) in whole.get_sequence_ids().into_iter().enumerate() {
        let kind = whole.get_type_ids()[i];
        // Words that begin the text are in a sequence; special tokens are in none, or marked as such.
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
    if seen == [true, pair] { Ok(slots) } else { Err("its post_processor leaves out a text".into()) }
}

fn specials(slots: &[Slot]) -> usize {
    slots.iter().filter(|slot| matches!(slot, Slot::Special { .. })).count()
}

fn fill(slots: &[Slot], first: &[u32], second: &[u32]) -> Sequence {
    let mut sequence = Sequence { ids: Vec::new(), types: Vec::new() };
    for slot in slots {
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
