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
                let all = heads.len();
                let mut heads: Vec<usize> =
                    heads.into_iter().filter(|&head| person.may_be_of_man(of_men[head])).collect();
                let is_told = heads.len() < all;
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
                if let Some(named_first) = family_first.get(&key) {
                    self.look_at(named_first.len())?;
                    // who is Ji-sung Park besides is no second one
                    let known: BTreeSet<Vec<String>> =
                        heads.iter().map(|&head| parts_of(names[head].plain)).collect();
                    let named_first = named_first.iter().copied().filter(|&head| {
                        person.may_be_of_man(of_men[head]) && !known.contains(&parts_of(names[head].plain))
                    });
                    heads.extend(named_first);
                }
                let titled = titled.get(&key).copied().unwrap_or_default();
                if !is_told && self.is_other_of_couple(person, &heads, titled, &of_men) {
                    self.others.insert(i);
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

    /// `Mrs. Pell`, where John Pell is rather Mr. Pell, or it can't be told: of whom neither is said, the title is that which
    /// more of the names have.
    fn is_other_of_couple(
        &self,
        person: Person<'_>,
        heads: &[usize],
        titled: Titled,
        of_men: &[Option<bool>],
    ) -> bool {
        let (Some(of_man), [head, more @ ..]) = (person.is_of_man(), heads) else { return false };
        let root = self.root(*head);
        let is_one = of_men[*head].is_none() && more.iter().all(|&head| self.root(head) == root);
        let (own, others) = if of_man { (titled.men, titled.women) } else { (titled.women, titled.men) };
        is_one && own <= others
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

/// How often somebody of a surname has a man's title, and a woman's.
#[derive(Clone, Copy, Default)]
struct Titled {
    men: usize,
    women: usize,
}

/// By surname, of the names that have nothing but that and a title.
fn titled(names: &[Name<'_>]) -> BTreeMap<String, Titled> {
    let mut titled: BTreeMap<String, Titled> = BTreeMap::new();
    for (_, name) in persons(names) {
        let person = Person::new(name.plain);
        if let (Some(of_man), None) = (person.is_of_man(), person.surnames().next()) {
            let of = titled.entry(names::key(person.bare)).or_default();
            *(if of_man { &mut of.men } else { &mut of.women }) += name.mentions;
        }
    }
    titled
}

/// The parts of a name, in whatever order it has them.
fn parts_of(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Person::new(name).bare.split(' ').map(names::key).collect();
    parts.sort_unstable();
    parts
}
