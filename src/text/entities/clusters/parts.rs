//! Which names are parts of one person's name, and no surname that is known: `Zhao` of `Zhao Wenli`, `Lena` of `Lena
//! Pell`, `Quispe Huamán` of `María Quispe Huamán`.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Clusters, LinkError, Name};
use crate::text::entities::{kind::Kind, names, person::Person};

/// Words of a name. What has more is a list of names.
const LONGEST: usize = 10;

/// Names of persons that stand alone under one key, and those that have it in them.
#[derive(Default)]
struct Part {
    alone: Vec<usize>,
    longer: Vec<usize>,
}

impl Clusters {
    /// Joins names of as many words as `count` says to the one person whose name has them in a row, if they are joined
    /// to nothing else yet.
    pub(super) fn join_parts(
        &mut self,
        names: &[Name<'_>],
        count: fn(usize) -> bool,
    ) -> Result<(), LinkError> {
        let (alone, of_men) = (self.alone(), self.of_men(names));
        let mut parts: BTreeMap<String, Part> = BTreeMap::new();
        for (i, name) in persons(names).filter(|(i, _)| alone[*i] && !self.others.contains(i)) {
            let person = Person::new(name.plain);
            let key = names::key(person.bare);
            let is_part = person.suffix.is_none() && !person.is_called_by_first_name() && is_spelt_out(&key);
            if is_part && count(key.split(' ').count()) {
                parts.entry(key).or_default().alone.push(i);
            }
        }
        // a junior is called so, or isn't meant
        let elders = persons(names).map(|(i, name)| (i, Person::new(name.plain)));
        for (i, person) in elders.filter(|(_, person)| person.suffix.is_none()) {
            for row in rows(&names::key(person.bare)) {
                if let Some(part) = parts.get_mut(row) {
                    part.longer.push(i);
                }
            }
        }
        // what has more words first: it is then one with the name that has it in it, for what has fewer
        let mut parts: Vec<(String, Part)> = parts.into_iter().collect();
        parts.sort_by_key(|(key, _)| Reverse(key.split(' ').count()));
        for part in parts.into_iter().map(|(_, part)| part) {
            for name in part.alone {
                self.look_at(part.longer.len())?;
                let person = Person::new(names[name].plain);
                let longer = part.longer.iter().copied();
                self.join_if_one(name, longer.filter(|&longer| person.may_be_of_man(of_men[longer])))?;
            }
        }
        Ok(())
    }
}

/// The names of persons, and which they are.
pub(super) fn persons<'n>(names: &'n [Name<'n>]) -> impl Iterator<Item = (usize, &'n Name<'n>)> {
    names.iter().enumerate().filter(|(_, n)| n.kind == Kind::Person && !n.plain.is_empty())
}

/// Words, and no initials.
fn is_spelt_out(key: &str) -> bool {
    key.split(' ').all(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1)
}

/// The words in a row that a name has in it, but for the name itself.
pub(super) fn rows(key: &str) -> impl Iterator<Item = &str> {
    let begins = || std::iter::once(0).chain(key.match_indices(' ').map(|(i, _)| i + 1));
    let ends = || key.match_indices(' ').map(|(i, _)| i).chain([key.len()]);
    let is_name = ends().nth(LONGEST).is_none();
    begins()
        .filter(move |_| is_name)
        .flat_map(move |begin| ends().filter(move |&end| end > begin).map(move |end| &key[begin..end]))
        .filter(move |row| row.len() < key.len())
}
