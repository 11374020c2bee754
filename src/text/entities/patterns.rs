//! What to search for: every name in the forms in which a document may write it.
//!
//! The document is never normalised, so that what is found are ranges of the text as it is.

use unicode_normalization::UnicodeNormalization;

use super::find::{FindOptions, Sought, Via};
use super::kind::Kind;
use super::legal;
use super::person::Person;
use super::trades;
use crate::text::sentences::is_opener;

/// A form of a name, and what it would mean to find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// With one space between words.
    pub(super) text: String,
    pub(super) entity: usize,
    pub(super) via: Via,
}

impl Pattern {
    pub(super) fn first_word(&self) -> &str {
        self.text.split(' ').next().unwrap_or_default()
    }

    /// What is after the first word.
    pub(super) fn rest(&self) -> &str {
        &self.text[self.first_word().len()..]
    }
}

/// All patterns for the entities, without doubles.
pub(super) fn patterns(entities: &[Sought<'_>], options: FindOptions) -> Vec<Pattern> {
    let mut all = Vec::new();
    for (entity, sought) in entities.iter().enumerate() {
        let mut add = |name: &str, via| {
            all.extend(forms(name).into_iter().map(|text| Pattern { text, entity, via }));
        };
        add(sought.name, Via::Name);
        for alias in &sought.aliases {
            add(alias, Via::Alias);
        }
        let is_person = sought.kind.map(Kind::from) == Some(Kind::Person);
        for name in std::iter::once(&sought.name).chain(&sought.aliases) {
            if is_person {
                add_forms_of_person(name, options, &mut add);
            } else if options.legal_forms
                && let Some((short, _)) = legal::split_legal_form(name)
                && !is_ordinary(short)
            {
                add(short, Via::LegalForm);
            }
        }
    }
    // what is found by name needs no other reason
    all.sort_unstable_by(|a, b| (&a.text, a.entity, a.via).cmp(&(&b.text, b.entity, b.via)));
    all.dedup_by(|next, kept| next.text == kept.text && next.entity == kept.entity);
    all
}

/// Without title and letters, with the suffix behind a comma or not, and the surname alone.
fn add_forms_of_person(name: &str, options: FindOptions, add: &mut impl FnMut(&str, Via)) {
    let person = Person::new(name);
    let Person { full, bare, suffix, .. } = person;
    if full.contains(char::is_whitespace) {
        add(full, Via::Name); // Thomas Garrity, for President Thomas Garrity
        for suffix in suffix.iter().flat_map(|suffix| [*suffix, suffix.trim_end_matches('.')]) {
            [" ", ", "].iter().for_each(|comma| add(&format!("{bare}{comma}{suffix}"), Via::Name));
        }
    }
    if options.surnames && !is_description(name) {
        for surname in person.surnames() {
            add(surname, Via::Surname);
            if surname.starts_with(char::is_lowercase) {
                add(&capitalised(surname), Via::Surname); // Von der Berg, at the start
            }
        }
    }
}

/// The forms of one name: composed and decomposed, with straight and curly apostrophes, with `&` and `and`, with a stop
/// behind a saint and without, and in capitals.
pub(super) fn forms(name: &str) -> Vec<String> {
    let name: Vec<&str> = name.split_whitespace().collect();
    let mut forms: Vec<String> = vec![name.join(" ").nfc().collect()];
    // what is called Black & White may well be black and white
    const FEWEST: usize = 4;
    for (word, other, fewest) in [("&", "and", FEWEST), ("and", "&", 2), ("St.", "St", 2), ("St", "St.", 2)] {
        if name.len() >= fewest && name.contains(&word) {
            extend(&mut forms, |form| vec![with_word(form, word, other)]);
        }
    }
    // capitals of shorter names are words of their own: Who, WHO
    if name.concat().chars().filter(|c| c.is_alphabetic()).count() >= 4 {
        extend(&mut forms, capitals);
    }
    if name.iter().any(|word| word.contains(['\'', '’'])) {
        extend(&mut forms, |form| vec![form.replace('\'', "’"), form.replace('’', "'")]);
    }
    if !forms.iter().all(|form| form.is_ascii()) {
        extend(&mut forms, |form| vec![form.nfd().collect()]);
    }
    forms.retain(|form| form.contains(char::is_alphanumeric));
    forms
}

/// A name in capitals, as far as languages differ in theirs: Greek ones have no accents, Turkish has an `İ`, and an `ß` may
/// stay one.
fn capitals(name: &str) -> Vec<String> {
    let mut all = vec![name.to_uppercase()];
    let is_greek = |c: char| matches!(c, '\u{370}'..='\u{3FF}');
    if name.contains(is_greek) {
        let unaccented: String = name.nfd().filter(|&c| c != '\u{301}').collect();
        all.push(unaccented.to_uppercase());
    }
    if name.contains(['ı', 'İ', 'ş', 'Ş', 'ğ', 'Ğ']) {
        all.push(name.replace('i', "İ").to_uppercase());
    }
    if name.contains('ß') {
        all.push(name.replace('ß', "ẞ").to_uppercase());
    }
    all
}

/// A name with another word for each that is `word`.
fn with_word(name: &str, word: &str, other: &str) -> String {
    let words = name.split(' ').map(|own| if own == word { other } else { own });
    words.collect::<Vec<_>>().join(" ")
}

/// `The`, of `The Limited`, and `General`: what a text has for anything else.
fn is_ordinary(short: &str) -> bool {
    let is_article = |word: &str| is_opener(&capitalised(&word.to_lowercase()));
    trades::is_common(short) || short.split_whitespace().all(is_article)
}

/// `Prince of Wales`, `William the Elder`: the last word is no surname.
fn is_description(name: &str) -> bool {
    let is_small = |word: &str| ["of", "the"].iter().any(|small| word.eq_ignore_ascii_case(small));
    name.split_whitespace().any(is_small)
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

fn extend(forms: &mut Vec<String>, other: impl Fn(&str) -> Vec<String>) {
    let more: Vec<String> = forms.iter().flat_map(|form| other(form)).collect();
    forms.extend(more);
    forms.sort_unstable();
    forms.dedup();
}
