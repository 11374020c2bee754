//! Which names are of one person.

use std::collections::{BTreeMap, BTreeSet};

use super::{Clusters, LinkError, Name, family::Family, family_first::family_first, parts::persons};
use crate::text::entities::{names, person::Person};

impl Clusters {
    /// Full names of the same person, then the surnames alone, then what else of a name stands alone.
    pub(super) fn join_persons(&mut self, names: &[Name<'_>]) -> Result<(), LinkError> {
        let mut families: BTreeMap<String, Family> = BTreeMap::new();
        let mut sovereigns: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let persons = || persons(names);
        for (i, name) in persons() {
            let person = Person::new(name.plain);
            for surname in person.surnames() {
                families.entry(names::key(surname)).or_default().push(i, person, surname);
            }
            if person.is_sovereign() {
                sovereigns.entry(names::key(person.bare)).or_default().push(i);
            }
        }
        for family in families.values() {
            family.join(self)?;
        }
        self.join_parts(names, |words| words > 1)?;
        let (of_men, offices) = (self.of_men(names), self.offices(names));
        let (family_first, titled) = (family_first(names), titled(names));
        for (i, name) in persons() {
            let person = Person::new(name.plain);
            let key = names::key(person.bare);
            if let Some(family) = families.get(&key)
                && person.surnames().next().is_none()
                && !person.is_sovereign()
            {
                self.look_at(family.members.len())?;
                let heads = family.heads(person.suffix.map(names::letters));
                let mut heads: Vec<usize> =
                    heads.into_iter().filter(|&head| person.may_be_of_man(of_men[head])).collect();
                // Sen. Kovac is Sen. Anna Kovac where the other is Rep. Ivo Kovac
                let offices_of = |head: &usize| offices.get(&self.root(*head));
                let has = |head: &usize, office| offices_of(head).is_some_and(|own| own.contains(office));
                if let Some(office) = person.office()
                    && heads.iter().all(|head| offices_of(head).is_some())
                    && heads.iter().any(|head| has(head, office))
                {
                    heads.retain(|head| has(head, office));
                }
                // Lee may be Lee Kuan-soo
                let named_first = family_first.get(&key).into_iter().flatten().copied();
                heads.extend(named_first.filter(|&head| person.may_be_of_man(of_men[head])));
                let titled = titled.get(&key).map_or(&[][..], Vec::as_slice);
                if self.is_other_of_couple(names, person, &heads, titled, &of_men) {
                    continue;
                }
                // Charles may be the king, or the singer of that surname
                let first_names = sovereigns.get(&key).filter(|_| !person.has_title());
                self.join_if_one(i, heads.into_iter().chain(first_names.into_iter().flatten().copied()))?;
            }
        }
        self.join_parts(names, |words| words == 1)?;
        self.join_titled(names)?;
        self.join_sovereigns(names)?;
        self.join_unknown(names);
        Ok(())
    }

    /// `Mrs. Pell`, where John Pell is Mr. Pell: of whom neither is said, the title is that which comes first after the full
    /// name.
    fn is_other_of_couple(
        &self,
        names: &[Name<'_>],
        person: Person<'_>,
        heads: &[usize],
        titled: &[(usize, bool)],
        of_men: &[Option<bool>],
    ) -> bool {
        let (Some(of_man), [head, more @ ..]) = (person.is_of_man(), heads) else { return false };
        // the name that stands for a cluster is the first of it
        let root = self.root(*head);
        let is_one = of_men[*head].is_none() && more.iter().all(|&head| self.root(head) == root);
        let behind = titled.partition_point(|(begin, _)| *begin <= names[root].begins.0);
        let first = titled.get(behind).or(titled.first());
        is_one && first.is_some_and(|(_, first)| *first != of_man)
    }

    /// The offices that full names say each person has.
    fn offices(&self, names: &[Name<'_>]) -> BTreeMap<usize, BTreeSet<&'static str>> {
        let mut offices: BTreeMap<usize, BTreeSet<&'static str>> = BTreeMap::new();
        for (i, name) in persons(names) {
            let person = Person::new(name.plain);
            if let (Some(office), Some(_)) = (person.office(), person.surnames().next()) {
                offices.entry(self.root(i)).or_default().insert(office);
            }
        }
        offices
    }

    /// For each name, whether it is of a man, if the title of a name that it is joined to says so.
    pub(super) fn of_men(&self, names: &[Name<'_>]) -> Vec<Option<bool>> {
        let said: BTreeMap<usize, bool> = persons(names)
            .map(|(i, name)| (i, Person::new(name.plain)))
            .filter_map(|(i, person)| Some((self.root(i), person.is_of_man()?)))
            .collect();
        (0..names.len()).map(|i| said.get(&self.root(i)).copied()).collect()
    }
}

/// By surname, where names with a title first stand that says whether they are a man's, in the order of the text.
fn titled(names: &[Name<'_>]) -> BTreeMap<String, Vec<(usize, bool)>> {
    let mut titled: BTreeMap<String, Vec<(usize, bool)>> = BTreeMap::new();
    for (_, name) in persons(names) {
        let person = Person::new(name.plain);
        if let (Some(of_man), None) = (person.is_of_man(), person.surnames().next()) {
            titled.entry(names::key(person.bare)).or_default().push((name.begins.0, of_man));
        }
    }
    titled.values_mut().for_each(|places| places.sort_unstable());
    titled
}
