//! BERT's own tokenizer, for the texts that most documents are made of: it loads ten times faster than the
//! general one and cuts them in the same way.
//!
//! It never guesses: a tokenizer.json with anything in it that is not BERT's gives no [`WordPiece`], and a text
//! with a character or a special token that is not covered here gives no pieces. Both are then left to the
//! general tokenizer. tests/tokenizer.rs compares the two on every character covered, alone and in words.

use serde::Deserialize;
use tokenizers::{DecoderWrapper, PaddingParams, TruncationParams, normalizers::BertNormalizer};
use unicode_normalization::char::decompose_canonical;

use super::{
    slots::{Holds, Slot, Slots},
    tokenize::Pieces,
    vocabulary::{CONTINUES, Vocabulary},
};

/// A vocabulary and how texts are cleaned before it is looked up.
pub struct WordPiece {
    vocabulary: Vocabulary,
    normalizer: Normalizer,
    pub(super) unknown: u32,
    longest_word: usize,
    /// Texts of special tokens, which are found in a text before anything else.
    specials: Vec<String>,
    pub(super) single: Slots,
    pub(super) pair: Slots,
}

/// tokenizer.json, as far as it is BERT's.
#[derive(Deserialize)]
struct File {
    added_tokens: Vec<Added>,
    normalizer: Normalizer,
    pre_tokenizer: Typed,
    post_processor: Template,
    model: Model,
    // What nothing here reads, and the general tokenizer must be able to when it is needed.
    #[serde(rename = "truncation")]
    _truncation: Option<TruncationParams>,
    #[serde(rename = "padding")]
    _padding: Option<PaddingParams>,
    #[serde(rename = "decoder")]
    _decoder: Option<DecoderWrapper>,
}

#[derive(Deserialize)]
struct Added {
    id: u32,
    content: String,
    normalized: bool,
    #[serde(rename = "special")]
    _special: bool,
    #[serde(rename = "single_word")]
    _single_word: bool,
    #[serde(rename = "lstrip")]
    _lstrip: bool,
    #[serde(rename = "rstrip")]
    _rstrip: bool,
}

#[derive(Deserialize)]
struct Typed {
    r#type: String,
}

#[derive(Deserialize)]
struct Normalizer {
    r#type: String,
    clean_text: bool,
    handle_chinese_chars: bool,
    strip_accents: Option<bool>,
    lowercase: bool,
}

#[derive(Deserialize)]
struct Template {
    r#type: String,
    single: Vec<Place>,
    pair: Vec<Place>,
    special_tokens: std::collections::HashMap<String, Special>,
}

#[derive(Deserialize)]
enum Place {
    SpecialToken { id: String, type_id: u32 },
    Sequence { id: String, type_id: u32 },
}

#[derive(Deserialize)]
struct Special {
    ids: Vec<u32>,
}

#[derive(Deserialize)]
struct Model {
    r#type: String,
    unk_token: String,
    continuing_subword_prefix: String,
    max_input_chars_per_word: usize,
    vocab: Vocabulary,
}

impl WordPiece {
    /// The tokenizer of a tokenizer.json, if it is BERT's and nothing else.
    pub fn read(json: &[u8]) -> Option<Self> {
        let file: File = serde_json::from_slice(json).ok()?;
        let File { added_tokens, normalizer, pre_tokenizer, post_processor, model, .. } = file;
        let is_berts = normalizer.r#type == "BertNormalizer"
            && normalizer.clean_text
            && pre_tokenizer.r#type == "BertPreTokenizer"
            && post_processor.r#type == "TemplateProcessing"
            && model.r#type == "WordPiece"
            && model.continuing_subword_prefix == CONTINUES;
        let in_vocabulary =
            |token: &Added| !token.normalized && model.vocab.word(&token.content) == Some(token.id);
        if !is_berts || !added_tokens.iter().all(in_vocabulary) {
            return None;
        }
        Some(WordPiece {
            unknown: model.vocab.word(&model.unk_token)?,
            single: slots(&post_processor, &post_processor.single, &["A"])?,
            pair: slots(&post_processor, &post_processor.pair, &["A", "B"])?,
            vocabulary: model.vocab,
            normalizer,
            longest_word: model.max_input_chars_per_word,
            specials: added_tokens.into_iter().map(|token| token.content).collect(),
        })
    }

    /// Tokens in the vocabulary.
    pub fn size(&self) -> usize {
        self.vocabulary.len()
    }

    /// A token whose id is none of a vocabulary of that size.
    pub(super) fn beyond(&self, vocabulary: usize) -> Option<(String, u32)> {
        self.vocabulary.beyond(vocabulary)
    }

    /// The texts of tokens that are found before a text is cut.
    pub(super) fn added(&self) -> &[String] {
        &self.specials
    }

    /// How texts are cleaned, as the general tokenizer would tell it.
    pub(super) fn normalizer(&self) -> BertNormalizer {
        let Normalizer { clean_text, handle_chinese_chars, strip_accents, lowercase, .. } = self.normalizer;
        BertNormalizer::new(clean_text, handle_chinese_chars, strip_accents, lowercase)
    }

    /// Cuts a text into pieces; None for a text that the general tokenizer must cut.
    pub fn pieces(&self, text: &str) -> Option<Pieces> {
        if self.specials.iter().any(|special| text.contains(special.as_str())) {
            return None;
        }
        let mut pieces = Pieces::default();
        let mut word = Word::default();
        for (at, c) in text.char_indices() {
            let range = at..at + c.len_utf8();
            match self.normalizer.normalize(c)? {
                Normal::Nothing => {}
                Normal::Space => self.cut(&mut word, &mut pieces),
                Normal::Punctuation(c) => {
                    self.cut(&mut word, &mut pieces);
                    word.push(c, range);
                    self.cut(&mut word, &mut pieces);
                }
                Normal::Letter(c) => word.push(c, range),
            }
        }
        self.cut(&mut word, &mut pieces);
        Some(pieces)
    }

    /// The longest pieces that the vocabulary has, from the left; a word that can't be put together so is unknown.
    fn cut(&self, word: &mut Word, pieces: &mut Pieces) {
        let Some(last) = word.ends.len().checked_sub(1) else { return };
        let before = pieces.ids.len();
        let mut from = 0;
        while from <= last && word.ends.len() <= self.longest_word {
            let start = if from == 0 { 0 } else { word.ends[from - 1] };
            let rest = &word.text[start..];
            let ends = word.ends[from..].iter().map(|end| end - start);
            let Some((id, chars)) = self.vocabulary.longest(rest, ends, from > 0) else { break };
            pieces.ids.push(id);
            pieces.ranges.push(word.ranges[from].start..word.ranges[from + chars - 1].end);
            from += chars;
        }
        if from <= last {
            pieces.ids.truncate(before);
            pieces.ranges.truncate(before);
            pieces.ids.push(self.unknown);
            pieces.ranges.push(word.ranges[0].start..word.ranges[last].end);
        }
        word.clear();
    }
}

/// A word after normalisation, and where its characters come from.
#[derive(Default)]
struct Word {
    text: String,
    /// Where each character ends in `text`.
    ends: Vec<usize>,
    /// Where each character stands in the original.
    ranges: Vec<std::ops::Range<usize>>,
}

impl Word {
    fn push(&mut self, c: char, range: std::ops::Range<usize>) {
        self.text.push(c);
        self.ends.push(self.text.len());
        self.ranges.push(range);
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.ranges.clear();
    }
}

/// What becomes of a character.
enum Normal {
    Nothing,
    Space,
    Punctuation(char),
    Letter(char),
}

impl Normalizer {
    /// None for a character that is not covered: outside Latin, Cyrillic and the signs of European texts.
    fn normalize(&self, c: char) -> Option<Normal> {
        let strips = self.strip_accents.unwrap_or(self.lowercase);
        Some(match c {
            '\t' | '\n' | '\r' | ' ' => Normal::Space,
            '\0'..='\x1f' | '\x7f' => Normal::Nothing,
            _ if c.is_ascii_punctuation() => Normal::Punctuation(c),
            _ if c.is_ascii() => Normal::Letter(if self.lowercase { c.to_ascii_lowercase() } else { c }),
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' => {
                Normal::Space
            }
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => Normal::Nothing,
            '¡' | '§' | '«' | '¶' | '·' | '»' | '¿' => Normal::Punctuation(c),
            '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{2043}' | '\u{2045}'..='\u{2051}' => {
                Normal::Punctuation(c)
            }
            '\u{a1}'..='\u{17f}' | 'А'..='я' | 'ё' | 'Ё' | '€' | '™' | '−' => {
                let base = if strips { without_marks(c)? } else { c };
                let mut lower = base.to_lowercase();
                match (self.lowercase, lower.next(), lower.next()) {
                    (false, ..) => Normal::Letter(base),
                    (true, Some(c), None) => Normal::Letter(c),
                    _ => return None,
                }
            }
            _ => return None,
        })
    }
}

/// The letter under its accents; None where what is left is not one letter.
fn without_marks(c: char) -> Option<char> {
    let mut base = None;
    let mut is_one = true;
    decompose_canonical(c, |part| match part {
        '\u{300}'..='\u{36f}' => {}
        _ => is_one = base.replace(part).is_none(),
    });
    base.filter(|_| is_one)
}

/// The places of an input of so many texts; None where one of them is left out, or stands there twice.
fn slots(template: &Template, places: &[Place], texts: &[&str]) -> Option<Slots> {
    let (mut slots, mut seen) = (Vec::new(), Vec::new());
    for place in places {
        match place {
            Place::Sequence { id, type_id: kind } => {
                let holds = if id == "A" { Holds::First } else { Holds::Second };
                slots.push(Slot { holds, kind: *kind });
                seen.push(id.as_str());
            }
            Place::SpecialToken { id, type_id: kind } => {
                let ids = &template.special_tokens.get(id)?.ids;
                slots.extend(ids.iter().map(|id| Slot { holds: Holds::Special(*id), kind: *kind }));
            }
        }
    }
    seen.sort_unstable();
    (seen == texts).then_some(Slots(slots))
}
