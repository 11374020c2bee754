//! Tokens that were added to a vocabulary, with their ids: they are found in a text before it is cut, and without them
//! it would be cut into other tokens than the model was trained on.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use serde_json::{Map, Value, json};

use super::said::{Said, Token};
use crate::model::{LoadError, files::read_json_if_there};

/// The added tokens by their ids, and those of the vocabulary that are special.
pub struct Added<'a> {
    vocabulary: &'a Map<String, Value>,
    tokens: BTreeMap<u64, Token>,
    /// Ids of tokens that aren't in the vocabulary.
    new: HashMap<String, u64>,
}

impl<'a> Added<'a> {
    /// Reads them from `added_tokens_decoder` or else added_tokens.json, and finds the special tokens among them or
    /// in the vocabulary: those with a role, as far as they have an id, and all that are listed besides.
    ///
    /// # Errors
    /// An id that a token can't have, or none for one that is listed.
    pub fn read(
        directory: &Path,
        vocabulary: &'a Map<String, Value>,
        said: &Said,
        roles: &[&Token],
    ) -> Result<Self, LoadError> {
        let mut added = Added { vocabulary, tokens: BTreeMap::new(), new: HashMap::new() };
        let more = said.more()?;
        let decoder: Option<BTreeMap<u64, Token>> = said.setting("added_tokens_decoder")?;
        let has_decoder = decoder.is_some();
        for (id, token) in decoder.unwrap_or_default() {
            added.add(id, token, &format!("{}: `added_tokens_decoder`", said.settings_file.display()))?;
        }
        let file = directory.join("added_tokens.json");
        let by_token: BTreeMap<String, u64> = read_json_if_there(&file)?.unwrap_or_default();
        let mut by_id: Vec<_> = by_token.into_iter().map(|(content, id)| (id, content)).collect();
        by_id.sort();
        for (id, content) in by_id {
            // transformers reads one of the two. Where they agree it doesn't matter which.
            if has_decoder && added.tokens.get(&id).is_none_or(|token| token.content != content) {
                let what = format!(
                    "gives the token `{content}` the id {id}, and `added_tokens_decoder` in tokenizer_config.json \
                     doesn't; make the two agree, or delete the one that is wrong"
                );
                return Err(LoadError::at(&file, what));
            }
            if !has_decoder {
                let mut specials = roles.iter().copied().chain(more.iter().map(|(token, ..)| token));
                let special = specials.any(|token| token.content == content);
                added.add(id, Token::plain(&content, special), &file.display().to_string())?;
            }
        }
        for token in roles {
            if let Some(id) = added.id(&token.content) {
                added.tokens.entry(id).or_insert_with(|| (*token).clone());
            }
        }
        for (token, file, key) in more {
            let id = added.id(&token.content).ok_or_else(|| {
                let what = format!(
                    "`{key}` has `{}`, which has no id; give it the one that the model was trained with in \
                     added_tokens.json",
                    token.content
                );
                LoadError::at(file, what)
            })?;
            added.tokens.entry(id).or_insert(token);
        }
        Ok(added)
    }

    /// The id of a token, added or not.
    pub fn id(&self, content: &str) -> Option<u64> {
        self.vocabulary.get(content).and_then(Value::as_u64).or_else(|| self.new.get(content).copied())
    }

    /// As tokenizer.json has them.
    pub fn as_json(&self) -> Vec<Value> {
        let json = |(id, token): (&u64, &Token)| {
            json!({"id": id, "content": token.content, "single_word": token.single_word,
                   "lstrip": token.lstrip, "rstrip": token.rstrip,
                   "normalized": token.normalized.unwrap_or(!token.special), "special": token.special})
        };
        self.tokens.iter().map(json).collect()
    }

    /// Takes one token; new ones come in the order of their ids.
    fn add(&mut self, id: u64, token: Token, place: &str) -> Result<(), LoadError> {
        let fail = |why: String| {
            let gives = format!("{place} gives the token `{}` the id {id}", token.content);
            Err(LoadError::new(format!(
                "{gives}, {why}; correct it to the one that the model was trained with"
            )))
        };
        match self.id(&token.content) {
            Some(other) if other != id => return fail(format!("and it has the id {other} already")),
            Some(_) => {}
            // The tokenizers library counts on from the vocabulary, whatever id it is told.
            None => {
                let next = (self.vocabulary.len() + self.new.len()) as u64;
                if id != next {
                    return fail(format!("and the next one after those before it is {next}"));
                }
                self.new.insert(token.content.clone(), id);
            }
        }
        self.tokens.insert(id, token);
        Ok(())
    }
}
