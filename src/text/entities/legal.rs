//! How names of companies end: with what they are in law.

use super::names::bare;
use crate::text::words;

/// Endings that say what a company is in law, in lower case without dots.
const LEGAL_FORMS: &[&str] = words! {
    "ab" "abp" "ag" "aps" "as" "asa" "aş" "bhd" "bv" "co" "corp" "cv" "gmbh" "inc" "jsc" "kg" "kgaa" "kk"
    "llc" "llp" "lp" "ltd" "ltda" "nv" "ojsc" "oy" "oyj" "pjsc" "plc" "pte" "pty" "pvt" "sa" "saa"
    "sab" "sarl" "sas" "sdn" "se" "sl" "spa" "srl" "sro"
};

/// Those that are one of these, written in another way.
const SPELLINGS: &[(&str, &str)] = &[
    ("a/s", "as"),
    ("berhad", "bhd"),
    ("company", "co"),
    ("corporation", "corp"),
    ("incorporated", "inc"),
    ("limited", "ltd"),
];

/// Those of several words.
const OF_SEVERAL_WORDS: &[(&str, &str)] =
    &[("S.à r.l.", "sarl"), ("sp. z o.o.", "spzoo"), ("Ltd. Şti.", "ltd")];

/// Those that are words of the language too, where they are small: a Delaware limited partnership, a holding company.
const WORDS: &[&str] = words! {
    "company" "corporation" "incorporated" "limited"
};

/// Words of a legal form: `GmbH & Co. KGaA` has four.
const MOST_FORMS: usize = 8;

/// `Inc.`
pub(crate) fn is_legal_form(word: &str) -> bool {
    one_way(&bare(word)).is_some()
}

/// A legal form in one way of writing it: `ltd` for `limited`.
fn one_way(word: &str) -> Option<&'static str> {
    let other = SPELLINGS.iter().find(|(written, _)| *written == word).map(|(_, form)| form);
    other.or_else(|| LEGAL_FORMS.iter().find(|form| **form == word)).copied()
}

/// A name without this at its end, whatever the case of its letters.
fn without_end<'n>(name: &'n str, end: &str) -> Option<&'n str> {
    let (before, last) = name.split_at_checked(name.len().checked_sub(end.len())?)?;
    (last.to_lowercase() == end.to_lowercase()).then_some(before)
}

/// `Northwind Energy` of `Northwind Energy plc`; a name without a legal form as it is.
pub(super) fn without_form(name: &str) -> &str {
    split_legal_form(name).map_or(name, |(short, _)| short)
}

/// `plc` of `Northwind Energy plc`, in one way of writing it.
pub(super) fn legal_form(name: &str) -> Option<String> {
    split_legal_form(name).map(|(_, form)| form)
}

/// `Northwind Energy plc` as `Northwind Energy` and `plc`; `None` if there is no legal form, or
/// nothing that still names the company. Legal forms come in one way of writing them.
pub(super) fn split_legal_form(name: &str) -> Option<(&str, String)> {
    let mut kept = name.trim_end();
    let mut form = String::new();
    for _ in 0..MOST_FORMS {
        let of_several = |&(written, one): &(&str, &'static str)| Some((without_end(kept, written)?, one));
        if let Some((before, one)) = OF_SEVERAL_WORDS.iter().find_map(of_several) {
            form.insert_str(0, one);
            kept = before.trim_end().trim_end_matches(',');
            continue;
        }
        let Some((before, last)) = kept.rsplit_once(char::is_whitespace) else { break };
        if WORDS.contains(&last) {
            break;
        }
        let last = bare(last);
        match one_way(&last) {
            Some(one) => form.insert_str(0, one),
            None if matches!(last.as_str(), "&" | "and") && !form.is_empty() => {}
            None if last == "de" && form == "cv" => {}
            // that isn't one by itself: many a bank has a house that it calls private
            None if last == "private" && form == "ltd" => form.insert_str(0, "pvt"),
            None => break,
        }
        kept = before.trim_end().trim_end_matches(',');
    }
    let names =
        kept.chars().filter(|c| c.is_alphanumeric()).count() >= 3 && kept.chars().any(char::is_uppercase);
    (names && !form.is_empty()).then_some((kept, form))
}
