//! Words that make a company of a name: `Inc.`, or `& Sons`.

use crate::text::{FIRMS, words};

/// What makes a company of a name that it ends. Those that are words or names elsewhere are left out: as, sa, se.
const FORMS: &[&str] = words! {
    "bhd" "corp" "gmbh" "inc" "llc" "llp" "lp" "ltd" "plc" "pte" "pty" "sdn"
};

/// The same, but only as they are written here: there is a spa.
const FORMS_AS_WRITTEN: &[&str] = words! {
    "Co." "S.L." "S.p.A." "SpA" "S.r.l." "e.K." "o.o." "r.l." "s.r.o."
};

/// The same, but in capitals, and after two words that aren't: after one they may be initials, as in India.
const FORMS_IN_CAPITALS: &[&str] = words! {
    "AB" "AG" "ASA" "BV" "NV" "SA"
};

/// Whether a name is a company's by its last words.
pub(super) fn is_company(name: &str) -> bool {
    name.rsplit_once(char::is_whitespace).is_some_and(|(name, last)| {
        is_form(last)
            || (is_form_in_capitals(last) && name.contains(' ') && name.contains(char::is_lowercase))
            || ([" &", " and"].iter().any(|sign| name.ends_with(sign)) && is_firm(last))
    })
}

pub(super) fn is_form(word: &str) -> bool {
    let form = word.replace('.', "");
    FORMS_AS_WRITTEN.contains(&word) || FORMS.iter().any(|known| form.eq_ignore_ascii_case(known))
}

pub(super) fn is_form_in_capitals(word: &str) -> bool {
    FORMS_IN_CAPITALS.contains(&word.replace('.', "").as_str())
}

/// `Sons`, of `Bascombe & Sons`.
pub(super) fn is_firm(word: &str) -> bool {
    FIRMS.contains(&word.trim_end_matches('.'))
}
