//! Puts mentions into the sentences of their text.

use std::ops::Range;

/// A mention in its sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its entity, as an index that the caller knows.
    pub entity: usize,
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// The index of the sentence in which it begins; `None` if it covers only white space.
    pub sentence: Option<usize>,
    /// It goes on beyond the end of that sentence.
    pub crosses: bool,
}

/// Puts mentions, each with its entity, into the sentences in which they begin.
///
/// Sentences are in order and don't overlap, as [`sentences`](crate::text::sentences()) gives
/// them. The answer is sorted by where mentions begin, longer ones first, then by entity; the
/// same place counts once for an entity. Nested and overlapping mentions all stay.
pub fn place(sentences: &[Range<usize>], mentions: &[(usize, Range<usize>)]) -> Vec<Placed> {
    let mut sorted: Vec<_> = mentions.iter().collect();
    sorted.sort_by_key(|(entity, range)| (range.start, std::cmp::Reverse(range.end), *entity));
    sorted.dedup();
    sorted
        .into_iter()
        .map(|(entity, range)| {
            let at = sentences.partition_point(|s| s.end <= range.start);
            let sentence = sentences.get(at).filter(|s| s.start < range.end);
            Placed {
                entity: *entity,
                range: range.clone(),
                sentence: sentence.map(|_| at),
                crosses: sentence.is_some_and(|s| s.end < range.end),
            }
        })
        .collect()
}
