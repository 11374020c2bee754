//! Which names are of one king, pope or prince, who is called by his first name.

use std::collections::BTreeMap;

use super::{Clusters, LinkError, Name, parts::persons};
use crate::text::entities::{names, person::Person};

impl Clusters {
    /// `King Albert` and `King Albert III`, `Prince Turki` and `Turki bin Salem`; but `Pope Paul` is not Paul Newman.
    pub(super) fn join_sovereigns(&mut self, names: &[Name<'_>]) -> Result<(), LinkError> {
        let mut longer: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (i, name) in persons(names) {
            let person = Person::new(name.plain);
            if let Some((first, rest)) = person.full.split_once(' ')
                && (person.has_sovereigns_title() || is_of_sovereigns(rest))
            {
                longer.entry(names::key(first)).or_default().push(i);
            }
        }
        for (i, name) in persons(names) {
            let person = Person::new(name.plain);
            if person.is_sovereign()
                && person.suffix.is_none()
                && let Some(longer) = longer.get(&names::key(person.bare))
            {
                let of_man = person.is_of_man();
                let fits = |&longer: &usize| Person::new(names[longer].plain).may_be_of_man(of_man);
                self.join_if_one(i, longer.iter().copied().filter(fits))?;
            }
        }
        Ok(())
    }
}

/// `III`, `bin Salem`
fn is_of_sovereigns(after_first_name: &str) -> bool {
    let next = after_first_name.split(' ').next().unwrap_or_default();
    let is_number = next.chars().all(|c| matches!(c, 'I' | 'V' | 'X' | 'L' | 'C'));
    is_number || matches!(next, "bin" | "bint" | "ibn")
}
