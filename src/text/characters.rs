//! Characters that are written in several ways, or not to be seen: a name is the same with any of them. Offsets are always
//! those of the text as it is.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;

/// What joins the parts of a name: with a break of the line allowed behind it, or not.
pub(crate) const HYPHENS: [char; 3] = ['-', '\u{2010}', '\u{2011}'];

/// What is in a text and isn't seen: where a word may be broken, or which way it is written.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

/// A letter or a digit, or a mark that is written apart from its letter.
pub(crate) fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || (!c.is_ascii() && is_combining_mark(c))
}

/// Letters of scripts that put no space between words.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(
        c,
        '\u{0E00}'..='\u{0EFF}'
            | '\u{1000}'..='\u{109F}'
            | '\u{1780}'..='\u{17FF}'
            | '\u{3040}'..='\u{30FF}'
            | '\u{3400}'..='\u{9FFF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{20000}'..='\u{3FFFF}'
    )
}

/// A syllable of Korean, which puts particles behind a word without a space.
pub(crate) fn is_hangul(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}')
}

/// References of HTML that stand in names, or beside them, where a text wasn't decoded.
const REFERENCES: &[(&str, char)] = &[
    ("&amp;", '&'),
    ("&nbsp;", '\u{A0}'),
    ("&apos;", '\''),
    ("&#39;", '\''),
    ("&lsquo;", '‘'),
    ("&rsquo;", '’'),
    ("&#8217;", '’'),
    ("&lt;", '<'),
    ("&gt;", '>'),
    ("&quot;", '"'),
    ("&ldquo;", '“'),
    ("&rdquo;", '”'),
    ("&ndash;", '–'),
    ("&mdash;", '—'),
    ("&hellip;", '…'),
];

/// The first character of a text, and the bytes that it takes: of a reference all.
pub(crate) fn first_char(text: &str) -> Option<(char, usize)> {
    let first = text.chars().next()?;
    let is_here = |(reference, _): &&(&str, char)| text.starts_with(reference);
    let reference = if first == '&' { REFERENCES.iter().find(is_here) } else { None };
    Some(reference.map_or((first, first.len_utf8()), |(reference, c)| (*c, reference.len())))
}

/// A text with the characters that it refers to.
pub(crate) fn without_references(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut rest = text;
    let next = || {
        let (c, length) = first_char(rest)?;
        rest = &rest[length..];
        Some(c)
    };
    Cow::Owned(std::iter::from_fn(next).collect())
}
