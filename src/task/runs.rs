//! A long text in runs: a tokenizer, and what is made of its pieces, take many times a text's size in memory.

use std::ops::Range;

/// Bytes of a run, about.
pub const RUN: usize = 1 << 16;

/// Runs of at most `most` bytes that are cut into pieces as the whole text is: each but the first begins with the
/// single space before a word, which is how every kind of tokenizer marks one. Where there is none, a run ends before
/// other white space, or else between two characters.
pub fn runs(text: &str, most: usize) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut from = 0;
    while text.len() - from > most {
        let end = text.floor_char_boundary(from + most);
        let words = &text[from..end];
        let follows_word = |at: &usize| *at > 0 && !words[..*at].ends_with(char::is_whitespace);
        let is_single = |at: &usize| words[at + 1..].starts_with(|c: char| !c.is_whitespace());
        let before_word =
            words.rmatch_indices(' ').map(|(at, _)| at).find(|at| follows_word(at) && is_single(at));
        let before_space = || words.rmatch_indices(char::is_whitespace).map(|(at, _)| at).find(follows_word);
        let cut = before_word.or_else(before_space).map_or(end, |at| from + at);
        runs.push(from..cut);
        from = cut;
    }
    runs.push(from..text.len());
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_the_text_and_begin_before_words() {
        let text = "One  two\n\n三四五六七 \u{a0}three.";
        for most in 4..text.len() + 2 {
            let runs = runs(text, most);
            assert_eq!(runs.iter().map(|run| &text[run.clone()]).collect::<String>(), text);
            assert!(runs.iter().all(|run| (1..=most).contains(&run.len())), "{most}: {runs:?}");
        }
        let words: Vec<_> = runs(text, 14).into_iter().map(|run| &text[run]).collect();
        assert_eq!(words, ["One  two", "\n\n三四五六", "七 \u{a0}three."]);
    }

    #[test]
    fn a_text_is_cut_into_the_same_pieces_in_runs_as_in_one() {
        let models = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/models");
        let text = "The mill  closed, said Zoë;\n\nit’s been “shut” since\tMay. ".repeat(20);
        let mut seen = 0;
        for model in std::fs::read_dir(models).unwrap() {
            let file = model.unwrap().path().join("tokenizer.json");
            let mut tokenizer = tokenizers::Tokenizer::from_file(&file).unwrap();
            tokenizer.with_padding(None).with_truncation(None).unwrap();
            let ids = |text: &str| tokenizer.encode(text, false).unwrap().get_ids().to_vec();
            for most in [40, 100, 333] {
                let in_runs: Vec<u32> =
                    runs(&text, most).into_iter().flat_map(|run| ids(&text[run])).collect();
                assert_eq!(in_runs, ids(&text), "{}, {most}", file.display());
            }
            seen += 1;
        }
        assert!(seen > 20, "{seen} tokenizers");
    }
}
