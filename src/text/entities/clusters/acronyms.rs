//! Which acronym is of which name.

use std::collections::BTreeMap;

use super::{Clusters, LinkError, Name};
use crate::text::entities::{kind::Kind, legal, names};

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
            for name in [Some(name.plain), short].into_iter().flatten() {
                for initials in names::initials(name) {
                    long.entry(initials).or_default().push(i);
                }
            }
        }
        for (i, name) in named().filter(|(_, n)| names::is_acronym_like(n.plain)) {
            let is_introduced = introduced.binary_search_by_key(&i, |&(_, acronym)| acronym).is_ok();
            if let Some(others) = long.get(&names::letters(name.plain)).filter(|_| !is_introduced) {
                self.join_if_one(i, others.iter().copied())?;
            }
        }
        Ok(())
    }
}
