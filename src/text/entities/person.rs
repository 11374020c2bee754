//! How names of persons are built.

use super::names::bare;
use crate::text::words;

/// What may stand before a person's name.
const HONORIFICS: &[&str] = words! {
    "adm" "admiral" "adv" "ambassador" "archbishop" "attorney" "baroness" "bishop" "brother" "capt" "captain"
    "cardinal" "chair" "chairman" "chairwoman" "chancellor" "chief" "cllr" "coach" "col" "colonel"
    "commissioner" "congressman" "congresswoman" "constable" "councillor" "councilman"
    "councilwoman" "countess" "dame" "detective" "director" "dr" "duchess" "father" "fr"
    "frau" "gen" "general" "gov" "governor" "herr" "insp" "judge" "justice" "king" "lady"
    "lieutenant" "lord" "lt" "madame" "maj" "major" "mayor" "minister" "miss" "mister"
    "monsieur" "mr" "mrs" "ms" "mx" "officer" "pastor" "pope" "premier" "president" "prince"
    "princess" "prof" "professor" "prosecutor" "queen" "rabbi" "rep" "representative" "rev"
    "reverend" "secretary" "sen" "senator" "sergeant" "sgt" "sheikh" "sheriff" "shri" "sir" "sister"
    "smt" "speaker" "supt" "viscount"
};

/// Before the first name of somebody who has no other, and is not the Paul or Anna that a text has besides.
const BEFORE_FIRST_NAMES: &[&str] = words! {
    "brother" "father" "king" "pope" "prince" "princess" "queen" "sister"
};

/// Said of men, and of women, only.
const OF_MEN: &[&str] = words! {
    "brother" "chairman" "congressman" "councilman" "father" "fr" "herr" "king" "lord" "mister"
    "monsieur" "mr" "pope" "prince" "shri" "sir" "viscount"
};
const OF_WOMEN: &[&str] = words! {
    "baroness" "chairwoman" "congresswoman" "councilwoman" "countess" "dame" "duchess" "frau"
    "lady" "madame" "miss" "mrs" "ms" "princess" "queen" "sister" "smt"
};

/// What is written after a name and tells nobody from anybody, as it is written, without dots.
const LETTERS: &[&str] = words! {
    "CBE" "Esq" "KC" "MBE" "MD" "MP" "OBE" "PhD" "QC" "SJ"
};

/// What may stand after it.
const SUFFIXES: &[&str] = words! {
    "ii" "iii" "iv" "jr" "sr"
};

/// What begins a surname of several words.
const PARTICLES: &[&str] = words! {
    "al" "bin" "da" "de" "del" "della" "den" "der" "di" "dos" "du" "el" "la" "le" "ten" "ter"
    "van" "von" "zu"
};

pub(super) fn is_honorific(word: &str) -> bool {
    HONORIFICS.contains(&bare(word).as_str())
}

pub(super) fn is_suffix(word: &str) -> bool {
    SUFFIXES.contains(&bare(word).as_str())
}

/// The parts of a person's name that tell persons apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Person<'a> {
    /// The name without what stands before it, and without letters after it.
    pub(super) full: &'a str,
    /// The name without what stands before and after it.
    pub(super) bare: &'a str,
    /// `Jr.`
    pub(super) suffix: Option<&'a str>,
    /// The last word of what stands before.
    title: Option<&'a str>,
}

impl<'a> Person<'a> {
    pub(super) fn new(name: &'a str) -> Self {
        let (mut bare, mut title) = (name.trim(), None);
        while let Some((first, rest)) = bare.split_once(char::is_whitespace)
            && is_honorific(first)
            && !rest.starts_with("of ")
        {
            (bare, title) = (rest.trim_start(), Some(first));
        }
        while let Some((before, last)) = bare.rsplit_once(char::is_whitespace)
            && are_letters(last)
        {
            bare = before.trim_end().trim_end_matches(',');
        }
        let full = bare;
        let mut suffix = None;
        if let Some((before, last)) = bare.rsplit_once(char::is_whitespace)
            && is_suffix(last)
        {
            bare = before.trim_end().trim_end_matches(',');
            suffix = Some(last);
        }
        Self { full, bare, suffix, title }
    }

    /// Whether it is a man's name or a woman's, if that is said.
    pub(super) fn is_of_man(self) -> Option<bool> {
        let title = bare(self.title?);
        let is_of = |titles: &[&str]| titles.contains(&title.as_str());
        if is_of(OF_MEN) { Some(true) } else { is_of(OF_WOMEN).then_some(false) }
    }

    /// `Pope Paul`.
    pub(super) fn is_called_by_first_name(self) -> bool {
        self.title.is_some_and(|title| BEFORE_FIRST_NAMES.contains(&bare(title).as_str()))
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

fn are_letters(word: &str) -> bool {
    LETTERS.contains(&word.replace(['.', ','], "").as_str())
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
