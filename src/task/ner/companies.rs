//! Companies with all that belongs to their names: `Inc.`, or `& Sons`. A model may leave it outside the name, take it for
//! a company of its own, or the whole for somebody; a firm's guilt must not become a person's.

use super::edges::Sentence;
use super::legal_forms::{is_firm, is_form};
use super::words::{Case, Word};
use crate::text::{Kind, Tagged, words};

/// Of firms that are called after several.
const FORMS_OF_FIRMS: &[&str] = words! {
    "LLC" "LLP"
};

/// What follows a name at most: `& Co. Pty. Ltd.` is three.
const MOST_FORMS: usize = 4;

/// Names with what makes companies of them and stands behind them, if that is no part of another name.
pub(super) fn with_what_follows<'k>(
    sentence: Sentence<'_>,
    spans: impl Iterator<Item = Tagged<'k>>,
) -> impl Iterator<Item = Tagged<'k>> {
    let mut spans = spans.peekable();
    std::iter::from_fn(move || {
        let mut span = spans.next()?;
        if matches!(Kind::from(span.kind), Kind::Person | Kind::Organisation) {
            let end = company_end(sentence, &span);
            let is_anothers = |other: &Tagged<'_>| other.range.start < end && end < other.range.end;
            if !spans.peek().is_some_and(is_anothers) {
                span.range.end = end;
            }
        }
        while spans.next_if(|other| other.range.start < span.range.end).is_some() {}
        Some(span)
    })
}

/// Where a name ends with all of that: `Bascombe & Sons, Inc.`
fn company_end(sentence: Sentence<'_>, name: &Tagged<'_>) -> usize {
    let first = sentence.text[name.range.clone()].split(' ').next().unwrap_or_default();
    let is_somebody = Kind::from(name.kind) == Kind::Person && !first.ends_with('.');
    let mut end = name.range.end;
    let mut at = sentence.words.partition_point(|word| word.range.start < end);
    for _ in 0..MOST_FORMS {
        let Some(length) = follows(sentence, end, &sentence.words[at..], is_somebody) else { break };
        at += length;
        end = sentence.words[at - 1].range.end;
    }
    end
}

/// How many words after a name make a company of it. An LP may be somebody's record, Co. Down is a county, and behind
/// `and` a capital may be somebody's again: `and Sons Tom`.
fn follows(sentence: Sentence<'_>, end: usize, after: &[Word], is_somebody: bool) -> Option<usize> {
    let word = |at: usize| after.get(at).map(|word| sentence.of(word));
    let is_next = |at: usize, before: usize| {
        let between = after.get(at).map(|word| &sentence.text[before..word.range.start]);
        between.is_some_and(|between| [" ", "\n", "\u{A0}"].contains(&between))
    };
    let comma = usize::from(word(0)? == "," && after[0].range.start == end);
    let begin = if comma > 0 { after[0].range.end } else { end };
    if !is_next(comma, begin) {
        return None;
    }
    let form = word(comma)?;
    let is_written =
        form.starts_with(char::is_uppercase) || form == "plc" || form == "e.K." || form == "s.r.o.";
    if is_written && is_form(form) && form != "Co." && (form != "LP" || comma > 0) {
        return Some(comma + 1);
    }
    // Ana Pell & Co. are she and her friends, A. Pell & Co. a firm
    let is_firm = |word: &str| is_firm(word) && !(is_somebody && word.starts_with("Co"));
    let is_joined = comma == 0 && is_next(1, after[0].range.end) && word(1).is_some_and(is_firm);
    let is_free = || after.get(2).is_none_or(|next| next.case == Case::Lower || is_form(sentence.of(next)));
    (is_joined && (form == "&" || form == "&amp;" || (form == "and" && is_free()))).then_some(2)
}

/// Legal forms that were taken for names of their own belong to the company that is just before them, or to none. What
/// `&` joins to a firm is of its name: `Meagher & Flom LLP`.
pub(super) fn with_forms<'k>(sentence: &str, spans: impl Iterator<Item = Tagged<'k>>) -> Vec<Tagged<'k>> {
    let mut joined: Vec<Tagged<'_>> = Vec::new();
    for span in spans {
        let is_company = |span: &Tagged<'_>| Kind::from(span.kind) == Kind::Organisation;
        let between = |before: &Tagged<'_>| &sentence[before.range.end..span.range.start];
        let name = &sentence[span.range.clone()];
        let is_of_firm = name.rsplit_once(' ').is_some_and(|(_, form)| FORMS_OF_FIRMS.contains(&form));
        if is_company(&span)
            && is_of_firm
            && let Some(before) = joined
                .last_mut()
                .filter(|before| is_company(before) && [" & ", " &amp; "].contains(&between(before)))
        {
            before.range.end = span.range.end;
            continue;
        }
        if !name.split_whitespace().all(is_form) {
            joined.push(span);
        } else if let Some(company) = joined.last_mut().filter(|before| is_company(before))
            && [" ", ", ", ". "].contains(&between(company))
        {
            company.range.end = span.range.end;
        }
    }
    joined
}
