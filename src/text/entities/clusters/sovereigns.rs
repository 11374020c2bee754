//! Which names are of one king, pope or prince, who is called by his first name.

use std::collections::BTreeMap;

use super::{Clusters, LinkError};
use crate::text::entities::names;

impl Clusters<'_> {
    /// `King Albert` and `King Albert III`, `Prince Turki` and `Turki bin Salem`; but `Pope Paul` is not Paul Newman, nor King
    /// Charles Prince Charles Pell.
    pub(super) fn join_sovereigns(&mut self) -> Result<(), LinkError> {
        let mut longer: BTreeMap<String, Vec<(usize, Option<String>)>> = BTreeMap::new();
        for (i, person) in self.persons() {
            let title = person.sovereigns_title();
            if let Some((first, rest)) = person.full.split_once(' ')
                && (title.is_some() || is_of_sovereigns(rest))
            {
                longer.entry(names::key(first)).or_default().push((i, title));
            }
        }
        for (i, person) in self.persons() {
            if person.is_sovereign()
                && person.suffix.is_none()
                && let Some(longer) = longer.get(&names::key(person.bare))
            {
                self.look_at(longer.len())?;
                let title = person.sovereigns_title();
                let fits = longer.iter().filter(|(_, other)| other.is_none() || *other == title);
                self.join_if_one(i, fits.map(|(longer, _)| *longer))?;
            }
        }
        Ok(())
    }
}

/// `III`, `bin Salem`
fn is_of_sovereigns(after_first_name: &str) -> bool {
    let is_number = after_first_name.chars().all(|c| matches!(c, 'I' | 'V' | 'X'));
    is_number || ["bin ", "bint ", "ibn "].iter().any(|son| after_first_name.starts_with(son))
}
