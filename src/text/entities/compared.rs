//! How names are compared that were not taken from one text: a register writes `NORTHWIND ENERGY PLC`, or `Sir Ian Fell`.

use super::{kind::Kind, legal, names, person::Person};

/// What is equal for names of one thing of this type but for how they are written, and the legal form, in one way of
/// writing it.
pub(crate) fn compared(name: &str, kind: &str) -> (String, Option<String>) {
    let plain = names::plain(name);
    if Kind::from(kind) == Kind::Person {
        // Mrs. Pell is not any Pell
        let full = Person::new(&plain).full;
        return (names::key(if full.contains(' ') { full } else { &plain }), None);
    }
    match legal::split_legal_form(&plain) {
        Some((short, form)) => (names::key(short), Some(form)),
        None => (names::key(&plain), None),
    }
}

#[cfg(test)]
mod tests {
    use super::compared;

    #[test]
    fn names_of_registers_are_those_of_texts() {
        for (a, b, kind) in [
            ("NORTHWIND ENERGY PLC", "Northwind Energy plc", "ORG"),
            ("Trivanta Therapeutics, Inc.", "Trivanta Therapeutics Incorporated", "ORG"),
            ("President Thomas Garrity", "Thomas Garrity", "PER"),
            ("Sir Ian Fell KC", "IAN FELL", "PERSON"),
        ] {
            assert_eq!(compared(a, kind), compared(b, kind));
        }
        assert_ne!(compared("Mrs. Pell", "PER"), compared("Mr. Pell", "PER"));
        assert_ne!(compared("Delmar AG", "ORG"), compared("Delmar GmbH", "ORG"));
    }
}
