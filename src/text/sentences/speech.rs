//! Who said what was quoted: `“Why?” Harrow asked.`

use super::abbreviations::{Rules, is_in};
use super::next::Next;
use crate::text::words;

/// What may follow on a verb of speech, and tells no more of what was said.
const AS_IT_WAS_SAID: &[&str] =
    words! { "after" "as" "at" "before" "by" "during" "from" "in" "on" "while" "with" };

impl Rules {
    /// Whether it is next told who spoke: up to three names and a verb that ends the sentence, or when, where and how
    /// it was said.
    pub(super) fn attributes(&self, next: &Next<'_>) -> bool {
        const NAMES: usize = 3;
        // `Mr.` begins sentences, and names just as well
        let begins = self.starts(next) && !is_in(self.titles, next.word);
        if self.speech.is_empty() || begins {
            return false;
        }
        let mut words = next.rest.split_whitespace().take(NAMES + 2);
        let Some(verb) = words.by_ref().take(NAMES + 1).find(|word| !word.starts_with(char::is_uppercase))
        else {
            return false;
        };
        match verb.strip_suffix(['.', ',', ':']) {
            Some(verb) => is_in(self.speech, verb),
            // whom Pell told what was said, which is told of no question else
            None if verb == "told" => true,
            None => {
                is_in(self.speech, verb) && words.next().is_some_and(|word| AS_IT_WAS_SAID.contains(&word))
            }
        }
    }
}
