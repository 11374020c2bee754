//! Words of scripts that put no space between them.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::words::{Word, case};
use crate::text;

/// Words, of which those of scripts without spaces are cut where the tokenizer cuts them: the only words there that the
/// model knows. So are Korean ones, which have particles behind them.
pub fn cut_unspaced(words: Vec<Word>, sentence: &str, pieces: &[Range<usize>]) -> Vec<Word> {
    let is_cut = |c: char| text::is_unspaced(c) || text::is_hangul(c);
    if !sentence.contains(is_cut) {
        return words;
    }
    let is_between = |at: usize| {
        sentence.split_at_checked(at).is_some_and(|(before, after)| {
            (before.ends_with(is_cut) || after.starts_with(is_cut)) && !after.starts_with(is_combining_mark)
        })
    };
    let mut starts = pieces.iter().map(|piece| piece.start).filter(|&at| is_between(at)).peekable();
    let mut cut = Vec::with_capacity(words.len());
    for Word { range, .. } in words {
        let mut begin = range.start;
        let mut add = |part: Range<usize>| {
            let seen = sentence[part.clone()].trim_start_matches(text::is_invisible);
            let begin = part.end - seen.len();
            let seen = seen.trim_end_matches(text::is_invisible);
            if !seen.is_empty() {
                cut.push(Word { range: begin..begin + seen.len(), case: case(seen) });
            }
        };
        while let Some(at) = starts.next_if(|&at| at < range.end) {
            if at > begin {
                add(begin..at);
                begin = at;
            }
        }
        add(begin..range.end);
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::{super::words::words, *};
    use crate::text::Language;

    #[test]
    fn words_without_spaces_between_them_are_cut_as_the_tokenizer_cuts() {
        for (sentence, pieces, expected) in [
            (
                "北辰能源亏损。",
                &["北辰", "能源", "亏", "损", "。"][..],
                &["北辰", "能源", "亏", "损", "。"][..],
            ),
            ("NTT도코모는 A社", &["NT", "T", "도코모", "는", "A", "社"], &["NTT", "도코모", "는", "A", "社"]),
            ("Kovac’s plan", &["Ko", "vac", "’", "s", "plan"], &["Kovac", "’s", "plan"]),
            ("北辰\u{200B}能源\u{FEFF}", &["北辰\u{200B}", "能源\u{FEFF}"], &["北辰", "能源"]),
            // A vowel is no word, and what the tokenizer leaves together stays together.
            ("สุดา มา", &["ส", "ุดา", "มา"], &["สุดา", "มา"]),
            ("กาขา", &["กา", "ขา"], &["กา", "ขา"]),
        ] {
            let mut at = 0;
            let ranges: Vec<Range<usize>> = pieces
                .iter()
                .map(|piece| {
                    let begin = at + sentence[at..].find(piece).unwrap();
                    at = begin + piece.len();
                    begin..at
                })
                .collect();
            let words = cut_unspaced(words(sentence, Language::Other), sentence, &ranges);
            let cut: Vec<&str> = words.into_iter().map(|word| &sentence[word.range]).collect();
            assert_eq!(cut, expected);
        }
    }
}
