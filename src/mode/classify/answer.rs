//! A model's answer for a person.

use std::fmt::Write;

use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use indexmap::IndexMap;

use crate::{
    document::{
        Document,
        contract::{
            Annotation, Class, DocumentClass, EntitySentiment, MentionSentiment, Score, SentenceClass,
        },
    },
    mode::line::{count, on_one_line},
    telemetry::{self, Counts},
};

/// What the model found, in lines, and what was too long for it.
pub fn render(document: &Document, annotation: &Annotation) -> String {
    const IN_PARTS: &str = "read in overlapping parts";
    let (mut text, how) = match annotation {
        Annotation::Ner { .. } => (entities(document), IN_PARTS),
        Annotation::Sentiment { mentions, entities, .. } => {
            (targets(document, mentions, entities), "cut to a window around the target")
        }
        Annotation::Classify { sentences, document: whole, .. } => {
            (classes(document, sentences, whole.as_deref()), IN_PARTS)
        }
    };
    let Counts { windowed, tokens, unknown, .. } = telemetry::counts(annotation);
    if windowed > 0 {
        let inputs = count(windowed, "input was", "inputs were");
        let _ = writeln!(text, "{inputs} too long for the model and {how}");
    }
    if unknown > 0 {
        let _ =
            writeln!(text, "{unknown} of {tokens} tokens are words that the model's vocabulary can't spell");
    }
    text
}

fn entities(document: &Document) -> String {
    let found: Vec<_> = document.entities.iter().filter(|entity| !entity.mentions.is_empty()).collect();
    if found.is_empty() {
        return "no entities found\n".into();
    }
    let mut table = Table::new();
    table.load_preset(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
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
        for (label, score) in ranked(&mention.scores) {
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
        text += &labels(class, |_| String::new());
    }
    match whole {
        None => {}
        Some(DocumentClass { class, sentences: None }) => text += &labels(class, |_| String::new()),
        Some(DocumentClass { class, sentences: Some(counts) }) => {
            let in_sentences = |n| count(n, "sentence", "sentences");
            let _ = writeln!(text, "mean of {}:", in_sentences(document.sentences.len()));
            text += &labels(class, |label| {
                format!("  {}", in_sentences(counts.get(label).copied().unwrap_or_default()))
            });
        }
    }
    text
}

/// A line for each label: a star where it is one of those that the model gives, its name, its score, and what `more` there
/// is to say.
fn labels(class: &Class, more: impl Fn(&str) -> String) -> String {
    let ranked = ranked(&class.scores);
    let widths = ranked.iter().map(|(label, _)| console::measure_text_width(&on_one_line(label)));
    let width = widths.max().unwrap_or(0);
    let lines = ranked.into_iter().map(|(label, score)| {
        let mark = if class.given().any(|given| given == label) { "*" } else { " " };
        let name = on_one_line(label);
        let name = console::pad_str(&name, width, console::Alignment::Left, None);
        format!("{mark} {name}  {:.4}{}\n", score.get(), more(label))
    });
    lines.collect()
}

/// Labels by their scores, the highest first.
fn ranked(scores: &IndexMap<String, Score>) -> Vec<(&str, Score)> {
    let mut ranked: Vec<_> = scores.iter().map(|(label, score)| (label.as_str(), *score)).collect();
    ranked.sort_by(|(_, a), (_, b)| b.get().total_cmp(&a.get()));
    ranked
}
