//! Which names are short for a company's: `Northwind` for `Northwind Energy`.

use std::collections::BTreeMap;

use super::{Clusters, LinkError, Name};
use crate::text::entities::{kind::Kind, legal, names, trades};

impl Clusters {
    /// `Northwind` and the one company whose name is that and its trade. Acronyms have a rule of their own, which comes
    /// first, and a place of that name is not the company. Nor is a person, but for one word that a tagger took for
    /// somebody of whom nothing else is told.
    pub(super) fn join_shortened(
        &mut self,
        names: &[Name<'_>],
        introduced: &[(usize, usize)],
    ) -> Result<(), LinkError> {
        let alone = self.alone();
        let is_introduced = |i: usize| introduced.binary_search_by_key(&i, |&(_, acronym)| acronym).is_ok();
        let is_short = |i: usize, name: &Name<'_>| match name.kind {
            Kind::Organisation if names::is_acronym_like(name.plain) => alone[i] && !is_introduced(i),
            Kind::Organisation => legal::split_legal_form(name.plain).is_none(),
            Kind::Person => alone[i] && !name.addressed && !name.plain.contains(' '),
            Kind::Location | Kind::Other => false,
        };
        let shortened = || names.iter().enumerate().filter(|(i, n)| is_short(*i, n));
        let mut companies: BTreeMap<String, Vec<usize>> =
            shortened().map(|(_, name)| (names::key(name.plain), Vec::new())).collect();
        for (i, name) in names.iter().enumerate().filter(|(_, n)| n.kind == Kind::Organisation) {
            let formless = legal::split_legal_form(name.plain).map(|(short, _)| short);
            for short in formless.into_iter().chain(trades::short_names(name.plain)) {
                companies.entry(names::key(short)).and_modify(|full| full.push(i));
            }
        }
        for (i, name) in shortened().filter(|(i, _)| !self.ambiguous.contains_key(i)).collect::<Vec<_>>() {
            let full = companies.get(&names::key(name.plain)).map_or(&[][..], Vec::as_slice);
            match name.kind {
                Kind::Person => self.join_as_guest(i, full)?,
                _ => self.join_if_one(i, full.iter().copied())?,
            }
        }
        Ok(())
    }
}
