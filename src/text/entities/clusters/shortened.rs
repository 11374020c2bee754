//! Which names are short for a company's: `Northwind` for `Northwind Energy`.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Clusters, LinkError, Name};
use crate::text::entities::{kind::Kind, legal, names, trades};
use crate::text::words;

/// What names end with that are of something else where they stand alone: bodies that every state has one of, and
/// newspapers. The House isn't the White House, nor the Sun the Baltimore Sun.
const OF_ITS_OWN: &[&str] = words! {
    "army" "assembly" "cabinet" "chronicle" "congress" "court" "courier" "express" "gazette" "globe" "government"
    "guard" "guardian" "herald" "house" "independent" "inquirer" "journal" "mail" "mirror" "navy" "news" "observer"
    "parliament" "police" "post" "press" "record" "register" "senate" "standard" "star" "state" "sun" "telegraph"
    "times" "treasury" "tribune" "world"
};

impl Clusters<'_> {
    /// `Northwind` and the one company whose name is that and its trade. Acronyms have a rule of their own, which comes
    /// first, and a place of that name is not the company. Nor is a person, but for one word that a tagger took for
    /// somebody of whom nothing else is told.
    pub(super) fn join_shortened(&mut self) -> Result<(), LinkError> {
        let alone = self.alone();
        let is_short = |i: usize, name: &Name<'_>| match name.kind {
            Kind::Organisation if names::is_acronym_like(name.plain) => alone[i] && !self.is_introduced(i),
            Kind::Organisation => legal::split_legal_form(name.plain).is_none(),
            Kind::Person => alone[i] && !name.plain.contains(' '),
            Kind::Location | Kind::Other => false,
        };
        let shortened = || self.names.iter().enumerate().filter(|(i, n)| is_short(*i, n));
        let mut companies: BTreeMap<String, (Kind, Vec<usize>)> =
            shortened().map(|(_, name)| (names::key(name.plain), (name.kind, Vec::new()))).collect();
        for (i, name) in self.of_kind(Kind::Organisation) {
            let formless = legal::split_legal_form(name.plain).map(|(short, _)| short);
            for short in formless.into_iter().chain(trades::short_names(name.plain)) {
                companies.entry(names::key(short)).and_modify(|(_, full)| full.push(i));
            }
            // a first word may be the first name of somebody else
            if let Some((Kind::Organisation, full)) =
                trades::first_word(name.plain).and_then(|first| companies.get_mut(&names::key(first)))
            {
                full.push(i);
            }
        }
        let mut unjoined: Vec<_> = shortened().filter(|(i, _)| !self.ambiguous.contains_key(i)).collect();
        // what has more words is then one with the name that has it in it, for what has fewer
        unjoined.sort_by_key(|(_, name)| Reverse(name.plain.split(' ').count()));
        for (i, name) in unjoined {
            let full = companies.get(&names::key(name.plain)).map_or(&[][..], |(_, full)| full);
            match name.kind {
                Kind::Person => self.join_as_guest(i, full)?,
                _ => self.join_if_one(i, full.iter().copied())?,
            }
        }
        Ok(())
    }

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
