//! Which names are of one company but for what it is in law.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{Clusters, LinkError, Name};
use crate::text::entities::{kind::Kind, legal, names};

/// The names of a company without its legal form, and with it: one of each spelling and form.
#[derive(Default)]
struct Company {
    short: Vec<usize>,
    full: BTreeMap<(String, String), usize>,
}

impl Clusters<'_> {
    /// `Northwind Energy plc` and `Northwind Energy`; but `Delmar Ltd.` and `Delmar GmbH` are
    /// two, and then `Delmar` could be either. `McDonald's` is compared as `McDonald`, as if `'s` were the sentence's.
    pub(super) fn join_companies(&mut self) -> Result<(), LinkError> {
        let mut companies: BTreeMap<String, Company> = BTreeMap::new();
        let may_be_company = |name: &Name<'_>| !matches!(name.kind, Kind::Person | Kind::Location);
        for (i, name) in self.names.iter().enumerate().filter(|(_, name)| may_be_company(name)) {
            match legal::split_legal_form(name.plain) {
                Some((short, form)) => {
                    let company = companies.entry(names::key(&names::plain(short))).or_default();
                    match company.full.entry((names::key(short), form)) {
                        Entry::Occupied(same) => self.join(*same.get(), i),
                        Entry::Vacant(new) => _ = new.insert(i),
                    }
                }
                None => companies.entry(names::key(name.plain)).or_default().short.push(i),
            }
        }
        for Company { short, full } in companies.into_values() {
            for name in short {
                self.join_if_one(name, full.values().copied())?;
            }
        }
        Ok(())
    }
}
