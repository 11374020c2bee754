//! What kind of thing a type names, as far as names are read differently for it.

/// The kinds whose names have a form of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody.
    Person,
    /// A company, an authority, a club.
    Organisation,
    /// A place.
    Location,
    /// Anything else.
    Other,
}

impl From<&str> for Kind {
    /// Reads the types of CoNLL, OntoNotes and Comprehend, in any case; all else is `Other`.
    fn from(label: &str) -> Self {
        let is_any = |labels: &[&str]| labels.iter().any(|l| l.eq_ignore_ascii_case(label));
        if is_any(&["PER", "PERSON", "PEOPLE"]) {
            Self::Person
        } else if is_any(&["ORG", "ORGANIZATION", "ORGANISATION", "COMPANY"]) {
            Self::Organisation
        } else if is_any(&["LOC", "LOCATION", "GPE"]) {
            Self::Location
        } else {
            Self::Other
        }
    }
}

/// Whether two types are one: however they are written, and whoever's names they are (`ORG`, `Organization`, `company`).
pub fn same_type(a: &str, b: &str) -> bool {
    let (kind, other) = (Kind::from(a), Kind::from(b));
    a.eq_ignore_ascii_case(b) || (kind == other && kind != Kind::Other)
}

/// Whether one thing may have both types: `ORG` and `FUND` may be said of one, `PER` and `LOC` may not.
pub fn may_be_same_type(a: &str, b: &str) -> bool {
    let (kind, other) = (Kind::from(a), Kind::from(b));
    kind == other || kind == Kind::Other || other == Kind::Other
}
