//! How names of persons and organisations are built.

/// Endings that say what a company is in law; compared without dots and case.
const LEGAL_FORMS: &[&str] = &[
    "ab",
    "ag",
    "as",
    "asa",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "gmbh",
    "inc",
    "incorporated",
    "kg",
    "kgaa",
    "limited",
    "llc",
    "llp",
    "lp",
    "ltd",
    "ltda",
    "nv",
    "oy",
    "oyj",
    "plc",
    "pte",
    "pty",
    "sa",
    "sarl",
    "sas",
    "se",
    "spa",
    "srl",
];

/// What stands before a person's name.
const HONORIFICS: &[&str] = &[
    "adm",
    "captain",
    "capt",
    "chancellor",
    "col",
    "colonel",
    "dame",
    "dr",
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
    "lord",
    "lt",
    "madame",
    "major",
    "minister",
    "miss",
    "mister",
    "monsieur",
    "mr",
    "mrs",
    "ms",
    "mx",
    "president",
    "prince",
    "princess",
    "prof",
    "professor",
    "queen",
    "rep",
    "representative",
    "rev",
    "reverend",
    "sen",
    "senator",
    "sgt",
    "sheikh",
    "sir",
];

/// What stands after it.
const SUFFIXES: &[&str] = &["ii", "iii", "iv", "jr", "sr"];

/// What begins a surname of several words.
const PARTICLES: &[&str] = &[
    "al", "bin", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "el", "la", "le", "ten", "ter",
    "van", "von", "zu",
];

/// Words that an acronym leaves out.
const SMALL: &[&str] = &[
    "and", "de", "der", "des", "die", "du", "et", "for", "für", "in", "la", "of", "on", "the", "to", "und",
    "y",
];

fn is_in(table: &[&str], word: &str) -> bool {
    let bare: String =
        word.chars().filter(|c| !matches!(c, '.' | ',')).flat_map(char::to_lowercase).collect();
    table.contains(&bare.as_str())
}

pub(super) fn is_honorific(word: &str) -> bool {
    is_in(HONORIFICS, word)
}

/// `Northwind Energy plc` → `Northwind Energy`; `None` if there is no legal form or nothing
/// that still names the company.
pub(super) fn without_legal_form(name: &str) -> Option<&str> {
    let mut kept = name.trim_end();
    while let Some((before, last)) = kept.rsplit_once(char::is_whitespace)
        && (is_in(LEGAL_FORMS, last) || last == "&")
    {
        kept = before.trim_end().trim_end_matches(',');
    }
    let names =
        kept.chars().filter(|c| c.is_alphanumeric()).count() >= 3 && kept.chars().any(char::is_uppercase);
    (names && kept.len() < name.trim_end().len()).then_some(kept)
}

/// A person's name without what may stand before and after it.
pub(super) fn bare_person(name: &str) -> &str {
    let mut kept = name.trim();
    while let Some((first, rest)) = kept.split_once(char::is_whitespace)
        && is_honorific(first)
    {
        kept = rest.trim_start();
    }
    while let Some((before, last)) = kept.rsplit_once(char::is_whitespace)
        && is_in(SUFFIXES, last)
    {
        kept = before.trim_end().trim_end_matches(',');
    }
    kept
}

/// The surname with its particles and without, shortest last; empty if there is but one word.
pub(super) fn surnames(name: &str) -> Vec<&str> {
    let bare = bare_person(name);
    let starts: Vec<usize> =
        bare.split_whitespace().map(|word| word.as_ptr() as usize - bare.as_ptr() as usize).collect();
    let Some((&last, before)) = starts.split_last().filter(|(_, before)| !before.is_empty()) else {
        return Vec::new();
    };
    let particles = before[1..]
        .iter()
        .rev()
        .take_while(|&&start| is_in(PARTICLES, bare[start..].split_whitespace().next().unwrap_or("")))
        .last();
    particles
        .into_iter()
        .chain([&last])
        .map(|&start| &bare[start..])
        .filter(|surname| surname.chars().filter(|c| c.is_alphabetic()).count() >= 2)
        .collect()
}

/// Whether `acronym` is made of the first letters of the words of `name`, in order, small words
/// left out or not.
pub(super) fn is_acronym(acronym: &str, name: &str) -> bool {
    let letters: Vec<char> =
        acronym.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if letters.len() < 2 || acronym.chars().filter(|c| c.is_uppercase()).count() < 2 {
        return false;
    }
    let words = || name.split(|c: char| c.is_whitespace() || c == '-').filter(|w| !w.is_empty());
    let initials = |small: bool| -> Vec<char> {
        words()
            .filter(|w| small || !is_in(SMALL, w))
            .filter_map(|w| w.chars().find(|c| c.is_alphanumeric()))
            .flat_map(char::to_lowercase)
            .collect()
    };
    letters == initials(false) || letters == initials(true)
}
