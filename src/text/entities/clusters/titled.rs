//! Which names are of one person of whom no more than a title and a name is known.

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

impl Namesakes {
    fn push(&mut self, name: usize, person: Person<'_>) {
        match person.is_of_man() {
            None => self.unsaid.push(name),
            Some(true) => self.men.push(name),
            Some(false) => self.women.push(name),
        }
    }
}

impl Clusters {
    /// `Mr. Pell` and `Pell`, of whom nobody knows which of several men they are, are the same one.
    pub(super) fn join_unknown(&mut self, names: &[Name<'_>]) {
        let of_men = self.of_men(names);
        let mut unknown: BTreeMap<(String, Vec<usize>), Namesakes> = BTreeMap::new();
        for (i, name) in persons(names) {
            if let Some(others) = self.ambiguous.get(&i) {
                let person = Person::new(name.plain);
                unknown.entry((names::key(person.full), others.clone())).or_default().push(i, person);
            }
        }
        for ((_, others), Namesakes { unsaid, men, women }) in unknown {
            for same in [&unsaid, &men, &women] {
                same.iter().for_each(|&name| self.join(same[0], name));
            }
            // Holt may be Gary Holt, where Mrs. Holt is not
            let are_all = |of_man| others.iter().all(|&other| of_men[other] == Some(of_man));
            let of_man = !men.is_empty();
            if let ([head, ..], [], [unsaid, ..]) | ([], [head, ..], [unsaid, ..]) =
                (&men[..], &women[..], &unsaid[..])
                && are_all(of_man)
            {
                self.join(*head, *unsaid);
            }
        }
    }

    /// `Queen Alexandrine` and `Alexandrine`; but Mr. and Mrs. Pell are two, and then `Pell` could be either.
    pub(super) fn join_titled(&mut self, names: &[Name<'_>]) -> Result<(), LinkError> {
        let alone = self.alone();
        let mut namesakes: BTreeMap<String, Namesakes> = BTreeMap::new();
        for (i, name) in persons(names).filter(|(i, _)| alone[*i]) {
            let person = Person::new(name.plain);
            namesakes.entry(names::key(person.full)).or_default().push(i, person);
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
