//! Which names are of one person of whom no more than a title and a name is told.

use std::collections::BTreeMap;

use super::{Clusters, LinkError, Name, parts::persons};
use crate::text::entities::{names, person::Person};

/// Names that are equal but for their titles.
#[derive(Default)]
struct Namesakes {
    unsaid: Vec<usize>,
    men: Vec<usize>,
    women: Vec<usize>,
}

impl Clusters {
    /// `Queen Alexandrine` and `Alexandrine`; but Mr. and Mrs. Pell are two, and then `Pell` could be either.
    pub(super) fn join_titled(&mut self, names: &[Name<'_>]) -> Result<(), LinkError> {
        let alone = self.alone();
        let mut namesakes: BTreeMap<String, Namesakes> = BTreeMap::new();
        for (i, name) in persons(names).filter(|(i, _)| alone[*i]) {
            let person = Person::new(name.plain);
            let same = namesakes.entry(names::key(person.full)).or_default();
            match person.is_of_man() {
                None => same.unsaid.push(i),
                Some(true) => same.men.push(i),
                Some(false) => same.women.push(i),
            }
        }
        for Namesakes { unsaid, men, women } in namesakes.into_values() {
            for known in [&men, &women] {
                known.iter().for_each(|&name| self.join(known[0], name));
            }
            let heads: Vec<usize> = men.first().into_iter().chain(women.first()).copied().collect();
            let unsaid_head = unsaid.first().filter(|_| heads.is_empty()).copied();
            for name in unsaid {
                self.join_if_one(name, heads.iter().copied().chain(unsaid_head))?;
            }
        }
        Ok(())
    }
}
