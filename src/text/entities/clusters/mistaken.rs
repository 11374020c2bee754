//! Which names that a tagger took for a company's are somebody's surname: `Rennie had ignored two warnings`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Clusters, LinkError};
use crate::text::entities::{kind::Kind, names};

/// Bytes: a sentence and the one before it have seldom more.
const NEAR: usize = 400;

impl Clusters<'_> {
    /// A word that is the surname of the one person of that name, whom the text has named in full just before, and that
    /// stands where somebody stands rather than a company. Where a body's name has the word in it, it is that one's.
    pub(super) fn join_mistaken(&mut self) -> Result<(), LinkError> {
        let alone = self.alone();
        let is_mistaken = |i: usize| alone[i] && self.names[i].is_as_person && !self.is_introduced(i);
        let mistaken: Vec<_> = self.of_kind(Kind::Organisation).filter(|(i, _)| is_mistaken(*i)).collect();
        let mut persons: BTreeMap<String, Vec<usize>> =
            mistaken.iter().map(|(_, name)| (names::key(name.plain), Vec::new())).collect();
        for (i, person) in self.persons() {
            for surname in person.surnames() {
                persons.entry(names::key(surname)).and_modify(|named| named.push(i));
            }
        }
        let others = self.names.iter().filter(|name| name.kind != Kind::Person && name.plain.contains(' '));
        let of_bodies: BTreeSet<String> =
            others.flat_map(|name| name.plain.split(' ').map(names::key)).collect();
        for (i, name) in mistaken {
            let key = names::key(name.plain);
            let Some(named) = persons.get(&key).filter(|_| !of_bodies.contains(&key)) else { continue };
            let is_near = |place: usize| place < name.begins.0 && name.begins.0 - place <= NEAR;
            let of_person = |&person: &usize| <[usize; 2]>::from(self.names[person].begins).into_iter();
            if named.iter().flat_map(of_person).any(is_near) {
                self.join_as_guest(i, named)?;
            }
        }
        Ok(())
    }
}
