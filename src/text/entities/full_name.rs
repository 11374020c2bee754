//! What a full name says of a person, for whom another text, or another place of the text, may have less of it or more.

use super::names::{self, bare};
use super::person::Person;

/// What a full name says of a person who is called by one of its surnames, as names are compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FullName {
    /// With its particles or without.
    pub(crate) surname: String,
    first: String,
    middle: Vec<String>,
    suffix: Option<String>,
}

impl FullName {
    /// Of none, if it is no full name; else of each of its surnames, with the first name and with what stands in quotes.
    pub(crate) fn all_of(name: &str) -> Vec<FullName> {
        let plain = names::plain(name);
        let person = Person::new(&plain);
        let of = |surname| {
            let mut given = person.given_names(surname).into_iter();
            let full = FullName {
                surname: names::key(surname),
                first: given.next().map(names::key).unwrap_or_default(),
                middle: given.map(|name| names::key(name).trim_end_matches('.').to_owned()).collect(),
                suffix: person.suffix.map(bare),
            };
            let called = person.nickname(surname).map(names::key);
            let called = called.map(|first| FullName { first, middle: Vec::new(), ..full.clone() });
            [Some(full), called].into_iter().flatten()
        };
        person.surnames().flat_map(of).collect()
    }

    /// Whether it may be short for another: it is equal, or has an initial for the first name.
    pub(crate) fn may_be_short_for(&self, other: &FullName) -> bool {
        let first = self.first.trim_end_matches('.');
        let is_initial = first.chars().count() == 1 && other.first.starts_with(first);
        (&self.surname, &self.suffix) == (&other.surname, &other.suffix)
            && (is_initial || self.first == other.first)
    }

    /// What is equal for whoever is called with a middle name or without; none if the first name isn't spelt out.
    pub(crate) fn without_middle(&self) -> Option<FullName> {
        let is_spelt_out = self.first.trim_end_matches('.').chars().count() > 1;
        is_spelt_out.then(|| FullName { middle: Vec::new(), ..self.clone() })
    }

    /// Whether the middle names of both may be of one person: `J.` and `John`, or an initial more. A name more is often
    /// another surname.
    pub(crate) fn may_have_middle_of(&self, other: &FullName) -> bool {
        let are_one = |(a, b): (&String, &String)| a.starts_with(b.as_str()) || b.starts_with(a.as_str());
        let both = self.middle.len().min(other.middle.len());
        let mut more = self.middle[both..].iter().chain(&other.middle[both..]);
        self.middle.iter().zip(&other.middle).all(are_one) && more.all(|name| name.chars().count() == 1)
    }
}
