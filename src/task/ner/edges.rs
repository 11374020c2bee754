//! What of a span is a name: labels of words take in marks, titles, and what stands beside a name.

use std::ops::Range;

use super::words::{Case, Word, is_clitic};
use crate::text::{self, Kind, Tagged, words};

/// What names nobody by itself, though a model may take it for somebody. Others may: there are Bishops and Kings.
const TITLES: &[&str] = words! {
    "adm" "asst" "cllr" "dame" "dr" "insp" "md" "mr" "mrs" "ms" "phd" "prof" "sir" "smt" "supt"
};

/// The same, but with their full stop only: a Sen or a Gen may be somebody.
const STOPPED_TITLES: &[&str] = words! {
    "Capt." "Col." "Gen." "Gov." "Lt." "Rep." "Rev." "Sen." "Sgt."
};

/// What makes a company of a name that it ends. Those that are words or names elsewhere are left out: as, sa, se.
const FORMS: &[&str] = words! {
    "corp" "gmbh" "inc" "llc" "llp" "lp" "ltd" "plc"
};

/// The same, but in capitals, and after two words that aren't: after one they may be initials, as in India.
const FORMS_IN_CAPITALS: &[&str] = words! {
    "AB" "AG" "ASA" "BV" "NV" "SA"
};

/// Of firms that are called after several.
const FORMS_OF_FIRMS: &[&str] = words! {
    "LLC" "LLP"
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
    text: &'s str,
    words: &'s [Word],
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
    pub(super) fn name(self, span: &[Word], kind: Kind) -> Option<Range<usize>> {
        let is_named = |word: &Word| {
            let word = self.of(word);
            word.contains(char::is_alphanumeric) && !is_clitic(word)
        };
        let first = span.iter().position(is_named)?;
        let span =
            &span[first..=span.iter().rposition(|word| self.of(word).contains(char::is_alphanumeric))?];
        let span = if kind == Kind::Organisation { self.one_company(span) } else { span };
        let (first, last) = (span.first()?, span.last()?);
        let end = last.range.start + without_tail(self.of(last), kind).len();
        let name = first.range.start..end;
        (!self.is_title(span, kind) && !self.is_no_name(&self.text[name.clone()], kind)).then_some(name)
    }

    fn of(self, word: &Word) -> &'s str {
        &self.text[word.range.clone()]
    }

    /// A company's name ends with the full stop of its legal form: what is capitalised behind it is the next sentence's,
    /// or somebody's title.
    fn one_company(self, span: &'s [Word]) -> &'s [Word] {
        let ends = |pair: &[Word]| {
            let (form, next) = (self.of(&pair[0]), &pair[1]);
            form.ends_with('.')
                && is_form(form)
                && next.case != Case::Lower
                && !text::is_legal_form(self.of(next))
        };
        span.windows(2).position(ends).map_or(span, |last| &span[..=last])
    }

    /// Whether nothing but titles is in it; in capitals, an organisation may be called so.
    fn is_title(self, span: &[Word], kind: Kind) -> bool {
        let mut named = span.iter().filter(|word| self.of(word).contains(char::is_alphanumeric));
        let is_title = |word: &Word| {
            let (stopped, title) = (self.of(word), self.of(word).replace('.', ""));
            STOPPED_TITLES.contains(&stopped) || TITLES.iter().any(|known| title.eq_ignore_ascii_case(known))
        };
        match kind {
            Kind::Person => named.all(is_title),
            Kind::Organisation => named.all(|word| word.case != Case::Capitals && is_title(word)),
            Kind::Location | Kind::Other => false,
        }
    }

    /// Whether it is an address, or a thing: small letters only, where names are written with capitals.
    fn is_no_name(self, name: &str, kind: Kind) -> bool {
        let has_other = name.contains(|c: char| c.is_uppercase() || c.is_numeric());
        let is_small = name.contains(char::is_lowercase) && !has_other;
        name.contains('@') || (kind == Kind::Organisation && is_small && self.is_edited)
    }
}

/// Whether a name is a company's by its last word.
pub(super) fn is_company(name: &str) -> bool {
    name.rsplit_once(char::is_whitespace).is_some_and(|(name, last)| {
        is_form(last)
            || (FORMS_IN_CAPITALS.contains(&last) && name.contains(' ') && name.contains(char::is_lowercase))
    })
}

fn is_form(word: &str) -> bool {
    let form = word.replace('.', "");
    word == "Co." || FORMS.iter().any(|known| form.eq_ignore_ascii_case(known))
}

/// Legal forms that were taken for companies of their own belong to the company that is just before them, or to none. What
/// `&` joins to a firm is of its name: `Meagher & Flom LLP`.
pub(super) fn with_forms<'k>(sentence: &str, spans: impl Iterator<Item = Tagged<'k>>) -> Vec<Tagged<'k>> {
    let mut joined: Vec<Tagged<'_>> = Vec::new();
    for span in spans {
        let is_company = |span: &Tagged<'_>| Kind::from(span.kind) == Kind::Organisation;
        let between = |before: &Tagged<'_>| &sentence[before.range.end..span.range.start];
        let is_firm = sentence[span.range.clone()]
            .rsplit_once(' ')
            .is_some_and(|(_, form)| FORMS_OF_FIRMS.contains(&form));
        if is_company(&span)
            && is_firm
            && let Some(before) =
                joined.last_mut().filter(|before| is_company(before) && between(before) == " & ")
        {
            before.range.end = span.range.end;
            continue;
        }
        if !is_company(&span) || !sentence[span.range.clone()].split_whitespace().all(is_form) {
            joined.push(span);
        } else if let Some(company) = joined.last_mut().filter(|before| is_company(before))
            && [" ", ", ", ". "].contains(&between(company))
        {
            company.range.end = span.range.end;
        }
    }
    joined
}

/// A name's last word without what a hyphen adds to it: `-backed` and all else that begins small, but after a person's
/// name, which may go on so itself, only participles and `AFTER_PERSONS`.
fn without_tail(word: &str, kind: Kind) -> &str {
    let Some((name, tail)) = word.rsplit_once('-') else { return word };
    // Names end so, too, but shorter: Mei-ling, Ying-ching; and where nothing is a capital: al-sayed.
    let participle = (tail.len() > 3 && tail.ends_with("ed")) || (tail.len() > 5 && tail.ends_with("ing"));
    let is_added = match kind {
        Kind::Person => name.contains(char::is_uppercase) && (participle || AFTER_PERSONS.contains(&tail)),
        _ => !name.is_empty(),
    };
    if is_added && tail.starts_with(char::is_lowercase) { name } else { word }
}
