//! The page: a template, its style and its script as they are, and the findings as JSON beside them, from which the
//! script shows what is asked for. Offsets there are UTF-16's, which is what scripts count in.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    document::contract::{Class, Score},
    mode::findings::{Document, Entities, Mention, Strongest},
    text::{OffsetUnit, to_units},
};

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = concat!(
    include_str!("page/base.js"),
    include_str!("page/parts.js"),
    include_str!("page/lists.js"),
    include_str!("page/labels.js"),
    include_str!("page/details.js"),
    include_str!("page/tip.js"),
    include_str!("page/route.js"),
);

#[derive(Serialize)]
struct Data<'a> {
    documents: Vec<DocumentData<'a>>,
    entities: Vec<EntityData<'a>>,
    /// How many documents were rejected, as far as that is known.
    rejected: usize,
    /// The stages that were at work, and the digests of their models.
    stages: BTreeSet<(&'a str, &'a str, &'a str)>,
}

#[derive(Serialize)]
struct DocumentData<'a> {
    name: &'a str,
    title: Option<&'a str>,
    day: Option<&'a str>,
    text: &'a str,
    /// Begin and end of each.
    sentences: Vec<(usize, usize)>,
    mentions: Vec<MentionData>,
    labels: Vec<StageLabels<'a>>,
}

/// A `classify` stage and its labels, those with the highest scores first: the label, its score, and whether the document
/// has it.
type StageLabels<'a> = (&'a str, Vec<(&'a str, f64, bool)>);

/// What a sentence may say, by which the script knows a label and its probability.
const LABELS: [&str; 3] = ["negative", "neutral", "positive"];
const NEUTRAL: usize = 1;

/// Begin, end, entity, sentence, label, and the labels' probabilities: a list, since there are many.
type MentionData = (usize, usize, usize, Option<usize>, Option<usize>, Option<[f64; 3]>);

#[derive(Serialize)]
struct EntityData<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    documents: usize,
    mentions: usize,
    negative: usize,
    neutral: usize,
    positive: usize,
    score: Option<f64>,
    /// Document and mention, the strongest first.
    against: Vec<(usize, usize)>,
    #[serde(rename = "for")]
    in_favour: Vec<(usize, usize)>,
}

pub fn render(documents: &BTreeMap<String, Document>, entities: &Entities, rejected: usize) -> Vec<u8> {
    let policy = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
        source_hash(SCRIPT),
        source_hash(STYLE)
    );
    let mut pieces = TEMPLATE.split("{{");
    let mut page = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or_default();
        match name {
            "policy" => page.extend_from_slice(policy.as_bytes()),
            "style" => page.extend_from_slice(STYLE.as_bytes()),
            "script" => page.extend_from_slice(SCRIPT.as_bytes()),
            "version" => page.extend_from_slice(env!("CARGO_PKG_VERSION").as_bytes()),
            "data" => {
                // There may be hundreds of megabytes of it: it is written once, where it stands.
                let mut json = serde_json::Serializer::with_formatter(&mut page, Inert);
                let written = data(documents, entities, rejected).serialize(&mut json);
                written.expect("strings and numbers always serialise");
            }
            _ => {}
        }
        page.extend_from_slice(rest.as_bytes());
    }
    page
}

/// JSON that can't be taken for markup: `<`, `>` and `&` stand only in its strings, and are escaped there.
struct Inert;

impl serde_json::ser::Formatter for Inert {
    fn write_string_fragment<W: io::Write + ?Sized>(&mut self, to: &mut W, part: &str) -> io::Result<()> {
        for piece in part.split_inclusive(['<', '>', '&']) {
            let plain = piece.trim_end_matches(['<', '>', '&']);
            to.write_all(plain.as_bytes())?;
            to.write_all(match &piece[plain.len()..] {
                "<" => b"\\u003c",
                ">" => b"\\u003e",
                "&" => b"\\u0026",
                _ => b"",
            })?;
        }
        Ok(())
    }
}

/// How a content security policy names a script or style that stands in the page.
fn source_hash(content: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(content)))
}

fn data<'a>(documents: &'a BTreeMap<String, Document>, entities: &'a Entities, rejected: usize) -> Data<'a> {
    let ranked = entities.ranked();
    let entity: HashMap<&str, usize> = ranked.iter().enumerate().map(|(i, (name, _))| (*name, i)).collect();
    let document: HashMap<&str, usize> =
        documents.keys().enumerate().map(|(i, name)| (name.as_str(), i)).collect();
    let places = |strongest: &[Strongest]| {
        let place = |s: &Strongest| Some((*document.get(s.document.as_str())?, s.mention));
        strongest.iter().filter_map(place).collect()
    };
    let ranked = ranked.iter().map(|(name, found)| EntityData {
        name,
        kind: found.kind(),
        documents: found.documents.len(),
        mentions: found.mentions,
        negative: found.negative,
        neutral: found.neutral,
        positive: found.positive,
        score: found.score().map(|score| Score::new(score).get()),
        against: places(&found.against),
        in_favour: places(&found.in_favour),
    });
    let lineage = documents.values().flat_map(|document| &document.lineage);
    Data {
        documents: documents
            .iter()
            .map(|(name, document)| {
                document_data(name, document, |known| entity.get(entities.name_of(known)).copied())
            })
            .collect(),
        entities: ranked.collect(),
        rejected,
        stages: lineage.map(|line| (line.stage.as_str(), line.task.as_str(), line.model.as_str())).collect(),
    }
}

fn document_data<'a>(
    name: &'a str,
    document: &'a Document,
    entity: impl Fn(&str) -> Option<usize>,
) -> DocumentData<'a> {
    let outside = |ranges: &[_]| to_units(&document.text, OffsetUnit::Utf16, ranges);
    let places: Vec<_> = document.mentions.iter().map(|mention| mention.place.clone()).collect();
    let mentions = document.mentions.iter().zip(outside(&places)).map(|(mention, place)| {
        let name = document.entities.get(mention.entity).map_or("", |entity| entity.name.as_str());
        let entity = entity(name).unwrap_or_default();
        let sentence = mention.sentence.filter(|sentence| *sentence < document.sentences.len());
        let (label, scores) = said(mention).unzip();
        (place.start, place.end, entity, sentence, label, scores)
    });
    DocumentData {
        name,
        title: document.title.as_deref(),
        day: document.day.as_deref(),
        text: &document.text,
        sentences: outside(&document.sentences).into_iter().map(|range| (range.start, range.end)).collect(),
        mentions: mentions.collect(),
        labels: document.labels.iter().map(|(stage, class)| (stage.as_str(), labels(class))).collect(),
    }
}

fn labels(class: &Class) -> Vec<(&str, f64, bool)> {
    let is_given = |label: &String| class.given().any(|given| given == label);
    let labels = class.scores.iter().map(|(label, score)| (label.as_str(), score.get(), is_given(label)));
    let mut labels: Vec<_> = labels.collect();
    labels.sort_by(|(_, a, _), (_, b, _)| b.total_cmp(a));
    labels
}

fn said(mention: &Mention) -> Option<(usize, [f64; 3])> {
    let said = mention.said.as_ref()?;
    let label = LABELS.iter().position(|label| *label == said.label).unwrap_or(NEUTRAL);
    Some((label, LABELS.map(|label| said.scores.get(label).map_or(0.0, |score| score.get()))))
}
