//! Looks from a place in a text, back and ahead. Each is bounded, so that no input makes it long.

/// What parts two words: a space, or the end of the line that they were wrapped at.
pub(super) const SPACES: [char; 3] = [' ', '\u{A0}', '\n'];

/// The end of a text as far back as its characters fit, of which it has `reach` at most.
pub(super) fn tail(text: &str, reach: usize, fits: impl Fn(char) -> bool) -> &str {
    let first = text.char_indices().rev().take(reach).take_while(|&(_, c)| fits(c)).last();
    &text[first.map_or(text.len(), |(start, _)| start)..]
}

/// The beginning of a text as far as its characters fit, of which it has `reach` at most.
pub(super) fn head(text: &str, reach: usize, fits: impl Fn(char) -> bool) -> &str {
    let last = text.char_indices().take(reach).take_while(|&(_, c)| fits(c)).last();
    &text[..last.map_or(0, |(start, c)| start + c.len_utf8())]
}
