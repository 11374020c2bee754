//! List markers: `1.`, `2)`, `3.)`, `(4)`, `a.`, `b)`, and bullets.

/// Numbers of items have fewer digits than this: longer ones are years.
const NAME: usize = 4;

/// A marker that numbers an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    value: u32,
    letter: bool,
    style: Style,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Dot,
    Bracket,
    DotBracket,
    Brackets,
}

impl Marker {
    /// The marker that `text` begins with, and its length in bytes. White space must follow.
    pub(super) fn at_start(text: &str) -> Option<(Self, usize)> {
        let bytes = text.as_bytes();
        let open = usize::from(bytes.first() == Some(&b'('));
        let name = &bytes[open..bytes.len().min(open + NAME)];
        let digits = name.iter().take_while(|b| b.is_ascii_digit()).count();
        let (value, letter, len) = match (digits, name.first()?) {
            (1..NAME, _) => (text[open..open + digits].parse().ok()?, false, digits),
            (0, b @ b'a'..=b'z') => (u32::from(b - b'a') + 1, true, 1),
            _ => return None,
        };
        let name_end = open + len;
        let (style, tail) = match (open, bytes.get(name_end)?, bytes.get(name_end + 1)) {
            (1, b')', _) => (Style::Brackets, 1),
            (0, b'.', Some(b')')) => (Style::DotBracket, 2),
            (0, b'.', _) => (Style::Dot, 1),
            (0, b')', _) => (Style::Bracket, 1),
            _ => return None,
        };
        let marker = Self { value, letter, style };
        let end = name_end + tail;
        matches!(bytes.get(end)?, b' ' | b'\t').then_some((marker, end))
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
        let (found, _) = Self::at_start(text.get(start..)?)?;
        (apart && found == self).then_some(start)
    }
}

/// The length of the bullet sign that `text` begins with, wherever it stands.
pub(super) fn bullet(text: &str) -> Option<usize> {
    let c = text.chars().next()?;
    matches!(c, '•' | '‣' | '⁃' | '◦' | '▪' | '●' | '■').then(|| c.len_utf8())
}

/// The length of what is a bullet only at the start of a line, where white space follows it.
pub(super) fn line_bullet(text: &str) -> Option<usize> {
    let c = text.chars().next()?;
    let len = c.len_utf8();
    let then = text[len..].strip_prefix([' ', '\t'])?;
    let is_bullet = match c {
        '-' | '*' | '+' => true,
        // speech, not a dash that a line was wrapped before
        '–' | '—' => !then.starts_with(char::is_lowercase),
        _ => bullet(text).is_some(),
    };
    is_bullet.then_some(len)
}
