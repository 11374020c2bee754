//! Characters that are written in several ways, or not to be seen: a name is the same with any of them. Offsets are always
//! those of the text as it is.

use std::borrow::Cow;

/// What joins the parts of a name: with a break of the line allowed behind it, or not.
pub(crate) const HYPHENS: [char; 3] = ['-', '\u{2010}', '\u{2011}'];

/// What is in a text and isn't seen: where a word may be broken, or which way it is written.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
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
