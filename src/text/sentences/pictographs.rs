//! Emoji, arrows and the like: bullets where a line begins with them, and no part of the words they are written after.

/// How many characters are looked at: a family of four with their skins has eleven.
const LONGEST: usize = 12;
const VARIANT: char = '\u{FE0F}';
const KEYCAP: char = '\u{20E3}';

/// The length of those that `text` begins with: `📈`, `🚨🚨`, `→`, `1️⃣`.
pub(super) fn at_start(text: &str) -> Option<usize> {
    let digit = text.starts_with(|c: char| c.is_ascii_digit());
    let after = text.get(1..).filter(|_| digit);
    if let Some(rest) = after.and_then(|after| after.trim_start_matches(VARIANT).strip_prefix(KEYCAP)) {
        return Some(text.len() - rest.len());
    }
    text.starts_with(is_pictograph).then(|| {
        let parts = text.chars().take(LONGEST).take_while(|&c| is_pictograph(c) || is_joining(c));
        parts.map(char::len_utf8).sum()
    })
}

/// Arrows, geometric and other symbols, dingbats, flags and emoji.
fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21FF}' | '\u{23E9}'..='\u{23FF}' | '\u{25A0}'..='\u{27BF}')
        || matches!(c, '\u{2B00}'..='\u{2BFF}' | '\u{1F1E6}'..='\u{1F1FF}' | '\u{1F300}'..='\u{1FAFF}')
}

/// What makes one of several.
fn is_joining(c: char) -> bool {
    matches!(c, VARIANT | '\u{200D}')
}
