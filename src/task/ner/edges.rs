//! What of a span is a name: labels of words take in marks, titles, and what stands beside a name.

use std::ops::Range;

use super::legal_forms::{is_form, is_form_in_capitals};
use super::words::{Case, Word, ends_elided, is_clitic};
use crate::text::{self, HYPHENS, Kind, words};

/// What names nobody by itself, though a model may take it for somebody. Others may: there are Bishops and Kings.
const TITLES: &[&str] = words! {
    "adm" "asst" "atty" "cfa" "cllr" "dame" "dist" "dr" "frau" "hc" "insp" "mba" "md" "mlle" "mme" "mr"
    "mrs" "ms" "phd" "prof" "pvt" "shri" "sir" "smt" "supt" "tpr"
};

/// What somebody is in a company. No company is called so, in capitals or not; but there is an SVP in every Swiss paper,
/// and VP Singh has initials.
const ROLES: &[&str] = words! {
    "CEO" "CFO" "COO" "CTO" "EVP"
};

/// What a hyphen puts after a person's name to make another word of it, besides `-backed` and `-leaning`: anything else, as
/// in `Soo-jin`, is the name.
const AFTER_PERSONS: &[&str] = words! {
    "led" "run" "fed" "era" "style" "like" "type" "ish" "esque" "born" "bred" "built" "chosen"
    "drawn" "driven" "given" "held" "made" "taught" "written" "adjacent" "centric" "critical"
    "free" "friendly" "heavy" "less" "lite" "loyal" "loyalist" "only" "sceptic" "sceptical"
    "skeptic" "skeptical" "worthy" "appointee" "hater" "supporter" "voter"
};

/// A sentence and its words.
#[derive(Clone, Copy)]
pub(super) struct Sentence<'s> {
    pub(super) text: &'s str,
    pub(super) words: &'s [Word],
    /// It is written as a newspaper does, with capitals and a full stop, and not as a chat: there, what is small may be a
    /// name.
    is_edited: bool,
}

impl<'s> Sentence<'s> {
    pub(super) fn new(text: &'s str, words: &'s [Word]) -> Self {
        let mut named = words.iter().filter(|word| text[word.range.clone()].contains(char::is_alphanumeric));
        let is_capitalised = |word: &Word| word.case != Case::Lower && &text[word.range.clone()] != "I";
        let is_edited = named.next().is_some_and(|word| word.case != Case::Lower)
            && named.any(is_capitalised)
            && text.trim_end().ends_with(['.', '!', '?', '…', '"', '”', '\'', '’', ')']);
        Self { text, words, is_edited }
    }

    /// The words of a span, apart where no line of prose is as wide: between two cells of a table.
    pub(super) fn cells(self, span: Range<usize>) -> impl Iterator<Item = &'s [Word]> {
        self.words[span].chunk_by(move |a, b| {
            let between = &self.text[a.range.end..b.range.start];
            !(between.contains('\t') || between.contains("   ")) || between.contains('\n')
        })
    }

    /// The bytes of a span's name, without marks at its edges and without what a hyphen adds to it; None if nothing is
    /// left, or nothing that names somebody.
    pub(super) fn name(self, span: &'s [Word], kind: Kind) -> Option<Range<usize>> {
        let is_named = |word: &Word| has_letters(self.of(word));
        let first = span.iter().position(|word| is_named(word) && !is_clitic(self.of(word)))?;
        let is_whole = |word: &Word| is_named(word) && !ends_elided(self.of(word));
        let span = span.get(first..=span.iter().rposition(is_whole)?)?;
        // a case's first party: Ashdown v. Harrow Council
        let ends_with_versus =
            span.len() > 1 && span.last().is_some_and(|v| ["v", "vs", "vs."].contains(&self.of(v)));
        let span = if ends_with_versus { &span[..span.len() - 1] } else { span };
        let span = self.one_company(span, kind);
        let span = if kind == Kind::Person { self.without_role(span) } else { span };
        let (first, last) = (span.first()?, span.last()?);
        let end = last.range.start + without_tail(self.of(last), kind).len();
        let name = first.range.start..end;
        (!self.is_title(span, kind) && !self.is_no_name(&self.text[name.clone()], kind)).then_some(name)
    }

    pub(super) fn of(self, word: &Word) -> &'s str {
        &self.text[word.range.clone()]
    }

    /// What is called CEO Pell is Pell.
    fn without_role(self, span: &'s [Word]) -> &'s [Word] {
        let is_named = |word: &Word| has_letters(self.of(word));
        match span.split_first() {
            Some((role, name)) if is_role(self.of(role)) => {
                name.iter().position(is_named).map_or(span, |first| &name[first..])
            }
            _ => span,
        }
    }

    /// A company's name ends with the full stop of its legal form: what is capitalised behind it is the next sentence's,
    /// or somebody's title.
    fn one_company(self, span: &'s [Word], kind: Kind) -> &'s [Word] {
        // what may be somebody's initials, of Ramesh N.V. Iyer, is a form where the name comes again
        let is_next = |next: &Word| match kind {
            Kind::Organisation => next.case != Case::Lower && !text::is_legal_form(self.of(next)),
            Kind::Person => self.of(next) == self.of(&span[0]),
            Kind::Location | Kind::Other => false,
        };
        let ends = |pair: &[Word]| {
            let (form, next) = (self.of(&pair[0]), &pair[1]);
            form.ends_with('.') && (is_form(form) || is_form_in_capitals(form)) && is_next(next)
        };
        // Co. Down is a county
        let last = span.windows(2).skip(1).position(ends);
        last.map_or(span, |last| &span[..=last + 1])
    }

    /// Whether nothing but titles is in it; in capitals, an organisation may be called so.
    fn is_title(self, span: &[Word], kind: Kind) -> bool {
        let mut named = span.iter().filter(|word| has_letters(self.of(word)));
        let is_title = |word: &Word| {
            let is_ing = self.text[..word.range.start].ends_with("Dr.-");
            let (word, title) = (self.of(word), self.of(word).replace('.', ""));
            // a Sen or a Gen may be somebody
            is_ing
                || (word.ends_with('.') && text::is_stopped(word))
                || TITLES.iter().any(|known| title.eq_ignore_ascii_case(known))
        };
        let is_role = |word: &Word| is_role(self.of(word));
        match kind {
            Kind::Person => named.all(|word| is_title(word) || is_role(word)),
            Kind::Organisation => {
                named.all(|word| is_role(word) || (word.case != Case::Capitals && is_title(word)))
            }
            Kind::Location | Kind::Other => false,
        }
    }

    /// Whether it is an address, or a thing: small letters only, where names are written with capitals.
    fn is_no_name(self, name: &str, kind: Kind) -> bool {
        let has_other = name.contains(|c: char| c.is_uppercase() || c.is_numeric());
        let is_small = name.contains(char::is_lowercase) && !has_other;
        let is_thing = match kind {
            Kind::Organisation => true,
            // `to london` is one, `they told us` is not
            Kind::Location => name == "us",
            Kind::Person | Kind::Other => false,
        };
        name.contains('@') || (is_thing && is_small && self.is_edited)
    }
}

/// `CEO`, or `C.E.O.`
fn is_role(word: &str) -> bool {
    ROLES.contains(&word.replace('.', "").as_str())
}

/// Whether a word is more than a mark, which may be written as a reference: `&quot;`
fn has_letters(word: &str) -> bool {
    let is_reference =
        || word.starts_with('&') && text::first_char(word).is_some_and(|(_, length)| length == word.len());
    word.contains(char::is_alphanumeric) && !is_reference()
}

/// A name's last word without what a hyphen adds to it: `-backed` and all else that begins small, but after a person's
/// name, which may go on so itself, only participles and `AFTER_PERSONS`.
fn without_tail(word: &str, kind: Kind) -> &str {
    let Some((name, tail)) = word.rsplit_once(HYPHENS) else { return word };
    let (is_broken, tail) = (tail.starts_with(['\r', '\n']), tail.trim_start());
    // Names end so, too, but shorter: Mei-ling, Ying-ching; and where nothing is a capital: al-sayed.
    let participle = (tail.len() > 3 && tail.ends_with("ed")) || (tail.len() > 5 && tail.ends_with("ing"));
    let is_added = match kind {
        Kind::Person => name.contains(char::is_uppercase) && (participle || AFTER_PERSONS.contains(&tail)),
        // any name goes on so, where a line ends within it
        _ if is_broken => participle || AFTER_PERSONS.contains(&tail),
        _ => !name.is_empty(),
    };
    if is_added && tail.starts_with(char::is_lowercase) { name } else { word }
}
