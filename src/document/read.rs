//! Bytes → document. The bytes are hostile until they have passed here: encoding, JSON, sizes and offsets are all
//! checked, and what is off is a Reject that shows it.

use std::{collections::HashSet, ops::Range};

use super::{
    Document, Entity, Mention, ambiguous, contract,
    refused::{invalid, json_failure, markup, no_text, not_utf8, offsets, several_in_an_array},
};
use crate::{
    error::{Failure, Reason},
    fields::{Fields, Folded},
    limits::Limits,
    text::{self, Ambiguous, Claim, FindOptions, Language, OffsetError, OffsetUnit},
};

/// What a document that doesn't say so itself is taken for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Defaults {
    /// Its language.
    pub language: Language,
    /// Which aliases are derived from the names of entities that are searched for.
    pub aliases: FindOptions,
}

impl Document {
    /// Reads a document that is unpacked: UTF-8 text or a JSON object, told by its content.
    ///
    /// # Errors
    /// A Reject that says what is wrong and where.
    pub fn read(bytes: &[u8], limits: &Limits, defaults: Defaults) -> Result<Self, Failure> {
        let text = std::str::from_utf8(bytes).map_err(|e| not_utf8(bytes, e))?;
        // Windows tools begin files with a byte order mark, and files that are put together have several; it is no part
        // of the text.
        let text = text.trim_start_matches('\u{feff}');
        if is_binary(text) {
            return Err(no_text());
        }
        let fields = match text.trim_start().starts_with('{') {
            true => {
                let (depth, values) = extent(text);
                limits.json_depth.check(depth)?;
                limits.json_values.check(values)?;
                serde_json::from_str(text).map_err(|e| json_failure(&e))?
            }
            false if is_array(text) => return Err(several_in_an_array()),
            false => {
                let mut fields = Fields::default();
                fields.set("text", &text);
                fields
            }
        };
        Self::from_fields(fields, limits, defaults)
    }

    fn from_fields(mut fields: Fields, limits: &Limits, defaults: Defaults) -> Result<Self, Failure> {
        let text: String = required(&fields, "text")?;
        limits.text_bytes.check(text.len())?;
        if is_page(&text) {
            return Err(markup());
        }
        let unit: OffsetUnit = optional(&fields, "offsetUnit")?.unwrap_or_default();
        let title: Option<String> = optional(&fields, "title")?;
        let language: Option<String> = optional(&fields, "language")?;
        let language = language.map_or(defaults.language, |tag| Language::from(tag.as_str()));
        for (name, kind, begin) in [("annotations", "an object", b'{'), ("lineage", "an array", b'[')] {
            if fields.begins_with(name).is_some_and(|first| first != begin) {
                return Err(invalid(format!(
                    "`{name}`: Baton writes its results there; it must be {kind} or missing"
                )));
            }
        }

        // Looked into when they are written again: then it would be too late.
        optional::<Fields>(&fields, "annotations")?;

        let mut entities = entities(&fields, &text, unit, limits)?;
        fields.vacate("entities");
        let given: Vec<Range<usize>> = entities
            .iter()
            .flat_map(|known| known.entity.mentions.iter().map(|mention| mention.range.clone()))
            .collect();
        let came = ambiguous::read(&fields, &text, unit)?;
        let found = search(&text, title.as_deref(), &given, &mut entities, defaults.aliases)?;
        let entities: Vec<Entity> = entities.into_iter().map(|known| known.entity).collect();
        let mentions: Vec<_> =
            entities.iter().flat_map(|e| e.mentions.iter().map(|m| m.range.clone())).collect();

        let given_sentences = sentences(&fields, &text, unit)?;
        let sentences_given = given_sentences.is_some();
        let sentences = given_sentences.unwrap_or_else(|| text::sentences(&text, &mentions, language));
        limits.sentences.check(sentences.len())?;

        let ambiguous = ambiguous::with_those_that_came(found, &came, &entities, &mentions);
        let (ambiguous_given, settled) = (came.into_iter().map(|place| place.range).collect(), Vec::new());
        let mut document = Document {
            fields,
            text,
            unit,
            language,
            sentences,
            sentences_given,
            entities,
            ambiguous,
            ambiguous_given,
            settled,
        };
        document.check_entities(limits)?;
        (0..document.entities.len()).for_each(|entity| document.place_mentions(entity));
        Ok(document)
    }
}

/// Whether so many of its characters are NUL that nobody wrote it; one that strayed in does no harm.
fn is_binary(text: &str) -> bool {
    text.bytes().filter(|&byte| byte == 0).count() > text.len() / 16
}

/// Whether a text is a page of HTML or XML from its first character on; one that only has tags in it may be about them.
fn is_page(text: &str) -> bool {
    let text = text.trim_start();
    let begins = |with: &str| {
        text.split_at_checked(with.len()).is_some_and(|(name, rest)| {
            let is_end = |c: char| c == '>' || c.is_ascii_whitespace();
            name.eq_ignore_ascii_case(with) && rest.starts_with(is_end)
        })
    };
    ["<!doctype", "<html", "<?xml"].into_iter().any(begins)
}

/// Whether a text that isn't an object is an array of JSON from end to end; one that only begins with a bracket is
/// prose.
fn is_array(text: &str) -> bool {
    text.trim_start().starts_with('[') && serde_json::from_str::<Vec<serde::de::IgnoredAny>>(text).is_ok()
}

/// How deep objects and arrays are nested, and how many values they have, at most; what stands in strings doesn't
/// count.
fn extent(json: &str) -> (usize, usize) {
    let (mut depth, mut deepest, mut values, mut in_string, mut escaped) = (0usize, 0, 0usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b',' if !in_string => values += 1,
            b'{' | b'[' if !in_string => {
                // One more than there are commas in it.
                values += 1;
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    (deepest, values)
}

/// An entity as given, and the other names to search it by if it came without mentions.
struct Known {
    entity: Entity,
    search_as: Option<Vec<String>>,
}

/// The entities as given, their mentions checked.
fn entities(fields: &Fields, text: &str, unit: OffsetUnit, limits: &Limits) -> Result<Vec<Known>, Failure> {
    // Counted before they are in memory.
    limits.entities.check(fields.elements("entities"))?;
    let given: Vec<contract::Entity> = optional(fields, "entities")?.unwrap_or_default();
    let kept: Vec<Fields> = optional(fields, "entities")?.unwrap_or_default();
    let mut ids = HashSet::new();
    for (i, id) in given.iter().enumerate().filter_map(|(i, e)| Some((i, e.id.clone()?))) {
        if !ids.insert(id.clone()) {
            return Err(invalid(format!("entity {i} has the id {id:?}, which an entity before it has too")));
        }
    }
    // All at once: each time, the text is counted from its beginning.
    let claims: Vec<_> = given
        .iter()
        .flat_map(|entity| entity.mentions.as_deref().unwrap_or_default())
        .map(|m| Claim { begin: m.begin, end: m.end, text: m.text.as_deref() })
        .collect();
    limits.mentions.check(claims.len())?;
    let mut checked = text::check(text, unit, &claims).into_iter();
    let mut unused = (1..).map(|n| format!("e{n}"));
    let mut entities = Vec::with_capacity(given.len());
    for (entity, mut fields) in given.into_iter().zip(kept) {
        let id = match entity.id {
            Some(id) => id,
            None => unused.by_ref().find(|id| !ids.contains(id)).unwrap_or_default(),
        };
        if entity.name.trim().is_empty() {
            return Err(invalid(format!("entity {id:?} has an empty name")));
        }
        let count = entity.mentions.as_deref().unwrap_or_default().len();
        let mentions = mentions(&id, checked.by_ref().take(count), &fields)?;
        fields.vacate("mentions");
        let search_as = entity.mentions.is_none().then(|| entity.aliases.unwrap_or_default());
        let entity =
            Entity { id, name: entity.name, kind: entity.kind, mentions, could_be: Vec::new(), fields };
        entities.push(Known { entity, search_as });
    }
    Ok(entities)
}

fn mentions(
    id: &str,
    checked: impl Iterator<Item = Result<Range<usize>, OffsetError>>,
    fields: &Fields,
) -> Result<Vec<Mention>, Failure> {
    let given: Vec<Folded> = optional(fields, "mentions")?.unwrap_or_default();
    checked
        .zip(given)
        .enumerate()
        .map(|(i, (range, given))| {
            let range = range.map_err(|e| offsets(format!("mention {i} of entity {id:?}: {e}")))?;
            Ok(Mention { given: Some(given), ..Mention::new(range) })
        })
        .collect()
}

/// Finds the entities that came without mentions; answers the places that could name several of them.
fn search(
    text: &str,
    title: Option<&str>,
    given: &[Range<usize>],
    entities: &mut [Known],
    aliases: FindOptions,
) -> Result<Vec<Ambiguous>, Failure> {
    let sought: Vec<usize> = (0..entities.len()).filter(|&i| entities[i].search_as.is_some()).collect();
    if sought.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<_> = sought
        .iter()
        .map(|&i| {
            let Known { entity, search_as } = &entities[i];
            let aliases = search_as.iter().flatten().map(String::as_str).collect();
            text::Sought { name: &entity.name, aliases, kind: entity.kind.as_deref() }
        })
        .collect();
    let searched = text::Searched { text, title, given };
    let found = text::find(searched, &names, aliases)
        .map_err(|e| Failure::reject(Reason::TooLarge, e.to_string()))?;
    for (&i, mentions) in sought.iter().zip(found.mentions) {
        let found = mentions.into_iter().map(|m| Mention { via: Some(m.via), ..Mention::new(m.range) });
        entities[i].entity.mentions = found.collect();
    }
    let ambiguous = found.ambiguous.into_iter();
    let entities = |place: &Ambiguous| place.entities.iter().map(|&i| sought[i]).collect();
    Ok(ambiguous.map(|place| Ambiguous { entities: entities(&place), ..place }).collect())
}

/// The sentences as given: in order, apart, each in range.
fn sentences(fields: &Fields, text: &str, unit: OffsetUnit) -> Result<Option<Vec<Range<usize>>>, Failure> {
    let Some(given) = optional::<Vec<contract::Sentence>>(fields, "sentences")? else {
        return Ok(None);
    };
    let claims: Vec<_> = given.iter().map(|s| Claim { begin: s.begin, end: s.end, text: None }).collect();
    let mut ranges: Vec<Range<usize>> = Vec::with_capacity(given.len());
    for (i, range) in text::check(text, unit, &claims).into_iter().enumerate() {
        let range = range.map_err(|e| offsets(format!("sentence {i}: {e}")))?;
        if ranges.last().is_some_and(|last| range.start < last.end) {
            return Err(offsets(format!("sentence {i} begins before the one before it ends")));
        }
        ranges.push(range);
    }
    Ok(Some(ranges))
}

pub(super) fn optional<T: serde::de::DeserializeOwned>(
    fields: &Fields,
    name: &str,
) -> Result<Option<T>, Failure> {
    fields.read(name).map_err(invalid)
}

fn required<T: serde::de::DeserializeOwned>(fields: &Fields, name: &str) -> Result<T, Failure> {
    optional(fields, name)?.ok_or_else(|| invalid(format!("`{name}` is missing")))
}
