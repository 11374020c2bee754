//! Sets of byte ranges.

use std::ops::Range;

/// Ranges in order, united where they overlap; empty ones are gone.
pub(crate) fn merged<'r>(ranges: impl IntoIterator<Item = &'r Range<usize>>) -> Vec<Range<usize>> {
    let mut sorted: Vec<_> = ranges.into_iter().filter(|r| !r.is_empty()).cloned().collect();
    sorted.sort_unstable_by_key(|r| (r.start, r.end));
    sorted.dedup_by(|next, kept| {
        let overlaps = next.start < kept.end;
        if overlaps {
            kept.end = kept.end.max(next.end);
        }
        overlaps
    });
    sorted
}

/// Whether one of the ranges, which are [`merged`], overlaps `range`.
pub(crate) fn overlap(merged: &[Range<usize>], range: &Range<usize>) -> bool {
    let next = merged.partition_point(|m| m.end <= range.start);
    merged.get(next).is_some_and(|m| m.start < range.end)
}
