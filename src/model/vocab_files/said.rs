//! What the files beside a vocabulary say, by their keys: tokenizer_config.json, the older special_tokens_map.json where
//! it counts, and the class in config.json.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::model::{
    LoadError,
    files::{read_json, read_json_if_there, typed},
};

type Keys = Map<String, Value>;

/// A token and how it is found in a text; what is missing is as in transformers' AddedToken.
#[derive(Clone, Deserialize)]
pub struct Token {
    pub content: String,
    #[serde(default)]
    pub single_word: bool,
    #[serde(default)]
    pub lstrip: bool,
    #[serde(default)]
    pub rstrip: bool,
    pub normalized: Option<bool>,
    #[serde(default)]
    pub special: bool,
}

impl Token {
    /// One that is found in a text before the text is cleaned.
    pub fn verbatim(content: &str, special: bool) -> Token {
        Token { normalized: Some(false), ..Token::plain(content, special) }
    }

    /// One that is found as it stands.
    pub fn plain(content: &str, special: bool) -> Token {
        let content = content.to_owned();
        Token { content, single_word: false, lstrip: false, rstrip: false, normalized: None, special }
    }
}

/// The keys of special tokens with a role.
const ROLES: [&str; 7] =
    ["bos_token", "cls_token", "eos_token", "mask_token", "pad_token", "sep_token", "unk_token"];

/// A special token, bare or with how it is found.
#[derive(Deserialize)]
#[serde(untagged)]
enum Special {
    Text(String),
    Whole(Token),
}

/// Special tokens without a role: a list of them, or such with names.
#[derive(Deserialize)]
#[serde(untagged)]
enum Specials {
    List(Vec<Special>),
    Named(BTreeMap<String, Special>),
}

/// The files, read.
pub struct Said {
    pub settings_file: PathBuf,
    /// tokenizer_config.json.
    pub settings: Keys,
    /// special_tokens_map.json: transformers puts it over the settings, unless they list the added tokens.
    map: Option<(PathBuf, Keys)>,
}

impl Said {
    /// Reads what is there of tokenizer_config.json and special_tokens_map.json.
    ///
    /// # Errors
    /// A file that is no JSON object.
    pub fn read(directory: &Path) -> Result<Self, LoadError> {
        let settings_file = directory.join("tokenizer_config.json");
        let settings: Keys = read_json_if_there(&settings_file)?.unwrap_or_default();
        let map_file = directory.join("special_tokens_map.json");
        let map =
            if settings.contains_key("added_tokens_decoder") { None } else { read_json_if_there(&map_file)? };
        Ok(Said { settings_file, settings, map: map.map(|map| (map_file, map)) })
    }

    /// A key of tokenizer_config.json. Null says nothing.
    ///
    /// # Errors
    /// A value of another type.
    pub fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, LoadError> {
        let value = self.settings.get(key).filter(|value| !value.is_null());
        value.map(|value| typed(&self.settings_file, key, value)).transpose()
    }

    /// The class of the tokenizer, and the file that names it.
    ///
    /// # Errors
    /// A config.json that can't be read.
    pub fn class(&self, directory: &Path) -> Result<Option<(PathBuf, Value)>, LoadError> {
        const KEY: &str = "tokenizer_class";
        let there = |value: &Value| !value.is_null();
        if let Some(class) = self.settings.get(KEY).cloned().filter(there) {
            return Ok(Some((self.settings_file.clone(), class)));
        }
        let config = directory.join("config.json");
        let class = read_json::<Keys>(&config)?.remove(KEY).filter(there);
        Ok(class.map(|class| (config, class)))
    }

    /// The special token with a role, such as `cls_token`, or else its class's own. A bare text is found as that is.
    ///
    /// # Errors
    /// Something else than a token.
    pub fn role(&self, key: &str, own: Token) -> Result<Token, LoadError> {
        for (file, keys) in self.files() {
            if let Some(value) = keys.get(key).filter(|value| !value.is_null()) {
                return typed(file, key, value).map(|token: Special| match token {
                    Special::Text(content) => Token { content, ..own },
                    whole @ Special::Whole(_) => whole.into(),
                });
            }
        }
        Ok(own)
    }

    /// The special tokens without a role, each with the file and the key that have it.
    ///
    /// # Errors
    /// Something else than tokens.
    pub fn more(&self) -> Result<Vec<(Token, &Path, &'static str)>, LoadError> {
        let mut more = Vec::new();
        for (file, keys) in self.files() {
            for key in ["additional_special_tokens", "extra_special_tokens"] {
                let Some(value) = keys.get(key).filter(|value| !value.is_null()) else { continue };
                let tokens = match typed(file, key, value)? {
                    Specials::List(tokens) => tokens,
                    Specials::Named(tokens) => tokens.into_values().collect(),
                };
                more.extend(tokens.into_iter().map(|token| (token.into(), file, key)));
            }
        }
        Ok(more)
    }

    /// The special tokens with a role, each with the file and the key that have it.
    fn roles(&self) -> Result<Vec<(Token, &Path, &'static str)>, LoadError> {
        let mut roles = Vec::new();
        for key in ROLES {
            let has =
                |(file, keys): (_, &'_ Keys)| Some((file, keys.get(key).filter(|v| !v.is_null())?.clone()));
            let Some((file, value)) = self.files().find_map(has) else { continue };
            let token: Token = typed::<Special>(file, key, &value)?.into();
            // One without a text is nowhere to be found.
            if !token.content.is_empty() {
                roles.push((token, file, key));
            }
        }
        Ok(roles)
    }

    /// The texts of all tokens that are added, each with the place that adds it: those with a role are, too, where a
    /// tokenizer.json hasn't them.
    ///
    /// # Errors
    /// Something else than tokens.
    pub fn added(&self, directory: &Path) -> Result<Vec<(String, String)>, LoadError> {
        let decoder: Option<BTreeMap<String, Token>> = self.setting("added_tokens_decoder")?;
        let place = format!("{}: `added_tokens_decoder`", self.settings_file.display());
        let decoded = decoder.unwrap_or_default().into_values().map(|token| (place.clone(), token.content));
        let file = directory.join("added_tokens.json");
        let listed: BTreeMap<String, Value> = read_json_if_there(&file)?.unwrap_or_default();
        let listed = listed.into_keys().map(|content| (file.display().to_string(), content));
        let more = self.more()?.into_iter().chain(self.roles()?);
        let more = more.map(|(token, file, key)| (format!("{}: `{key}`", file.display()), token.content));
        Ok(decoded.chain(listed).chain(more).collect())
    }

    fn files(&self) -> impl Iterator<Item = (&Path, &Keys)> {
        let map = self.map.as_ref().map(|(file, keys)| (file.as_path(), keys));
        map.into_iter().chain([(self.settings_file.as_path(), &self.settings)])
    }
}

impl From<Special> for Token {
    fn from(special: Special) -> Token {
        match special {
            Special::Text(content) => Token::plain(&content, true),
            Special::Whole(token) => Token { special: true, ..token },
        }
    }
}
