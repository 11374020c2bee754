//! How names of persons and organisations are built.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Endings that say what a company is in law, in lower case without dots; those that are one
/// thing written in two ways are next to each other.
const LEGAL_FORMS: &[(&str, &str)] = &[
    ("ab", "ab"),
    ("ag", "ag"),
    ("as", "as"),
    ("asa", "asa"),
    ("bv", "bv"),
    ("co", "co"),
    ("company", "co"),
    ("corp", "corp"),
    ("corporation", "corp"),
    ("gmbh", "gmbh"),
    ("inc", "inc"),
    ("incorporated", "inc"),
    ("kg", "kg"),
    ("kgaa", "kgaa"),
    ("limited", "ltd"),
    ("llc", "llc"),
    ("llp", "llp"),
    ("lp", "lp"),
    ("ltd", "ltd"),
    ("ltda", "ltda"),
    ("nv", "nv"),
    ("oy", "oy"),
    ("oyj", "oyj"),
    ("plc", "plc"),
    ("pte", "pte"),
    ("pty", "pty"),
    ("sa", "sa"),
    ("sarl", "sarl"),
    ("sas", "sas"),
    ("se", "se"),
    ("spa", "spa"),
    ("srl", "srl"),
];

/// Words of a legal form: `GmbH & Co. KGaA` has four.
const MOST_FORMS: usize = 8;

/// What may stand before a person's name.
const HONORIFICS: &[&str] = &[
    "adm",
    "admiral",
    "ambassador",
    "archbishop",
    "attorney",
    "bishop",
    "brother",
    "capt",
    "captain",
    "cardinal",
    "chair",
    "chairman",
    "chairwoman",
    "chancellor",
    "chief",
    "coach",
    "col",
    "colonel",
    "commissioner",
    "congressman",
    "congresswoman",
    "dame",
    "detective",
    "director",
    "dr",
    "father",
    "frau",
    "gen",
    "general",
    "gov",
    "governor",
    "herr",
    "judge",
    "justice",
    "king",
    "lady",
    "lieutenant",
    "lord",
    "lt",
    "madame",
    "maj",
    "major",
    "mayor",
    "minister",
    "miss",
    "mister",
    "monsieur",
    "mr",
    "mrs",
    "ms",
    "mx",
    "officer",
    "pastor",
    "pope",
    "premier",
    "president",
    "prince",
    "princess",
    "prof",
    "professor",
    "prosecutor",
    "queen",
    "rabbi",
    "rep",
    "representative",
    "rev",
    "reverend",
    "secretary",
    "sen",
    "senator",
    "sergeant",
    "sgt",
    "sheikh",
    "sheriff",
    "sir",
    "sister",
    "speaker",
];

/// What may stand after it.
const SUFFIXES: &[&str] = &["ii", "iii", "iv", "jr", "sr"];

/// What begins a surname of several words.
const PARTICLES: &[&str] = &[
    "al", "bin", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "la", "le", "ten", "ter",
    "van", "von", "zu",
];

/// Words that an acronym may leave out.
const SMALL: &[&str] = &[
    "and", "de", "der", "des", "die", "du", "et", "for", "für", "in", "la", "of", "on", "the", "to", "und",
    "y",
];

/// A word in lower case without dots and commas, as the tables have it.
fn bare(word: &str) -> String {
    let letters = word.chars().filter(|c| !matches!(c, '.' | ','));
    letters.flat_map(char::to_lowercase).collect()
}

pub(super) fn is_honorific(word: &str) -> bool {
    HONORIFICS.contains(&bare(word).as_str())
}

pub(super) fn is_suffix(word: &str) -> bool {
    SUFFIXES.contains(&bare(word).as_str())
}

/// `Northwind Energy plc` as `Northwind Energy` and `plc`; `None` if there is no legal form, or
/// nothing that still names the company. Legal forms come in one way of writing them.
pub(super) fn split_legal_form(name: &str) -> Option<(&str, String)> {
    let mut kept = name.trim_end();
    let mut form = String::new();
    for _ in 0..MOST_FORMS {
        let Some((before, last)) = kept.rsplit_once(char::is_whitespace) else { break };
        let last = bare(last);
        match LEGAL_FORMS.iter().find(|(written, _)| *written == last) {
            Some((_, one)) => form.insert_str(0, one),
            None if last == "&" && !form.is_empty() => {}
            None => break,
        }
        kept = before.trim_end().trim_end_matches(',');
    }
    let names =
        kept.chars().filter(|c| c.is_alphanumeric()).count() >= 3 && kept.chars().any(char::is_uppercase);
    (names && !form.is_empty()).then_some((kept, form))
}

/// The parts of a person's name that tell persons apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Person<'a> {
    /// The name without what stands before it.
    pub(super) full: &'a str,
    /// The name without what stands before and after it.
    pub(super) bare: &'a str,
    /// `Jr.`
    pub(super) suffix: Option<&'a str>,
}

impl<'a> Person<'a> {
    pub(super) fn new(name: &'a str) -> Self {
        let mut bare = name.trim();
        while let Some((first, rest)) = bare.split_once(char::is_whitespace)
            && is_honorific(first)
        {
            bare = rest.trim_start();
        }
        let full = bare;
        let mut suffix = None;
        if let Some((before, last)) = bare.rsplit_once(char::is_whitespace)
            && is_suffix(last)
        {
            bare = before.trim_end().trim_end_matches(',');
            suffix = Some(last);
        }
        Self { full, bare, suffix }
    }

    /// The surname with its particles, and then without; none if there is but one word.
    pub(super) fn surnames(self) -> impl Iterator<Item = &'a str> {
        let words: Vec<&str> = self.bare.split_whitespace().collect();
        let particles = words
            .iter()
            .skip(1)
            .rev()
            .skip(1)
            .take_while(|word| PARTICLES.contains(&bare(word).as_str()))
            .count();
        let lengths = match (words.len(), particles) {
            (0 | 1, _) => vec![],
            _ if is_surname_alone(&words) => vec![],
            (_, 0) => vec![1],
            (_, particles) => vec![particles + 1, 1],
        };
        lengths
            .into_iter()
            .map(move |words| last_words(self.bare, words))
            .filter(|surname| surname.chars().filter(|c| c.is_alphabetic()).count() >= 2)
    }
}

/// `von der Berg`, but not `Al Berg`.
fn is_surname_alone(words: &[&str]) -> bool {
    let (_, before) = words.split_last().unwrap_or((&"", &[]));
    let particles = before.iter().all(|word| PARTICLES.contains(&bare(word).as_str()));
    particles && (before.len() > 1 || before.iter().all(|word| word.starts_with(char::is_lowercase)))
}

/// The last words of a name, as they stand there.
fn last_words(name: &str, words: usize) -> &str {
    let start = name
        .rmatch_indices(char::is_whitespace)
        .map(|(i, space)| i + space.len())
        .filter(|&i| !name[i..].starts_with(char::is_whitespace))
        .nth(words - 1);
    &name[start.unwrap_or(0)..]
}

/// Whether a name is made of capitals, as acronyms are: `EGA`, `U.N.`, `BfN`.
pub(crate) fn is_acronym_like(name: &str) -> bool {
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    (2..=8).contains(&letters)
        && name.chars().filter(|c| c.is_uppercase()).count() >= 2
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '&' | '-'))
}

/// The letters of an acronym in lower case.
pub(super) fn letters(acronym: &str) -> String {
    let letters = acronym.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// The first letters of the words of a name, in lower case: with its small words, and without.
pub(super) fn initials(name: &str) -> [String; 2] {
    let words = || name.split(|c: char| c.is_whitespace() || c == '-');
    [true, false].map(|small| {
        words()
            .filter(|word| small || !SMALL.contains(&bare(word).as_str()))
            .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
            .flat_map(char::to_lowercase)
            .collect()
    })
}

/// Whether `acronym` is made of the first letters of the words of `name`, which may have a legal
/// form.
pub(super) fn is_acronym(acronym: &str, name: &str) -> bool {
    let letters = letters(acronym);
    let spells = |name: &str| initials(name).contains(&letters);
    is_acronym_like(acronym) && (spells(name) || split_legal_form(name).is_some_and(|(name, _)| spells(name)))
}

/// What is equal for names that differ only in case, accents, the form of apostrophes, and dots
/// between capitals.
pub(super) fn key(name: &str) -> String {
    let dotted = is_acronym_like(name);
    name.nfd()
        .filter(|c| !is_combining_mark(*c) && (*c != '.' || !dotted))
        .map(|c| if c == '’' { '\'' } else { c })
        .flat_map(char::to_lowercase)
        .collect()
}

/// A name without what its sentence adds to it: a possessive, an article, odd spaces.
pub(super) fn plain(surface: &str) -> Cow<'_, str> {
    let name = surface.trim();
    let name = ["'s", "’s", "'S", "’S", "'", "’"]
        .iter()
        .find_map(|possessive| name.strip_suffix(possessive))
        .unwrap_or(name);
    let name = name.strip_prefix("the ").unwrap_or(name);
    match name.split_whitespace().eq(name.split(' ')) {
        true => Cow::Borrowed(name),
        false => Cow::Owned(name.split_whitespace().collect::<Vec<_>>().join(" ")),
    }
}
