//! What a tagger says of one place in a text.

use std::ops::Range;

/// A mention as a tagger gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged<'a> {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// Its type, such as `PER`, without a `B-` or `I-` before it.
    pub kind: &'a str,
    /// How sure the tagger is, from 0 to 1.
    pub confidence: f32,
}
