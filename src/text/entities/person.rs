//! How names of persons are built.

use unicode_normalization::UnicodeNormalization;

use super::names::{bare, is_acronym_like};
use crate::text::words;

/// What may stand before a person's name, besides what is said of men or women only, and what is [`STOPPED`].
const OTHER_TITLES: &[&str] = words! {
    "admiral" "ambassador" "archbishop" "attorney" "bishop" "brigadier" "captain" "cardinal"
    "chair" "chancellor" "chief" "coach" "colonel" "commissioner" "constable" "corporal"
    "councillor" "crown" "datuk" "detective" "director" "emperor" "empress" "general" "governor"
    "judge" "justice" "lieutenant" "major" "maître" "mayor" "minister" "ministre" "ministro" "officer" "pastor" "premier"
    "presidente" "president" "professor" "prosecutor" "président" "rabbi" "representative" "reverend" "secretary"
    "senator" "sergeant" "sheikh" "sheriff" "speaker" "trooper" "министр" "президент"
};

/// Before the first name of somebody who has no other, and is not the Paul or Anna that a text has besides.
const OF_SOVEREIGNS: &[&str] = words! {
    "emperor" "empress" "king" "pope" "prince" "princess" "queen"
};

/// Before the first name of somebody who may be called by the surname, too: `Father Paul`, `Father Pell`.
const OF_CLERGY: &[&str] = words! {
    "brother" "father" "sister"
};

/// Said of men, and of women, only.
const OF_MEN: &[&str] = words! {
    "baron" "brother" "chairman" "congressman" "councilman" "father" "fr" "herr" "king" "lord"
    "mister" "monsieur" "mr" "pope" "prince" "señor" "shri" "signor" "sir" "viscount" "ông" "господин"
};
const OF_WOMEN: &[&str] = words! {
    "baroness" "bà" "chairwoman" "congresswoman" "councilwoman" "countess" "dame" "datin" "doña" "duchess"
    "frau" "lady" "madame" "ministra" "miss" "mlle" "mme" "mrs" "ms" "presidenta" "princess" "présidente" "queen"
    "señora" "señorita" "signora" "sister" "smt" "госпожа"
};

/// Titles that are short for others, and so have a stop.
const STOPPED: &[&str] = words! {
    "adm" "adv" "brig" "capt" "cllr" "col" "const" "cpl" "dr" "fr" "gen" "gov" "insp" "lt"
    "maj" "mlle" "mme" "mr" "mrs" "ms" "mx" "ofc" "prof" "rep" "rev" "sen" "sgt" "smt" "supt"
    "tpr"
};

/// How German words end that say what somebody is, of men or of both: `Konzernchef`, `Vorsitzende`.
const GERMAN_OFFICES: &[&str] = words! {
    "analyst" "anwalt" "aufseher" "beauftragte" "beauftragter" "berater" "botschafter" "bürgermeister" "chef" "direktor"
    "eigentümer" "experte" "forscher" "führer" "gründer" "inhaber" "intendant" "kanzler" "kollege" "kommissar" "leiter" "manager"
    "minister" "ökonom" "politiker" "präsident" "professor" "rektor" "sekretär" "senator" "sprecher" "trainer" "unternehmer"
    "vorsitzende" "vorsitzender" "vorstand" "wissenschaftler"
};

/// Of women, where that isn't the same with `-in`.
const OF_GERMAN_WOMEN: &[&str] = words! {
    "anwältin" "expertin" "kollegin"
};

/// Offices that tell who is meant of several of one surname, short and long; others are a part of more: Vice President, Lt.
/// Gov., Attorney General.
const OFFICES: &[(&str, &str)] = &[("judge", "judge"), ("rep", "representative"), ("sen", "senator")];

/// What is written after a name and tells nobody from anybody, as it is written, without dots.
const LETTERS: &[&str] = words! {
    "CBE" "CFA" "CPA" "Esq" "FCA" "FRS" "KC" "MBA" "MBE" "MD" "MP" "OBE" "PhD" "QC" "SJ"
};

/// What may stand after it.
const SUFFIXES: &[&str] = words! {
    "ii" "iii" "iv" "jr" "sr"
};

/// What begins a surname of several words.
const PARTICLES: &[&str] = words! {
    "af" "al" "av" "bin" "da" "de" "del" "della" "den" "der" "di" "dos" "du" "el" "la" "le" "ten" "ter"
    "van" "von" "zu"
};

pub(super) fn is_honorific(word: &str) -> bool {
    let word = bare(word);
    [OF_MEN, OF_WOMEN, STOPPED, OTHER_TITLES].iter().any(|titles| titles.contains(&word.as_str()))
}

/// Whether a German word says what somebody is: a capital begins it as it begins a name.
pub(super) fn is_german_office(word: &str) -> bool {
    let word: String = word.to_lowercase().nfc().collect();
    let of_man = word.strip_suffix("in").unwrap_or(&word);
    GERMAN_OFFICES.iter().any(|office| word.ends_with(office) || of_man.ends_with(office))
        || OF_GERMAN_WOMEN.iter().any(|office| word.ends_with(office))
}

/// Whether the stop of a title is its own, and no sentence's.
pub(crate) fn is_stopped(title: &str) -> bool {
    STOPPED.contains(&bare(title).as_str())
}

/// Whether it says whose relative somebody is, and no title.
pub(super) fn is_relative(word: &str) -> bool {
    word.starts_with(char::is_lowercase) && OF_CLERGY.contains(&word)
}

pub(super) fn is_suffix(word: &str) -> bool {
    SUFFIXES.contains(&bare(word).as_str())
}

/// `van`
pub(crate) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&bare(word).as_str())
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
        if self.title_is_one_of(OF_MEN) {
            Some(true)
        } else {
            self.title_is_one_of(OF_WOMEN).then_some(false)
        }
    }

    /// Whether it may be the name of a man, or of a woman, or of somebody of whom neither is said.
    pub(super) fn may_be_of_man(self, of_man: Option<bool>) -> bool {
        of_man.is_none_or(|of_man| self.is_of_man().is_none_or(|said| said == of_man))
    }

    fn title_is_one_of(self, titles: &[&str]) -> bool {
        self.title.is_some_and(|title| titles.contains(&bare(title).as_str()))
    }

    /// `Pope Paul`.
    pub(super) fn is_called_by_first_name(self) -> bool {
        self.title_is_one_of(OF_SOVEREIGNS) || self.title_is_one_of(OF_CLERGY)
    }

    /// Whether its one name is no surname: `Pope Paul`, but not `Prince Paul Pell`.
    pub(super) fn is_sovereign(self) -> bool {
        self.title_is_one_of(OF_SOVEREIGNS) && !self.bare.contains(char::is_whitespace)
    }

    pub(super) fn sovereigns_title(self) -> Option<String> {
        self.title.map(bare).filter(|title| OF_SOVEREIGNS.contains(&title.as_str()))
    }

    /// The office that somebody is called by, in one way of writing it.
    pub(super) fn office(self) -> Option<&'static str> {
        let title = self.title.map(bare)?;
        OFFICES.iter().find(|(short, long)| [*short, *long].contains(&title.as_str())).map(|(_, long)| *long)
    }

    pub(super) fn has_title(self) -> bool {
        self.title.is_some()
    }

    /// What stands before a surname of its own, initials one by one, without what others call the person.
    pub(super) fn given_names(self, surname: &str) -> Vec<&'a str> {
        let split = |word: &'a str| match are_initials(word) {
            true => letter_by_letter(word),
            false => vec![word],
        };
        let (first, others) = self.before(surname);
        let others = others.iter().filter(|word| quoted(word).is_none());
        first.into_iter().chain(others.copied()).flat_map(split).collect()
    }

    /// `Bob`, of `Robert “Bob” Halden`.
    pub(super) fn nickname(self, surname: &str) -> Option<&'a str> {
        self.before(surname).1.into_iter().find_map(quoted)
    }

    /// The words before a surname of its own, and the first of them apart.
    fn before(self, surname: &str) -> (Option<&'a str>, Vec<&'a str>) {
        let mut words = self.bare[..self.bare.len() - surname.len()].split_whitespace();
        (words.next(), words.collect())
    }

    /// The surname with its particles, and then without; none if there is but one word.
    pub(super) fn surnames(self) -> impl Iterator<Item = &'a str> {
        let words: Vec<&str> = self.bare.split_whitespace().collect();
        let particles = words.iter().skip(1).rev().skip(1).take_while(|word| is_particle(word)).count();
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

/// `Bob`, of `“Bob”`.
fn quoted(word: &str) -> Option<&str> {
    const QUOTES: [char; 6] = ['"', '“', '”', '\'', '‘', '’'];
    let name = word.strip_prefix(QUOTES)?.strip_suffix(QUOTES)?;
    name.starts_with(char::is_uppercase).then_some(name)
}

/// `R.J.`
fn are_initials(word: &str) -> bool {
    let is_dotted = word.trim_end_matches('.').contains('.');
    is_dotted && is_acronym_like(word) && !word.contains(char::is_lowercase)
}

fn letter_by_letter(word: &str) -> Vec<&str> {
    let letters = word.char_indices().filter(|(_, c)| c.is_alphabetic());
    letters.map(|(i, c)| &word[i..i + c.len_utf8()]).collect()
}

/// `KC`
pub(crate) fn are_letters(word: &str) -> bool {
    LETTERS.contains(&word.replace(['.', ','], "").as_str())
}

/// `von der Berg`, but not `Al Berg`.
fn is_surname_alone(words: &[&str]) -> bool {
    let (_, before) = words.split_last().unwrap_or((&"", &[]));
    let particles = before.iter().all(|word| is_particle(word));
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
