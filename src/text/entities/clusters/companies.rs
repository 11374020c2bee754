//! Which names are of one company.

use std::collections::BTreeMap;

use super::{Clusters, LinkError, Name};
use crate::text::entities::{kind::Kind, legal, names, trades};

impl Clusters {
    /// `Northwind Energy plc` and `Northwind Energy`; but `Delmar Ltd.` and `Delmar GmbH` are
    /// two, and then `Delmar` could be either.
    pub(super) fn join_companies(&mut self, names: &[Name<'_>]) -> Result<(), LinkError> {
        let mut companies: BTreeMap<String, (Vec<usize>, BTreeMap<String, usize>)> = BTreeMap::new();
        for (i, name) in
            names.iter().enumerate().filter(|(_, n)| !matches!(n.kind, Kind::Person | Kind::Location))
        {
            match legal::split_legal_form(name.plain) {
                Some((short, form)) => {
                    let (_, forms) = companies.entry(names::key(short)).or_default();
                    match forms.get(&form) {
                        Some(&same) => self.join(same, i),
                        None => _ = forms.insert(form, i),
                    }
                }
                None => companies.entry(names::key(name.plain)).or_default().0.push(i),
            }
        }
        for (short, full) in companies.into_values() {
            for name in short {
                self.join_if_one(name, full.values().copied())?;
            }
        }
        Ok(())
    }

    /// `Northwind` and the one company whose name is that and its trade: `Northwind Energy`. Acronyms have a rule of
    /// their own, and a place or person of that name is not the company.
    pub(super) fn join_shortened(&mut self, names: &[Name<'_>]) -> Result<(), LinkError> {
        let organisations = || names.iter().enumerate().filter(|(_, n)| n.kind == Kind::Organisation);
        let shortened =
            |n: &Name<'_>| !names::is_acronym_like(n.plain) && legal::split_legal_form(n.plain).is_none();
        let shortened = || organisations().filter(|(_, n)| shortened(n));
        let mut companies: BTreeMap<String, Vec<usize>> =
            shortened().map(|(_, name)| (names::key(name.plain), Vec::new())).collect();
        for (i, name) in organisations() {
            for short in trades::short_names(name.plain) {
                companies.entry(names::key(short)).and_modify(|full| full.push(i));
            }
        }
        for (i, name) in shortened() {
            if let Some(full) =
                companies.get(&names::key(name.plain)).filter(|_| !self.ambiguous.contains_key(&i))
            {
                self.join_if_one(i, full.iter().copied())?;
            }
        }
        Ok(())
    }
}
