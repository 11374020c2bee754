//! Which names are of one department or ministry: `Department of Justice`, `U.S. Justice Department`.

use std::collections::BTreeMap;

use super::{Clusters, LinkError, Name};
use crate::text::entities::{kind::Kind, names};
use crate::text::words;

const DEPARTMENTS: &[&str] = words! { "department" "ministry" };

impl Clusters {
    /// `Ministry of Finance` and `Finance Ministry`; then `Foreign Ministry` and the one of a country that is called so,
    /// `Israeli Foreign Ministry`. A state or a town has departments beside its country's.
    pub(super) fn join_departments(&mut self, names: &[Name<'_>]) -> Result<(), LinkError> {
        let mut departments: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (i, name) in names.iter().enumerate().filter(|(_, name)| name.kind == Kind::Organisation) {
            if let Some(department) = as_spoken(name.plain) {
                departments.entry(department).or_default().push(i);
            }
        }
        let mut of_countries: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (department, same) in &departments {
            same.iter().for_each(|&name| self.join(same[0], name));
            if let Some(short) = said_at_home(department) {
                of_countries.entry(short).or_default().push(same[0]);
            }
        }
        for (department, of_countries) in of_countries {
            if let Some(short) = departments.get(department) {
                self.join_if_one(short[0], of_countries)?;
            }
        }
        Ok(())
    }
}

/// A department's name in the order in which it is spoken of: `us justice department`.
fn as_spoken(name: &str) -> Option<String> {
    let key = names::bare(name).replace("united states ", "us ").replace("united kingdom ", "uk ");
    let words: Vec<&str> = key.strip_prefix("the ").unwrap_or(&key).split(' ').collect();
    let at = words.iter().position(|word| DEPARTMENTS.contains(word))?;
    let (before, after) = (&words[..at], &words[at + 1..]);
    let subject = match after {
        [] => &[][..],
        ["of", "foreign", "affairs"] => &after[1..2],
        ["of", "the", subject @ ..] | ["of", subject @ ..] => subject,
        _ => return None,
    };
    let spoken = [before, subject, &words[at..=at]].concat();
    (spoken.len() > 1).then(|| spoken.join(" "))
}

/// What is said of it in its own country: `foreign ministry`.
fn said_at_home(department: &str) -> Option<&str> {
    let (first, rest) = department.split_once(' ').filter(|(_, rest)| rest.contains(' '))?;
    let is_of_people = || ["an", "ish", "ese", "li", "qi"].iter().any(|end| first.ends_with(end));
    // Michigan has departments, and no ministry
    let is_country = ["us", "uk"].contains(&first) || (rest.ends_with("ministry") && is_of_people());
    is_country.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::as_spoken;

    #[test]
    fn a_department_is_spoken_of_in_one_order() {
        for (name, spoken) in [
            ("Department of Justice", Some("justice department")),
            ("U.S. Department of Justice", Some("us justice department")),
            ("US Justice Department", Some("us justice department")),
            ("United States Department of Justice", Some("us justice department")),
            ("Department of the Interior", Some("interior department")),
            ("Israeli Ministry of Foreign Affairs", Some("israeli foreign ministry")),
            ("Department of Health and Human Services", Some("health and human services department")),
            ("Department", None),
            ("The Department of Justice", Some("justice department")),
            ("Department Store Holdings", None),
            ("Justice", None),
        ] {
            assert_eq!(as_spoken(name).as_deref(), spoken, "{name}");
        }
    }
}
