//! The text that a sentence and a target in it become, before it is cut into tokens: for models that were trained
//! on something else than the pair of both, such as a target that is marked where it stands.

use std::ops::Range;

/// One segment of an input, or two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    first: Vec<Part>,
    second: Option<Vec<Part>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// As it stands in the template.
    Text(String),
    Sentence,
    Before,
    Target,
    After,
}

/// What a segment becomes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// Its text.
    pub text: String,
    /// Where the sentence stands in it, if it does.
    pub sentence: Option<Quoted>,
}

/// A sentence inside a segment, in bytes of the segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// The whole of it, with what marks the target.
    pub whole: Range<usize>,
    /// The target.
    pub target: Range<usize>,
    /// The target and its marks: what must stay when the sentence is cut.
    pub marked: Range<usize>,
}

const PLACES: &str = "{sentence}, {before}, {target}, {after}";

impl Template {
    /// The sentence, and the target beside it.
    pub fn pair() -> Self {
        Template { first: vec![Part::Sentence], second: Some(vec![Part::Target]) }
    }

    /// # Errors
    /// All that is wrong with it.
    pub(super) fn parse(segments: &[&str]) -> Result<Self, Vec<String>> {
        let mut errors = Vec::new();
        if !matches!(segments.len(), 1 | 2) {
            errors.push(format!("has {} segments; a template is a text, or two in an array", segments.len()));
        }
        let mut parsed = Vec::new();
        for segment in segments {
            match parts(segment) {
                Ok(parts) => parsed.push(parts),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            errors.extend(misplaced(&parsed));
        }
        let mut parsed = parsed.into_iter();
        match parsed.next() {
            Some(first) if errors.is_empty() => Ok(Template { first, second: parsed.next() }),
            _ => Err(errors),
        }
    }

    /// Whether an input is a pair.
    pub fn has_two_texts(&self) -> bool {
        self.second.is_some()
    }

    /// Whether two mentions of the same words in one sentence make different inputs.
    pub fn tells_places_apart(&self) -> bool {
        self.first.iter().chain(self.second.iter().flatten()).any(|part| *part == Part::Before)
    }

    /// The segments that a sentence and a target in it (bytes of the sentence) become.
    pub fn fill(&self, sentence: &str, target: &Range<usize>) -> (Segment, Option<Segment>) {
        let segment = |parts: &Vec<Part>| segment(parts, sentence, target);
        (segment(&self.first), self.second.as_ref().map(segment))
    }
}

fn segment(parts: &[Part], sentence: &str, target: &Range<usize>) -> Segment {
    let mut text = String::new();
    let (mut before, mut place) = (None, None);
    let mut quoted = None;
    for part in parts {
        let from = text.len();
        match part {
            Part::Text(words) => text += words,
            Part::Sentence => {
                text += sentence;
                let target = from + target.start..from + target.end;
                quoted = Some(Quoted { whole: from..text.len(), marked: target.clone(), target });
            }
            Part::Before => {
                text += &sentence[..target.start];
                before = Some(from..text.len());
            }
            Part::Target => {
                text += &sentence[target.clone()];
                place = Some(from..text.len());
            }
            Part::After => {
                text += &sentence[target.end..];
                if let (Some(before), Some(target)) = (before.take(), place.take()) {
                    quoted =
                        Some(Quoted { whole: before.start..text.len(), target, marked: before.end..from });
                }
            }
        }
    }
    Segment { text, sentence: quoted }
}

fn parts(template: &str) -> Result<Vec<Part>, String> {
    if template.trim().is_empty() {
        return Err("has an empty segment".into());
    }
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((words, after)) = rest.split_once('{') {
        let unknown =
            |name: &str| format!("has {{{name} in {template:?}, which is no place; Baton has {PLACES}");
        let (name, after) = after.split_once('}').ok_or_else(|| unknown(after))?;
        if !words.is_empty() {
            parts.push(Part::Text(words.to_owned()));
        }
        parts.push(match name {
            "sentence" => Part::Sentence,
            "before" => Part::Before,
            "target" => Part::Target,
            "after" => Part::After,
            _ => return Err(unknown(&format!("{name}}}"))),
        });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

/// What of a template's places can't be filled, or leaves out what the model must know.
fn misplaced(segments: &[Vec<Part>]) -> Option<String> {
    let places = |parts: &[Part]| -> Vec<Part> {
        let is_context = |part: &&Part| matches!(part, Part::Sentence | Part::Before | Part::After);
        parts.iter().filter(is_context).cloned().collect()
    };
    let context: Vec<Vec<Part>> = segments.iter().map(|parts| places(parts)).collect();
    let quotes = context.iter().filter(|places| !places.is_empty()).count();
    let once = |places: &Vec<Part>| *places == [Part::Sentence] || *places == [Part::Before, Part::After];
    if quotes != 1 || !context.iter().any(once) {
        return Some(
            "must have the sentence once: {sentence}, or {before}, {target} and {after} around it".into(),
        );
    }
    let between = |parts: &Vec<Part>| {
        let at = |part: Part| parts.iter().position(|p| *p == part);
        match (at(Part::Before), at(Part::After)) {
            (Some(before), Some(after)) => {
                parts[before..after].iter().filter(|part| **part == Part::Target).count() == 1
            }
            _ => true,
        }
    };
    if !segments.iter().all(between) {
        return Some("must have {target} once between {before} and {after}".into());
    }
    let target = segments.iter().flatten().any(|part| *part == Part::Target);
    (!target).then(|| "has no {target}: the model could not know what it is asked about".to_owned())
}
