//! Offsets of any unit into byte ranges, and back.
//!
//! Documents count in code points, UTF-8 bytes or UTF-16 units; inside Baton there are only byte
//! ranges. This is the one place where one becomes the other. A range that was off is never
//! moved to where it might have been meant: it is an error that shows both sides.

use std::fmt;
use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What `begin` and `end` of a document count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OffsetUnit {
    /// Unicode code points: what Python, spaCy and Comprehend count.
    #[default]
    Codepoint,
    /// Bytes of the UTF-8 text: what Rust and Go count.
    Utf8,
    /// UTF-16 code units: what JavaScript, Java and .NET count.
    Utf16,
}

impl fmt::Display for OffsetUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Codepoint => "code points",
            Self::Utf8 => "UTF-8 bytes",
            Self::Utf16 => "UTF-16 units",
        })
    }
}

/// A mention as a document states it: not yet believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim<'a> {
    /// The first unit of the mention.
    pub begin: usize,
    /// The first unit after the mention.
    pub end: usize,
    /// What is said to stand there, if that was given.
    pub text: Option<&'a str>,
}

/// A byte range that was checked against a text: not empty, in range and on character
/// boundaries. Only [`check`] makes one, and it holds for the text that was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    begin: usize,
    end: usize,
}

impl Span {
    /// The bytes of the mention.
    pub fn range(self) -> Range<usize> {
        self.begin..self.end
    }
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Self {
        span.range()
    }
}

/// Why a claim is not true of its text. Offsets are in the unit they were given in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OffsetError {
    /// `begin` is not before `end`.
    Empty {
        /// The range as given.
        range: Range<usize>,
        /// What it counts.
        unit: OffsetUnit,
    },
    /// The range reaches past the end of the text.
    OutOfRange {
        /// The range as given.
        range: Range<usize>,
        /// How many units the text has.
        length: usize,
        /// What both count.
        unit: OffsetUnit,
    },
    /// An offset lies within a character: half a surrogate pair, or part of a UTF-8 sequence.
    InsideCharacter {
        /// The range as given.
        range: Range<usize>,
        /// The offset of the two that is off.
        offset: usize,
        /// What they count.
        unit: OffsetUnit,
    },
    /// Something else stands there.
    TextDiffers {
        /// The range as given.
        range: Range<usize>,
        /// What it counts.
        unit: OffsetUnit,
        /// The text that was claimed, shortened if long.
        claimed: String,
        /// The text that the document has, shortened if long.
        found: String,
        /// The unit in which the claim would have been true, if there is one: a hint for the
        /// reader of the message, never acted on.
        true_in: Option<OffsetUnit>,
    },
}

impl fmt::Display for OffsetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { range, unit } => {
                write!(f, "begin {} is not before end {} ({unit})", range.start, range.end)
            }
            Self::OutOfRange { range, length, unit } => {
                write!(f, "{}..{} is out of range: the document has {length} {unit}", range.start, range.end)
            }
            Self::InsideCharacter { range, offset, unit } => {
                write!(f, "offset {offset} of {}..{} is inside a character ({unit})", range.start, range.end)
            }
            Self::TextDiffers { range, unit, claimed, found, true_in } => {
                write!(
                    f,
                    "text is {claimed:?} but the document has {found:?} at {}..{} ({unit})",
                    range.start, range.end
                )?;
                match true_in {
                    Some(other) => write!(f, "; it stands there in {other}: is offsetUnit right?"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl std::error::Error for OffsetError {}

/// Checks what a document says about its mentions and gives their byte ranges, in the order of
/// `claims`. One pass over the text, however many claims there are and in whatever order.
///
/// # Errors
///
/// Each claim has its own outcome; [`OffsetError`] says what can be off.
pub fn check(text: &str, unit: OffsetUnit, claims: &[Claim<'_>]) -> Vec<Result<Span, OffsetError>> {
    let mut checked: Vec<_> = locate(text, unit, claims)
        .into_iter()
        .zip(claims)
        .map(|(located, claim)| compare(text, unit, claim, located?))
        .collect();
    if checked.iter().any(|c| matches!(c, Err(OffsetError::TextDiffers { .. }))) {
        hint_at_another_unit(text, unit, claims, &mut checked);
    }
    checked
}

/// Byte ranges of `text` in another unit, in the order given: the inverse of [`check`], for
/// writing. One pass over the text. Offsets past the end count as the end; an offset within a
/// character, which no [`Span`] and no sentence has, counts that character.
pub fn to_units(text: &str, unit: OffsetUnit, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
    if unit == OffsetUnit::Utf8 || text.is_ascii() {
        return ranges.iter().map(|r| r.start.min(text.len())..r.end.min(text.len())).collect();
    }
    let mut units = ranges.to_vec();
    let mut cursor = Cursor::new(text, unit);
    for (byte, slot) in ascending(ranges.iter().cloned()) {
        let at = cursor.count_to(byte);
        match slot {
            Slot::Begin(i) => units[i].start = at,
            Slot::End(i) => units[i].end = at,
        }
    }
    units
}

/// Byte ranges of the claims; whether their texts are equal is not looked at.
fn locate(text: &str, unit: OffsetUnit, claims: &[Claim<'_>]) -> Vec<Result<Span, OffsetError>> {
    if unit == OffsetUnit::Utf8 || text.is_ascii() {
        let locate = |offset: usize| {
            if offset > text.len() {
                At::PastEnd { length: text.len() }
            } else if text.is_char_boundary(offset) {
                At::Byte(offset)
            } else {
                At::InsideCharacter
            }
        };
        return claims
            .iter()
            .map(|claim| span(claim, unit, locate(claim.begin), locate(claim.end)))
            .collect();
    }
    let mut found = vec![(At::InsideCharacter, At::InsideCharacter); claims.len()];
    let mut cursor = Cursor::new(text, unit);
    for (offset, slot) in ascending(claims.iter().map(|c| c.begin..c.end)) {
        let at = cursor.find_unit(offset);
        match slot {
            Slot::Begin(i) => found[i].0 = at,
            Slot::End(i) => found[i].1 = at,
        }
    }
    claims.iter().zip(found).map(|(claim, (begin, end))| span(claim, unit, begin, end)).collect()
}

/// Where an offset leads to.
#[derive(Clone, Copy)]
enum At {
    Byte(usize),
    InsideCharacter,
    PastEnd { length: usize },
}

fn span(claim: &Claim<'_>, unit: OffsetUnit, begin: At, end: At) -> Result<Span, OffsetError> {
    let range = claim.begin..claim.end;
    if range.is_empty() {
        return Err(OffsetError::Empty { range, unit });
    }
    match (begin, end) {
        (At::Byte(begin), At::Byte(end)) => Ok(Span { begin, end }),
        (At::PastEnd { length }, _) | (_, At::PastEnd { length }) => {
            Err(OffsetError::OutOfRange { range, length, unit })
        }
        (At::InsideCharacter, _) => Err(OffsetError::InsideCharacter { offset: range.start, range, unit }),
        (_, At::InsideCharacter) => Err(OffsetError::InsideCharacter { offset: range.end, range, unit }),
    }
}

fn compare(text: &str, unit: OffsetUnit, claim: &Claim<'_>, span: Span) -> Result<Span, OffsetError> {
    let found = &text[span.range()];
    match claim.text {
        Some(claimed) if claimed != found => Err(OffsetError::TextDiffers {
            range: claim.begin..claim.end,
            unit,
            claimed: shortened(claimed),
            found: shortened(found),
            true_in: None,
        }),
        _ => Ok(span),
    }
}

/// A passage that fits into a message.
fn shortened(passage: &str) -> String {
    const CHARS: usize = 80; // longer than any name, short enough for one line of a log
    match passage.char_indices().nth(CHARS) {
        Some((end, _)) => format!("{}…", &passage[..end]),
        None => passage.to_owned(),
    }
}

/// Most wrong offsets are right ones in another unit: says so in the message.
fn hint_at_another_unit(
    text: &str,
    unit: OffsetUnit,
    claims: &[Claim<'_>],
    checked: &mut [Result<Span, OffsetError>],
) {
    let others = [OffsetUnit::Codepoint, OffsetUnit::Utf8, OffsetUnit::Utf16];
    for other in others.into_iter().filter(|other| *other != unit) {
        let located = locate(text, other, claims);
        for ((outcome, claim), located) in checked.iter_mut().zip(claims).zip(located) {
            if let Err(OffsetError::TextDiffers { true_in, .. }) = outcome
                && true_in.is_none()
                && located.is_ok_and(|span| claim.text == Some(&text[span.range()]))
            {
                *true_in = Some(other);
            }
        }
    }
}

/// Which of a range's two offsets, and of which range.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Begin(usize),
    End(usize),
}

/// All offsets of the ranges in ascending order, with where they came from.
fn ascending(ranges: impl Iterator<Item = Range<usize>>) -> Vec<(usize, Slot)> {
    let mut offsets: Vec<_> =
        ranges.enumerate().flat_map(|(i, r)| [(r.start, Slot::Begin(i)), (r.end, Slot::End(i))]).collect();
    offsets.sort_unstable();
    offsets
}

/// A position in a text, known in bytes and in units, that only moves forward.
struct Cursor<'a> {
    bytes: &'a [u8],
    unit: OffsetUnit,
    /// Bytes passed.
    byte: usize,
    /// Units of the characters that begin in the bytes passed.
    units: usize,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str, unit: OffsetUnit) -> Self {
        Self { bytes: text.as_bytes(), unit, byte: 0, units: 0 }
    }

    /// Moves to a unit offset, not less than any before it.
    fn find_unit(&mut self, offset: usize) -> At {
        while let Some(block) = self.bytes[self.byte..].first_chunk::<BLOCK>() {
            let units = block_units(block, self.unit);
            if self.units + units > offset {
                break;
            }
            self.units += units;
            self.byte += BLOCK;
        }
        while let Some(&byte) = self.bytes.get(self.byte)
            && (self.units < offset || is_continuation(byte))
        {
            self.units += byte_units(byte, self.unit);
            self.byte += 1;
        }
        match self.units {
            units if units == offset => At::Byte(self.byte),
            units if units > offset => At::InsideCharacter,
            length => At::PastEnd { length },
        }
    }

    /// Moves to a byte offset, not less than any before it, and gives its units.
    fn count_to(&mut self, offset: usize) -> usize {
        let offset = offset.clamp(self.byte, self.bytes.len());
        let (blocks, rest) = self.bytes[self.byte..offset].as_chunks::<BLOCK>();
        self.units += blocks.iter().map(|block| block_units(block, self.unit)).sum::<usize>();
        self.units += rest.iter().map(|&byte| byte_units(byte, self.unit)).sum::<usize>();
        self.byte = offset;
        self.units
    }
}

// 64 bytes: counts stay below 256, so that they are summed in bytes and the loop becomes SIMD.
const BLOCK: usize = 64;

fn block_units(block: &[u8; BLOCK], unit: OffsetUnit) -> usize {
    let count = match unit {
        OffsetUnit::Utf16 => {
            block.iter().map(|&b| u8::from(!is_continuation(b)) + u8::from(b >= 0xF0)).sum::<u8>()
        }
        _ => block.iter().map(|&b| u8::from(!is_continuation(b))).sum(),
    };
    usize::from(count)
}

/// The units of the character that begins with this byte; 0 if none does.
fn byte_units(byte: u8, unit: OffsetUnit) -> usize {
    match unit {
        OffsetUnit::Utf8 => 1,
        _ if is_continuation(byte) => 0,
        OffsetUnit::Utf16 if byte >= 0xF0 => 2,
        _ => 1,
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}
