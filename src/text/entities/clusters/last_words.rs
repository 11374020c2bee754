//! Which names are the last word of a club's: `Comets` of the `Salem Comets`.

use std::collections::BTreeMap;

use super::{Clusters, LinkError, shortened::OF_ITS_OWN};
use crate::text::entities::{kind::Kind, names};

impl Clusters<'_> {
    /// `Comets` and the one club whose name ends so. What begins another name is more than a last word, and what is of
    /// something, `Bank of Harrow`, isn't called by that. Nor is anything that a text says only before its full name.
    pub(super) fn join_last_words(&mut self) -> Result<(), LinkError> {
        let alone = self.alone();
        let organisations: Vec<_> = self.of_kind(Kind::Organisation).collect();
        let is_short = |name: &str| {
            let is_word = !name.is_empty() && !name.contains(' ') && !names::is_acronym_like(name);
            is_word && !OF_ITS_OWN.contains(&names::key(name).as_str())
        };
        let short = organisations.iter().filter(|(i, name)| alone[*i] && is_short(name.plain));
        let mut clubs: BTreeMap<String, Option<Vec<usize>>> =
            short.map(|(_, name)| (names::key(name.plain), Some(Vec::new()))).collect();
        for &(i, name) in &organisations {
            let Some((first, rest)) = name.plain.split_once(' ') else { continue };
            if let Some(club) = clubs.get_mut(&names::key(first)) {
                *club = None;
            }
            let is_club = rest.split(' ').all(|word| word.starts_with(char::is_uppercase));
            let last = rest.rsplit(' ').next().filter(|_| is_club).map(names::key);
            if let Some(Some(club)) = last.and_then(|last| clubs.get_mut(&last)) {
                club.push(i);
            }
        }
        for (i, name) in organisations.into_iter().filter(|(i, _)| alone[*i]) {
            if let Some(Some(club)) = clubs.get(&names::key(name.plain))
                && club.first().is_some_and(|&first| self.names[first].begins.0 < name.begins.1)
            {
                self.join_if_one(i, club.iter().copied())?;
            }
        }
        Ok(())
    }
}
