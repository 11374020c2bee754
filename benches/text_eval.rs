//! Measures the text module against data that lies outside this repository.
//!
//! ```text
//! cargo bench --bench text_eval -- golden RULES.json        golden rules passed
//! cargo bench --bench text_eval -- news NEWS.jsonl          boundary F1, breaks inside names
//! cargo bench --bench text_eval -- speed NEWS.jsonl         MB/s of splitter, offsets and search
//! cargo bench --bench text_eval -- link [CASES.json]        B³ of entity linking
//! ```
//! With `--show` before the path, what went wrong is printed too.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::ops::Range;
use std::time::{Duration, Instant};
use std::{env, error, fs};

use baton::text::{self, Claim, FindOptions, Language, OffsetUnit, Searched, Sought, Tagged};
use serde::Deserialize;

type Outcome = Result<(), Box<dyn error::Error>>;

fn main() -> Outcome {
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let show = args.iter().any(|arg| arg == "--show");
    let words: Vec<&str> = args.iter().map(String::as_str).filter(|arg| *arg != "--show").collect();
    match words[..] {
        ["golden", path] => golden(&fs::read_to_string(path)?, show),
        ["news", path] => news(&fs::read_to_string(path)?, show),
        ["speed", path] => speed(&fs::read_to_string(path)?),
        ["link", path] => link(&fs::read_to_string(path)?, show),
        ["link"] => link(include_str!("../tests/data/links.json"), show),
        _ => {
            println!("golden RULES.json | news NEWS.jsonl | speed NEWS.jsonl | link [CASES.json]");
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
        let spans = text::check(sentence, OffsetUnit::Codepoint, &claims);
        news.names.extend(spans.into_iter().flatten().map(|span| {
            let range = span.range();
            begin + range.start..begin + range.end
        }));
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

fn speed(jsonl: &str) -> Outcome {
    let news = read_news(jsonl)?;
    let paragraph = up_to(&news.text, 1 << 20);
    let short: Vec<&str> = documents(&news.text, 5 << 10);
    let all: usize = short.iter().map(|d| d.len()).sum();
    let split = |text: &str| black_box(text::sentences(black_box(text), &[], Language::English)).len();

    println!("sentences, documents of 5 KB: {:.0} MB/s", rate(all, || short.iter().map(|d| split(d)).sum()));
    println!("sentences, one paragraph of 1 MB: {:.0} MB/s", rate(paragraph.len(), || split(paragraph)));
    let hostile =
        ["“a.", "a. ", ".", "\n", "(", ". (", "1. ", "A. ", "« ", ". . ", "! \"", "\u{2009}.", "。", "•"];
    for unit in hostile {
        let text = unit.repeat((1 << 20) / unit.len());
        println!("sentences, 1 MB of {unit:?}: {:.0} MB/s", rate(text.len(), || split(&text)));
    }
    let every_name: Vec<_> = news.names.iter().filter(|n| n.end <= paragraph.len()).cloned().collect();
    println!(
        "sentences, {} names protected: {:.0} MB/s",
        every_name.len(),
        rate(paragraph.len(), || {
            black_box(text::sentences(paragraph, &every_name, Language::English)).len()
        })
    );
    let plain: String = paragraph.chars().filter(char::is_ascii).collect();
    for (kind, text) in [("ASCII", plain.as_str()), ("news", paragraph)] {
        let ranges: Vec<_> = text::sentences(text, &[], Language::English);
        for unit in [OffsetUnit::Codepoint, OffsetUnit::Utf16, OffsetUnit::Utf8] {
            let there = text::to_units(text, unit, &ranges);
            let claims: Vec<_> =
                there.iter().map(|r| Claim { begin: r.start, end: r.end, text: None }).collect();
            println!(
                "offsets of {} ranges, 1 MB of {kind}, {unit}: {:.0} MB/s checked, {:.0} MB/s back",
                claims.len(),
                rate(text.len(), || black_box(text::check(black_box(text), unit, &claims)).len()),
                rate(text.len(), || black_box(text::to_units(black_box(text), unit, &ranges)).len()),
            );
        }
    }
    let names: BTreeSet<&str> = news
        .names
        .iter()
        .map(|n| &news.text[n.clone()])
        .filter(|name| name.contains(' '))
        .take(400)
        .collect();
    for count in [5, 50] {
        let sought: Vec<_> = names
            .iter()
            .take(count)
            .map(|name| Sought { name, kind: Some("PER"), ..Sought::default() })
            .collect();
        println!(
            "search for {count} entities in documents of 5 KB: {:.0} MB/s",
            rate(all, || {
                short
                    .iter()
                    .filter_map(|text| {
                        text::find(Searched { text, ..Searched::default() }, &sought, FindOptions::default())
                            .ok()
                    })
                    .map(|found| found.mentions.len())
                    .sum()
            })
        );
    }
    Ok(())
}

/// MB/s of work on `bytes`: the best of as many runs as half a second allows.
fn rate(bytes: usize, mut work: impl FnMut() -> usize) -> f64 {
    let begin = Instant::now();
    let mut best = Duration::MAX;
    while begin.elapsed() < Duration::from_millis(500) {
        let run = Instant::now();
        black_box(work());
        best = best.min(run.elapsed());
    }
    bytes as f64 / best.as_secs_f64() / 1e6
}

fn up_to(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes.min(text.len()))]
}

fn documents(mut text: &str, bytes: usize) -> Vec<&str> {
    let mut documents = Vec::new();
    while !text.is_empty() {
        let document = up_to(text, bytes);
        documents.push(document);
        text = &text[document.len()..];
    }
    documents
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
