//! What is equal in names, and what is short for them.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::legal::without_form;
use crate::text::{
    characters::{HYPHENS, is_invisible, without_references},
    words,
};

/// Words that an acronym may leave out.
const SMALL: &[&str] = words! {
    "and" "de" "der" "des" "die" "du" "et" "for" "für" "in" "la" "of" "on" "the" "to" "und"
    "y"
};

/// A word in lower case, composed, without dots and commas, as the tables have it.
pub(super) fn bare(word: &str) -> String {
    let word = if word.is_ascii() { Cow::Borrowed(word) } else { Cow::Owned(word.nfc().collect()) };
    word.chars().filter(|c| !matches!(c, '.' | ',')).flat_map(char::to_lowercase).collect()
}

/// Whether a name is made of capitals, as acronyms are: `EGA`, `U.N.`, `BfN`.
pub(crate) fn is_acronym_like(name: &str) -> bool {
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    (2..=8).contains(&letters)
        && name.chars().filter(|c| c.is_uppercase()).count() >= 2
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '&' | '-'))
}

/// `U.S. Rail Safety Board` without its country, which its acronym leaves out.
pub(super) fn without_country(name: &str) -> Option<&str> {
    ["U.S. ", "US ", "U.K. ", "UK ", "EU "].iter().find_map(|country| name.strip_prefix(country))
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
    is_acronym_like(acronym) && (spells(name) || spells(without_form(name)))
}

/// What is equal for names that differ only in case, accents, ligatures, the form of apostrophes, dots between initials
/// and behind a saint, and in how they say `and`.
pub(super) fn key(name: &str) -> String {
    let dotted = is_acronym_like(name);
    let letters = name.nfkd().filter(|c| !is_combining_mark(*c) && (*c != '.' || !dotted));
    let letters: String = letters.map(|c| if matches!(c, '’' | 'ʼ') { '\'' } else { c }).collect();
    match letters.contains(['.', '&']) {
        true => letters.split(' ').map(key_of_word).collect::<Vec<_>>().join(" "),
        false => letters.to_lowercase(),
    }
}

/// `ap` for `A.P.`, but `calder.com` for `Calder.com`.
fn key_of_word(word: &str) -> String {
    let parts = || word.split('.').filter(|part| !part.is_empty());
    let is_letter = |part: &str| part.chars().count() == 1 && part.chars().all(char::is_alphabetic);
    let are_initials = parts().nth(1).is_some() && parts().all(is_letter);
    match word {
        "&" => "and".into(),
        dotted if are_initials || dotted.eq_ignore_ascii_case("st.") => {
            dotted.replace('.', "").to_lowercase()
        }
        word => word.to_lowercase(),
    }
}

/// Whether a name goes on behind another: `Halvorsen Marine ASA` behind `Halvorsen`.
pub(super) fn begins_with(name: &str, short: &str) -> bool {
    let (name, short) = (key(&plain(name)), key(&plain(short)));
    name.strip_prefix(&short).is_some_and(|rest| rest.starts_with(' '))
}

/// A name without what its sentence adds to it: a possessive, an article, odd spaces, what is not seen, and what a line
/// ends with.
pub(super) fn plain(surface: &str) -> Cow<'_, str> {
    match without_references(surface) {
        Cow::Borrowed(surface) => plain_of(surface),
        Cow::Owned(surface) => Cow::Owned(plain_of(&surface).into_owned()),
    }
}

fn plain_of(surface: &str) -> Cow<'_, str> {
    let name = surface.trim();
    let name = name.strip_suffix(possessive(name)).unwrap_or(name);
    let name = name.strip_prefix("the ").unwrap_or(name);
    let is_odd = |c: char| is_invisible(c) || (c != '-' && HYPHENS.contains(&c));
    match name.split_whitespace().eq(name.split(' ')) && !name.contains(is_odd) {
        true => Cow::Borrowed(name),
        false => Cow::Owned(on_one_line(name)),
    }
}

/// `'s`, or the apostrophe alone, if a name ends so; otherwise nothing.
pub(super) fn possessive(name: &str) -> &str {
    let name = name.trim_end();
    let ending = ["'s", "’s", "ʼs", "'S", "’S", "'", "’"].iter().find(|ending| name.ends_with(**ending));
    ending.map_or("", |ending| &name[name.len() - ending.len()..])
}

/// With one space between words, but none where a line ends within one: before a capital, the hyphen there is its own. A
/// mail that was answered has `>` before its lines.
fn on_one_line(name: &str) -> String {
    let mut all = String::with_capacity(name.len());
    let is_begun = |c: char| c == '>' || c.is_whitespace();
    let lines = name.lines().enumerate().map(|(i, line)| match i {
        0 => line.trim(),
        _ => line.trim_start_matches(is_begun).trim_end(),
    });
    for line in lines.filter(|line| !line.is_empty()) {
        let is_broken = all.strip_suffix('-').is_some_and(|word| word.ends_with(char::is_alphabetic));
        match line.chars().next() {
            Some(c) if is_broken && c.is_uppercase() => {}
            Some(c) if is_broken && c.is_lowercase() => all.truncate(all.len() - 1),
            _ if all.is_empty() => {}
            _ => all.push(' '),
        }
        for (i, word) in line.split_whitespace().enumerate() {
            all.extend((i > 0).then_some(' '));
            let seen = word.chars().filter(|c| !is_invisible(*c));
            all.extend(seen.map(|c| if HYPHENS.contains(&c) { '-' } else { c }));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn a_name_in_capitals_is_the_same_name() {
        for name in [
            "Mt. Harrow Hospital",
            "Ft. Harrow",
            "Pell Bros. Circus",
            "Harrow Mfg. Co.",
            "Wm. Pell & Sons",
            "No. 1",
            "Open.ai Lab",
            "Sales.com Ltd",
            "St. Brannock",
            "A.P. Pell",
            "U.S. Rail",
            "J. P. Calder",
        ] {
            assert_eq!(key(name), key(&name.to_uppercase()), "{name}");
        }
        assert_ne!(key("Calder.com"), key("Caldercom"));
        assert_ne!(key("Project 4.4 Group"), key("Project 44 Group"));
    }
}
