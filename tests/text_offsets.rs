//! Offsets of documents into byte ranges, and back.

use std::ops::Range;

use baton::text::{Claim, OffsetError, OffsetUnit, Wrong, check, to_units};
use proptest::prelude::*;

const UNITS: [OffsetUnit; 3] = [OffsetUnit::Codepoint, OffsetUnit::Utf8, OffsetUnit::Utf16];

fn claim(begin: usize, end: usize) -> Claim<'static> {
    Claim { begin, end, text: None }
}

fn check_one(text: &str, unit: OffsetUnit, claim: Claim<'_>) -> Result<Range<usize>, OffsetError> {
    check(text, unit, &[claim]).remove(0)
}

fn message(text: &str, unit: OffsetUnit, claim: Claim<'_>) -> String {
    check_one(text, unit, claim).unwrap_err().to_string()
}

#[test]
fn each_unit_counts_what_it_says() {
    let text = "“Zoë 😀 Abara” left"; // Abara: code points 7, UTF-8 13, UTF-16 8
    let at = text.find("Abara").unwrap();
    for (unit, begin) in UNITS.into_iter().zip([7, at, 8]) {
        let mention = Claim { begin, end: begin + 5, text: Some("Abara") };
        assert_eq!(check_one(text, unit, mention), Ok(at..at + 5), "{unit}");
    }
}

#[test]
fn a_whole_text_is_a_range_of_it() {
    for text in ["a", "é", "😀", "a😀é"] {
        for unit in UNITS {
            let all = to_units(text, unit, std::slice::from_ref(&(0..text.len()))).remove(0);
            assert_eq!(check_one(text, unit, claim(all.start, all.end)), Ok(0..text.len()));
        }
    }
}

#[test]
fn claims_come_back_in_the_order_they_were_given() {
    let text = "ä b ö d ü";
    let claims = [claim(8, 9), claim(0, 1), claim(4, 9), claim(0, 99), claim(2, 3)];
    let found: Vec<_> = check(text, OffsetUnit::Codepoint, &claims)
        .into_iter()
        .map(|outcome| outcome.map(|range| &text[range]).ok())
        .collect();
    assert_eq!(found, [Some("ü"), Some("ä"), Some("ö d ü"), None, Some("b")]);
}

#[test]
fn an_error_says_what_is_off_and_where() {
    let northwind = format!("{}Northwind rose", "–".repeat(120));
    let wrong = Claim { begin: 120, end: 129, text: Some("Northwnd") };
    assert_eq!(
        message(&northwind, OffsetUnit::Codepoint, wrong),
        r#"text is "Northwnd" but the document has "Northwind" at 120..129 (code points)"#
    );
    let text = "Zoë 😀";
    let messages = [
        (OffsetUnit::Codepoint, claim(2, 2), "begin 2 is not before end 2 (code points)"),
        (OffsetUnit::Utf16, claim(3, 1), "begin 3 is not before end 1 (UTF-16 units)"),
        (OffsetUnit::Codepoint, claim(4, 6), "4..6 is out of range: the document has 5 code points"),
        (OffsetUnit::Utf8, claim(9, 10), "9..10 is out of range: the document has 9 UTF-8 bytes"),
        (OffsetUnit::Utf16, claim(4, 7), "4..7 is out of range: the document has 6 UTF-16 units"),
        (OffsetUnit::Utf16, claim(0, 5), "offset 5 of 0..5 is inside a character (UTF-16 units)"),
        (OffsetUnit::Utf8, claim(3, 4), "offset 3 of 3..4 is inside a character (UTF-8 bytes)"),
    ];
    for (unit, claim, expected) in messages {
        assert_eq!(message(text, unit, claim), expected);
    }
    assert_eq!(
        message("", OffsetUnit::Codepoint, claim(0, 1)),
        "0..1 is out of range: the document has 0 code points"
    );
}

#[test]
fn an_error_names_the_unit_that_would_have_been_right() {
    let text = "“Zoë” met Abara";
    let at = text.find("Abara").unwrap();
    let bytes = Claim { begin: at - 4, end: at + 1, text: Some("Abara") };
    assert_eq!(
        message(text, OffsetUnit::Utf8, bytes),
        r#"text is "Abara" but the document has "met A" at 11..16 (UTF-8 bytes)"#
    );
    let code_points = Claim { begin: 10, end: 15, text: Some("Abara") };
    assert_eq!(
        message(text, OffsetUnit::Utf8, code_points),
        r#"text is "Abara" but the document has " met " at 10..15 (UTF-8 bytes); it stands there in code points: is offsetUnit right?"#
    );
}

#[test]
fn a_long_text_is_shortened_in_an_error() {
    let text = "x".repeat(10_000);
    let wrong = Claim { begin: 0, end: 10_000, text: Some("y") };
    assert!(message(&text, OffsetUnit::Utf16, wrong).len() < 200);
}

#[test]
fn units_are_written_in_lower_case_and_code_points_are_the_default() {
    for (unit, name) in UNITS.into_iter().zip(["codepoint", "utf8", "utf16"]) {
        assert_eq!(serde_json::to_value(unit).unwrap(), name);
        assert_eq!(serde_json::from_value::<OffsetUnit>(name.into()).unwrap(), unit);
    }
    assert_eq!(OffsetUnit::default(), OffsetUnit::Codepoint);
    assert!(serde_json::from_value::<OffsetUnit>("UTF8".into()).is_err());
}

/// How many units `text` has, counted the slow way.
fn count(text: &str, unit: OffsetUnit) -> usize {
    match unit {
        OffsetUnit::Codepoint => text.chars().count(),
        OffsetUnit::Utf8 => text.len(),
        OffsetUnit::Utf16 => text.encode_utf16().count(),
    }
}

/// Texts of one to four bytes a character, longer than what is counted at once.
fn texts() -> impl Strategy<Value = String> {
    let part =
        prop_oneof![Just("a"), Just("é"), Just("’"), Just("雨"), Just("😀"), Just("a long run of ASCII")];
    prop::collection::vec(part, 0..200).prop_map(|parts| parts.concat())
}

fn units() -> impl Strategy<Value = OffsetUnit> {
    prop::sample::select(UNITS.to_vec())
}

proptest! {
    #[test]
    fn there_and_back_is_the_same(
        text in texts(),
        unit in units(),
        ends in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 0..20),
    ) {
        let boundaries: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
        let ranges: Vec<Range<usize>> = ends
            .iter()
            .map(|(a, b)| (boundaries[a.index(boundaries.len())], boundaries[b.index(boundaries.len())]))
            .filter(|(a, b)| a != b)
            .map(|(a, b)| a.min(b)..a.max(b))
            .collect();
        let there = to_units(&text, unit, &ranges);
        for (range, there) in ranges.iter().zip(&there) {
            prop_assert_eq!(there.start, count(&text[..range.start], unit));
            prop_assert_eq!(there.end, count(&text[..range.end], unit));
        }
        let claims: Vec<Claim<'_>> = ranges
            .iter()
            .zip(&there)
            .map(|(range, there)| Claim {
                begin: there.start,
                end: there.end,
                text: Some(&text[range.clone()]),
            })
            .collect();
        let back: Result<Vec<_>, _> =
            check(&text, unit, &claims).into_iter().collect();
        prop_assert_eq!(back, Ok(ranges));
    }

    #[test]
    fn what_is_accepted_counts_right_and_what_is_not_is_off(
        text in texts(),
        unit in units(),
        claims in prop::collection::vec((0..500_usize, 0..500_usize), 1..20),
    ) {
        let length = count(&text, unit);
        let is_boundary = |offset: usize| {
            text.char_indices().map(|(i, _)| i).chain([text.len()]).any(|i| count(&text[..i], unit) == offset)
        };
        let given: Vec<_> = claims.iter().map(|&(begin, end)| claim(begin, end)).collect();
        for ((begin, end), outcome) in claims.into_iter().zip(check(&text, unit, &given)) {
            match outcome {
                Ok(range) => {
                    prop_assert_eq!(count(&text[..range.start], unit), begin);
                    prop_assert_eq!(count(&text[..range.end], unit), end);
                }
                Err(OffsetError { wrong, .. }) => match wrong {
                    Wrong::Empty => prop_assert!(begin >= end),
                    Wrong::OutOfRange { length: said } => {
                        prop_assert!(end > length);
                        prop_assert_eq!(said, length);
                    }
                    Wrong::InsideCharacter { offset } => prop_assert!(!is_boundary(offset)),
                    Wrong::TextDiffers { .. } => prop_assert!(false, "no text was claimed"),
                },
            }
        }
    }

    #[test]
    fn no_ranges_make_it_panic(
        text in any::<String>(),
        unit in units(),
        ranges in prop::collection::vec(any::<(usize, usize)>(), 0..10),
        near in prop::collection::vec((0..60_usize, 0..60_usize), 0..10),
    ) {
        let ranges: Vec<Range<usize>> = ranges.into_iter().chain(near).map(|(a, b)| a..b).collect();
        to_units(&text, unit, &ranges);
        let claims: Vec<_> =
            ranges.iter().map(|r| Claim { begin: r.start, end: r.end, text: Some("é") }).collect();
        check(&text, unit, &claims);
    }
}
