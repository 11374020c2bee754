//! List markers: `1.`, `2)`, `3.)`, `(4)`, `a.`, `b)`, `ii.`, and bullets.

use super::pictographs;

/// Numbers of items have no more characters than this. Longer ones are years, which have as many digits.
const NAME: usize = 4;

/// Roman numbers as far as they are short enough.
const ROMAN: [&str; 12] = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];

/// A marker that numbers an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    value: usize,
    kind: Kind,
    style: Style,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Letter,
    Roman,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Dot,
    Bracket,
    DotBracket,
    Brackets,
}

impl Marker {
    /// The marker that `text` begins with, and its length in bytes. White space must follow. An `i` is the first number
    /// and a `v` the letter after `u`, if it isn't the other that is `expected`.
    pub(super) fn at_start(text: &str, expected: Option<Self>) -> Option<(Self, usize)> {
        let bytes = text.as_bytes();
        let open = usize::from(bytes.first() == Some(&b'('));
        let name = &bytes[open..bytes.len().min(open + NAME)];
        let len = name.iter().take_while(|b| b.is_ascii_digit() || b.is_ascii_lowercase()).count();
        let name_end = open + len;
        let (style, tail) = match (open, bytes.get(name_end)?, bytes.get(name_end + 1)) {
            (1, b')', _) => (Style::Brackets, 1),
            (0, b'.', Some(b')')) => (Style::DotBracket, 2),
            (0, b'.', _) => (Style::Dot, 1),
            (0, b')', _) => (Style::Bracket, 1),
            _ => return None,
        };
        let end = name_end + tail;
        if !matches!(bytes.get(end)?, b' ' | b'\t') {
            return None;
        }
        let of = |(kind, value)| Self { value, kind, style };
        let [likely, other] = readings(&text[open..name_end]).map(|reading| reading.map(of));
        let marker = other.filter(|_| other == expected).or(likely)?;
        Some((marker, end))
    }

    /// Whether both count in the same way.
    pub(super) fn is_like(self, other: Self) -> bool {
        (self.kind, self.style) == (other.kind, other.style)
    }

    /// The marker of the next item.
    pub(super) fn next(self) -> Self {
        Self { value: self.value + 1, ..self }
    }

    /// Whether a list begins with it.
    pub(super) fn is_first(self) -> bool {
        self.value <= 1
    }

    /// Where this marker starts, if its number or letter ends at `end` and it stands as a word.
    pub(super) fn ends_at(self, text: &str, end: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        let is_name = |b: &&u8| b.is_ascii_alphanumeric();
        let len = bytes[..end].iter().rev().take(NAME).take_while(is_name).count();
        let start = (end - len).checked_sub(usize::from(self.style == Style::Brackets))?;
        let apart = start > 0 && matches!(bytes[start - 1], b' ' | b'\t' | b'\n');
        let (found, _) = Self::at_start(text.get(start..)?, Some(self))?;
        (apart && found == self).then_some(start)
    }
}

/// What a name can be of an item: most likely, and else.
fn readings(name: &str) -> [Option<(Kind, usize)>; 2] {
    let is_number = name.len() < NAME && name.bytes().all(|b| b.is_ascii_digit());
    if is_number {
        return [name.parse().ok().map(|value| (Kind::Number, value)), None];
    }
    let roman = ROMAN.iter().position(|roman| *roman == name).map(|at| (Kind::Roman, at + 1));
    let letter = match name.as_bytes() {
        [b @ b'a'..=b'z'] => Some((Kind::Letter, usize::from(b - b'a') + 1)),
        _ => None,
    };
    if name == "i" || letter.is_none() { [roman, letter] } else { [letter, roman] }
}

/// The length of the bullet sign that `text` begins with, wherever it stands.
pub(super) fn bullet(text: &str) -> Option<usize> {
    let c = text.chars().next()?;
    matches!(c, '•' | '‣' | '⁃' | '◦' | '▪' | '●' | '■').then(|| c.len_utf8())
}

/// The length of what is a bullet only at the start of a line, where white space follows it.
pub(super) fn line_bullet(text: &str) -> Option<usize> {
    let c = text.chars().next()?;
    let len = pictographs::at_start(text).unwrap_or(c.len_utf8());
    let then = text[len..].strip_prefix([' ', '\t'])?;
    let is_bullet = match c {
        '-' | '*' | '+' => true,
        '○' | '►' | '▶' | '▸' | '➔' | '➤' | '✓' | '✔' | '✗' | '✘' => true,
        // speech, not a dash that a line was wrapped before
        '–' | '—' => !then.starts_with(char::is_lowercase),
        // the same of an arrow, and of a smile in the middle of a sentence
        _ if pictographs::at_start(text).is_some() => !then.starts_with(char::is_lowercase),
        _ => bullet(text).is_some(),
    };
    is_bullet.then_some(len)
}
