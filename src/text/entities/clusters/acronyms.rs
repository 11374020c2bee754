//! Which acronym is of which name.

use std::collections::BTreeMap;

use super::{Clusters, LinkError, Name};
use crate::text::entities::{kind::Kind, legal, names};

/// What two letters that everybody knows stand for, whatever else in a text begins with them: the University of Sydney
/// is not the U.S. Those that stand for no name of several words are for none.
const KNOWN: &[(&str, &str)] = &[
    ("ai", "artificial intelligence"),
    ("ap", "associated press"),
    ("ca", ""),
    ("dc", "district of columbia"),
    ("eu", "european union"),
    ("hk", "hong kong"),
    ("la", "los angeles"),
    ("ny", "new york"),
    ("nz", "new zealand"),
    ("uk", "united kingdom"),
    ("un", "united nations"),
    ("us", "united states"),
];

impl Clusters {
    /// `EGA` and the one name that it abbreviates.
    pub(super) fn join_acronyms(
        &mut self,
        names: &[Name<'_>],
        introduced: &[(usize, usize)],
    ) -> Result<(), LinkError> {
        let mut long: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let named = || names.iter().enumerate().filter(|(_, n)| n.kind != Kind::Person);
        for (i, name) in named().filter(|(_, n)| n.plain.contains(char::is_whitespace)) {
            let short = legal::split_legal_form(name.plain).map(|(short, _)| short);
            let of_country = names::without_country(short.unwrap_or(name.plain));
            for name in [Some(name.plain), short, of_country].into_iter().flatten() {
                for initials in names::initials(name) {
                    long.entry(initials).or_default().push(i);
                }
            }
        }
        for (i, name) in named().filter(|(_, n)| names::is_acronym_like(n.plain)) {
            let is_introduced = introduced.binary_search_by_key(&i, |&(_, acronym)| acronym).is_ok();
            let letters = names::letters(name.plain);
            if let Some(others) = long.get(&letters).filter(|_| !is_introduced) {
                let fits =
                    |&other: &usize| letters.len() > 2 || fits_two_letters(&letters, name, &names[other]);
                self.join_if_one(i, others.iter().copied().filter(fits))?;
            }
        }
        Ok(())
    }
}

/// Two letters say little: they are short for what has their kind, and for nothing else where everybody knows them.
fn fits_two_letters(letters: &str, short: &Name<'_>, long: &Name<'_>) -> bool {
    let is_known = |name: &str| names::key(long.plain) == name;
    let known = KNOWN.iter().find(|(known, _)| *known == letters);
    short.kind == long.kind && short.kind != Kind::Other && known.is_none_or(|(_, name)| is_known(name))
}
