//! Texts too long for the model, read in overlapping parts.

use std::ops::Range;

/// A part of a text's pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// What the model reads.
    pub read: Range<usize>,
    /// Whose labels count: where windows overlap, each has the half that it sees more context of.
    pub keep: Range<usize>,
}

/// Windows of at most `room` pieces, overlapping by a quarter of it, whose `keep`s are `0..pieces` together.
pub fn windows(pieces: usize, room: usize) -> Vec<Window> {
    if pieces <= room {
        return vec![Window { read: 0..pieces, keep: 0..pieces }];
    }
    let overlap = room / 4;
    let mut windows = Vec::new();
    let (mut from, mut kept) = (0, 0);
    loop {
        let to = (from + room).min(pieces);
        let end = if to == pieces { pieces } else { to - overlap / 2 };
        windows.push(Window { read: from..to, keep: kept..end });
        if to == pieces {
            return windows;
        }
        (from, kept) = (to - overlap, end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_kept_once_and_read_where_it_is_kept() {
        for pieces in 0..200 {
            for room in 4..40 {
                let mut next = 0;
                for Window { read, keep } in windows(pieces, room) {
                    assert!(read.len() <= room, "{pieces} in {room}");
                    assert!(read.start <= keep.start && keep.end <= read.end, "{pieces} in {room}");
                    assert_eq!(keep.start, next);
                    next = keep.end;
                }
                assert_eq!(next, pieces);
            }
        }
    }
}
