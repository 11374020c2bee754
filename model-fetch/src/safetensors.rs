//! What a safetensors file begins with: the length of its header, as a little-endian u64, and the header, which is JSON.

use std::io::Read;

/// What a header has besides the tensors.
pub const METADATA: &str = "__metadata__";
/// The bytes of the header's length.
pub const LENGTH: u64 = 8;
/// The format's own limit.
const LONGEST_HEADER: u64 = 100_000_000;

/// Why a file begins with no header's length.
pub enum Fault {
    TooShort,
    /// It would be so long.
    TooLong(u64),
}

/// Reads the header's length; the header is what comes next.
pub fn header_length(file: &mut impl Read) -> Result<u64, Fault> {
    let mut length = [0; LENGTH as usize];
    file.read_exact(&mut length).map_err(|_| Fault::TooShort)?;
    match u64::from_le_bytes(length) {
        length if length > LONGEST_HEADER => Err(Fault::TooLong(length)),
        length => Ok(length),
    }
}
