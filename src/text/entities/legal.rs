//! How names of companies end: with what they are in law.

use super::names::bare;
use crate::text::words;

/// Endings that say what a company is in law, in lower case without dots; those that are one
/// thing written in two ways are next to each other.
const LEGAL_FORMS: &[(&str, &str)] = &[
    ("ab", "ab"),
    ("abp", "abp"),
    ("ag", "ag"),
    ("aps", "aps"),
    ("as", "as"),
    ("a/s", "as"),
    ("asa", "asa"),
    ("bhd", "bhd"),
    ("berhad", "bhd"),
    ("bv", "bv"),
    ("co", "co"),
    ("company", "co"),
    ("corp", "corp"),
    ("corporation", "corp"),
    ("cv", "cv"),
    ("gmbh", "gmbh"),
    ("inc", "inc"),
    ("incorporated", "inc"),
    ("jsc", "jsc"),
    ("kg", "kg"),
    ("kgaa", "kgaa"),
    ("kk", "kk"),
    ("limited", "ltd"),
    ("llc", "llc"),
    ("llp", "llp"),
    ("lp", "lp"),
    ("ltd", "ltd"),
    ("ltda", "ltda"),
    ("nv", "nv"),
    ("ojsc", "ojsc"),
    ("oy", "oy"),
    ("oyj", "oyj"),
    ("pjsc", "pjsc"),
    ("plc", "plc"),
    ("pte", "pte"),
    ("pty", "pty"),
    ("pvt", "pvt"),
    ("sa", "sa"),
    ("saa", "saa"),
    ("sab", "sab"),
    ("sarl", "sarl"),
    ("sas", "sas"),
    ("sdn", "sdn"),
    ("se", "se"),
    ("sl", "sl"),
    ("spa", "spa"),
    ("srl", "srl"),
    ("sro", "sro"),
];

/// Those of several words.
const OF_SEVERAL_WORDS: &[(&str, &str)] = &[("S.à r.l.", "sarl"), ("sp. z o.o.", "spzoo")];

/// Those that are words of the language too, where they are small: a Delaware limited partnership, a holding company.
const WORDS: &[&str] = words! {
    "company" "corporation" "incorporated" "limited"
};

/// Words of a legal form: `GmbH & Co. KGaA` has four.
const MOST_FORMS: usize = 8;

/// `Inc.`
pub(crate) fn is_legal_form(word: &str) -> bool {
    let word = bare(word);
    LEGAL_FORMS.iter().any(|(written, _)| *written == word)
}

/// `Northwind Energy plc` as `Northwind Energy` and `plc`; `None` if there is no legal form, or
/// nothing that still names the company. Legal forms come in one way of writing them.
pub(super) fn split_legal_form(name: &str) -> Option<(&str, String)> {
    let mut kept = name.trim_end();
    let mut form = String::new();
    for _ in 0..MOST_FORMS {
        let of_several = |&(written, one): &(&str, &'static str)| Some((kept.strip_suffix(written)?, one));
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
        match LEGAL_FORMS.iter().find(|(written, _)| *written == last) {
            Some((_, one)) => form.insert_str(0, one),
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
