//! Measures the text module against data that lies outside this repository.
//!
//! ```text
//! cargo bench --bench text_eval -- golden RULES.json        golden rules passed
//! cargo bench --bench text_eval -- news NEWS.jsonl          boundary F1, breaks inside names
//! cargo bench --bench text_eval -- link [CASES.json]        B³ of entity linking
//! ```
//! With `--show` before the path, what went wrong is printed too.

use std::collections::BTreeSet;
use std::ops::Range;
use std::{env, error, fs};

use baton::text::{self, Claim, Language, OffsetUnit, Tagged};
use serde::Deserialize;

type Outcome = Result<(), Box<dyn error::Error>>;

fn main() -> Outcome {
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let show = args.iter().any(|arg| arg == "--show");
    let words: Vec<&str> = args.iter().map(String::as_str).filter(|arg| *arg != "--show").collect();
    match words[..] {
        ["golden", path] => golden(&fs::read_to_string(path)?, show),
        ["news", path] => news(&fs::read_to_string(path)?, show),
        ["link", path] => link(&fs::read_to_string(path)?, show),
        ["link"] => link(include_str!("../tests/data/links.json"), show),
        _ => {
            println!("golden RULES.json | news NEWS.jsonl | link [CASES.json]");
            Ok(())
        }
    }
}

#[derive(Deserialize)]
struct Rule {
    rule: u32,
    text: String,
    sentences: Vec<String>,
}

fn golden(json: &str, show: bool) -> Outcome {
    let rules: Vec<Rule> = serde_json::from_str(json)?;
    let mut passed = 0;
    for Rule { rule, text, sentences } in &rules {
        let found: Vec<&str> =
            text::sentences(text, &[], Language::English).into_iter().map(|range| &text[range]).collect();
        passed += usize::from(found == *sentences);
        if show && found != *sentences {
            println!("rule {rule}: {found:#?}");
        }
    }
    println!("golden rules: {passed} of {}", rules.len());
    Ok(())
}

#[derive(Deserialize)]
struct Line {
    sentence_normalized: String,
    #[serde(default)]
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    from: usize,
    to: usize,
}

/// Sentences of one source joined by spaces, with where they and the names in them are.
#[derive(Default)]
struct News {
    text: String,
    sentences: Vec<Range<usize>>,
    names: Vec<Range<usize>>,
}

fn read_news(jsonl: &str) -> Result<News, Box<dyn error::Error>> {
    let mut news = News::default();
    let mut seen = BTreeSet::new();
    for line in jsonl.lines() {
        let line: Line = serde_json::from_str(line)?;
        let sentence = line.sentence_normalized.as_str();
        if !is_well_cut(sentence) || !seen.insert(sentence.to_owned()) {
            continue;
        }
        let claims: Vec<_> =
            line.targets.iter().map(|t| Claim { begin: t.from, end: t.to, text: None }).collect();
        if !news.text.is_empty() {
            news.text.push(' ');
        }
        let begin = news.text.len();
        let ranges = text::check(sentence, OffsetUnit::Codepoint, &claims);
        news.names.extend(ranges.into_iter().flatten().map(|range| begin + range.start..begin + range.end));
        news.text.push_str(sentence);
        news.sentences.push(begin..news.text.len());
    }
    Ok(news)
}

/// Whether a line of the data is a whole sentence, as far as its form tells: it begins and ends
/// like one, wasn't cut after a title or before the day of a date, and isn't two paragraphs.
fn is_well_cut(sentence: &str) -> bool {
    const CUT_AFTER: [&str; 15] = [
        "Sen.", "Sens.", "Rep.", "Reps.", "Gov.", "Gen.", "GEN.", "Lt.", "Sgt.", "Cpl.", "Cmdr.", "Rev.",
        "Dr.", "v.", "Mr.",
    ];
    let begins = sentence
        .trim_start_matches(['"', '“', '‘', '\'', '(', '['])
        .starts_with(|c: char| c.is_uppercase() || c.is_numeric());
    let ends = sentence.trim_end_matches(['"', '”', '’', '\'', ')', ']']).ends_with(['.', '!', '?', '…']);
    let day = sentence.trim_start_matches(|c: char| c.is_ascii_digit());
    let begins_with_day = day.len() < sentence.len() && day.starts_with(['.', ',', ')']);
    let last = sentence.rsplit([' ', '\u{A0}', '-', '“', '"']).next().unwrap_or_default();
    begins && ends && !begins_with_day && !CUT_AFTER.contains(&last) && !sentence.contains('\n')
}

fn news(jsonl: &str, show: bool) -> Outcome {
    let News { text, sentences, names } = read_news(jsonl)?;
    let found = text::sentences(&text, &[], Language::English);
    let begins =
        |ranges: &[Range<usize>]| -> BTreeSet<usize> { ranges.iter().skip(1).map(|s| s.start).collect() };
    let (wanted, made) = (begins(&sentences), begins(&found));
    let right = wanted.intersection(&made).count() as f64;
    let (precision, recall) = (right / made.len() as f64, right / wanted.len() as f64);
    if show {
        for at in wanted.symmetric_difference(&made) {
            let kind = if made.contains(at) { "extra " } else { "missed" };
            println!("{kind} {:?} | {:?}", tail(&text[..*at]), head(&text[*at..]));
        }
    }
    println!(
        "boundary F1 {:.4} (precision {precision:.4}, recall {recall:.4}, {} sentences)",
        2.0 * precision * recall / (precision + recall),
        sentences.len()
    );
    let inside = |cuts: &[Range<usize>]| {
        names
            .iter()
            .filter(|name| cuts.iter().any(|cut| name.start < cut.start && cut.start < name.end))
            .count()
    };
    if show {
        for name in &names {
            for cut in found.iter().filter(|cut| name.start < cut.start && cut.start < name.end) {
                println!("inside {:?} | {:?}", &text[name.start..cut.start], &text[cut.start..name.end]);
            }
        }
    }
    let guarded = text::sentences(&text, &names, Language::English);
    println!(
        "boundaries inside {} names: {}, with the names protected: {}",
        names.len(),
        inside(&found),
        inside(&guarded)
    );
    Ok(())
}

fn tail(text: &str) -> &str {
    text.char_indices().rev().nth(60).map_or(text, |(i, _)| &text[i..])
}

fn head(text: &str) -> &str {
    text.char_indices().nth(40).map_or(text, |(i, _)| &text[..i])
}

#[derive(Deserialize)]
struct Case {
    text: String,
    mentions: Vec<Labelled>,
}

#[derive(Deserialize)]
struct Labelled {
    text: String,
    #[serde(rename = "type")]
    kind: String,
    entity: String,
}

fn link(json: &str, show: bool) -> Outcome {
    let cases: Vec<Case> = serde_json::from_str(json)?;
    let (mut precision, mut recall, mut count) = (0.0, 0.0, 0.0);
    for case in &cases {
        let mut from = 0;
        let tagged: Vec<Tagged<'_>> = case
            .mentions
            .iter()
            .map(|mention| {
                let begin = case.text[from..].find(&mention.text).ok_or(mention.text.as_str())? + from;
                from = begin + mention.text.len();
                Ok(Tagged { range: begin..from, kind: &mention.kind, confidence: 0.9 })
            })
            .collect::<Result<_, &str>>()?;
        let entities = text::link(&case.text, &tagged)?;
        let mut joined = vec![0; tagged.len()];
        for (index, entity) in entities.iter().enumerate() {
            entity.mentions.iter().for_each(|&mention| joined[mention] = index);
            if show {
                let texts: Vec<_> = entity.mentions.iter().map(|&m| &case.mentions[m].text).collect();
                let could_be: Vec<_> = entity.could_be.iter().map(|&other| &entities[other].id).collect();
                println!("{} {:?} {texts:?} {:?}", entity.id, entity.name, could_be);
            }
        }
        for (i, mention) in case.mentions.iter().enumerate() {
            let same = |j: usize| case.mentions[j].entity == mention.entity;
            let together: Vec<usize> = (0..tagged.len()).filter(|&j| joined[j] == joined[i]).collect();
            let right = together.iter().filter(|&&j| same(j)).count() as f64;
            precision += right / together.len() as f64;
            recall += right / (0..tagged.len()).filter(|&j| same(j)).count() as f64;
            count += 1.0;
        }
    }
    let (precision, recall): (f64, f64) = (precision / count, recall / count);
    println!(
        "linking: B³ F1 {:.3} (precision {precision:.3}, recall {recall:.3}; {count} mentions in {} documents)",
        2.0 * precision * recall / (precision + recall),
        cases.len()
    );
    Ok(())
}
