//! How names are compared that were not taken from one text: a register writes `NORTHWIND ENERGY PLC`, or `Sir Ian Fell`.

use super::{kind::Kind, legal, names, person::Person, trades};

/// What is equal for names of one thing of this type but for how they are written, and the legal form, in one way of
/// writing it.
pub(crate) fn compared(name: &str, kind: &str) -> (String, Option<String>) {
    let plain = names::plain(name);
    if Kind::from(kind) == Kind::Person {
        // Mrs. Pell is not any Pell
        let full = Person::new(&plain).full;
        let key = names::key(if full.contains(' ') { full } else { &plain });
        return (key.trim_end_matches('.').replace(',', ""), None);
    }
    match legal::split_legal_form(&plain) {
        Some((short, form)) => (without_article(names::key(short)), Some(form)),
        None => (without_article(names::key(&plain)), None),
    }
}

fn without_article(key: String) -> String {
    key.strip_prefix("the ").map(str::to_owned).unwrap_or(key)
}

/// What a company is called for short, as names are compared: without its legal form, its trade, or all but the first word of
/// its name.
pub(crate) fn short_names(name: &str) -> Vec<String> {
    let name = names::plain(name);
    let formless = legal::split_legal_form(&name).map(|(formless, _)| formless);
    let short = formless.into_iter().chain(trades::short_names(&name)).chain(trades::first_word(&name));
    short.map(names::key).collect()
}

#[cfg(test)]
mod tests {
    use super::{compared, short_names};

    #[test]
    fn a_company_is_called_by_its_name_without_form_and_trade_for_short() {
        assert_eq!(short_names("Northwind Energy plc"), ["northwind energy", "northwind", "northwind"]);
        assert_eq!(
            short_names("Pembrick Home Appliances Co."),
            ["pembrick home appliances", "pembrick home", "pembrick"]
        );
        assert!(short_names("Bank of Elm").is_empty() && short_names("Harrow United").is_empty());
    }

    #[test]
    fn names_of_registers_are_those_of_texts() {
        for (a, b, kind) in [
            ("NORTHWIND ENERGY PLC", "Northwind Energy plc", "ORG"),
            ("Trivanta Therapeutics, Inc.", "Trivanta Therapeutics Incorporated", "ORG"),
            ("President Thomas Garrity", "Thomas Garrity", "PER"),
            ("Sir Ian Fell KC", "IAN FELL", "PERSON"),
            ("Robert Pell, Jr.", "Robert Pell Jr", "PER"),
            ("U.S. Rail Board", "The US Rail Board", "ORG"),
            ("THE HARROW TIMES, INC.", "The Harrow Times Inc.", "ORG"),
            ("MT. HARROW HOSPITAL", "Mt. Harrow Hospital", "ORG"),
            ("A.P. Thorsen & St. Brannock plc", "AP Thorsen and St Brannock plc", "ORG"),
        ] {
            assert_eq!(compared(a, kind), compared(b, kind));
        }
        assert_ne!(compared("Mrs. Pell", "PER"), compared("Mr. Pell", "PER"));
        assert_ne!(compared("Delmar AG", "ORG"), compared("Delmar GmbH", "ORG"));
        assert_ne!(compared("Calder.com", "ORG"), compared("Caldercom", "ORG"));
    }
}
