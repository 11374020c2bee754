//! Counts the units of a text, forward only and a block at a time.

use super::OffsetUnit;

/// Why an offset leads to no byte.
#[derive(Clone, Copy)]
pub(super) enum Off {
    InsideCharacter,
    PastEnd { length: usize },
}

/// A position in a text, known in bytes and in units, that only moves forward.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    unit: OffsetUnit,
    /// Bytes passed.
    byte: usize,
    /// Units of the characters that begin in the bytes passed.
    units: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, unit: OffsetUnit) -> Self {
        Self { bytes: text.as_bytes(), unit, byte: 0, units: 0 }
    }

    /// Moves to a unit offset, not less than any before it.
    pub(super) fn find_unit(&mut self, offset: usize) -> Result<usize, Off> {
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
            units if units == offset => Ok(self.byte),
            units if units > offset => Err(Off::InsideCharacter),
            length => Err(Off::PastEnd { length }),
        }
    }

    /// Moves to a byte offset, not less than any before it, and gives its units.
    pub(super) fn count_to(&mut self, offset: usize) -> usize {
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
