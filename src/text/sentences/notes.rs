//! Numbers of notes after a full stop. They belong to the sentence that they are a note of.

use super::abbreviations::Rules;
use super::before::Before;
use super::next::{Next, Start};

/// The length of raised numbers and daggers that stand right after a full stop: `He lied.¹ The judge`.
pub(super) fn raised(text: &str) -> usize {
    const MOST: usize = 3;
    let is_raised = |c: &char| matches!(c, '¹' | '²' | '³' | '\u{2070}'..='\u{2079}' | '†' | '‡');
    text.chars().take(MOST).take_while(is_raised).map(char::len_utf8).sum()
}

/// The length of `[1][23]`, as encyclopedias have it after a full stop, or of `[a]`.
pub(super) fn references(bytes: &[u8]) -> usize {
    let mut len = 0;
    while bytes.get(len) == Some(&b'[') {
        let is_letter = bytes.get(len + 1).is_some_and(u8::is_ascii_lowercase);
        let name = if is_letter { 1 } else { digits(&bytes[len + 1..], 4) };
        if name == 0 || bytes.get(len + 1 + name) != Some(&b']') {
            break;
        }
        len += name + 2;
    }
    len
}

/// The length of the number of a note that was raised before the text was made plain, `He lied.2 The judge` or
/// `He lied.(2) The judge`, which is in `text` at `end`, with the full stop at `stop`.
pub(super) fn number(text: &str, stop: usize, end: usize, rules: &Rules) -> usize {
    const SHORTEST: usize = 4; // `p.2 The` and `Vol.2 The` are no notes
    let here = &text.as_bytes()[end..];
    let open = usize::from(here.starts_with(b"("));
    let name = digits(&here[open..], 2);
    let len = name + 2 * open;
    let is_number = name > 0 && here[open] != b'0' && (open == 0 || here.get(open + name) == Some(&b')'));
    if !is_number || !text[end + len..].starts_with(char::is_whitespace) {
        return 0;
    }
    let next = Next::read(text[end + len..].trim_start_matches([' ', '\u{A0}', '\r', '\n']));
    let word = Before::read(&text[..stop]).word;
    let lead = text[..stop - word.len()].trim_end_matches([' ', '\n']);
    let is_word = word.chars().count() >= SHORTEST
        && word.chars().all(char::is_alphabetic)
        && word.ends_with(char::is_lowercase);
    // `Step.1 Open it` begins so
    let is_begun = lead.ends_with(|c: char| c.is_alphanumeric() || c == ',');
    let is_note =
        next.start == Start::Upper && is_word && is_begun && rules.abbreviation(word, &next).is_none();
    if is_note { len } else { 0 }
}

fn digits(bytes: &[u8], most: usize) -> usize {
    bytes.iter().take(most).take_while(|b| b.is_ascii_digit()).count()
}
