//! The languages whose abbreviations are known, and how a document names them.

use super::abbreviations::{self, Rules};

/// The language of a text, as far as it matters for cutting sentences.
///
/// Made from a BCP 47 tag, of which the first part counts (`en-GB` is English); the case and
/// `_` for `-` don't matter.
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
            ("en", "eng", Self::English),
            ("de", "deu", Self::German),
            ("fr", "fra", Self::French),
            ("es", "spa", Self::Spanish),
            ("it", "ita", Self::Italian),
            ("pt", "por", Self::Portuguese),
            ("nl", "nld", Self::Dutch),
        ];
        known
            .into_iter()
            .find(|(two, three, _)| primary.eq_ignore_ascii_case(two) || primary.eq_ignore_ascii_case(three))
            .map_or(Self::Other, |(_, _, language)| language)
    }
}

impl Language {
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
