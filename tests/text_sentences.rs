//! How texts are cut into sentences: cases in `data/sentences`, and what holds for every text.

use std::ops::Range;
use std::time::{Duration, Instant};

use baton::text::{Language, sentences};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

/// The text of a line of the case files, and its sentences.
fn case(line: &str) -> (String, Vec<String>) {
    let written = |part: &str| part.replace('⏎', "\n").replace('⌫', "\r");
    let text = written(&line.replace('|', " ").replace('¦', ""));
    let sentences = line.split(['|', '¦']).map(|s| written(s).trim().to_owned()).collect();
    (text, sentences)
}

fn cut(text: &str, language: Language) -> Vec<&str> {
    sentences(text, &[], language).into_iter().map(|range| &text[range]).collect()
}

fn check_cases(file: &str, language: Language) {
    let cases = file.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    // Nobody sees whether an accent is written apart from its letter.
    let forms = cases.flat_map(|line| [line.to_owned(), line.nfd().collect()]);
    let wrong: Vec<String> = forms
        .filter_map(|line| {
            let (text, expected) = case(&line);
            let found = cut(&text, language);
            (found != expected).then(|| format!("{expected:?}\n  but found {found:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

macro_rules! cases {
    ($($name:ident: $file:literal, $language:ident;)*) => {
        $(
            #[test]
            fn $name() {
                check_cases(include_str!(concat!("data/sentences/", $file)), Language::$language);
            }
        )*
    };
}

cases! {
    english_cases: "en.txt", English;
    german_cases: "de.txt", German;
    french_cases: "fr.txt", French;
    spanish_cases: "es.txt", Spanish;
    italian_cases: "it.txt", Italian;
    portuguese_cases: "pt.txt", Portuguese;
    dutch_cases: "nl.txt", Dutch;
    cases_of_all_other_languages: "other.txt", Other;
}

#[test]
fn nothing_is_a_sentence_of_nothing() {
    for text in ["", " ", "\n\n", "\u{2028}\t\u{A0}"] {
        assert_eq!(cut(text, Language::English), [""; 0]);
    }
}

#[test]
fn a_mention_that_was_given_is_never_cut() {
    let text = "He sold Quill Corp. The Mill to E. W. Harrow? Yes.";
    let mill = text.find("Quill").unwrap()..text.find(" to").unwrap();
    assert_eq!(cut(text, Language::English).len(), 3);
    let kept = sentences(text, std::slice::from_ref(&mill), Language::English);
    assert_eq!(kept, [0..45, 46..50]);

    // even over a blank line, and when only its halves overlap
    let text = "Harrow &\n\nSons left. They ran.";
    assert_eq!(sentences(text, &[0..8, 7..14], Language::English), [0..20, 21..30]);
}

#[test]
fn a_break_at_the_edge_of_a_mention_is_made() {
    let text = "He left Quill Corp. Harrow stayed? Pell ran.";
    let mentions = [8..19, 20..26, 35..39];
    assert_eq!(sentences(text, &mentions, Language::English), [0..34, 35..44]);
    let mentions = [28..34, 35..39];
    assert_eq!(sentences(text, &mentions, Language::English), [0..34, 35..44]);
}

#[test]
fn ranges_that_are_none_do_no_harm() {
    let text = "Ünë. Twö. Three.";
    let odd = [1..2, 900..1000, 5..5, 7..usize::MAX];
    assert_eq!(sentences(text, &odd, Language::English).len(), 2);
}

#[test]
fn a_tag_chooses_the_language_by_its_first_part() {
    let tags = [
        ("en", Language::English),
        ("en-GB", Language::English),
        ("DE_at", Language::German),
        ("fra", Language::French),
        ("es-419", Language::Spanish),
        ("it", Language::Italian),
        ("pt-BR", Language::Portuguese),
        ("nl-BE", Language::Dutch),
        ("eng", Language::English),
        ("enm", Language::Other),
        ("zh-Hans", Language::Other),
        ("", Language::Other),
    ];
    for (tag, language) in tags {
        assert_eq!(Language::from(tag), language, "{tag}");
    }
}

#[test]
fn hostile_text_takes_no_longer_than_its_length_says() {
    // what is quadratic takes minutes for these, what is linear a few milliseconds
    const SIZE: usize = 64 << 10;
    const LIMIT: Duration = Duration::from_secs(10);
    let shapes = [
        "“a.",
        "a. ",
        ".",
        "\n",
        "( ",
        ". (",
        "AAA, Aa. (A ",
        "1. ",
        "A. ",
        "« ",
        ". . ",
        "! \"",
        "\u{2009}.",
        "。",
        "• ",
        "a\n",
        "a\n\n",
        "《！",
        "1.) ",
        "U.S. ",
        "[1]",
        ".[1]",
        "a.B",
        "\r",
        "- \n",
        ".) ",
        "' '",
        ".' ",
        "：",
        "a;",
        "x\u{301}.",
        "&.",
        "Mr. ",
        "\"",
        "!” A",
        "a.m. The ",
        "5 p.m. Aa ",
        "Aa Inc. ",
        "a   b\tc|\n",
        "!” Aa ",
        "!” Aa said ",
        "… ",
        "(2) ",
        "Aa\n",
        "Aa Inc.\nBb\n",
        "> \n",
        ">\nAa\n\n",
        "Aa: Bb\r",
        "!😊",
        "😊\u{200D}",
        ".1 ",
        "Aaaa.1 ",
        ".(1",
        "i. ",
        "i.\nii. ",
        "Aa Bb -- Cc Dd\n",
        ".¹",
        "a/a. Aa",
        "(Aa. 1 ",
    ];
    for shape in shapes {
        let text = shape.repeat(SIZE / shape.len());
        let start = Instant::now();
        check_promises(&text, &sentences(&text, &[], Language::English));
        let whole = 0..text.len();
        let kept = sentences(&text, std::slice::from_ref(&whole), Language::English);
        assert!(kept.len() <= 1, "{shape:?}");
        assert!(start.elapsed() < LIMIT, "{shape:?} took {:?}", start.elapsed());
    }
}

/// Each full stop looked for the next bracket, which here there is none of: the search is quick, and was quadratic.
#[test]
fn full_stops_of_megabytes_without_a_bracket_are_read_in_time() {
    let text = "He left. ".repeat((8 << 20) / 9);
    let start = Instant::now();
    assert_eq!(sentences(&text, &[], Language::English).len(), (8 << 20) / 9);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

/// What holds for the sentences of every text: in order, not empty, trimmed, on boundaries, and
/// nothing but white space is left out.
fn check_promises(text: &str, sentences: &[Range<usize>]) {
    let mut end = 0;
    for sentence in sentences {
        assert!(sentence.start >= end && sentence.end > sentence.start, "{sentence:?}");
        assert!(text[end..sentence.start].trim().is_empty(), "{sentence:?}");
        let part = &text[sentence.clone()];
        assert_eq!(part, part.trim());
        end = sentence.end;
    }
    assert!(text[end..].trim().is_empty());
}

/// Texts of the parts that decide where sentences end.
fn texts() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just(" "),
        Just(". "),
        Just("."),
        Just("! "),
        Just("?"),
        Just("…"),
        Just("\n"),
        Just("\n\n"),
        Just("\r\n"),
        Just("“"),
        Just("”"),
        Just("\""),
        Just("'"),
        Just("("),
        Just(")"),
        Just("["),
        Just("]"),
        Just("« "),
        Just(" »"),
        Just("Mr"),
        Just("Inc"),
        Just("U.S"),
        Just("p.m"),
        Just("He "),
        Just("left"),
        Just("Harrow"),
        Just("I"),
        Just("J"),
        Just("1"),
        Just("2"),
        Just("a"),
        Just("b"),
        Just("•"),
        Just("- "),
        Just("。"),
        Just("「"),
        Just("」"),
        Just("《"),
        Just("雨"),
        Just("é"),
        Just("e\u{301}"),
        Just("\u{A0}"),
        Just("\u{2028}"),
        Just("\u{2029}"),
        Just("؟"),
        Just("։"),
        Just("😀"),
        Just("Yahoo"),
        Just("— "),
        Just(";"),
        Just("ω"),
        Just(","),
        Just("[1]"),
        Just("*"),
        Just("°"),
    ];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

/// Lines that break where the next word has no more room.
fn wrapped(words: &[String], width: usize) -> String {
    let mut text = String::new();
    let mut column = 0;
    for word in words {
        let fits = column + 1 + word.len() <= width;
        column = if fits { column + 1 + word.len() } else { word.len() };
        text.push(if fits { ' ' } else { '\n' });
        text.push_str(word);
    }
    text.trim().to_owned()
}

fn languages() -> impl Strategy<Value = Language> {
    prop_oneof![
        Just(Language::English),
        Just(Language::German),
        Just(Language::French),
        Just(Language::Spanish),
        Just(Language::Italian),
        Just(Language::Portuguese),
        Just(Language::Dutch),
        Just(Language::Other),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn sentences_keep_their_promises(text in texts(), language in languages()) {
        check_promises(&text, &sentences(&text, &[], language));
    }

    #[test]
    fn sentences_of_any_text_keep_their_promises(text in any::<String>(), language in languages()) {
        check_promises(&text, &sentences(&text, &[], language));
    }

    #[test]
    fn no_sentence_begins_or_ends_inside_a_protected_range(
        text in texts(),
        protected in prop::collection::vec((0..120_usize, 1..20_usize), 0..6),
    ) {
        let protected: Vec<Range<usize>> =
            protected.into_iter().map(|(begin, len)| begin..begin + len).collect();
        let found = sentences(&text, &protected, Language::English);
        check_promises(&text, &found);
        for pair in found.windows(2) {
            for range in &protected {
                let cut = range.start < pair[1].start && range.end > pair[0].end;
                prop_assert!(!cut, "{range:?} is cut between {:?} and {:?}", pair[0], pair[1]);
            }
        }
    }

    #[test]
    fn what_is_wrapped_at_one_width_is_as_if_it_were_on_one_line(
        words in prop::collection::vec("[A-E]?[a-e]{2,9}", 1..80),
        width in 62..100_usize,
    ) {
        let text = wrapped(&words, width);
        prop_assert_eq!(cut(&text, Language::English), [text.as_str()]);
    }

    #[test]
    fn a_blank_line_always_ends_a_sentence(before in texts(), after in texts()) {
        let text = format!("{before}x\n\ny{after}");
        let at = before.len() + 1;
        let found = sentences(&text, &[], Language::English);
        prop_assert!(!found.iter().any(|s| s.start < at && s.end > at));
    }
}
