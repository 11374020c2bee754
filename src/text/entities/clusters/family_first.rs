//! Which names have the family's name first, as `Lee Kuan-soo` has: a text that says `Lee` may mean him as well as Robert Lee.

use std::collections::BTreeMap;

use super::Clusters;
use crate::text::{entities::names, words};

/// Names of families that are nobody's first name: there are a Lee Pell and a Kim Pell.
const FAMILIES: &[&str] = words! {
    "Chen" "Choi" "Huang" "Li" "Liu" "Nguyen" "Park" "Tran" "Wang" "Wu" "Xi" "Xu" "Yang" "Zhang" "Zhao" "Zhou" "Zhu"
};

/// `Al-sadr` is a surname.
const ARTICLES: &[&str] = words! { "Abd" "Abdel" "Abdul" "Al" "Ar" "As" "El" };

impl Clusters<'_> {
    /// The persons whose names visibly begin with their families', by these.
    pub(super) fn family_first(&self) -> BTreeMap<String, Vec<usize>> {
        let mut families: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (i, person) in self.persons().filter(|(_, person)| person.suffix.is_none()) {
            if let Some((first, rest)) = person.bare.split_once(' ')
                && is_family_first(first, rest)
            {
                families.entry(names::key(first)).or_default().push(i);
            }
        }
        families
    }
}

fn is_family_first(first: &str, rest: &str) -> bool {
    const MOST: usize = 2;
    // Chen Li may have either
    let is_given = |word: &str| word.starts_with(char::is_uppercase) && !FAMILIES.contains(&word);
    let is_known = || FAMILIES.contains(&first) && rest.split(' ').all(is_given);
    rest.split(' ').count() <= MOST && (is_of_two(rest) || is_known())
}

/// `Kuan-soo`, but not `Smith-Pell`.
fn is_of_two(name: &str) -> bool {
    let are_letters = |part: &str| !part.is_empty() && part.chars().all(char::is_alphabetic);
    name.split_once('-').is_some_and(|(first, second)| {
        !ARTICLES.contains(&first)
            && are_letters(first)
            && are_letters(second)
            && second.chars().all(char::is_lowercase)
    })
}
