//! Which names are parts of one person's name, and no surname that is known: `Zhao` of `Zhao Wenli`, `Lena` of `Lena
//! Pell`, `Quispe Huamán` of `María Quispe Huamán`.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Clusters, LinkError};
use crate::text::entities::{names, person::Person};

/// Words of a name. What has more is a list of names.
const LONGEST: usize = 10;

/// Names of persons that stand alone under one key, and those that have it in them.
#[derive(Default)]
struct Part<'n> {
    alone: Vec<(usize, Person<'n>)>,
    longer: Vec<usize>,
}

impl Clusters<'_> {
    /// Joins names of as many words as `count` says to the one person whose name has them in a row, if they are joined
    /// to nothing else yet.
    pub(super) fn join_parts(&mut self, count: fn(usize) -> bool) -> Result<(), LinkError> {
        let (alone, of_men) = (self.alone(), self.of_men());
        let mut parts: BTreeMap<String, Part<'_>> = BTreeMap::new();
        for (i, person) in self.persons().filter(|(i, _)| alone[*i] && !self.others.contains(i)) {
            let key = names::key(person.bare);
            let is_part = person.suffix.is_none() && !person.is_called_by_first_name() && is_spelt_out(&key);
            if is_part && count(key.split(' ').count()) {
                parts.entry(key).or_default().alone.push((i, person));
            }
        }
        // a junior is called so, or isn't meant
        for (i, person) in self.persons().filter(|(_, person)| person.suffix.is_none()) {
            for row in rows(&names::key(person.bare)) {
                if let Some(part) = parts.get_mut(row) {
                    part.longer.push(i);
                }
            }
        }
        // what has more words first: it is then one with the name that has it in it, for what has fewer
        let mut parts: Vec<_> = parts.into_iter().collect();
        parts.sort_by_key(|(key, _)| Reverse(key.split(' ').count()));
        for (_, part) in parts {
            for (name, person) in part.alone {
                self.look_at(part.longer.len())?;
                let longer = part.longer.iter().copied();
                self.join_if_one(name, longer.filter(|&longer| person.may_be_of_man(of_men[longer])))?;
            }
        }
        Ok(())
    }
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
