//! Which names are of one person.

use std::collections::BTreeMap;

use super::{Clusters, LinkError, Name, family::Family, parts::persons};
use crate::text::entities::{names, person::Person};

impl Clusters {
    /// Full names of the same person, then the surnames alone, then what else of a name stands alone.
    pub(super) fn join_persons(&mut self, names: &[Name<'_>]) -> Result<(), LinkError> {
        let mut families: BTreeMap<String, Family> = BTreeMap::new();
        let persons = || persons(names);
        for (i, name) in persons() {
            let person = Person::new(name.plain);
            let suffix = person.suffix.map(names::letters);
            for surname in person.surnames() {
                let given = &person.bare[..person.bare.len() - surname.len()];
                let family = families.entry(names::key(surname)).or_default();
                family.push(i, given, suffix.clone());
            }
        }
        for family in families.values() {
            family.join(self)?;
        }
        self.join_parts(names, |words| words > 1)?;
        for (i, name) in persons() {
            let person = Person::new(name.plain);
            if let Some(family) = families.get(&names::key(person.bare))
                && person.surnames().next().is_none()
            {
                self.look_at(family.members.len())?;
                self.join_if_one(i, family.heads(person.suffix.map(names::letters)))?;
            }
        }
        self.join_parts(names, |words| words == 1)?;
        self.join_titled(names)
    }
}
