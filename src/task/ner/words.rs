//! The words of a sentence as the corpora that NER models learn from have them: `Northwind’s` is two, `U.S.`,
//! `Jean-Claude` and `AT&T` are one, and other marks stand alone.

use std::ops::Range;

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
const SLUGS: &[&str] = crate::text::words! {
    "ANALYSIS" "BREAKINGVIEWS" "BRIEF" "COLUMN" "CORRECTED" "EXCLUSIVE" "EXPLAINER" "FACTBOX"
    "FEATURE" "FOCUS" "INSIGHT" "INTERVIEW" "POLL" "PREVIEW" "REFILE" "RPT" "TIMELINE" "UPDATE"
    "WRAPUP"
};

/// Abbreviations that keep their full stop though they have none inside.
const ABBREVIATIONS: &[&str] = &[
    "Inc", "Corp", "Co", "Cos", "Ltd", "Bros", "Mr", "Mrs", "Ms", "Dr", "Prof", "St", "Jr", "Sr", "Gen",
    "Sen", "Rep", "Gov", "Lt", "Col", "Capt", "Sgt", "Rev", "Hon", "No", "vs", "Pte", "Pty", "Pvt", "Sdn",
    "Bhd",
];

/// What follows an apostrophe when it is a word of its own.
const CLITICS: &[&str] = &["s", "S", "re", "ve", "ll", "d", "m", "t"];

/// Whether a word is what an apostrophe puts after another: `’s`.
pub(super) fn is_clitic(word: &str) -> bool {
    word.strip_prefix(is_apostrophe).is_some_and(|letters| CLITICS.contains(&letters))
}

/// Cuts a sentence into words.
pub fn words(sentence: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(c) = sentence[at..].chars().next() {
        let end = match c {
            _ if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            _ if is_apostrophe(c) => clitic_end(sentence, at),
            _ if c.is_alphanumeric() => word_end(sentence, at),
            _ => at + c.len_utf8(),
        };
        words.push(Word { range: at..end, case: case(&sentence[at..end]) });
        at = end;
    }
    words
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

/// Letters with their accents; marks count where they are written apart from their letter.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)
}

fn letters_end(sentence: &str, from: usize) -> usize {
    from + sentence[from..].find(|c| !is_letter(c)).unwrap_or(sentence.len() - from)
}

fn clitic_end(sentence: &str, at: usize) -> usize {
    let mark = sentence[at..].chars().next().map_or(0, char::len_utf8);
    let end = letters_end(sentence, at + mark);
    if CLITICS.contains(&&sentence[at + mark..end]) { end } else { at + mark }
}

fn word_end(sentence: &str, from: usize) -> usize {
    let mut end = letters_end(sentence, from);
    loop {
        let mut rest = sentence[end..].chars();
        let Some(mark) =
            rest.next().filter(|c| matches!(c, '.' | '-' | '&' | '/' | '_' | '@') || is_apostrophe(*c))
        else {
            return end;
        };
        let after = end + mark.len_utf8();
        let next = letters_end(sentence, after);
        let is_clitic = is_apostrophe(mark) && CLITICS.contains(&&sentence[after..next]);
        let is_slugs = mark == '-' && is_slug(&sentence[..end]) && is_capitalised(&sentence[after..next]);
        let joins = next > after && !is_clitic && !is_slugs;
        if joins {
            end = next;
            continue;
        }
        return if mark == '.' && keeps_stop(&sentence[from..end]) { after } else { end };
    }
}

/// `UPDATE 2`, of `UPDATE 2-Northwind fined`.
fn is_slug(begin: &str) -> bool {
    let begin = begin.trim_start();
    let (slug, number) = begin.split_once(' ').unwrap_or((begin, ""));
    let is_number = number.len() <= 2 && number.bytes().all(|b| b.is_ascii_digit());
    SLUGS.contains(&slug) && is_number
}

fn is_capitalised(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase)
}

fn keeps_stop(word: &str) -> bool {
    let single = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    single || (word.contains('.') && word.chars().any(char::is_alphabetic)) || ABBREVIATIONS.contains(&word)
}

fn case(word: &str) -> Case {
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
        words(sentence).into_iter().map(|word| &sentence[word.range]).collect()
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
    fn case_is_the_letters_alone() {
        let cases = |word| words(word)[0].case;
        assert_eq!(cases("said"), Case::Lower);
        assert_eq!(cases("42"), Case::Lower);
        assert_eq!(cases("Zoë"), Case::Initial);
        assert_eq!(cases("U.S."), Case::Capitals);
        assert_eq!(cases("A"), Case::Initial);
        assert_eq!(cases("iPhone"), Case::Inner);
    }
}
