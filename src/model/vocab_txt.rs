//! The tokenizer of a directory that has only `vocab.txt`, as BERT's first checkpoints do: told as the
//! tokenizer.json that transformers would make of it, so that there is one way to read a tokenizer.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    LoadError,
    config::{Architecture, ModelConfig},
    read_json,
};

/// What tokenizer_config.json says of it; defaults are those of transformers' BertTokenizer.
#[derive(Deserialize)]
#[serde(default)]
struct Settings {
    do_lower_case: bool,
    do_basic_tokenize: bool,
    strip_accents: Option<bool>,
    tokenize_chinese_chars: bool,
    unk_token: Option<Token>,
    cls_token: Option<Token>,
    sep_token: Option<Token>,
    pad_token: Option<Token>,
    mask_token: Option<Token>,
}

/// A special token, bare or with how it is matched.
#[derive(Deserialize)]
#[serde(untagged)]
enum Token {
    Text(String),
    Added { content: String },
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            do_lower_case: true,
            do_basic_tokenize: true,
            strip_accents: None,
            tokenize_chinese_chars: true,
            unk_token: None,
            cls_token: None,
            sep_token: None,
            pad_token: None,
            mask_token: None,
        }
    }
}

/// Special tokens as an architecture has them where nothing else is said.
struct Specials {
    cls: &'static str,
    sep: &'static str,
    pad: &'static str,
    mask: &'static str,
    /// Whether two separators stand between the texts of a pair, and both texts have one type.
    as_roberta: bool,
}

const BERT: Specials =
    Specials { cls: "[CLS]", sep: "[SEP]", pad: "[PAD]", mask: "[MASK]", as_roberta: false };
const MPNET: Specials = Specials { cls: "<s>", sep: "</s>", pad: "<pad>", mask: "<mask>", as_roberta: true };

/// What tokenizer.json would be.
///
/// # Errors
/// An architecture whose tokenizer is another, a file that can't be read, a special token that is not in it.
pub fn as_tokenizer_json(directory: &Path, config: &ModelConfig) -> Result<Vec<u8>, LoadError> {
    let at = directory.display();
    let specials = match config.architecture {
        Architecture::Bert | Architecture::DistilBert | Architecture::Electra => BERT,
        Architecture::Mpnet => MPNET,
        _ => {
            return Err(LoadError::new(format!(
                "{at}: has no tokenizer.json; make one in Python with `from transformers import AutoTokenizer; \
                 AutoTokenizer.from_pretrained(\"{at}\").save_pretrained(\"{at}\")`"
            )));
        }
    };
    let file = directory.join("vocab.txt");
    let text = std::fs::read_to_string(&file).map_err(|e| {
        LoadError::new(format!("{at}: has no tokenizer.json, and of vocab.txt in its place: {e}"))
    })?;
    let settings_file = directory.join("tokenizer_config.json");
    let settings =
        if settings_file.is_file() { read_json::<Settings>(&settings_file)? } else { Settings::default() };
    if !settings.do_basic_tokenize {
        return Err(LoadError::new(format!(
            "{}: `do_basic_tokenize` is false; Baton has true",
            settings_file.display()
        )));
    }
    let vocabulary: Map<String, Value> =
        text.lines().enumerate().map(|(id, token)| (token.to_owned(), json!(id))).collect();
    let id = |token: &str| {
        let missing = || LoadError::new(format!("{}: has no token `{token}`", file.display()));
        vocabulary.get(token).ok_or_else(missing)
    };
    let named = |token: Option<Token>, default: &str| match token {
        Some(Token::Text(content) | Token::Added { content }) => content,
        None => default.to_owned(),
    };
    let unknown = named(settings.unk_token, "[UNK]");
    let (cls, sep) = (named(settings.cls_token, specials.cls), named(settings.sep_token, specials.sep));
    let (pad, mask) = (named(settings.pad_token, specials.pad), named(settings.mask_token, specials.mask));
    id(&unknown)?;

    let special = |token: &str, kind: u32| json!({"SpecialToken": {"id": token, "type_id": kind}});
    let sequence = |name: &str, kind: u32| json!({"Sequence": {"id": name, "type_id": kind}});
    let single = vec![special(&cls, 0), sequence("A", 0), special(&sep, 0)];
    let mut pair = single.clone();
    if specials.as_roberta {
        pair.extend([special(&sep, 0), sequence("B", 0), special(&sep, 0)]);
    } else {
        pair.extend([sequence("B", 1), special(&sep, 1)]);
    }
    let template = |token: &str| Ok(json!({"id": token, "ids": [id(token)?], "tokens": [token]}));
    let mut added: Vec<(&String, &Value)> =
        [&pad, &unknown, &cls, &sep, &mask].into_iter().filter_map(|t| vocabulary.get_key_value(t)).collect();
    added.sort_by_key(|(_, id)| id.as_u64());
    added.dedup();
    let added: Vec<Value> = added
        .into_iter()
        .map(|(token, id)| {
            json!({"id": id, "content": token, "single_word": false, "lstrip": false, "rstrip": false,
                   "normalized": false, "special": true})
        })
        .collect();
    let tokenizer = json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": true,
            "handle_chinese_chars": settings.tokenize_chinese_chars,
            "strip_accents": settings.strip_accents,
            "lowercase": settings.do_lower_case,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": single,
            "pair": pair,
            "special_tokens": {cls.as_str(): template(&cls)?, sep.as_str(): template(&sep)?},
        },
        "decoder": null,
        "model": {
            "type": "WordPiece",
            "unk_token": unknown,
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": vocabulary,
        },
    });
    serde_json::to_vec(&tokenizer).map_err(|e| LoadError::new(format!("{}: {e}", file.display())))
}
