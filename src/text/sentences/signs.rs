//! The signs that end sentences, what closes with them, and white space.

use super::abbreviations::Rules;
use super::{notes, pictographs};

/// The signs at one place that may end a sentence, with all that belongs to them: repetitions,
/// the quotes and brackets that close there, a smile and the number of a note.
pub(super) struct End {
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

impl End {
    /// Reads on from `at`, where `first` is.
    pub(super) fn read(text: &str, at: usize, first: Terminator, rules: &Rules) -> Self {
        let mut end = Self {
            end: at,
            dots: 0,
            strong: false,
            full: false,
            spaced: false,
            quoted: false,
            omission: false,
        };
        end.add(first);
        end.repeat(text.as_bytes());
        end.close(text, rules);
        end.end += pictographs::at_start(&text[end.end..]).unwrap_or_default();
        end.end += notes::raised(&text[end.end..]);
        end.end += notes::references(&text.as_bytes()[end.end..]);
        if end.dots == 1 {
            end.end += notes::number(text, at, end.end, rules);
        }
        end.omission =
            end.dots > 1 && text[..at].ends_with(['[', '(']) && text[at..end.end].contains([']', ')']);
        end
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

    fn repeat(&mut self, bytes: &[u8]) {
        loop {
            if let Some(found) = Terminator::first(&bytes[self.end..]) {
                self.add(found);
            } else if let Some(len) = spaced_dot(&bytes[self.end..]) {
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
                _ => match Terminator::first(&text.as_bytes()[self.end..]) {
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
    pub(super) fn full_stop_before_ellipsis(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let attached = at > 0 && !bytes[at - 1].is_ascii_whitespace();
        let plain = self.spaced && !self.strong && self.dots == 4;
        (plain && attached && bytes.get(at + 1) == Some(&b' ')).then_some(at + 1)
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
        let sign = match here.as_bytes().first()? {
            b';' => before.ends_with(|c| matches!(c, '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}')),
            b':' => before.ends_with(|c| matches!(c, '\u{531}'..='\u{588}')),
            _ => return Self::first(here.as_bytes()),
        };
        // the question mark of Greek and the full stop of Armenian, as they are typed
        sign.then_some(Self { sign: Sign::Strong, len: 1 })
    }

    /// The sign that `bytes` begin with.
    fn first(bytes: &[u8]) -> Option<Self> {
        let (sign, len) = match *bytes {
            [b'.', ..] => (Sign::Dot, 1),
            [b'!' | b'?', ..] => (Sign::Strong, 1),
            [0xE2, 0x80, 0xA6, ..] => (Sign::Ellipsis, 3), // …
            [0xE2, 0x80, 0xBC, ..] => (Sign::Strong, 3),   // ‼
            [0xE2, 0x81, 0x87..=0x89, ..] => (Sign::Strong, 3), // ⁇ ⁈ ⁉
            [0xE3, 0x80, 0x82, ..] => (Sign::Full, 3),     // 。
            [0xEF, 0xBC, 0x81 | 0x9F, ..] => (Sign::Full, 3), // ！ ？
            [0xEF, 0xBD, 0xA1, ..] => (Sign::Full, 3),     // ｡
            [0xD8, 0x9F, ..] | [0xDB, 0x94, ..] => (Sign::Strong, 2), // ؟ ۔
            [0xE0, 0xA5, 0xA4 | 0xA5, ..] => (Sign::Strong, 3), // । ॥
            [0xCD, 0xBE, ..] | [0xD6, 0x89, ..] => (Sign::Strong, 2), // ; (Greek) ։ (Armenian)
            [0xE1, 0x8D, 0xA2 | 0xA7 | 0xA8, ..] => (Sign::Full, 3), // ። ፧ ፨
            [0xE1, 0x81, 0x8A | 0x8B, ..] => (Sign::Full, 3), // ၊ ။
            [0xE1, 0x9F, 0x94 | 0x95, ..] => (Sign::Full, 3), // ។ ៕
            _ => return None,
        };
        Some(Self { sign, len })
    }
}

/// The length of a space and a further dot, if no word or number begins with that dot.
fn spaced_dot(bytes: &[u8]) -> Option<usize> {
    let space = match *bytes {
        [b' ', ..] => 1,
        [0xC2, 0xA0, ..] => 2,
        _ => return None,
    };
    let dot = bytes.get(space) == Some(&b'.');
    let free = !bytes.get(space + 1).is_some_and(u8::is_ascii_alphanumeric);
    (dot && free).then_some(space + 1)
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
