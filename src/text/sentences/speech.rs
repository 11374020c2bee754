//! Who said what was quoted: `“Why?” Harrow asked.`

use super::abbreviations::{Rules, is_in};
use super::words::Next;

impl Rules {
    /// Whether it is next told who spoke: up to three names and a verb that ends the sentence.
    pub(super) fn attributes(&self, next: &Next<'_>) -> bool {
        const NAMES: usize = 3;
        // `Mr.` begins sentences, and names just as well
        let begins = self.starts(next) && !is_in(self.titles, next.word);
        if self.speech.is_empty() || begins {
            return false;
        }
        next.rest
            .split_whitespace()
            .take(NAMES + 1)
            .find(|word| !word.starts_with(char::is_uppercase))
            .and_then(|word| word.strip_suffix(['.', ',', ':']))
            .is_some_and(|verb| is_in(self.speech, verb))
    }
}
