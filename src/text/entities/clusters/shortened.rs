//! Which names are short for a company's: `Northwind` for `Northwind Energy`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Clusters, LinkError, Name};
use crate::text::entities::{kind::Kind, legal, names, trades};
use crate::text::words;

/// What names end with that are of something else where they stand alone: bodies that every state has one of, and
/// newspapers. The House isn't the White House, nor the Sun the Baltimore Sun.
pub(super) const OF_ITS_OWN: &[&str] = words! {
    "army" "assembly" "cabinet" "chronicle" "congress" "court" "courier" "express" "fed" "gazette" "globe" "government"
    "guard" "guardian" "herald" "house" "independent" "inquirer" "journal" "mail" "mirror" "navy" "news" "observer"
    "parliament" "police" "post" "press" "record" "register" "senate" "standard" "star" "state" "sun" "telegraph"
    "times" "treasury" "tribune" "world"
};

/// What bodies, brands and events are called by after a company's name, which is none of theirs: Northwind isn't the
/// Northwind Foundation.
const OF_BODIES: &[&str] = words! {
    "academy" "arena" "association" "award" "awards" "campus" "center" "centre" "charity" "club" "cloud" "college" "council" "cup"
    "foundation" "fund" "hall" "hospital" "institute" "league" "museum" "music" "open" "park" "prize" "school" "square" "stadium"
    "street" "theater" "theatre" "tower" "towers" "union" "university"
};

/// What everybody calls somebody by whom no rule shortens so.
const KNOWN: &[(&str, &[&str])] = &[
    ("disney", &["walt disney"]),
    (
        "fed",
        &[
            "federal reserve",
            "federal reserve board",
            "federal reserve system",
            "u.s. federal reserve",
            "us federal reserve",
        ],
    ),
    ("lilly", &["eli lilly"]),
];

/// Names of one company that others are held against.
const MOST_NAMES: usize = 8;

/// What a short name could be short for.
struct Short {
    kind: Kind,
    /// By legal form, by trade, or since everybody knows it.
    full: Vec<usize>,
    /// By what is a trade, and may be a company's division too: taken where there is nothing else.
    further: Vec<usize>,
}

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
        let mut unjoined: Vec<_> = self.names.iter().enumerate().filter(|(i, n)| is_short(*i, n)).collect();
        let shorts = self.shorts(&unjoined);
        let beginning = self.beginning();
        unjoined.retain(|(i, _)| !self.ambiguous.contains_key(i));
        // what has more words is then one with the name that has it in it, for what has fewer
        unjoined.sort_by_key(|(_, name)| Reverse(name.plain.split(' ').count()));
        for (i, name) in unjoined {
            let key = names::key(name.plain);
            let Some(Short { full, further, .. }) = shorts.get(&key) else { continue };
            if name.kind == Kind::Person {
                self.join_as_guest(i, full)?;
                continue;
            }
            let full = if full.is_empty() && !OF_ITS_OWN.contains(&key.as_str()) { further } else { full };
            let rivals = self.rivals(name, full, beginning.get(&key).map_or(&[], Vec::as_slice))?;
            self.join_if_one(i, full.iter().copied().chain(rivals))?;
        }
        Ok(())
    }

    /// What these names could be short for, by how they are compared.
    fn shorts(&self, shortened: &[(usize, &Name<'_>)]) -> BTreeMap<String, Short> {
        let short = |name: &Name<'_>| Short { kind: name.kind, full: Vec::new(), further: Vec::new() };
        let mut shorts: BTreeMap<String, Short> =
            shortened.iter().map(|(_, name)| (names::key(name.plain), short(name))).collect();
        let persons = self.persons().collect::<Vec<_>>();
        let surnames: BTreeSet<String> =
            persons.iter().flat_map(|(_, person)| person.surnames()).map(names::key).collect();
        for (i, name) in self.of_kind(Kind::Organisation) {
            let formless = legal::split_legal_form(name.plain).map(|(short, _)| short);
            for short in formless.into_iter().chain(trades::short_names(name.plain)) {
                shorts.entry(names::key(short)).and_modify(|short| short.full.push(i));
            }
            // Somebody may have that surname, and then be meant.
            let may_be = |key: &String| !surnames.contains(key);
            for short in trades::further_short_names(name.plain).map(names::key).filter(may_be) {
                shorts.entry(short).and_modify(|short| short.further.push(i));
            }
            // a first word may be the first name of somebody else
            let first = trades::first_word(name.plain).and_then(|first| shorts.get_mut(&names::key(first)));
            if let Some(short) = first.filter(|short| short.kind == Kind::Organisation) {
                short.full.push(i);
            }
            let known = names::key(legal::without_form(name.plain));
            for (called, _) in KNOWN
                .iter()
                .filter(|(called, names)| names.contains(&known.as_str()) && !surnames.contains(*called))
            {
                // Several names of it are one body's: the first stands for all.
                let short = shorts.get_mut(*called).filter(|short| short.full.is_empty());
                short.into_iter().for_each(|short| short.full.push(i));
            }
        }
        shorts
    }

    /// The companies that begin with a short name and are called by it for all that is known, though what follows is no known
    /// trade, where the text has named them before it and none of `full`: where it has named Meridian Care alone, Meridian
    /// isn't the Meridian Energy that it names later.
    fn rivals(
        &mut self,
        name: &Name<'_>,
        full: &[usize],
        beginning: &[usize],
    ) -> Result<Vec<usize>, LinkError> {
        let is_before = |other: &usize| self.names[*other].begins.0 < name.begins.0;
        let roots: BTreeSet<usize> = full.iter().map(|&full| self.root(full)).collect();
        // Of several it is unclear already, and who was named in full is meant.
        if roots.len() != 1 || full.len() > MOST_NAMES || full.iter().any(is_before) {
            return Ok(Vec::new());
        }
        let is_own = |other: &usize| {
            let is_longer = |full: &usize| {
                names::begins_with(self.names[*other].plain, legal::without_form(self.names[*full].plain))
            };
            full.contains(other) || full.iter().any(is_longer)
        };
        let rivals = beginning.iter().filter(|other| is_before(other) && !is_own(other)).copied().collect();
        self.look_at(beginning.len())?;
        Ok(rivals)
    }

    /// By first word, the companies whose names go on with others, unless they are bodies called after them.
    fn beginning(&self) -> BTreeMap<String, Vec<usize>> {
        let mut beginning: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (i, name) in self.of_kind(Kind::Organisation) {
            let Some((first, rest)) = legal::without_form(name.plain).split_once(' ') else { continue };
            let is_name = |word: &str| word.starts_with(char::is_uppercase);
            let is_body = |word: &str| OF_BODIES.contains(&names::key(word).as_str());
            if rest.split(' ').all(is_name) && !rest.split(' ').any(is_body) {
                beginning.entry(names::key(first)).or_default().push(i);
            }
        }
        beginning
    }
}
