//! The special tokens of a tokenizer by what they are for.

use super::{
    class::Specials,
    said::{Said, Token},
};
use crate::model::LoadError;

/// The special tokens that have a role.
pub struct Roles {
    pub cls: Token,
    pub sep: Token,
    pub unknown: Token,
    /// No input is made with these, but a text may have them.
    others: [Token; 4],
}

impl Roles {
    /// As the files name them, or else as the class has them.
    ///
    /// # Errors
    /// Something else than a token.
    pub fn read(said: &Said, specials: Specials) -> Result<Self, LoadError> {
        let role = |key: &str, default: &str| said.role(key, Token::plain(default, true));
        let (cls, sep) = (role("cls_token", specials.cls)?, role("sep_token", specials.sep)?);
        // It takes the space before it along, as the words of such a tokenizer do.
        let mask = Token { lstrip: specials.takes_spaces(), ..Token::plain(specials.mask, true) };
        let mask = said.role("mask_token", mask)?;
        let unknown = Token { normalized: specials.cleans_unknown(), ..Token::plain(specials.unknown, true) };
        let others = [
            role("pad_token", specials.pad)?,
            mask,
            role("bos_token", &cls.content)?,
            role("eos_token", &sep.content)?,
        ];
        Ok(Roles { unknown: said.role("unk_token", unknown)?, cls, sep, others })
    }

    /// What stands for a word that is to be guessed.
    pub fn mask(&self) -> &Token {
        &self.others[1]
    }

    /// All of them.
    pub fn all(&self) -> Vec<&Token> {
        let [pad, mask, begin, end] = &self.others;
        vec![pad, &self.unknown, &self.cls, &self.sep, mask, begin, end]
    }
}
