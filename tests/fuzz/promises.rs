//! What must hold for every input; the fuzz targets ask for it, and so does the test that
//! replays their corpus.

// Each target compiles the whole file and asks for its own promise.
#![allow(dead_code)]

use std::ops::Range;

use baton::text::{self, Claim, Language, OffsetUnit};

/// The first byte chooses the language; the second says how many protected ranges follow, of two
/// bytes each; the rest is the text.
pub fn sentences(input: &[u8]) {
    const TAGS: [&str; 8] = ["en", "de", "fr", "es", "it", "pt", "nl", "und"];
    let [language, count, rest @ ..] = input else {
        return;
    };
    let (ranges, text) = rest.split_at(rest.len().min(usize::from(count % 8) * 2));
    let protected = pairs(ranges);
    let text = String::from_utf8_lossy(text);
    let language = Language::from(TAGS[usize::from(language % 8)]);
    let found = text::sentences(&text, &protected, language);

    let mut end = 0;
    for sentence in &found {
        assert!(sentence.start >= end && !sentence.is_empty(), "{sentence:?} is out of order");
        assert!(text[end..sentence.start].trim().is_empty(), "lost before {sentence:?}");
        let part = &text[sentence.clone()];
        assert_eq!(part, part.trim(), "not trimmed");
        end = sentence.end;
    }
    assert!(text[end..].trim().is_empty(), "lost at the end");
    for pair in found.windows(2) {
        let gap = pair[0].end..pair[1].start;
        let cut = |p: &Range<usize>| !p.is_empty() && p.start < gap.end && gap.start < p.end;
        assert!(!protected.iter().any(cut), "{gap:?} cuts a protected range");
    }
}

/// The first byte chooses the unit; the second says how many claims follow, of two bytes each;
/// the rest is the text.
pub fn offsets(input: &[u8]) {
    const UNITS: [OffsetUnit; 3] = [OffsetUnit::Codepoint, OffsetUnit::Utf8, OffsetUnit::Utf16];
    let [unit, count, rest @ ..] = input else {
        return;
    };
    let unit = UNITS[usize::from(unit % 3)];
    let (ranges, text) = rest.split_at(rest.len().min(usize::from(count % 32) * 2));
    let ranges = pairs(ranges);
    let text = String::from_utf8_lossy(text);
    let claims: Vec<Claim<'_>> =
        ranges.iter().map(|r| Claim { begin: r.start, end: r.end, text: None }).collect();
    let count = |text: &str| match unit {
        OffsetUnit::Codepoint => text.chars().count(),
        OffsetUnit::Utf8 => text.len(),
        OffsetUnit::Utf16 => text.encode_utf16().count(),
    };
    for (claim, outcome) in claims.iter().zip(text::check(&text, unit, &claims)) {
        let Ok(range) = outcome else {
            continue;
        };
        assert_eq!(count(&text[..range.start]), claim.begin);
        assert_eq!(count(&text[..range.end]), claim.end);
        let back = text::to_units(&text, unit, std::slice::from_ref(&range));
        assert_eq!(back.first(), Some(&(claim.begin..claim.end)));
    }
}

/// Two bytes a range: where it begins, and its length.
fn pairs(bytes: &[u8]) -> Vec<Range<usize>> {
    let pairs = bytes.chunks_exact(2);
    pairs.map(|pair| usize::from(pair[0])..usize::from(pair[0]) + usize::from(pair[1])).collect()
}

/// Any message body: an answer, and what it announces names an object and can be sent again. What of it can't be read
/// can't be read alone either.
pub fn messages(input: &[u8]) {
    let Ok(body) = std::str::from_utf8(input) else { return };
    for unreadable in baton::handoff::entries(body).unwrap_or_default().unreadable {
        baton::handoff::parse(&unreadable.body()).expect_err("a record is not mended by standing alone");
    }
    let Ok(announced) = baton::handoff::parse(body) else { return };
    for handoff in announced.handoffs {
        assert!(!handoff.document.bucket.is_empty() && !handoff.document.key.is_empty());
        let again = baton::handoff::parse(&handoff.to_body()).expect("Baton reads its own handoffs");
        assert_eq!(again.handoffs, [handoff]);
    }
}

/// Any object: an answer, and what was read is in order and stands in the text.
pub fn documents(input: &[u8]) {
    let limits = baton::limits::Limits::default();
    let unpacked = match baton::document::unpack(input, 1 << 20) {
        Ok(baton::document::Unpacked::All(bytes)) if baton::document::unpacked_size(input).is_some() => bytes,
        _ => input.to_vec(),
    };
    let Ok(document) = baton::document::Document::read(&unpacked, &limits, Default::default()) else {
        return;
    };
    assert!(document.sentences.windows(2).all(|pair| pair[0].end <= pair[1].start));
    for range in &document.sentences {
        assert!(!document.text[range.clone()].is_empty());
    }
    for mention in document.entities.iter().flat_map(|entity| &entity.mentions) {
        assert!(!document.text[mention.range.clone()].is_empty());
    }
}
