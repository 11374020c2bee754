//! sentencepiece's own file, of DeBERTa, XLM-RoBERTa and CamemBERT: pieces with their scores, and how texts are cleaned
//! before they are cut. As transformers 4 reads it, by which such models were trained; 5 leaves the cleaning out.

use std::path::Path;

use base64::{Engine, prelude::BASE64_STANDARD};
use prost::Message;
use serde_json::{Value, json};

use super::{
    added::Added,
    class::Specials,
    frame,
    roles::Roles,
    said::{Said, Token},
    templates, unreadable,
};
use crate::model::{LoadError, files::refuse_pointer};

/// Whose pieces they are: each family puts special tokens of its own before and behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Deberta,
    XlmRoberta,
    Camembert,
}

impl Family {
    /// What its file is called.
    pub fn vocabulary(self) -> &'static str {
        match self {
            Family::Deberta => "spm.model",
            Family::XlmRoberta | Family::Camembert => "sentencepiece.bpe.model",
        }
    }
}

/// sentencepiece_model.proto, as far as it decides how texts are cut.
#[derive(Clone, PartialEq, Message)]
struct File {
    #[prost(message, repeated, tag = "1")]
    pieces: Vec<Piece>,
    #[prost(message, optional, tag = "2")]
    trainer: Option<Trainer>,
    #[prost(message, optional, tag = "3")]
    normalizer: Option<Normalizer>,
}

#[derive(Clone, PartialEq, Message)]
struct Piece {
    #[prost(string, tag = "1")]
    text: String,
    #[prost(float, tag = "2")]
    score: f32,
    #[prost(int32, tag = "3")]
    kind: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Trainer {
    #[prost(int32, optional, tag = "3")]
    model: Option<i32>,
    #[prost(bool, tag = "35")]
    byte_fallback: bool,
    #[prost(int32, tag = "40")]
    unknown: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Normalizer {
    #[prost(bytes, tag = "2")]
    characters: Vec<u8>,
}

/// The kinds of models and pieces that count here.
const UNIGRAM: i32 = 1;
const CONTROL: i32 = 3;
const USER_DEFINED: i32 = 4;

/// What tokenizer.json would be.
///
/// # Errors
/// A file that can't be read, or whose pieces are cut otherwise; a special token without an id.
pub fn as_tokenizer_json(
    directory: &Path,
    said: &Said,
    specials: Specials,
    family: Family,
) -> Result<Value, LoadError> {
    let path = directory.join(family.vocabulary());
    let bytes = std::fs::read(&path).map_err(|e| unreadable(directory, family.vocabulary(), &e))?;
    refuse_pointer(&path, &bytes)?;
    let fail = |what: &str| LoadError::at(&path, what);
    let file = File::decode(&*bytes).map_err(|e| fail(&format!("is no sentencepiece model: {e}")))?;
    let trainer = file.trainer.clone().unwrap_or_default();
    if trainer.model.is_some_and(|model| model != UNIGRAM) || trainer.byte_fallback {
        return Err(fail(
            "its pieces are not a plain Unigram model's, which is what Baton makes of such a file; save the tokenizer as \
             a tokenizer.json, by transformers' fast class for it",
        ));
    }
    let roles = Roles::read(said, specials)?;
    let (pieces, unknown) = pieces(family, &file, &roles);
    let vocabulary = pieces.iter().enumerate().map(|(id, (text, _))| (text.clone(), json!(id))).collect();
    let own = file.pieces.iter().filter(|piece| [CONTROL, USER_DEFINED].contains(&piece.kind));
    let own = own.map(|piece| (piece.text.as_str(), piece.kind == CONTROL));
    let unused = NOT_USED.iter().filter(|_| family == Family::Camembert).map(|text| (*text, true));
    let own: Vec<Token> = own.chain(unused).map(|(text, special)| Token::verbatim(text, special)).collect();
    let all: Vec<&Token> = roles.all().into_iter().chain(&own).collect();
    let added = Added::read(directory, &vocabulary, said, &all)?;
    let post = templates(&path, &roles, &added, specials)?;
    let characters = file.normalizer.map(|normalizer| normalizer.characters).filter(|all| !all.is_empty());
    let (normalizer, cut) = cleaning(family, characters, said)?;
    let model = json!({"type": "Unigram", "unk_id": unknown, "vocab": pieces, "byte_fallback": false});
    Ok(frame(&added, normalizer, cut, post, model))
}

/// How texts are cleaned, with sentencepiece's own table of characters, and how they are cut at spaces.
fn cleaning(family: Family, characters: Option<Vec<u8>>, said: &Said) -> Result<(Value, Value), LoadError> {
    let space = json!({"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always", "split": true});
    let spaces = |by: &str| json!({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": by});
    let strip = |left: bool| json!({"type": "Strip", "strip_left": left, "strip_right": true});
    let characters = characters
        .map(|all| json!({"type": "Precompiled", "precompiled_charsmap": BASE64_STANDARD.encode(all)}));
    let sequence = |normalizers: Vec<Value>| json!({"type": "Sequence", "normalizers": normalizers});
    Ok(match family {
        Family::Deberta => {
            let lower = said.setting("do_lower_case")?.unwrap_or(false).then(|| json!({"type": "Lowercase"}));
            let punctuation = said.setting("split_by_punct")?.unwrap_or(false);
            let punctuation = punctuation.then(|| json!({"type": "Punctuation", "behavior": "Isolated"}));
            let cut: Vec<Value> = punctuation.into_iter().chain([space]).collect();
            let all = lower.into_iter().chain([strip(true)]).chain(characters).chain([spaces(" ")]);
            (sequence(all.collect()), json!({"type": "Sequence", "pretokenizers": cut}))
        }
        Family::XlmRoberta | Family::Camembert => {
            let all = characters.into_iter().chain([strip(false), spaces(SPACE)]);
            (sequence(all.collect()), space)
        }
    })
}

/// What stands for a space at the beginning of a word.
const SPACE: &str = "▁";
/// CamemBERT's places of tokens that it has elsewhere.
const NOT_USED: [&str; 3] = ["<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"];

/// The pieces with their scores, in the order of their ids, and the id of what is unknown.
fn pieces(family: Family, file: &File, roles: &Roles) -> (Vec<(String, f64)>, i32) {
    let own = |from: usize| {
        let own = file.pieces.iter().skip(from);
        own.map(|piece| (piece.text.clone(), f64::from(piece.score)))
    };
    let named = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), 0.0)).collect::<Vec<_>>();
    let mask = (roles.mask().content.clone(), 0.0);
    match family {
        Family::Deberta => {
            let mut pieces: Vec<_> = own(0).collect();
            if pieces.iter().all(|(text, _)| *text != mask.0) {
                pieces.push(mask);
            }
            (pieces, file.trainer.as_ref().map_or(0, |trainer| trainer.unknown))
        }
        Family::XlmRoberta => {
            let first = named(&["<s>", "<pad>", "</s>", "<unk>"]);
            (first.into_iter().chain(own(3)).chain([mask]).collect(), 3)
        }
        Family::Camembert => {
            let mut first = named(&["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED"]);
            // The file's own, which is never to be found.
            first[4].1 = -100.0;
            (first.into_iter().chain(own(1)).chain([mask]).collect(), 3)
        }
    }
}
