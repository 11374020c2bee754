//! The signs that end sentences, what closes with them, and white space.

use super::abbreviations::Rules;
use super::{notes, pictographs};

/// The signs at one place that may end a sentence, with all that belongs to them: repetitions,
/// the quotes and brackets that close there, a smile and the number of a note.
#[derive(Default)]
pub(super) struct Signs {
    /// Where the first of them is.
    pub(super) start: usize,
    /// The first byte after all of it.
    pub(super) end: usize,
    /// How many dots: one is a full stop, more are an ellipsis.
    pub(super) dots: usize,
    /// A `!` or `?` is among them.
    pub(super) strong: bool,
    /// One of them needs no space after it, as in Chinese.
    pub(super) full: bool,
    /// There are spaces between the dots.
    pub(super) spaced: bool,
    /// A quotation was closed.
    pub(super) quoted: bool,
    /// They are an omission: `[…]`.
    pub(super) omission: bool,
}

impl Signs {
    /// Reads on from `start`, where `first` is.
    pub(super) fn read(text: &str, start: usize, first: Terminator, rules: &Rules) -> Self {
        let mut signs = Self { start, end: start, ..Self::default() };
        signs.add(first);
        signs.repeat(text);
        signs.close(text, rules);
        signs.end += pictographs::at_start(&text[signs.end..]).unwrap_or_default();
        signs.end += notes::raised(&text[signs.end..]);
        signs.end += notes::references(&text.as_bytes()[signs.end..]);
        if signs.dots == 1 {
            signs.end += notes::number(text, start, signs.end, rules);
        }
        signs.omission = signs.dots > 1
            && text[..start].ends_with(['[', '('])
            && text[start..signs.end].contains([']', ')']);
        signs
    }

    fn add(&mut self, Terminator { sign, len }: Terminator) {
        match sign {
            Sign::Dot => self.dots += 1,
            Sign::Ellipsis => self.dots += 3,
            Sign::Strong => self.strong = true,
            Sign::Full => self.full = true,
        }
        self.end += len;
    }

    fn repeat(&mut self, text: &str) {
        loop {
            let here = &text[self.end..];
            if let Some(found) = Terminator::first(here) {
                self.add(found);
            } else if let Some(len) = spaced_dot(here) {
                self.add(Terminator { sign: Sign::Dot, len });
                self.spaced = true;
            } else {
                return;
            }
        }
    }

    /// Takes in the quotes and brackets that close here, and signs after them.
    fn close(&mut self, text: &str, rules: &Rules) {
        while let Some(c) = text[self.end..].chars().next() {
            let after = self.end + c.len_utf8();
            match c {
                '"' | '\'' | '`' | '”' | '’' | '»' | '›' | '」' | '』' | '〉' | '》' => {
                    self.quoted = true
                }
                ')' | ']' | '}' | '）' | '】' | '〕' | '*' | '_' => {}
                // in German they close; elsewhere they open what follows
                '“' | '«' | '‘' | '‹' if is_free(&text[after..]) => self.quoted = true,
                ' ' | '\u{A0}' | '\u{202F}' if self.closes_after_space(&text[after..], rules) => {}
                _ => match Terminator::first(&text[self.end..]) {
                    Some(found) => {
                        self.add(found);
                        continue;
                    }
                    None => return,
                },
            }
            self.end = after;
        }
    }

    /// `« Oui ! »`, and the outer of two quotes that close: `‘Never.’ ”`
    fn closes_after_space(&self, text: &str, rules: &Rules) -> bool {
        (rules.spaced_guillemets && text.starts_with('»')) || (self.quoted && text.starts_with('”'))
    }

    /// If an ellipsis follows a full stop, with spaces, it stands for words left out before the
    /// next sentence: gives the end of that full stop.
    pub(super) fn full_stop_before_ellipsis(&self, text: &str) -> Option<usize> {
        let after = self.start + 1;
        let attached = text[..self.start].ends_with(|c: char| !c.is_ascii_whitespace());
        let plain = self.spaced && !self.strong && self.dots == 4;
        (plain && attached && text.as_bytes().get(after) == Some(&b' ')).then_some(after)
    }
}

/// A sign that may end a sentence, and how long it is in bytes.
#[derive(Clone, Copy)]
pub(super) struct Terminator {
    sign: Sign,
    len: usize,
}

#[derive(Clone, Copy)]
enum Sign {
    Dot,
    Ellipsis,
    Strong,
    Full,
}

impl Terminator {
    /// The sign that is at `at`, given what is before it.
    pub(super) fn at(text: &str, at: usize) -> Option<Self> {
        let (before, here) = text.split_at(at);
        let is_sign = match here.as_bytes().first()? {
            b';' => before.ends_with(|c| matches!(c, '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}')),
            b':' => before.ends_with(|c| matches!(c, '\u{531}'..='\u{588}')),
            _ => return Self::first(here),
        };
        // the question mark of Greek and the full stop of Armenian, as they are typed
        is_sign.then_some(Self { sign: Sign::Strong, len: 1 })
    }

    /// The sign that `text` begins with.
    fn first(text: &str) -> Option<Self> {
        let c = text.chars().next()?;
        let sign = match c {
            '.' => Sign::Dot,
            '…' => Sign::Ellipsis,
            '!' | '?' | '‼' | '⁇' | '⁈' | '⁉' => Sign::Strong,
            '\u{61F}' | '\u{6D4}' => Sign::Strong, // of Arabic and Urdu
            '।' | '॥' => Sign::Strong,
            '\u{37E}' | '։' => Sign::Strong, // of Greek, which looks like a semicolon, and of Armenian
            '。' | '！' | '？' | '｡' => Sign::Full,
            '።' | '፧' | '፨' | '၊' | '။' | '។' | '៕' => Sign::Full, // of Ethiopic, Burmese and Khmer
            _ => return None,
        };
        Some(Self { sign, len: c.len_utf8() })
    }
}

/// The length of a space and a further dot, if no word or number begins with that dot.
fn spaced_dot(text: &str) -> Option<usize> {
    let after = text.strip_prefix([' ', '\u{A0}'])?.strip_prefix('.')?;
    let is_free = !after.starts_with(|c: char| c.is_ascii_alphanumeric());
    is_free.then_some(text.len() - after.len())
}

/// No word begins here.
fn is_free(text: &str) -> bool {
    text.chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, ',' | ';' | ')' | '.'))
}

/// White space from a place on.
pub(super) struct Space {
    pub(super) end: usize,
    /// Line ends in it; a paragraph separator counts as two.
    pub(super) lines: usize,
}

pub(super) fn skip_space(text: &str, from: usize) -> Space {
    let mut space = Space { end: from, lines: 0 };
    let mut previous = ' ';
    for c in text[from..].chars().take_while(|c| c.is_whitespace()) {
        space.lines += match c {
            '\n' if previous == '\r' => 0,
            '\u{2029}' | '\u{0C}' => 2,
            c if is_line_end(c) => 1,
            _ => 0,
        };
        space.end += c.len_utf8();
        previous = c;
    }
    space
}

pub(super) fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Bytes at which a sentence could end, or with which such a sign begins.
pub(super) const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let bytes = b".!?);:\n\r\x0B\x0C\xC2\xCD\xD6\xD8\xDB\xE0\xE1\xE2\xE3\xEF";
    let mut i = 0;
    while i < bytes.len() {
        stops[bytes[i] as usize] = true;
        i += 1;
    }
    stops
};
