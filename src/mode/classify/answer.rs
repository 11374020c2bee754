//! A model's answer for a person.

use std::fmt::Write;

use comfy_table::{Table, presets::NOTHING};

use crate::{
    document::{
        Document,
        contract::{
            Annotation, Class, DocumentClass, EntitySentiment, MentionSentiment, Score, SentenceClass,
        },
    },
    mode::line::{count, on_one_line},
};

/// What the model found, in lines.
pub fn render(document: &Document, annotation: &Annotation) -> String {
    match annotation {
        Annotation::Ner { counts, .. } => {
            entities(document) + &parts(counts.windowed, "read in overlapping parts")
        }
        Annotation::Sentiment { mentions, entities, counts, .. } => {
            targets(document, mentions, entities)
                + &parts(counts.windowed, "cut to a window around the target")
        }
        Annotation::Classify { sentences, document: whole, counts, .. } => {
            classes(document, sentences, whole.as_deref())
                + &parts(counts.windowed, "read in overlapping parts")
        }
    }
}

/// Says what was too long for the model.
fn parts(windowed: usize, how: &str) -> String {
    match windowed {
        0 => String::new(),
        1 => format!("one input was too long for the model and {how}\n"),
        n => format!("{n} inputs were too long for the model and {how}\n"),
    }
}

fn entities(document: &Document) -> String {
    let found: Vec<_> = document.entities.iter().filter(|entity| !entity.mentions.is_empty()).collect();
    if found.is_empty() {
        return "no entities found\n".into();
    }
    let mut table = Table::new();
    table.load_preset(NOTHING);
    table.set_content_arrangement(comfy_table::ContentArrangement::Disabled);
    for entity in found {
        let ranges: Vec<_> = entity.mentions.iter().map(|mention| mention.range.clone()).collect();
        let places = document.outside(&ranges).into_iter().zip(&ranges);
        let places = places.map(|(outside, inside)| {
            format!("“{}” {}..{}", on_one_line(&document.text[inside.clone()]), outside.start, outside.end)
        });
        let kind = on_one_line(entity.kind.as_deref().unwrap_or_default());
        table.add_row([kind, on_one_line(&entity.name), places.collect::<Vec<_>>().join(", ")]);
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn targets(document: &Document, mentions: &[MentionSentiment], entities: &[EntitySentiment]) -> String {
    let mut text = String::new();
    for mention in mentions {
        let sentence = document.sentences.get(mention.sentence).cloned().unwrap_or_default();
        let _ = writeln!(text, "“{}”", on_one_line(&document.text[sentence]));
        for (label, score) in ranked(mention.scores.iter()) {
            let _ = writeln!(text, "  {label:8}  {:.4}", score.get());
        }
    }
    for entity in entities.iter().filter(|entity| entity.mentions > 1) {
        let EntitySentiment { label, score, mentions, .. } = entity;
        let _ = writeln!(text, "over {mentions} mentions: {label}, score {:+.4}", score.get());
    }
    text
}

fn classes(document: &Document, sentences: &[SentenceClass], whole: Option<&DocumentClass>) -> String {
    let mut text = String::new();
    for SentenceClass { sentence, class } in sentences {
        let sentence = document.sentences.get(*sentence).cloned().unwrap_or_default();
        let _ = writeln!(text, "“{}”", on_one_line(&document.text[sentence]));
        text += &scores(class);
    }
    if let Some(DocumentClass { class, sentences }) = whole {
        if let Some(counts) = sentences {
            let _ = writeln!(text, "mean of {}:", count(document.sentences.len(), "sentence", "sentences"));
            let lines = ranked(class.scores.iter()).into_iter().map(|(label, score)| {
                let sentences = counts.get(label).copied().unwrap_or_default();
                (
                    given(class, label),
                    on_one_line(label),
                    score,
                    format!("  {}", count(sentences, "sentence", "sentences")),
                )
            });
            text += &aligned(lines.collect());
        } else {
            text += &scores(class);
        }
    }
    text
}

/// A label's line: what marks it, its name, its score, and what else there is to say.
type Line = (&'static str, String, Score, String);

fn scores(class: &Class) -> String {
    let ranked = ranked(class.scores.iter()).into_iter();
    aligned(
        ranked
            .map(|(label, score)| (given(class, label), on_one_line(label), score, String::new()))
            .collect(),
    )
}

/// A star where the label is one of those that the model gives.
fn given(class: &Class, label: &str) -> &'static str {
    let is_given = class.given().any(|given| given == label);
    if is_given { "*" } else { " " }
}

fn aligned(lines: Vec<Line>) -> String {
    let width = lines.iter().map(|(_, label, ..)| console::measure_text_width(label)).max().unwrap_or(0);
    let lines = lines.into_iter().map(|(mark, label, score, more)| {
        let label = console::pad_str(&label, width, console::Alignment::Left, None);
        format!("{mark} {label}  {:.4}{more}\n", score.get())
    });
    lines.collect()
}

/// Labels by their scores, the highest first.
fn ranked<'a>(scores: impl Iterator<Item = (&'a String, &'a Score)>) -> Vec<(&'a str, Score)> {
    let mut ranked: Vec<_> = scores.map(|(label, score)| (label.as_str(), *score)).collect();
    ranked.sort_by(|(_, a), (_, b)| b.get().total_cmp(&a.get()));
    ranked
}
