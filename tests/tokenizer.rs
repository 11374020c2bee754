//! The tokenizer that loads fast cuts every text that it takes as the general one does: the same pieces, from the
//! same bytes.

use std::path::{Path, PathBuf};

use baton::model::wordpiece::WordPiece;
use serde_json::Value;
use tokenizers::Tokenizer;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

struct Both {
    fast: WordPiece,
    general: Tokenizer,
}

impl Both {
    fn load(directory: &Path) -> Option<Both> {
        let json = std::fs::read(directory.join("tokenizer.json")).unwrap();
        let mut general = Tokenizer::from_bytes(&json).unwrap();
        general.with_padding(None);
        general.with_truncation(None).unwrap();
        Some(Both { fast: WordPiece::read(&json)?, general })
    }

    /// Whether the fast one took the text.
    fn agree(&self, text: &str) -> bool {
        let Some(pieces) = self.fast.pieces(text) else { return false };
        let general = self.general.encode(text, false).unwrap();
        let ranges: Vec<_> = general.get_offsets().iter().map(|&(from, to)| from..to).collect();
        assert_eq!(pieces.ids, general.get_ids(), "{text:?}");
        assert_eq!(pieces.ranges, ranges, "{text:?}");
        true
    }
}

fn shipped() -> Both {
    Both::load(&root().join("model-fetch/models/ner")).expect("it is BERT's")
}

/// The fixtures' BERT tokenizers, cased ones and such that keep accents among them.
fn fixtures() -> Vec<PathBuf> {
    let all = std::fs::read_dir(root().join("tests/fixtures/models")).unwrap();
    all.map(|entry| entry.unwrap().path()).filter(|path| path.join("tokenizer.json").is_file()).collect()
}

#[test]
fn every_character_is_cut_alike_or_left_to_the_general_tokenizer() {
    let mut all: Vec<Both> = fixtures().iter().filter_map(|path| Both::load(path)).collect();
    assert!(all.len() >= 3, "only {} fixtures are BERT's", all.len());
    all.push(shipped());
    for (i, both) in all.iter().enumerate() {
        let taken = (char::MIN..=char::MAX).filter(|&c| {
            // Alone, beside letters, twice, and between others that change their length.
            both.agree(&String::from(c))
                && both.agree(&format!("a{c}b"))
                && both.agree(&format!("{c}{c}"))
                && both.agree(&format!("é{c} Éa{c}"))
        });
        let taken = taken.count();
        assert!(taken > 400, "{i}: {taken}");
    }
}

#[test]
fn texts_of_the_fixtures_are_cut_alike() {
    let shipped = shipped();
    let (mut took, mut texts) = (0, 0);
    for file in ["ner", "sentiment"] {
        let file = root().join(format!("tests/fixtures/shipped/{file}.json"));
        let json: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        for case in json["cases"].as_array().unwrap() {
            for text in [&case["text"], &case["pair"]].into_iter().filter_map(Value::as_str) {
                took += usize::from(shipped.agree(text));
                texts += 1;
            }
        }
    }
    for line in include_str!("../benches/pairs.jsonl").lines() {
        let pair: Value = serde_json::from_str(line).unwrap();
        assert!(shipped.agree(pair["sentence"].as_str().unwrap()));
    }
    assert!(2 * took > texts, "{took} of {texts}");
}

#[test]
fn texts_put_together_at_random_are_cut_alike() {
    const PARTS: [&str; 36] = [
        "a",
        "B",
        "é",
        "É",
        "ß",
        "ñ",
        " ",
        "  ",
        "\n",
        "\t",
        "\u{a0}",
        "\u{200b}",
        "\u{ad}",
        "\r\n",
        ".",
        ",",
        "—",
        "“",
        "’",
        "€",
        "7",
        "42",
        "unaffable",
        "Halvorsen",
        "ing",
        "tion",
        "un",
        "Łódź",
        "ŉ",
        "İ",
        "ǆ",
        "я",
        "Ж",
        "##",
        "x̂",
        "\u{2028}",
    ];
    let mut all: Vec<Both> = fixtures().iter().filter_map(|path| Both::load(path)).collect();
    all.push(shipped());
    let mut state = 6u32;
    let mut draw = |below: usize| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize % below
    };
    let mut took = 0;
    for _ in 0..20_000 {
        let count = draw(12);
        let text: String = (0..count).map(|_| PARTS[draw(PARTS.len())]).collect();
        took += all.iter().filter(|both| both.agree(&text)).count();
    }
    assert!(took > 20_000, "{took}");
}

#[test]
fn words_longer_than_the_limit_and_words_of_no_pieces_are_unknown_alike() {
    let shipped = shipped();
    for text in
        ["a".repeat(100), "a".repeat(101), "é".repeat(101), "€¤¬".into(), format!("{}.", "é".repeat(99))]
    {
        assert!(shipped.agree(&text), "{text}");
    }
}

#[test]
fn special_tokens_in_a_text_are_left_to_the_general_tokenizer() {
    let shipped = shipped();
    assert!(shipped.fast.pieces("what [SEP] means").is_none());
    assert!(shipped.agree("what [sep] means"));
    assert!(shipped.fast.pieces("漢字").is_none());
}
