//! Finds every place where a pattern stands as a word.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::edges;
use super::find::{FindError, Via};
use super::patterns::Pattern;

/// A match that is a whole word, before it is decided what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) range: Range<usize>,
    pub(super) entity: usize,
    pub(super) via: Via,
}

/// More places, for each entity that they could be, are no document of anybody's: each takes memory, and a few
/// kilobytes could say of thousands of entities that they stand in thousands of places.
const MOST_CANDIDATES: usize = 250_000;

/// Comparisons of a pattern with a place, and bytes of words that were alike there. All of them take a second or two.
const MOST_STEPS: usize = 50_000_000;

/// Bytes of all first words: the automaton takes a hundred times as much.
const MOST_BYTES: usize = 2 << 20;

/// Patterns, ready to be searched for.
///
/// The automaton has only the first word of each; the others are compared where that is found,
/// so that any white space may be between them and the automaton is small.
pub(super) struct Searcher {
    automaton: AhoCorasick,
    /// In the order of their first words.
    patterns: Vec<Pattern>,
    /// For each first word of the automaton, its patterns.
    by_first: Vec<Range<usize>>,
}

impl Searcher {
    pub(super) fn new(mut patterns: Vec<Pattern>) -> Result<Self, FindError> {
        patterns.sort_unstable_by(|a, b| a.first_word().cmp(b.first_word()));
        let mut first_words = Vec::new();
        let mut by_first = Vec::new();
        let mut start = 0;
        for same in patterns.chunk_by(|a, b| a.first_word() == b.first_word()) {
            first_words.push(same[0].first_word());
            by_first.push(start..start + same.len());
            start += same.len();
        }
        let bytes: usize = first_words.iter().map(|word| word.len()).sum();
        if bytes > MOST_BYTES {
            return Err(FindError::new(format!(
                "their first words have {bytes} bytes, of {MOST_BYTES} at most"
            )));
        }
        // names are searched in one document only: building a DFA takes longer than it saves
        // (5 entities, documents of 5 KB: 14 MB/s against 59)
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(first_words)
            .map_err(|error| FindError::new(error.to_string()))?;
        Ok(Self { automaton, patterns, by_first })
    }

    /// All matches that are whole words. Edges are asked for first, and what is longest is chosen
    /// later: `Trump Jr` must not win over `Trump` in `Trump Jrs`.
    ///
    /// # Errors
    /// [`FindError`] if there are more than can be held, or that could be looked at in time.
    pub(super) fn search(&self, text: &str) -> Result<Vec<Candidate>, FindError> {
        let (mut found, mut steps) = (Vec::new(), 0);
        for first in self.automaton.find_overlapping_iter(text) {
            let patterns = self.by_first[first.pattern().as_usize()].clone();
            let begins = edges::begins(text, first.start(), first.end());
            steps += if begins { 1 + patterns.len() } else { 1 };
            if steps > MOST_STEPS || found.len() > MOST_CANDIDATES {
                return Err(FindError::new("they could stand in too many places of the text"));
            }
            if !begins {
                continue;
            }
            for pattern in &self.patterns[patterns] {
                if let Some(end) = rest_at(text, first.end(), pattern.rest(), &mut steps)
                    && edges::ends(text, first.start(), end)
                {
                    found.push(Candidate {
                        range: first.start()..end,
                        entity: pattern.entity,
                        via: pattern.via,
                    });
                }
            }
        }
        Ok(found)
    }
}

/// Where `rest` ends if it stands at `at`, with any white space for its spaces.
fn rest_at(text: &str, at: usize, rest: &str, steps: &mut usize) -> Option<usize> {
    let mut here = &text[at..];
    for word in rest.split(' ').filter(|word| !word.is_empty()) {
        *steps += 1 + word.len();
        here = after_space(here)?.strip_prefix(word)?;
    }
    Some(text.len() - here.len())
}

/// The text after its white space, of which there is some, but no blank line and no gap.
fn after_space(text: &str) -> Option<&str> {
    const WIDEST: usize = 16; // an indented line; what is wider is the gap between two columns
    // No further than that: many patterns may ask at one place.
    let (at, _) = text.char_indices().take(WIDEST + 1).find(|(_, c)| !c.is_whitespace())?;
    let (space, word) = text.split_at(at);
    let is_one = (1..=WIDEST).contains(&space.len()) && space.matches('\n').count() <= 1;
    is_one.then_some(word)
}
