//! Which names are of one person.

use std::collections::{BTreeMap, BTreeSet};

use super::{Clusters, LinkError, family::Family};
use crate::text::entities::{names, person::Person};

/// Full names by surname, as names are compared.
type Families = BTreeMap<String, Family>;

/// The offices that full names say somebody has, by the name that stands for the person's cluster.
type Offices = BTreeMap<usize, BTreeSet<&'static str>>;

impl Clusters<'_> {
    /// Full names of the same person, then the surnames alone, then what else of a name stands alone.
    pub(super) fn join_persons(&mut self) -> Result<(), LinkError> {
        let mut families = Families::new();
        for (i, person) in self.persons() {
            for surname in person.surnames() {
                families.entry(names::key(surname)).or_default().push(i, person, surname);
            }
        }
        for family in families.values() {
            family.join(self)?;
        }
        self.join_parts(|words| words > 1)?;
        self.join_surnames(&families)?;
        self.join_parts(|words| words == 1)?;
        self.join_titled()?;
        self.join_sovereigns()?;
        self.join_unknown();
        Ok(())
    }

    /// `Kovac` and the one whose full name has that surname, as far as titles and offices tell which.
    fn join_surnames(&mut self, families: &Families) -> Result<(), LinkError> {
        let (of_men, offices, titled) = (self.of_men(), self.offices(), self.titled());
        let (family_first, sovereigns) = (self.family_first(), self.sovereigns());
        for (i, person) in self.persons() {
            let key = names::key(person.bare);
            let is_alone = person.surnames().next().is_none() && !person.is_sovereign();
            let Some(family) = families.get(&key).filter(|_| is_alone) else { continue };
            self.look_at(family.members.len())?;
            let may_be = |head: &usize| person.may_be_of_man(of_men[*head]);
            let mut heads = family.heads(person.suffix.map(names::letters));
            let all = heads.len();
            heads.retain(may_be);
            let is_told = heads.len() < all;
            self.keep_office(&mut heads, person, &offices);
            // Lee may be Lee Kuan-soo, who is no second one if he is Kuan-soo Lee besides
            if let Some(named_first) = family_first.get(&key) {
                self.look_at(named_first.len())?;
                let parts = |head: &usize| parts_of(self.names[*head].plain);
                let known: BTreeSet<Vec<String>> = heads.iter().map(parts).collect();
                let is_new = |head: &&usize| may_be(head) && !known.contains(&parts(head));
                heads.extend(named_first.iter().filter(is_new));
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
        Ok(())
    }

    /// Sen. Kovac is Sen. Anna Kovac where the other is Rep. Ivo Kovac.
    fn keep_office(&self, heads: &mut Vec<usize>, person: Person<'_>, offices: &Offices) {
        let Some(office) = person.office() else { return };
        let offices_of = |head: &usize| offices.get(&self.root(*head));
        let has = |head: &usize| offices_of(head).is_some_and(|own| own.contains(office));
        if heads.iter().all(|head| offices_of(head).is_some()) && heads.iter().any(has) {
            heads.retain(has);
        }
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

    fn offices(&self) -> Offices {
        let mut offices = Offices::new();
        for (i, person) in self.persons() {
            if let (Some(office), Some(_)) = (person.office(), person.surnames().next()) {
                offices.entry(self.root(i)).or_default().insert(office);
            }
        }
        offices
    }

    /// Those who are called by their first names, by these.
    fn sovereigns(&self) -> BTreeMap<String, Vec<usize>> {
        let mut sovereigns: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (i, person) in self.persons().filter(|(_, person)| person.is_sovereign()) {
            sovereigns.entry(names::key(person.bare)).or_default().push(i);
        }
        sovereigns
    }

    /// For each name, whether it is of a man, if the title of a name that it is joined to says so.
    pub(super) fn of_men(&self) -> Vec<Option<bool>> {
        let said = self.persons().filter_map(|(i, person)| Some((self.root(i), person.is_of_man()?)));
        let said: BTreeMap<usize, bool> = said.collect();
        (0..self.names.len()).map(|i| said.get(&self.root(i)).copied()).collect()
    }

    /// By surname, how often it stands behind a title alone.
    fn titled(&self) -> BTreeMap<String, Titled> {
        let mut titled: BTreeMap<String, Titled> = BTreeMap::new();
        for (i, person) in self.persons() {
            if let (Some(of_man), None) = (person.is_of_man(), person.surnames().next()) {
                let of = titled.entry(names::key(person.bare)).or_default();
                *(if of_man { &mut of.men } else { &mut of.women }) += self.names[i].mentions;
            }
        }
        titled
    }
}

/// How often somebody of a surname has a man's title, and a woman's.
#[derive(Clone, Copy, Default)]
struct Titled {
    men: usize,
    women: usize,
}

/// The parts of a name, in whatever order it has them.
fn parts_of(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Person::new(name).bare.split(' ').map(names::key).collect();
    parts.sort_unstable();
    parts
}
