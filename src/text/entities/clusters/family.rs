//! Full names with the same surname, and which of them are of one person.

use std::collections::{BTreeMap, BTreeSet};

use super::{Clusters, LinkError};
use crate::text::entities::{names, person::Person};

/// Full names with the same surname.
#[derive(Default)]
pub(super) struct Family {
    /// By first name, middle initials and suffix.
    pub(super) members: BTreeMap<(String, String, Option<String>), Vec<usize>>,
    /// By what they are called besides, and suffix: `Robert “Bob” Halden`.
    nicknames: BTreeMap<(String, Option<String>), Vec<usize>>,
}

impl Family {
    pub(super) fn push(&mut self, name: usize, person: Person<'_>, surname: &str) {
        let mut words = person.given_names(surname).into_iter();
        let first = words.next().map(names::letters).unwrap_or_default();
        let middle = words.filter_map(|word| word.chars().next()).flat_map(char::to_lowercase);
        let suffix = person.suffix.map(names::letters);
        if let Some(nickname) = person.nickname(surname) {
            let called = (names::letters(nickname), suffix.clone());
            self.nicknames.entry(called).or_default().push(name);
        }
        self.members.entry((first, middle.collect(), suffix)).or_default().push(name);
    }

    pub(super) fn join(&self, clusters: &mut Clusters) -> Result<(), LinkError> {
        for same in self.members.values() {
            same.iter().for_each(|&name| clusters.join(same[0], name));
        }
        // RJ Halloran is R.J. Halloran
        for ((first, _, suffix), same) in self.members.iter().filter(|(member, _)| has_no_middle(member)) {
            let mut letters = first.chars();
            if let (Some(first), Some(middle), None) = (letters.next(), letters.next(), letters.next())
                && let Some(dotted) = self.members.get(&(first.into(), middle.into(), suffix.clone()))
            {
                clusters.join(dotted[0], same[0]);
            }
        }
        // those that say less are joined to the one that says more: first without the middle
        // name, then with an initial for the first
        for shorter in [has_no_middle, has_initial] {
            for (member, same) in self.members.iter().filter(|(member, _)| shorter(member)) {
                let alike = self
                    .members
                    .range((member.0.clone(), String::new(), None)..)
                    .take_while(|((first, ..), _)| first.starts_with(&member.0));
                clusters.look_at(alike.clone().count())?;
                let root = clusters.root(same[0]);
                let longer = alike.filter(|(other, _)| says_more(other, member)).map(|(_, names)| names[0]);
                // RJ may be R.J. already, and says no more of him
                let longer: Vec<usize> = longer.filter(|&name| clusters.root(name) != root).collect();
                clusters.join_if_one(same[0], longer)?;
            }
        }
        for ((nickname, suffix), called) in &self.nicknames {
            let member = (nickname.clone(), String::new(), suffix.clone());
            let Some(same) = self.members.get(&member) else { continue };
            // Bob Halden, who is Bob J. Halden already, or could be, isn't told by what another is called
            let root = clusters.root(same[0]);
            let others = self.members.iter().filter(|(other, _)| says_more(other, &member));
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
        let elders = self.members.keys().filter(|(.., suffix)| suffix.is_none());
        // Joe Pell is Joseph R. Pell Jr.
        let elders: BTreeSet<Option<char>> = elders.map(|(first, ..)| first.chars().next()).collect();
        let is_meant = |(first, _, own): &Member| match suffix {
            Some(_) => *own == suffix,
            None => own.is_none() || !elders.contains(&first.chars().next()),
        };
        let meant = self.members.iter().filter(|(member, _)| is_meant(member));
        meant.map(|(_, names)| names[0]).collect()
    }
}

type Member = (String, String, Option<String>);

fn has_no_middle((_, middle, _): &Member) -> bool {
    middle.is_empty()
}

fn has_initial((first, ..): &Member) -> bool {
    first.chars().count() == 1
}

/// Whether `longer` could be the person that `shorter` is, and says more of the name.
fn says_more(longer: &Member, shorter: &Member) -> bool {
    let ((first, middle, suffix), (short_first, short_middle, short_suffix)) = (longer, shorter);
    let first_fits = match has_initial(shorter) {
        true => first.starts_with(short_first.as_str()),
        false => first == short_first,
    };
    longer != shorter
        && suffix == short_suffix
        && first_fits
        && (short_middle.is_empty() || middle.is_empty() || middle == short_middle)
        && (first.len() > short_first.len() || middle.len() > short_middle.len())
}
