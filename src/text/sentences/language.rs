//! The languages whose abbreviations are known, and how a document names them.

use super::abbreviations::{self, Rules};

/// The language of a text, as far as it matters for cutting sentences.
///
/// Made from a BCP 47 tag, of which the first part counts (`en-GB` is English), or from its English
/// name; the case and `_` for `-` don't matter.
///
/// ```
/// use baton::text::Language;
///
/// assert_eq!(Language::from("de-AT"), Language::German);
/// assert_eq!(Language::from("ja"), Language::Other);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// `en`
    #[default]
    English,
    /// `de`
    German,
    /// `fr`
    French,
    /// `es`
    Spanish,
    /// `it`
    Italian,
    /// `pt`
    Portuguese,
    /// `nl`
    Dutch,
    /// Any other: the same rules, with the signs of all scripts and the abbreviations of many
    /// languages.
    Other,
}

/// The languages that have tables: what each is called, and its tables.
const KNOWN: [(Language, [&str; 3], &Rules); 7] = [
    (Language::English, ["en", "eng", "english"], &abbreviations::ENGLISH),
    (Language::German, ["de", "deu", "german"], &abbreviations::GERMAN),
    (Language::French, ["fr", "fra", "french"], &abbreviations::FRENCH),
    (Language::Spanish, ["es", "spa", "spanish"], &abbreviations::SPANISH),
    (Language::Italian, ["it", "ita", "italian"], &abbreviations::ITALIAN),
    (Language::Portuguese, ["pt", "por", "portuguese"], &abbreviations::PORTUGUESE),
    (Language::Dutch, ["nl", "nld", "dutch"], &abbreviations::DUTCH),
];

/// The rules of every language, and those of all others.
pub(super) fn all_rules() -> impl Iterator<Item = &'static Rules> {
    KNOWN.into_iter().map(|(.., rules)| rules).chain([&abbreviations::OTHER])
}

impl From<&str> for Language {
    fn from(tag: &str) -> Self {
        let is_called = |names: &[&str]| names.iter().any(|name| primary(tag).eq_ignore_ascii_case(name));
        let known = KNOWN.into_iter().find(|(_, names, _)| is_called(names));
        known.map_or(Self::Other, |(language, ..)| language)
    }
}

impl Language {
    /// Whether it has the shape of a BCP 47 tag: two or three letters, and what may follow them.
    pub fn is_tag(tag: &str) -> bool {
        let primary = primary(tag);
        matches!(primary.len(), 2 | 3) && primary.bytes().all(|b| b.is_ascii_alphabetic())
    }

    pub(super) fn rules(self) -> &'static Rules {
        let known = KNOWN.into_iter().find(|(language, ..)| *language == self);
        known.map_or(&abbreviations::OTHER, |(.., rules)| rules)
    }
}

/// The first part of a tag, which says the language.
fn primary(tag: &str) -> &str {
    tag.trim().split(['-', '_']).next().unwrap_or_default()
}
