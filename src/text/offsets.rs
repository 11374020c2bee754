//! Offsets of any unit into byte ranges, and back.
//!
//! Documents count in code points, UTF-8 bytes or UTF-16 units; inside Baton there are only byte
//! ranges. This is the one place where one becomes the other. A range that was off is never
//! moved to where it might have been meant: it is an error that shows both sides.

use std::fmt;
use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use cursor::{Cursor, Off};

mod cursor;

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

/// A claim that is not true of its text. Offsets are in the unit they were given in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetError {
    /// The range as given.
    pub range: Range<usize>,
    /// What it counts.
    pub unit: OffsetUnit,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// What a claim can be wrong in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// `begin` is not before `end`.
    Empty,
    /// The range reaches past the end of the text.
    OutOfRange {
        /// How many units the text has.
        length: usize,
    },
    /// An offset lies within a character: half a surrogate pair, or part of a UTF-8 sequence.
    InsideCharacter {
        /// The offset of the two that is off.
        offset: usize,
    },
    /// Something else stands there.
    TextDiffers {
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
        let Self { range: Range { start, end }, unit, wrong } = self;
        match wrong {
            Wrong::Empty => write!(f, "begin {start} is not before end {end} ({unit})"),
            Wrong::OutOfRange { length } => {
                write!(f, "{start}..{end} is out of range: the document has {length} {unit}")
            }
            Wrong::InsideCharacter { offset } => {
                write!(f, "offset {offset} of {start}..{end} is inside a character ({unit})")
            }
            Wrong::TextDiffers { claimed, found, true_in } => {
                write!(f, "text is {claimed:?} but the document has {found:?} at {start}..{end} ({unit})")?;
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
pub fn check(text: &str, unit: OffsetUnit, claims: &[Claim<'_>]) -> Vec<Result<Range<usize>, OffsetError>> {
    let located = locate(text, unit, claims).into_iter().zip(claims);
    let mut checked: Vec<_> = located.map(|(located, claim)| compare(text, claim, located?)).collect();
    if checked.iter().any(|c| matches!(c, Err(Wrong::TextDiffers { .. }))) {
        hint_at_another_unit(text, unit, claims, &mut checked);
    }
    let told = |(checked, claim): (Result<_, Wrong>, &Claim<'_>)| {
        checked.map_err(|wrong| OffsetError { range: claim.begin..claim.end, unit, wrong })
    };
    checked.into_iter().zip(claims).map(told).collect()
}

/// Byte ranges of `text` in another unit, in the order given: the inverse of [`check`], for
/// writing. One pass over the text. Offsets past the end count as the end; an offset within a
/// character, which no checked range and no sentence has, counts that character.
pub fn to_units(text: &str, unit: OffsetUnit, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
    if unit == OffsetUnit::Utf8 || text.is_ascii() {
        return ranges.iter().map(|r| r.start.min(text.len())..r.end.min(text.len())).collect();
    }
    let mut cursor = Cursor::new(text, unit);
    let units = ascending(ranges.iter().cloned(), |byte| cursor.count_to(byte));
    units.as_chunks().0.iter().map(|[begin, end]| *begin..*end).collect()
}

/// Byte ranges of the claims; whether their texts are equal is not looked at.
fn locate(text: &str, unit: OffsetUnit, claims: &[Claim<'_>]) -> Vec<Result<Range<usize>, Wrong>> {
    let ranges = || claims.iter().map(|claim| claim.begin..claim.end);
    let found = if unit == OffsetUnit::Utf8 || text.is_ascii() {
        let find = |offset: usize| match offset {
            _ if offset > text.len() => Err(Off::PastEnd { length: text.len() }),
            _ if text.is_char_boundary(offset) => Ok(offset),
            _ => Err(Off::InsideCharacter),
        };
        ranges().flat_map(|range| [find(range.start), find(range.end)]).collect()
    } else {
        let mut cursor = Cursor::new(text, unit);
        ascending(ranges(), |offset| cursor.find_unit(offset))
    };
    let wrong = |off: Off, offset: usize| match off {
        Off::InsideCharacter => Wrong::InsideCharacter { offset },
        Off::PastEnd { length } => Wrong::OutOfRange { length },
    };
    let range = |(claim, &[begin, end]): (&Claim<'_>, &[Result<usize, Off>; 2])| {
        if claim.begin >= claim.end {
            return Err(Wrong::Empty);
        }
        Ok(begin.map_err(|off| wrong(off, claim.begin))?..end.map_err(|off| wrong(off, claim.end))?)
    };
    claims.iter().zip(found.as_chunks().0).map(range).collect()
}

fn compare(text: &str, claim: &Claim<'_>, range: Range<usize>) -> Result<Range<usize>, Wrong> {
    let found = &text[range.clone()];
    match claim.text {
        Some(claimed) if claimed != found => {
            Err(Wrong::TextDiffers { claimed: shortened(claimed), found: shortened(found), true_in: None })
        }
        _ => Ok(range),
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
    checked: &mut [Result<Range<usize>, Wrong>],
) {
    let others = [OffsetUnit::Codepoint, OffsetUnit::Utf8, OffsetUnit::Utf16];
    for other in others.into_iter().filter(|other| *other != unit) {
        let located = locate(text, other, claims);
        for ((outcome, claim), located) in checked.iter_mut().zip(claims).zip(located) {
            if let Err(Wrong::TextDiffers { true_in, .. }) = outcome
                && true_in.is_none()
                && located.is_ok_and(|range| claim.text == Some(&text[range]))
            {
                *true_in = Some(other);
            }
        }
    }
}

/// What `find` says of the two offsets of every range, in the ranges' order; it is asked in that of the offsets.
fn ascending<T: Clone>(
    ranges: impl Iterator<Item = Range<usize>>,
    mut find: impl FnMut(usize) -> T,
) -> Vec<T> {
    let offsets: Vec<usize> = ranges.flat_map(|range| [range.start, range.end]).collect();
    let mut order: Vec<usize> = (0..offsets.len()).collect();
    order.sort_unstable_by_key(|&i| offsets[i]);
    let mut found = vec![None; offsets.len()];
    order.into_iter().for_each(|i| found[i] = Some(find(offsets[i])));
    found.into_iter().flatten().collect()
}
