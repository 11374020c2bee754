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

/// All of them.
pub(super) const ALL: [Language; 8] = [
    Language::English,
    Language::German,
    Language::French,
    Language::Spanish,
    Language::Italian,
    Language::Portuguese,
    Language::Dutch,
    Language::Other,
];

impl From<&str> for Language {
    fn from(tag: &str) -> Self {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        let known = [
            (["en", "eng", "english"], Self::English),
            (["de", "deu", "german"], Self::German),
            (["fr", "fra", "french"], Self::French),
            (["es", "spa", "spanish"], Self::Spanish),
            (["it", "ita", "italian"], Self::Italian),
            (["pt", "por", "portuguese"], Self::Portuguese),
            (["nl", "nld", "dutch"], Self::Dutch),
        ];
        known
            .into_iter()
            .find(|(names, _)| names.iter().any(|name| primary.eq_ignore_ascii_case(name)))
            .map_or(Self::Other, |(_, language)| language)
    }
}

impl Language {
    /// Whether it has the shape of a BCP 47 tag: two or three letters, and what may follow them.
    pub fn is_tag(tag: &str) -> bool {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        matches!(primary.len(), 2 | 3) && primary.bytes().all(|b| b.is_ascii_alphabetic())
    }

    pub(super) fn rules(self) -> &'static Rules {
        match self {
            Self::English => &abbreviations::ENGLISH,
            Self::German => &abbreviations::GERMAN,
            Self::French => &abbreviations::FRENCH,
            Self::Spanish => &abbreviations::SPANISH,
            Self::Italian => &abbreviations::ITALIAN,
            Self::Portuguese => &abbreviations::PORTUGUESE,
            Self::Dutch => &abbreviations::DUTCH,
            Self::Other => &abbreviations::OTHER,
        }
    }
}
