//! Which names of one document are names of the same thing.

use std::collections::{BTreeMap, BTreeSet};

use super::kind::Kind;
use super::link::LinkError;
use super::names;
use super::person::Person;

mod acronyms;
mod companies;
mod departments;
mod family;
mod family_first;
mod last_words;
mod mistaken;
mod parts;
mod persons;
mod shortened;
mod sovereigns;
mod titled;

/// A name as it occurs in a document, however often.
#[derive(Clone, Debug)]
pub(super) struct Name<'a> {
    /// Without possessive and article.
    pub(super) plain: &'a str,
    /// The kind that most of its mentions have.
    pub(super) kind: Kind,
    /// Where the first of its mentions begins, and where the last.
    pub(super) begins: (usize, usize),
    /// How many mentions it has.
    pub(super) mentions: usize,
    /// Whether it is said of all its mentions whose it is: `Canada's Department of Justice`.
    pub(super) is_owned: bool,
    /// Whether it stands where somebody stands.
    pub(super) is_as_person: bool,
}

/// Names that others are compared with, or could be. A document that means well has some thousands, and each takes
/// time or memory.
const MOST_STEPS: usize = 1_000_000;

/// Names that are joined, and those that can't be because there are several to join them to.
#[derive(Debug)]
pub(super) struct Clusters<'n> {
    names: &'n [Name<'n>],
    /// Pairs of a name and the acronym that the text puts next to it, in the order of the acronyms.
    introduced: &'n [(usize, usize)],
    parents: Vec<usize>,
    /// A name, and one name of each cluster that it could belong to.
    pub(super) ambiguous: BTreeMap<usize, Vec<usize>>,
    /// Names that are joined to what has another type, which theirs says nothing of.
    pub(super) guests: BTreeSet<usize>,
    /// Names of somebody else than the one whose surname they have, or it can't be told.
    others: BTreeSet<usize>,
    steps: usize,
}

impl<'n> Clusters<'n> {
    /// Joins names by legal form, by person, by department, by acronym and by trade.
    pub(super) fn new(names: &'n [Name<'n>], introduced: &'n [(usize, usize)]) -> Result<Self, LinkError> {
        let mut clusters = Self {
            names,
            introduced,
            parents: (0..names.len()).collect(),
            ambiguous: BTreeMap::new(),
            guests: BTreeSet::new(),
            others: BTreeSet::new(),
            steps: 0,
        };
        clusters.join_companies()?;
        clusters.join_persons()?;
        clusters.join_departments()?;
        let members = clusters.members();
        for &(name, short) in introduced {
            // Of another company already, `Harrow plc`, it is not told by what the text calls a second one.
            let is_beginning = names::begins_with(names[name].plain, names[short].plain);
            if !is_beginning || members[clusters.root(short)] == 1 {
                clusters.ambiguous.remove(&short);
                clusters.join(name, short);
            }
        }
        clusters.join_acronyms()?;
        clusters.join_shortened()?;
        clusters.join_last_words()?;
        clusters.join_mistaken()?;
        clusters.join_what_became_one()?;
        Ok(clusters)
    }

    /// Joins names that could be several which were found to be one later.
    fn join_what_became_one(&mut self) -> Result<(), LinkError> {
        for (name, others) in std::mem::take(&mut self.ambiguous) {
            self.join_if_one(name, others)?;
        }
        Ok(())
    }

    fn look_at(&mut self, names: usize) -> Result<(), LinkError> {
        self.steps += names;
        if self.steps > MOST_STEPS { Err(LinkError) } else { Ok(()) }
    }

    /// The name that stands for the cluster of `name`.
    pub(super) fn root(&self, mut name: usize) -> usize {
        while self.parents[name] != name {
            name = self.parents[name];
        }
        name
    }

    /// How many names a cluster has, by the name that stands for it.
    fn members(&self) -> Vec<usize> {
        let mut members = vec![0; self.parents.len()];
        (0..members.len()).for_each(|i| members[self.root(i)] += 1);
        members
    }

    /// For each name, whether it is joined to no other and could be joined to none of several.
    fn alone(&self) -> Vec<bool> {
        let members = self.members();
        (0..members.len()).map(|i| members[self.root(i)] == 1 && !self.ambiguous.contains_key(&i)).collect()
    }

    /// The names of one kind, and which they are.
    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (usize, &'n Name<'n>)> + use<'n> {
        self.names.iter().enumerate().filter(move |(_, name)| name.kind == kind)
    }

    /// The persons that have names, and which these are.
    fn persons(&self) -> impl Iterator<Item = (usize, Person<'n>)> + use<'n> {
        let named = self.of_kind(Kind::Person).filter(|(_, name)| !name.plain.is_empty());
        named.map(|(i, name)| (i, Person::new(name.plain)))
    }

    /// Whether the text puts an acronym next to what it is short for.
    fn is_introduced(&self, acronym: usize) -> bool {
        self.introduced.binary_search_by_key(&acronym, |&(_, short)| short).is_ok()
    }

    /// Joins all of these.
    fn join_all(&mut self, same: &[usize]) {
        same.iter().for_each(|&name| self.join(same[0], name));
    }

    /// The earlier root stays, and the path to it is made short.
    fn join(&mut self, a: usize, b: usize) {
        let (root_a, root_b) = (self.root(a), self.root(b));
        let root = root_a.min(root_b);
        for changed in [root_a, root_b, a, b] {
            self.parents[changed] = root;
        }
    }

    /// Joins `name` to what has another type, if that is one.
    fn join_as_guest(&mut self, name: usize, others: &[usize]) -> Result<(), LinkError> {
        self.look_at(others.len())?;
        if let [first, more @ ..] = others
            && more.iter().all(|&other| self.root(other) == self.root(*first))
        {
            self.join(*first, name);
            self.guests.insert(name);
        }
        Ok(())
    }

    /// Joins `name` to what it could be, if that is one; otherwise marks it. What is joined to one of them is that one.
    fn join_if_one(&mut self, name: usize, others: impl IntoIterator<Item = usize>) -> Result<(), LinkError> {
        let mut roots: Vec<usize> = others.into_iter().map(|other| self.root(other)).collect();
        self.look_at(roots.len())?;
        roots.sort_unstable();
        roots.dedup();
        match roots[..] {
            _ if roots.contains(&self.root(name)) => {}
            [] => {}
            [one] => self.join(one, name),
            _ => {
                self.ambiguous.insert(name, roots);
            }
        }
        Ok(())
    }
}
