//! The words of a sentence as the corpora that NER models learn from have them: `Northwind’s` is two, `U.S.`,
//! `Jean-Claude` and `AT&T` are one, and other marks stand alone.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use crate::text::{self, HYPHENS, Language};

/// A word and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its bytes in the sentence.
    pub range: Range<usize>,
    /// Its letters' case.
    pub case: Case,
}

/// The case of a word's letters, numbered as the model's token types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// No capital.
    Lower = 0,
    /// A capital first.
    Initial = 1,
    /// Two or more letters, all capitals.
    Capitals = 2,
    /// A capital inside, as in `iPhone`.
    Inner = 3,
}

/// What news agencies put before a headline.
const SLUGS: &[&str] = text::words! {
    "ANALYSIS" "BREAKINGVIEWS" "BRIEF" "COLUMN" "CORRECTED" "EXCLUSIVE" "EXPLAINER" "FACTBOX"
    "FEATURE" "FOCUS" "INSIGHT" "INTERVIEW" "POLL" "PREVIEW" "REFILE" "RPT" "TIMELINE" "UPDATE"
    "WRAPUP"
};

/// Abbreviations that keep their full stop though they have none inside.
const ABBREVIATIONS: &[&str] = &[
    "Inc", "Corp", "Co", "Cos", "Ltd", "Bros", "Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Jr", "Sr", "Gen",
    "Sen", "Rep", "Gov", "Lt", "Col", "Capt", "Sgt", "Rev", "Hon", "No", "vs", "Pte", "Pty", "Pvt", "Sdn",
    "Bhd", "Adm", "Atty", "Brig", "Cpl", "Dist", "Maj", "Mme", "Tpr", "Univ", "INC", "CORP", "LTD", "BROS",
];

/// The same of the states, behind a comma only: an Ill or a Wash there is no end of a sentence.
const STATES: &[&str] = text::words! {
    "Ala" "Ariz" "Ark" "Calif" "Colo" "Conn" "Del" "Fla" "Ga" "Ill" "Ind" "Kan" "Ky" "La" "Mass" "Md"
    "Me" "Mich" "Minn" "Miss" "Mo" "Mont" "Neb" "Nev" "Okla" "Ont" "Ore" "Pa" "Tenn" "Tex" "Va" "Vt"
    "Wash" "Wis" "Wyo"
};

/// What follows an apostrophe when it is a word of its own.
const CLITICS: &[&str] = &["s", "S", "re", "ve", "ll", "d", "m", "t"];

/// Whether a word is what an apostrophe puts after another: `’s`.
pub(super) fn is_clitic(word: &str) -> bool {
    let apostrophe = text::first_char(word).filter(|(c, _)| is_apostrophe(*c));
    apostrophe.is_some_and(|(_, length)| CLITICS.contains(&&word[length..]))
}

/// What French and Italian put before a word with an apostrophe, in lower case.
const ELIDED: &[&str] = text::words! {
    "all" "c" "coll" "d" "dagl" "dall" "degl" "dell" "gl" "j" "jusqu" "l" "lorsqu" "m" "n" "negl" "nell" "puisqu" "qu" "quell"
    "quelqu" "quest" "quoiqu" "s" "sugl" "sull" "t" "un"
};

/// Whether an apostrophe behind this word ends it, as in `l’Oural`. With a capital it is a part of a name, as in `Dell’Acqua`,
/// unless a sentence begins with it.
fn is_elided(sentence: &str, word: Range<usize>, language: Language) -> bool {
    let begins = || !sentence[..word.start].contains(char::is_alphanumeric);
    matches!(language, Language::French | Language::Italian)
        && ELIDED.contains(&sentence[word.clone()].to_lowercase().as_str())
        && (sentence[word.clone()].starts_with(char::is_lowercase) || begins())
}

/// Whether a word is what an apostrophe ends: `l’`.
pub(super) fn ends_elided(word: &str) -> bool {
    word.ends_with(is_apostrophe) && word.starts_with(char::is_alphabetic)
}

/// Cuts a sentence into words.
pub fn words(sentence: &str, language: Language) -> Vec<Word> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some((c, length)) = text::first_char(&sentence[at..]) {
        let end = match c {
            _ if c.is_whitespace() || text::is_invisible(c) => {
                at += length;
                continue;
            }
            _ if is_apostrophe(c) => clitic_end(sentence, at + length),
            _ if c.is_alphanumeric() => word_end(sentence, at, language),
            _ => at + length,
        };
        words.push(Word { range: at..end, case: case(&sentence[at..end]) });
        at = end;
    }
    words
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ')
}

/// Letters with their accents; marks count where they are written apart from their letter, and so does what is not seen
/// between two.
fn is_letter(c: char) -> bool {
    let is_mark = is_combining_mark(c) || text::is_invisible(c);
    (c.is_alphanumeric() || is_mark) && !is_apostrophe(c)
}

fn letters_end(sentence: &str, from: usize) -> usize {
    let rest = &sentence[from..];
    let letters = &rest[..rest.find(|c| !is_letter(c)).unwrap_or(rest.len())];
    from + letters.trim_end_matches(text::is_invisible).len()
}

fn clitic_end(sentence: &str, from: usize) -> usize {
    let end = letters_end(sentence, from);
    if CLITICS.contains(&&sentence[from..end]) { end } else { from }
}

fn word_end(sentence: &str, from: usize, language: Language) -> usize {
    let mut end = letters_end(sentence, from);
    loop {
        let Some((mark, length)) = text::first_char(&sentence[end..]).filter(|(c, _)| joins(*c)) else {
            return end;
        };
        let broken = if HYPHENS.contains(&mark) { line_end(&sentence[end + length..]) } else { 0 };
        let after = end + length + broken;
        let next = letters_end(sentence, after);
        let is_clitic = is_apostrophe(mark) && CLITICS.contains(&&sentence[after..next]);
        if is_apostrophe(mark) && !is_clitic && next > after && is_elided(sentence, from..end, language) {
            return after;
        }
        let is_slugs = mark == '-' && is_slug(&sentence[..end]) && is_capitalised(&sentence[after..next]);
        let is_closed = || !sentence[next..].starts_with(joins);
        let is_note = mark == '.' && is_note(&sentence[from..end], &sentence[after..next]) && is_closed();
        if next > after && !is_clitic && !is_slugs && !is_note {
            end = next;
            continue;
        }
        let is_state = || {
            let goes_on = sentence[after..].trim_start().starts_with(|c: char| c.is_lowercase() || c == ',');
            goes_on && STATES.contains(&&sentence[from..end]) && sentence[..from].ends_with(", ")
        };
        let keeps = mark == '.' && (keeps_stop(&sentence[from..end]) || is_state());
        if keeps && let Some(tail) = tail_length(&sentence[after..]) {
            return letters_end(sentence, after + tail);
        }
        return if keeps { after } else { end };
    }
}

/// What joins letters before and after it in one word.
fn joins(c: char) -> bool {
    matches!(c, '.' | '&' | '/' | '_' | '@') || HYPHENS.contains(&c) || is_apostrophe(c)
}

/// Bytes of the hyphen of `-based`, behind `U.S.`
fn tail_length(rest: &str) -> Option<usize> {
    let tail = rest.strip_prefix(HYPHENS).filter(|tail| tail.starts_with(char::is_lowercase))?;
    Some(rest.len() - tail.len())
}

/// Bytes of a line's end that a word goes on behind: `Thornbury-` and `Webb` on the next line.
fn line_end(rest: &str) -> usize {
    let next = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'));
    next.filter(|next| next.starts_with(char::is_alphabetic)).map_or(0, |next| rest.len() - next.len())
}

/// `UPDATE 2`, of `UPDATE 2-Northwind fined`.
fn is_slug(begin: &str) -> bool {
    let begin = begin.trim_start();
    let (slug, number) = begin.split_once(' ').unwrap_or((begin, ""));
    let is_number = number.len() <= 2 && number.bytes().all(|b| b.is_ascii_digit());
    SLUGS.contains(&slug) && is_number
}

/// `1`, of `said Pell.1`: a number that no space parts from the end of a sentence is one of its notes.
fn is_note(word: &str, next: &str) -> bool {
    word.ends_with(char::is_alphabetic) && next.len() <= 3 && next.bytes().all(|b| b.is_ascii_digit())
}

fn is_capitalised(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase)
}

fn keeps_stop(word: &str) -> bool {
    let single = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    single || (word.contains('.') && word.chars().any(char::is_alphabetic)) || ABBREVIATIONS.contains(&word)
}

pub(super) fn case(word: &str) -> Case {
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    let Some(first) = letters.next() else {
        return Case::Lower;
    };
    let (mut others, mut capitals) = (0, 0);
    for letter in letters {
        others += 1;
        capitals += usize::from(letter.is_uppercase());
    }
    match (first.is_uppercase(), others, capitals) {
        (false, _, 0) => Case::Lower,
        (false, _, _) => Case::Inner,
        (true, 1.., _) if others == capitals => Case::Capitals,
        (true, _, _) => Case::Initial,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(sentence: &str) -> Vec<&str> {
        words(sentence, Language::English).into_iter().map(|word| &sentence[word.range]).collect()
    }

    #[test]
    fn words_are_those_of_the_corpora() {
        assert_eq!(
            cut("Northwind’s shares (NYSE: NWE) fell."),
            ["Northwind", "’s", "shares", "(", "NYSE", ":", "NWE", ")", "fell", "."]
        );
        assert_eq!(
            cut("The U.S. sued AT&T and J. Doe-Smith Inc. today."),
            ["The", "U.S.", "sued", "AT&T", "and", "J.", "Doe-Smith", "Inc.", "today", "."]
        );
        assert_eq!(
            cut("“It’s O’Hara,” he said—twice…"),
            ["“", "It", "’s", "O’Hara", ",", "”", "he", "said", "—", "twice", "…"]
        );
        assert_eq!(cut("3.5 % of x@y.com"), ["3.5", "%", "of", "x@y.com"]);
        assert_eq!(cut("UPDATE 2-Northwind fined"), ["UPDATE", "2", "-", "Northwind", "fined"]);
        assert_eq!(cut("EXCLUSIVE-Northwind fined"), ["EXCLUSIVE", "-", "Northwind", "fined"]);
        assert_eq!(
            cut("ROLLS-Royce and UNICEF-UK, an EXPO-Year"),
            ["ROLLS-Royce", "and", "UNICEF-UK", ",", "an", "EXPO-Year"]
        );
        assert!(cut(" \n").is_empty());
    }

    #[test]
    fn abbreviations_keep_their_stop_and_notes_are_not_of_the_word_before() {
        for (sentence, expected) in [
            ("TARKINGTON CORP. FELL.", &["TARKINGTON", "CORP.", "FELL", "."][..]),
            ("Dist. Atty. Pell", &["Dist.", "Atty.", "Pell"]),
            ("in Erie, Pa., now", &["in", "Erie", ",", "Pa.", ",", "now"]),
            ("It beat Pa.", &["It", "beat", "Pa", "."]),
            ("a U.S.-based Pell Inc.-owned.", &["a", "U.S.-based", "Pell", "Inc.-owned", "."]),
            ("the U.S.-China talks", &["the", "U.S.", "-", "China", "talks"]),
            ("in Gary, Ind. Pell left", &["in", "Gary", ",", "Ind", ".", "Pell", "left"]),
            ("Anna.Kovac.12@pell.example", &["Anna.Kovac.12@pell.example"]),
            ("said Pell.1 No", &["said", "Pell", ".", "1", "No"]),
            ("No.1 in the U.S.12", &["No.", "1", "in", "the", "U.S.", "12"]),
            ("4.0, v2.1, node.js, Area.51b", &["4.0", ",", "v2.1", ",", "node.js", ",", "Area.51b"]),
        ] {
            assert_eq!(cut(sentence), expected);
        }
    }

    #[test]
    fn a_word_is_one_however_its_characters_are_written() {
        for (sentence, expected) in [
            ("Zim\u{AD}mer\u{AD}mann\u{AD}, \u{FEFF}Pell", &["Zim\u{AD}mer\u{AD}mann", ",", "Pell"][..]),
            ("Hel\u{200B}vetia \u{200E}AG\u{200F} ", &["Hel\u{200B}vetia", "AG"]),
            ("Al\u{2010}Hashimi-Pell\u{2011}Fell", &["Al\u{2010}Hashimi-Pell\u{2011}Fell"]),
            ("OʼHara, Pellʼs", &["OʼHara", ",", "Pell", "ʼs"]),
            ("Thornbury-\nWebb, Pem-\r\nberton", &["Thornbury-\nWebb", ",", "Pem-\r\nberton"]),
            ("Pell-\n\nWebb -\nFell", &["Pell", "-", "Webb", "-", "Fell"]),
            ("Pell&rsquo;s AT&amp;T", &["Pell", "&rsquo;s", "AT&amp;T"]),
            ("&quot;Ana&nbsp;Pell&quot; R&D;", &["&quot;", "Ana", "Pell", "&quot;", "R&D", ";"]),
        ] {
            assert_eq!(cut(sentence), expected);
        }
    }

    #[test]
    fn french_and_italian_words_are_apart_from_what_is_elided_before_them() {
        let cut = |sentence, language| -> Vec<&str> {
            words(sentence, language).into_iter().map(|word| &sentence[word.range]).collect()
        };
        for (sentence, language, expected) in [
            ("d’Électris et l'Ouralia", Language::French, &["d’", "Électris", "et", "l'", "Ouralia"][..]),
            ("Qu’Électris, aujourd’hui", Language::French, &["Qu’", "Électris", ",", "aujourd’hui"]),
            ("dell’Aguasol, O’Hara’s", Language::Italian, &["dell’", "Aguasol", ",", "O’Hara", "’s"]),
            ("Carlo Dell’Acqua a L’Aquila", Language::Italian, &["Carlo", "Dell’Acqua", "a", "L’Aquila"]),
            ("He saw the UN's, l’s", Language::French, &["He", "saw", "the", "UN", "'s", ",", "l", "’s"]),
            ("d’Arcy, l’", Language::English, &["d’Arcy", ",", "l", "’"]),
        ] {
            assert_eq!(cut(sentence, language), expected);
        }
    }

    #[test]
    fn case_is_the_letters_alone() {
        let cases = |word| words(word, Language::English)[0].case;
        assert_eq!(cases("said"), Case::Lower);
        assert_eq!(cases("42"), Case::Lower);
        assert_eq!(cases("Zoë"), Case::Initial);
        assert_eq!(cases("U.S."), Case::Capitals);
        assert_eq!(cases("A"), Case::Initial);
        assert_eq!(cases("iPhone"), Case::Inner);
    }

    #[test]
    fn case_is_what_the_shipped_model_was_shown_in_its_token_types() {
        let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/shipped/ner.json");
        let fixture: serde_json::Value = serde_json::from_slice(&std::fs::read(fixture).unwrap()).unwrap();
        let numbers = |value: &serde_json::Value| -> Vec<usize> {
            value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap() as usize).collect()
        };
        let mut seen = [false; 4];
        for case in fixture["cases"].as_array().unwrap() {
            let types = numbers(&case["token_type_ids"]);
            for (word, start) in case["words"].as_array().unwrap().iter().zip(numbers(&case["starts"])) {
                let word = word.as_str().unwrap();
                assert_eq!(super::case(word) as usize, types[start], "{word}");
                seen[types[start]] = true;
            }
        }
        assert_eq!(seen, [true; 4]);
    }
}
