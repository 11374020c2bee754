//! What to search for: every name in the forms in which a document may write it.
//!
//! The document is never normalised, so that what is found are ranges of the text as it is.

use unicode_normalization::UnicodeNormalization;

use super::find::{FindOptions, Sought, Via};
use super::kind::Kind;
use super::names;

/// A form of a name, and what it would mean to find it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pattern {
    pub(super) text: String,
    pub(super) entity: usize,
    pub(super) via: Via,
}

/// All patterns for the entities, without doubles.
pub(super) fn patterns(entities: &[Sought<'_>], options: FindOptions) -> Vec<Pattern> {
    let mut all = Vec::new();
    for (entity, sought) in entities.iter().enumerate() {
        let mut add = |name: &str, via| {
            all.extend(forms(name).into_iter().map(|text| Pattern { text, entity, via }));
        };
        let given = || std::iter::once(sought.name).chain(sought.aliases.iter().copied());
        for name in given() {
            add(name, if name == sought.name { Via::Name } else { Via::Alias });
        }
        let kind = sought.kind.map(Kind::from);
        for name in given() {
            if options.legal_forms
                && kind.is_none_or(|kind| kind != Kind::Person)
                && let Some(short) = names::without_legal_form(name)
            {
                add(short, Via::LegalForm);
            }
            if options.surnames && kind == Some(Kind::Person) {
                names::surnames(name).into_iter().for_each(|surname| add(surname, Via::Surname));
            }
        }
    }
    // what is found by name needs no other reason
    all.sort_unstable_by(|a, b| (&a.text, a.entity, a.via).cmp(&(&b.text, b.entity, b.via)));
    all.dedup_by(|next, kept| next.text == kept.text && next.entity == kept.entity);
    all
}

/// The forms of one name: composed and decomposed, with straight and curly apostrophes, broken
/// over a line, in capitals.
pub(super) fn forms(name: &str) -> Vec<String> {
    let name: Vec<&str> = name.split_whitespace().collect();
    let mut forms: Vec<String> = vec![name.join(" ").nfc().collect()];
    // capitals of shorter names are words of their own: Who, WHO
    if name.concat().chars().filter(|c| c.is_alphabetic()).count() >= 4 {
        extend(&mut forms, |form| vec![form.to_uppercase()]);
    }
    extend(&mut forms, |form| vec![form.replace('\'', "’"), form.replace('’', "'")]);
    extend(&mut forms, |form| vec![form.nfd().collect()]);
    extend(&mut forms, |form| {
        let spaces = form.match_indices(' ').map(|(i, _)| i);
        spaces
            .flat_map(|i| ["\n", "\r\n", "\u{A0}"].map(|space| [&form[..i], space, &form[i + 1..]].concat()))
            .collect()
    });
    forms.retain(|form| !form.is_empty());
    forms
}

fn extend(forms: &mut Vec<String>, other: impl Fn(&str) -> Vec<String>) {
    let more: Vec<String> = forms.iter().flat_map(|form| other(form)).collect();
    forms.extend(more);
    forms.sort_unstable();
    forms.dedup();
}
