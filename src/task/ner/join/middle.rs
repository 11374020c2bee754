//! Persons who came under a name with a middle name that the text leaves out, or without one that it has: Robert Pell is
//! Robert J. Pell there.

use std::collections::{BTreeSet, HashMap};

use super::{is_of, names_of};
use crate::{
    document::{Document, Entity},
    text::{self, FullName, Kind},
};

/// Whoever came under more names that differ in no more than that is nobody the text tells.
const MOST_NAMESAKES: usize = 32;

/// Persons who came, and whom the text doesn't name as they are called.
#[derive(Debug, Default)]
pub(super) struct Unnamed {
    /// By what is equal with a middle name or without.
    by_name: HashMap<FullName, Vec<(FullName, usize)>>,
}

impl Unnamed {
    pub(super) fn of(document: &Document) -> Self {
        let mut unnamed = Self::default();
        let is_meant = |entity: &Entity| is_of(entity, Kind::Person) && entity.mentions.is_empty();
        for (i, entity) in document.entities.iter().enumerate().filter(|(_, entity)| is_meant(entity)) {
            let names = names_of(entity).flat_map(|name| FullName::all_of(&name));
            for (name, short) in names.filter_map(with_short) {
                unnamed.by_name.entry(short).or_default().push((name, i));
            }
        }
        unnamed
    }

    /// By cluster, those of whom each is the only one that may be meant, and in no other cluster.
    pub(super) fn among(&self, clusters: &[text::Entity<'_>]) -> HashMap<usize, usize> {
        let mut places: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut whose: HashMap<usize, usize> = HashMap::new();
        for (cluster, found) in clusters.iter().enumerate().filter(|_| !self.by_name.is_empty()) {
            let persons = self.may_be(found);
            persons.iter().for_each(|person| places.entry(*person).or_default().push(cluster));
            if persons.len() == 1 {
                whose.extend(persons.first().map(|person| (cluster, *person)));
            }
        }
        whose.retain(|_, person| places.get(person).is_some_and(|clusters| clusters.len() == 1));
        whose
    }

    fn may_be(&self, found: &text::Entity<'_>) -> BTreeSet<usize> {
        if Kind::from(found.kind) != Kind::Person {
            return BTreeSet::new();
        }
        let names = FullName::all_of(&found.name).into_iter().filter_map(with_short);
        let fits = |(name, short): (FullName, FullName)| {
            let same = self.by_name.get(&short).filter(|same| same.len() <= MOST_NAMESAKES);
            let same = same.into_iter().flatten();
            same.filter(move |(known, _)| known.may_have_middle_of(&name)).map(|(_, person)| *person)
        };
        names.flat_map(fits).collect()
    }
}

fn with_short(name: FullName) -> Option<(FullName, FullName)> {
    let short = name.without_middle()?;
    Some((name, short))
}
