//! Full names with the same surname, and which of them are of one person.

use std::collections::{BTreeMap, BTreeSet};

use super::{Clusters, LinkError};
use crate::text::entities::{names, person::Person};

/// Full names with the same surname.
#[derive(Default)]
pub(super) struct Family {
    pub(super) members: BTreeMap<Member, Vec<usize>>,
    /// By what they are called besides, and suffix: `Robert “Bob” Halden`.
    nicknames: BTreeMap<(String, Option<String>), Vec<usize>>,
}

/// What a full name has besides the surname, as names are compared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Member {
    first: String,
    /// Initials.
    middle: String,
    suffix: Option<String>,
}

impl Family {
    pub(super) fn push(&mut self, name: usize, person: Person<'_>, surname: &str) {
        let mut words = person.given_names(surname).into_iter();
        let first = words.next().map(names::letters).unwrap_or_default();
        let middle = words.filter_map(|word| word.chars().next()).flat_map(char::to_lowercase).collect();
        let suffix = person.suffix.map(names::letters);
        if let Some(nickname) = person.nickname(surname) {
            let called = (names::letters(nickname), suffix.clone());
            self.nicknames.entry(called).or_default().push(name);
        }
        self.members.entry(Member { first, middle, suffix }).or_default().push(name);
    }

    /// Those that say less are joined to the one that says more: first without the middle name, then with an initial for
    /// the first.
    pub(super) fn join(&self, clusters: &mut Clusters<'_>) -> Result<(), LinkError> {
        for same in self.members.values() {
            clusters.join_all(same);
        }
        self.join_initials(clusters);
        for says_less in [Member::has_no_middle, Member::has_initial] {
            for (member, same) in self.members.iter().filter(|(member, _)| says_less(member)) {
                self.join_shorter(member, same[0], clusters)?;
            }
        }
        self.join_nicknames(clusters)
    }

    /// RJ Halloran is R.J. Halloran.
    fn join_initials(&self, clusters: &mut Clusters<'_>) {
        for (member, same) in self.members.iter().filter(|(member, _)| member.has_no_middle()) {
            let mut letters = member.first.chars();
            if let (Some(first), Some(middle), None) = (letters.next(), letters.next(), letters.next())
                && let suffix = member.suffix.clone()
                && let Some(dotted) =
                    self.members.get(&Member { first: first.into(), middle: middle.into(), suffix })
            {
                clusters.join(dotted[0], same[0]);
            }
        }
    }

    fn join_shorter(
        &self,
        member: &Member,
        name: usize,
        clusters: &mut Clusters<'_>,
    ) -> Result<(), LinkError> {
        let least = Member { first: member.first.clone(), middle: String::new(), suffix: None };
        let alike = self.members.range(least..);
        let alike = alike.take_while(|(other, _)| other.first.starts_with(&member.first));
        clusters.look_at(alike.clone().count())?;
        let longer = alike.filter(|(other, _)| other.says_more_than(member)).map(|(_, names)| names[0]);
        // RJ may be R.J. already, and says no more of him
        let root = clusters.root(name);
        let longer: Vec<usize> = longer.filter(|&other| clusters.root(other) != root).collect();
        clusters.join_if_one(name, longer)
    }

    /// Bob Halden is Robert “Bob” Halden; but who is Bob J. Halden already, or could be, isn't told by what another is called.
    fn join_nicknames(&self, clusters: &mut Clusters<'_>) -> Result<(), LinkError> {
        for ((nickname, suffix), called) in &self.nicknames {
            let member = Member { first: nickname.clone(), middle: String::new(), suffix: suffix.clone() };
            let Some(same) = self.members.get(&member) else { continue };
            let root = clusters.root(same[0]);
            let others = self.members.iter().filter(|(other, _)| other.says_more_than(&member));
            let is_known = others.map(|(_, names)| names[0]).any(|other| clusters.root(other) == root);
            clusters.look_at(self.members.len())?;
            if !is_known && !clusters.ambiguous.contains_key(&same[0]) {
                clusters.join_if_one(same[0], called.iter().copied())?;
            }
        }
        Ok(())
    }

    /// Those that a surname alone could mean: a junior only where there is no other of that initial.
    pub(super) fn heads(&self, suffix: Option<String>) -> Vec<usize> {
        let elders = self.members.keys().filter(|member| member.suffix.is_none());
        // Joe Pell is Joseph R. Pell Jr.
        let elders: BTreeSet<Option<char>> = elders.map(Member::initial).collect();
        let is_meant = |member: &Member| match suffix {
            Some(_) => member.suffix == suffix,
            None => member.suffix.is_none() || !elders.contains(&member.initial()),
        };
        let meant = self.members.iter().filter(|(member, _)| is_meant(member));
        meant.map(|(_, names)| names[0]).collect()
    }
}

impl Member {
    fn initial(&self) -> Option<char> {
        self.first.chars().next()
    }

    fn has_no_middle(&self) -> bool {
        self.middle.is_empty()
    }

    fn has_initial(&self) -> bool {
        self.first.chars().count() == 1
    }

    /// Whether it could be the person that `shorter` is, and says more of the name.
    fn says_more_than(&self, shorter: &Self) -> bool {
        let first_fits = match shorter.has_initial() {
            true => self.first.starts_with(&shorter.first),
            false => self.first == shorter.first,
        };
        let middle_fits = shorter.has_no_middle() || self.has_no_middle() || self.middle == shorter.middle;
        self.suffix == shorter.suffix
            && first_fits
            && middle_fits
            && (self.first.len() > shorter.first.len() || self.middle.len() > shorter.middle.len())
    }
}
