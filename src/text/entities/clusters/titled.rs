//! Which names are of one person of whom no more than a title and a name is known.

use std::collections::BTreeMap;

use super::{Clusters, LinkError};
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

impl Clusters<'_> {
    /// `Mr. Pell` and `Pell`, of whom nobody knows which of several men they are, are the same one.
    pub(super) fn join_unknown(&mut self) {
        let of_men = self.of_men();
        let mut unknown: BTreeMap<(String, Vec<usize>), Namesakes> = BTreeMap::new();
        for (i, person) in self.persons() {
            if let Some(others) = self.ambiguous.get(&i) {
                unknown.entry((names::key(person.full), others.clone())).or_default().push(i, person);
            }
        }
        for ((_, others), Namesakes { unsaid, men, women }) in unknown {
            [&unsaid, &men, &women].into_iter().for_each(|same| self.join_all(same));
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
    pub(super) fn join_titled(&mut self) -> Result<(), LinkError> {
        let alone = self.alone();
        let mut namesakes: BTreeMap<String, Namesakes> = BTreeMap::new();
        for (i, person) in self.persons().filter(|(i, _)| alone[*i]) {
            namesakes.entry(names::key(person.full)).or_default().push(i, person);
        }
        for Namesakes { unsaid, men, women } in namesakes.into_values() {
            [&men, &women].into_iter().for_each(|known| self.join_all(known));
            let heads: Vec<usize> = men.first().into_iter().chain(women.first()).copied().collect();
            let unsaid_head = unsaid.first().filter(|_| heads.is_empty()).copied();
            for name in unsaid {
                self.join_if_one(name, heads.iter().copied().chain(unsaid_head))?;
            }
        }
        Ok(())
    }
}
