//! Which names are of one department or ministry: `Department of Justice`, `U.S. Justice Department`.

use std::collections::BTreeMap;

use super::{Clusters, LinkError, parts::rows};
use crate::text::entities::{kind::Kind, names};
use crate::text::words;

const DEPARTMENTS: &[&str] = words! { "department" "ministry" };

/// What countries are called before their ministries. One that isn't here is somebody else's, as a town's is.
const PEOPLES: &[&str] = words! {
    "afghan" "albanian" "algerian" "argentine" "armenian" "australian" "austrian" "azerbaijani" "bahraini" "bangladeshi"
    "belarusian" "belgian" "bolivian" "bosnian" "brazilian" "british" "bulgarian" "burmese" "cambodian" "canadian" "chilean"
    "chinese" "colombian" "croatian" "cuban" "cypriot" "czech" "danish" "dutch" "ecuadorian" "egyptian" "emirati" "estonian"
    "ethiopian" "finnish" "french" "georgian" "german" "ghanaian" "greek" "hungarian" "icelandic" "indian" "indonesian"
    "iranian" "iraqi" "irish" "israeli" "italian" "japanese" "jordanian" "kazakh" "kenyan" "kuwaiti" "latvian" "lebanese"
    "libyan" "lithuanian" "malaysian" "mexican" "moldovan" "moroccan" "nepali" "nigerian" "north korean" "norwegian" "omani"
    "pakistani" "peruvian" "philippine" "polish" "portuguese" "qatari" "romanian" "russian" "saudi" "serbian" "singaporean"
    "slovak" "slovenian" "south african" "south korean" "spanish" "sri lankan" "sudanese" "swedish" "swiss" "syrian"
    "taiwanese" "thai" "tunisian" "turkish" "ukrainian" "venezuelan" "vietnamese" "yemeni"
};

impl Clusters<'_> {
    /// `Ministry of Finance` and `Finance Ministry`; then `Foreign Ministry` and the one of a country that is called so,
    /// `Israeli Foreign Ministry`, if a text names no other. What is said to be somebody's, `Canada's Department of
    /// Justice`, may be another than a country's or somebody else's.
    pub(super) fn join_departments(&mut self) -> Result<(), LinkError> {
        DEPARTMENTS.iter().try_for_each(|body| self.join_bodies(body))
    }

    fn join_bodies(&mut self, body: &str) -> Result<(), LinkError> {
        let names = self.names;
        let mut bodies: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (i, name) in self.of_kind(Kind::Organisation) {
            if let Some(subject) = subject(name.plain, body) {
                bodies.entry(subject).or_default().push(i);
            }
        }
        let mut longer: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for subject in bodies.keys() {
            for short in rows(subject).filter(|short| bodies.contains_key(*short)) {
                longer.entry(short).or_default().push(subject);
            }
        }
        // `Russia's Defence Ministry` is the Ministry of Defence, where nobody else is said to have one
        let owners = |same: &[usize]| same.iter().filter(|&&name| names[name].is_owned).count();
        for same in bodies.values().filter(|same| owners(same) < 2) {
            self.join_all(same);
        }
        for (short, longer) in longer {
            let same = &bodies[short];
            let longer_names = longer.iter().flat_map(|longer| &bodies[*longer]).copied();
            // as with clubs: what stands only before the full name may be another's
            let begins = longer_names.clone().map(|name| names[name].begins.0).min();
            let is_after = same.iter().any(|&name| begins < Some(names[name].begins.1));
            let is_of_country = longer.iter().any(|longer| is_of_country(longer, short, body));
            if is_of_country && is_after && owners(same) == 0 {
                self.join_if_one(same[0], longer_names)?;
            }
        }
        Ok(())
    }
}

/// What a department is called after, in the order in which it is spoken of: `us justice`.
fn subject(name: &str, body: &str) -> Option<String> {
    let key = names::bare(name).replace("united states ", "us ").replace("united kingdom ", "uk ");
    let words: Vec<&str> = key.strip_prefix("the ").unwrap_or(&key).split(' ').collect();
    let at = words.iter().position(|word| *word == body)?;
    let (before, after) = (&words[..at], &words[at + 1..]);
    let after = match after {
        // with its `for`: a Department for Education is no Department of Education, but may be the Education Department
        [] | ["for", ..] => after,
        ["of", "the", subject @ ..] | ["of", subject @ ..] => subject,
        _ => return None,
    };
    let subject = [before, after].concat().join(" ").replace("foreign affairs", "foreign");
    (!subject.is_empty()).then_some(subject)
}

/// Whether `longer` is `short` behind a country.
fn is_of_country(longer: &str, short: &str, body: &str) -> bool {
    let before = longer.strip_suffix(short).map_or("", str::trim_end);
    // universities have Spanish departments, and no ministries
    ["us", "uk"].contains(&before) || (body == "ministry" && PEOPLES.contains(&before))
}

#[cfg(test)]
mod tests {
    use super::subject;

    #[test]
    fn a_department_is_spoken_of_in_one_order() {
        for (name, spoken) in [
            ("Department of Justice", Some("justice")),
            ("U.S. Department of Justice", Some("us justice")),
            ("US Justice Department", Some("us justice")),
            ("United States Department of Justice", Some("us justice")),
            ("Department of the Interior", Some("interior")),
            ("Department for Education", Some("for education")),
            ("Department of Foreign Affairs", Some("foreign")),
            ("Foreign Affairs Department", Some("foreign")),
            ("Department of Health and Human Services", Some("health and human services")),
            ("Department", None),
            ("The Department of Justice", Some("justice")),
            ("Department Store Holdings", None),
            ("Ministry of Justice", None),
            ("Justice", None),
        ] {
            assert_eq!(subject(name, "department").as_deref(), spoken, "{name}");
        }
    }
}
