//! gzip → document. How much comes out is bounded whatever the bytes say.

use std::io::Read;

use crate::error::{Failure, Reason};

/// What came out of a packed document.
#[derive(Debug, PartialEq, Eq)]
pub enum Unpacked {
    /// All of it.
    All(Vec<u8>),
    /// More than was allowed, and nothing of it is kept.
    TooMuch,
}

/// How many bytes a gzipped document says it has; None for one that isn't gzipped. Told by content, not by name.
pub fn unpacked_size(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return None;
    }
    // A member ends with its size (RFC 1952); with several members it is the last one's.
    Some(bytes.last_chunk().map_or(0, |size| u32::from_le_bytes(*size) as usize))
}

/// Unpacks a gzipped document of at most `most` bytes.
///
/// # Errors
/// A Reject for a broken stream.
pub fn unpack(bytes: &[u8], most: usize) -> Result<Unpacked, Failure> {
    let mut out = Vec::new();
    // One byte more than allowed tells a document that is too large from one that just fits.
    let mut stream = flate2::read::MultiGzDecoder::new(bytes).take(most.saturating_add(1) as u64);
    stream.read_to_end(&mut out).map_err(|e| {
        let message = format!("the gzip stream is broken after {} bytes: {e}", out.len());
        Failure::reject(Reason::InvalidGzip, message)
    })?;
    Ok(if out.len() > most { Unpacked::TooMuch } else { Unpacked::All(out) })
}
