//! Texts and pairs of texts → the model's input sequences.
//!
//! A text is cut into pieces once; sequences are put together from runs of pieces, with the special tokens that
//! the tokenizer itself puts around them. So one sentence with three entities is tokenised once, and an
//! over-long one is windowed here, openly, not cut off by the tokenizer in silence.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use serde::Deserialize;
use tokenizers::ModelWrapper;

use super::{
    LoadError, config::ModelConfig, encoder::Sequence, expected_panics, files, slots::Slots, token_types,
    tokenizer_config::Parts, vocab_files, wordpiece::WordPiece,
};

/// Fewer pieces of a text are read without what they stand among.
const FEWEST_PIECES: usize = 8;

/// A text with letters, marks, ideographs, a hieroglyph and a character of private use.
const PROBE: &str = "a Bé 北京 \u{2603} \u{13000} \u{e000}";

/// A model's tokenizer.
pub struct Tokenizer {
    cutter: Cutter,
    /// What it was read from.
    file: PathBuf,
    single: Slots,
    pair: Slots,
    /// Why no pair can be read, which many a model never has to.
    no_pairs: Option<LoadError>,
    max_tokens: usize,
    /// What stands for words that the vocabulary can't spell.
    unknown: Option<u32>,
}

/// What cuts texts.
enum Cutter {
    General(Box<tokenizers::Tokenizer>),
    Fast(Box<Fast>),
}

/// BERT's own tokenizer, and what cuts the texts that it doesn't: made of `json` when the first of them comes, for the file
/// may be another model's by then.
struct Fast {
    own: WordPiece,
    json: Vec<u8>,
    general: OnceLock<Result<tokenizers::Tokenizer, String>>,
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

impl Tokenizer {
    /// Reads `tokenizer.json` in a model's directory, or the vocabulary's files of those that were before it.
    ///
    /// # Errors
    /// A file that is missing or unreadable or contradicts another, or special tokens that can't be told from the
    /// text's.
    pub fn load(directory: &Path, config: &ModelConfig) -> Result<Self, LoadError> {
        let mut file = directory.join("tokenizer.json");
        let is_there = file.is_file();
        let json;
        if is_there {
            json = files::read(&file)?;
        } else {
            (file, json) = vocab_files::as_tokenizer_json(directory, config)?;
        }
        let fail = |what: String| LoadError::at(&file, what);
        let Read { cutter, parts, size, beyond, single, pair, unknown } =
            Read::of(json, config.vocabulary).map_err(fail)?;
        // What was made of a vocabulary has been made of what lies beside it too.
        if is_there {
            parts.check(directory)?;
        }
        check_rows(size, beyond, config.vocabulary).map_err(fail)?;
        let told_apart = |slots: &Slots| slots.clone().within(config.types).0 != slots.clone().within(0).0;
        let told_apart = told_apart(&single) || pair.as_ref().is_ok_and(told_apart);
        let types = match told_apart && !token_types::are_given(directory, config.architecture)? {
            true => 0,
            false => config.types,
        };
        let most = config.max_tokens.saturating_sub(FEWEST_PIECES);
        let single = single.within(types);
        let adds = |to: &str, what: String| fail(format!("its post_processor adds to {to} {what}"));
        single.check(config.vocabulary, most).map_err(|what| adds("a text", what))?;
        let pair = pair.map(|pair| pair.within(types));
        let no_pairs = match &pair {
            Ok(pair) => pair.check(config.vocabulary, most).map_err(|what| adds("a pair", what)).err(),
            Err(e) => Some(fail(e.clone())),
        };
        let pair = pair.unwrap_or(Slots(Vec::new()));
        Ok(Tokenizer { cutter, file, single, pair, no_pairs, max_tokens: config.max_tokens, unknown })
    }

    /// Whether inputs of two texts can be made.
    ///
    /// # Errors
    /// The file, and what its pairs lack.
    pub fn reads_pairs(&self) -> Result<(), LoadError> {
        self.no_pairs.clone().map_or(Ok(()), Err)
    }

    /// Cuts a text into pieces.
    ///
    /// # Errors
    /// The file, and what the library says; none is known for valid UTF-8 and a file that could be loaded.
    pub fn pieces(&self, text: &str) -> Result<Pieces, String> {
        self.cutter.pieces(text).map_err(|e| format!("{}: {e}", self.file.display()))
    }

    /// How many of these tokens stand for words that the vocabulary can't spell.
    pub fn unknown(&self, ids: &[u32]) -> usize {
        self.unknown.map_or(0, |unknown| ids.iter().filter(|id| **id == unknown).count())
    }

    /// How many pieces fit an input of one text.
    pub fn room(&self) -> usize {
        self.max_tokens.saturating_sub(self.single.specials().count())
    }

    /// How many pieces fit an input of two texts, both together.
    pub fn pair_room(&self) -> usize {
        self.max_tokens.saturating_sub(self.pair.specials().count())
    }

    /// The input of one text, or a run of it.
    pub fn single(&self, ids: &[u32]) -> Sequence {
        self.single.fill(ids, &[])
    }

    /// The input of two texts.
    pub fn pair(&self, first: &[u32], second: &[u32]) -> Sequence {
        self.pair.fill(first, second)
    }

    /// Where the two texts' tokens begin in their input.
    pub fn pair_positions(&self, first: usize, second: usize) -> [usize; 2] {
        self.pair.positions(first, second)
    }

    /// Where the text's own tokens begin in the input of one text.
    pub fn text_start(&self) -> usize {
        let [start, _] = self.single.positions(0, 0);
        start
    }
}

/// A tokenizer.json, read.
struct Read {
    cutter: Cutter,
    parts: Parts,
    /// Tokens that it has.
    size: usize,
    /// One of them that the model has no row for.
    beyond: Option<(String, u32)>,
    single: Slots,
    pair: Result<Slots, String>,
    unknown: Option<u32>,
}

impl Read {
    /// For a model with so many rows in its vocabulary: fast where it is BERT's own, and else with the general tokenizer.
    fn of(json: Vec<u8>, vocabulary: usize) -> Result<Self, String> {
        if let Some(fast) = WordPiece::read(&json) {
            return Ok(Read {
                parts: Parts::of_fast(&fast),
                size: fast.size(),
                beyond: fast.beyond(vocabulary),
                single: fast.single.clone(),
                pair: Ok(fast.pair.clone()),
                unknown: Some(fast.unknown),
                cutter: Cutter::Fast(Box::new(Fast { own: fast, json, general: OnceLock::new() })),
            });
        }
        in_peace(|| {
            let tokenizer = parse(&json)?;
            Ok(Read {
                unknown: unknown(&tokenizer, &json),
                parts: Parts::of(&tokenizer),
                size: tokenizer.get_vocab_size(true),
                beyond: beyond(&tokenizer, vocabulary),
                single: Slots::learn(&tokenizer, false)?,
                pair: Slots::learn(&tokenizer, true),
                cutter: Cutter::General(Box::new(tokenizer)),
            })
        })
    }
}

/// Refuses a tokenizer with tokens that the model has no row for.
fn check_rows(size: usize, beyond: Option<(String, u32)>, vocabulary: usize) -> Result<(), String> {
    if size > vocabulary {
        return Err(format!(
            "has {size} tokens, but config.json's vocab_size is {vocabulary}: the model has no row for the others; call \
             `model.resize_token_embeddings(len(tokenizer))` before it is trained and saved, or leave out the tokens \
             that were added"
        ));
    }
    match beyond {
        Some((token, id)) => Err(format!(
            "the token `{}` has the id {id}, but config.json's vocab_size is {vocabulary}: the model has no row for it; \
             take the tokenizer.json that the model was trained with",
            token.escape_debug()
        )),
        None => Ok(()),
    }
}

impl Cutter {
    fn pieces(&self, text: &str) -> Result<Pieces, String> {
        let tokenizer = match self {
            Cutter::General(tokenizer) => tokenizer,
            Cutter::Fast(fast) => {
                if let Some(pieces) = fast.own.pieces(text) {
                    return Ok(pieces);
                }
                let load = || in_peace(|| parse(&fast.json));
                fast.general.get_or_init(load).as_ref().map_err(String::clone)?
            }
        };
        let encoding = in_peace(|| tokenizer.encode(text, false).map_err(|e| e.to_string()))?;
        let ranges = without_spaces(text, encoding.get_offsets(), encoding.get_word_ids());
        Ok(Pieces { ids: encoding.get_ids().to_vec(), ranges })
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

/// The pieces' ranges without white space at their edges. A piece that is nothing else, and of one word with the next
/// (the space before it, in a piece of its own), is the beginning of that word: a token classifier has its label there.
fn without_spaces(text: &str, offsets: &[(usize, usize)], words: &[Option<u32>]) -> Vec<Range<usize>> {
    let trim = |&(from, to): &(usize, usize)| {
        let Some(piece) = text.get(from..to) else { return from..to };
        let start = to - piece.trim_start().len();
        start..start + piece.trim().len()
    };
    let mut ranges: Vec<_> = offsets.iter().map(trim).collect();
    for i in (1..ranges.len()).rev() {
        let is_space = ranges[i - 1].is_empty() && offsets[i - 1].0 < offsets[i - 1].1;
        if is_space && words[i - 1] == words[i] && ranges[i - 1].end == ranges[i].start {
            let first = text.get(ranges[i].clone()).and_then(|piece| piece.chars().next());
            ranges[i - 1].end += first.map_or(0, char::len_utf8);
        }
    }
    ranges
}

/// The library panics at some files that fit its format and make no sense.
fn in_peace<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    expected_panics::caught(work).unwrap_or_else(|said| Err(format!("the library fails at it: {said}")))
}

fn parse(json: &[u8]) -> Result<tokenizers::Tokenizer, String> {
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
    // What it can't do with any text, it can't do with this one; nor what no vocabulary has.
    tokenizer.encode(PROBE, false).map_err(|e| e.to_string())?;
    Ok(tokenizer)
}

/// The token of words that it can't spell; none where it spells them by bytes.
fn unknown(tokenizer: &tokenizers::Tokenizer, json: &[u8]) -> Option<u32> {
    let token = match tokenizer.get_model() {
        ModelWrapper::BPE(model) => model.unk_token.as_ref(),
        ModelWrapper::WordPiece(model) => Some(&model.unk_token),
        ModelWrapper::WordLevel(model) => Some(&model.unk_token),
        ModelWrapper::Unigram(_) => return unk_id(json),
    };
    token.and_then(|token| tokenizer.token_to_id(token))
}

/// A Unigram's unknown token, which the library keeps to itself.
fn unk_id(json: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct File {
        model: Unigram,
    }
    #[derive(Deserialize)]
    struct Unigram {
        unk_id: Option<u32>,
    }
    serde_json::from_slice(json).ok().and_then(|File { model: Unigram { unk_id } }| unk_id)
}

/// A token that the model has no row for, of a tokenizer with no more tokens than the model has rows: their number doesn't
/// tell, where ids are left out.
fn beyond(tokenizer: &tokenizers::Tokenizer, vocabulary: usize) -> Option<(String, u32)> {
    let size = tokenizer.get_vocab_size(true) as u32;
    // A Unigram's ids are the places in a list. Of others the whole vocabulary is only looked at where ids are left out.
    let is_dense = matches!(tokenizer.get_model(), ModelWrapper::Unigram(_))
        || (0..size).all(|id| tokenizer.id_to_token(id).is_some());
    if is_dense {
        return None;
    }
    tokenizer.get_vocab(true).into_iter().find(|(_, id)| *id as usize >= vocabulary)
}
