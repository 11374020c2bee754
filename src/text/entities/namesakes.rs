//! What tells an entity that is searched from others that have its name in theirs: `Delmar GmbH` from Delmar AG, `Robert
//! Kovac Jr.` from Robert Kovac.

use std::collections::BTreeSet;
use std::ops::Range;

use super::find::Sought;
use super::kind::Kind;
use super::names::bare;
use super::person::{self, Person};
use super::{doubt, edges, legal};
use crate::text::{
    characters::is_of_word,
    reach::{SPACES, head},
    words,
};

/// What is written after somebody's name to name a firm.
pub(crate) const FIRMS: &[&str] = words! {
    "Associates" "Bros" "Brothers" "Co" "Company" "Daughters" "Partners" "Son" "Sons"
};

/// What the names of an entity say of it.
pub(super) struct Told {
    is_person: bool,
    is_thing: bool,
    /// Its legal forms, each in one way of writing it.
    forms: BTreeSet<String>,
    /// `jr`
    suffixes: BTreeSet<String>,
}

impl Told {
    pub(super) fn new(sought: &Sought<'_>) -> Self {
        let names = || std::iter::once(&sought.name).chain(&sought.aliases);
        let kind = sought.kind.map(Kind::from);
        let is_person = kind == Some(Kind::Person);
        let companies = names().filter(|_| !is_person);
        Self {
            is_person,
            is_thing: matches!(kind, Some(Kind::Organisation | Kind::Location)),
            forms: companies.filter_map(|name| legal::legal_form(name)).collect(),
            suffixes: names().filter_map(|name| Person::new(name).suffix).map(bare).collect(),
        }
    }

    /// Whether it may be a person of whose name more follows.
    pub(super) fn may_be_cut(&self, text: &str, name: &Range<usize>) -> bool {
        !self.is_thing && edges::may_have_a_third(text, name)
    }

    /// Whether a legal form follows that none of its names has.
    pub(super) fn is_of_other_form(&self, text: &str, name: &Range<usize>) -> bool {
        let Some(word) = (!self.forms.is_empty()).then(|| next_word(&text[name.end..])).flatten() else {
            return false;
        };
        // `as` and `se` are words, too
        let is_written = word.starts_with(char::is_uppercase) || word == "plc";
        let has_form = || legal::legal_form(&text[name.clone()]).is_some();
        if !is_written || !legal::is_legal_form(word) || has_form() {
            return false;
        }
        let written = format!("{} {word}", &text[name.clone()]);
        let form = legal::legal_form(&written).unwrap_or_default();
        // GmbH may be short for GmbH & Co. KG
        !self.forms.range(form.clone()..).next().is_some_and(|known| known.starts_with(&form))
    }

    /// Whether what stands beside its name may make it another's: a suffix that it hasn't, what makes a double name, or a
    /// firm, of a person's, or a title before a company's.
    pub(super) fn is_part_of_other(&self, text: &str, name: &Range<usize>) -> bool {
        let after = &text[name.end..];
        let is_suffix = |word: &str| {
            word.starts_with(char::is_uppercase)
                && person::is_suffix(word)
                && !self.suffixes.contains(&bare(word))
        };
        next_word(after).is_some_and(is_suffix)
            || (self.is_person && (doubt::is_hyphenated(after) || is_of_firm(after)))
            || (self.is_thing && doubt::is_addressed(text, name.start))
    }
}

/// The word after a name, with its dots, behind a comma or not.
fn next_word(after: &str) -> Option<&str> {
    const REACH: usize = 24; // no suffix and no legal form is as long
    let after = after.strip_prefix(',').unwrap_or(after).strip_prefix(SPACES)?;
    Some(head(after, REACH, |c| is_of_word(c) || c == '.')).filter(|word| !word.is_empty())
}

/// `& Sons`
fn is_of_firm(after: &str) -> bool {
    let joined = [" & ", " and ", " + "].iter().find_map(|sign| after.strip_prefix(sign));
    joined.is_some_and(|firm| FIRMS.contains(&doubt::first_word(firm)))
}
