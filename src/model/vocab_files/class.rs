//! Which tokenizer a vocabulary was made for. Another's is read as well, and every input would be wrong without a word:
//! so only those that cut texts as these do are taken.

use std::path::Path;

use serde_json::Value;

use super::{said::Said, sentence_pieces::Family};
use crate::model::{LoadError, config::Architecture};

/// How a tokenizer cuts words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Into the longest pieces of vocab.txt.
    WordPieces,
    /// As merges.txt puts bytes together.
    BytePairs,
    /// As the scores of sentencepiece's file have it.
    SentencePieces(Family),
}

/// Special tokens as a tokenizer has them where nothing else is said.
#[derive(Clone, Copy)]
pub struct Specials {
    pub cut: Cut,
    pub cls: &'static str,
    pub sep: &'static str,
    pub pad: &'static str,
    pub mask: &'static str,
    pub unknown: &'static str,
    /// Whether two separators stand between the texts of a pair, and both texts have one type.
    pub as_roberta: bool,
}

impl Specials {
    /// Whether what stands for the unknown is found in a text that was cleaned, if nothing else is said.
    pub fn cleans_unknown(&self) -> Option<bool> {
        (self.cut == Cut::SentencePieces(Family::Deberta)).then_some(true)
    }

    /// Whether the mask takes the space before it along, as the words of RoBERTa and its kin do.
    pub fn takes_spaces(&self) -> bool {
        !matches!(self.cut, Cut::WordPieces | Cut::SentencePieces(Family::Deberta))
    }
}

const BERT: Specials = Specials {
    cut: Cut::WordPieces,
    cls: "[CLS]",
    sep: "[SEP]",
    pad: "[PAD]",
    mask: "[MASK]",
    unknown: "[UNK]",
    as_roberta: false,
};
const MPNET: Specials =
    Specials { cls: "<s>", sep: "</s>", pad: "<pad>", mask: "<mask>", as_roberta: true, ..BERT };
const ROBERTA: Specials = Specials { cut: Cut::BytePairs, unknown: "<unk>", ..MPNET };
const DEBERTA: Specials = Specials { cut: Cut::SentencePieces(Family::Deberta), ..BERT };
const XLM_ROBERTA: Specials = Specials { cut: Cut::SentencePieces(Family::XlmRoberta), ..ROBERTA };
const CAMEMBERT: Specials = Specials { cut: Cut::SentencePieces(Family::Camembert), ..ROBERTA };

/// What cuts a text before BertJapaneseTokenizer looks it up. Null and true are no other tokenizer's either way.
const JAPANESE: [&str; 7] = [
    "word_tokenizer_type",
    "subword_tokenizer_type",
    "do_word_tokenize",
    "do_subword_tokenize",
    "mecab_kwargs",
    "sudachi_kwargs",
    "jumanpp_kwargs",
];

/// The special tokens of the class that the files name, or else of the architecture's own tokenizer.
///
/// # Errors
/// A class or an architecture that Baton makes no tokenizer of, or the settings of one.
pub fn of(directory: &Path, architecture: Architecture, said: &Said) -> Result<Specials, LoadError> {
    for key in JAPANESE {
        match said.settings.get(key) {
            None | Some(Value::Null | Value::Bool(true)) => {}
            Some(value) => {
                let what = format!(
                    "`{key}` is {value}, which is for BertJapaneseTokenizer; Baton has no such tokenizer: take a model \
                     with a tokenizer.json, or whose vocab.txt is plain BERT's"
                );
                return Err(LoadError::at(&said.settings_file, what));
            }
        }
    }
    let own = of_architecture(directory, architecture)?;
    let Some((file, class)) = said.class(directory)? else { return Ok(own) };
    let name = class.as_str().unwrap_or_default();
    match name.strip_suffix("Fast").unwrap_or(name) {
        "BertTokenizer" | "DistilBertTokenizer" | "ElectraTokenizer" => Ok(BERT),
        "MPNetTokenizer" => Ok(MPNET),
        "RobertaTokenizer" => Ok(ROBERTA),
        "DebertaV2Tokenizer" => Ok(DEBERTA),
        "XLMRobertaTokenizer" => Ok(XLM_ROBERTA),
        "CamembertTokenizer" => Ok(CAMEMBERT),
        _ => Err(LoadError::at(
            &file,
            format!(
                "`tokenizer_class` is {class}; of a vocab.txt Baton makes BertTokenizer, DistilBertTokenizer, \
             ElectraTokenizer and MPNetTokenizer, of a vocab.json RobertaTokenizer, of sentencepiece's file \
             DebertaV2Tokenizer, XLMRobertaTokenizer and CamembertTokenizer; if that class has a fast form, make a \
             tokenizer.json {}; if it has none, Baton has no such tokenizer",
                in_python(directory)
            ),
        )),
    }
}

/// Tokenizers that transformers has in Python alone, and reads without the tokenizer.json that may lie there.
const IN_PYTHON: [&str; 3] = ["BertJapaneseTokenizer", "BertweetTokenizer", "PhobertTokenizer"];

/// Refuses a tokenizer.json that isn't what the class beside it reads.
///
/// # Errors
/// The class, and where it stands.
pub fn refuse_in_python(directory: &Path, said: &Said) -> Result<(), LoadError> {
    match said.class(directory)? {
        Some((file, class)) if class.as_str().is_some_and(|name| IN_PYTHON.contains(&name)) => {
            let what = format!(
                "`tokenizer_class` is {class}, which transformers has in Python alone and reads without tokenizer.json; \
                 Baton has no such tokenizer: take another model, or, if this one was trained with tokenizer.json, \
                 delete the key"
            );
            Err(LoadError::at(&file, what))
        }
        _ => Ok(()),
    }
}

fn of_architecture(directory: &Path, architecture: Architecture) -> Result<Specials, LoadError> {
    match architecture {
        Architecture::Bert | Architecture::DistilBert | Architecture::Electra => Ok(BERT),
        Architecture::Mpnet => Ok(MPNET),
        Architecture::Roberta => Ok(ROBERTA),
        Architecture::DebertaV2 => Ok(DEBERTA),
        Architecture::XlmRoberta => Ok(XLM_ROBERTA),
        Architecture::Camembert => Ok(CAMEMBERT),
        _ => Err(LoadError::at(
            directory,
            format!(
                "has no tokenizer.json; make one {}; if none comes of it, the tokenizer's class has no fast form, and \
             Baton no such tokenizer",
                in_python(directory)
            ),
        )),
    }
}

fn in_python(directory: &Path) -> String {
    let at = directory.display();
    format!(
        "in Python with `from transformers import AutoTokenizer; \
         AutoTokenizer.from_pretrained(\"{at}\").save_pretrained(\"{at}\")`"
    )
}
