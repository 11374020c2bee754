//! Which names a text itself introduces as short for others: `… Agency (EGA)`, `Halvorsen Marine (“Halvorsen”)`.

use std::ops::{Range, RangeInclusive};

use super::clusters::Name;
use super::group::Group;
use super::kind::Kind;
use super::link::Tagged;
use super::names;
use crate::text::{reach::SPACES, words};

/// Where shares are traded under a few capitals.
const EXCHANGES: &[&str] = words! {
    "AIM" "AMEX" "ASX" "BSE" "Euronext" "HKEX" "JSE" "LON" "LSE" "NASDAQ" "NSE" "NYSE" "Nasdaq" "SGX" "SIX" "TSE" "TSX"
    "Xetra"
};

/// What may be before a short name within its brackets.
const BEFORE_SHORT: &[&str] = &["", "the ", "hereinafter ", "hereinafter the ", "hereafter ", "or "];

const QUOTES: [char; 3] = ['"', '“', '”'];

/// Pairs of groups of which one is introduced as the acronym of the other: `… Agency (EGA)`.
pub(super) fn introductions(
    text: &str,
    tagged: &[Tagged<'_>],
    groups: &[Group],
    names: &[Name<'_>],
) -> Vec<(usize, usize)> {
    let mut places: Vec<Place> = groups
        .iter()
        .enumerate()
        .flat_map(|(group, Group { mentions, .. })| {
            mentions.iter().map(move |&m| Place { range: tagged[m].range.clone(), group })
        })
        .collect();
    places.sort_unstable_by_key(|place| place.range.start);
    let text = Text { text, groups, names };
    let neighbours = places.windows(2).filter_map(|pair| text.in_brackets(&pair[0], &pair[1]));
    let tickers = (0..places.len()).filter_map(|i| text.ticker(&places[..i], &places[i]));
    let mut pairs: Vec<(usize, usize)> = neighbours.chain(tickers).collect();
    pairs.sort_by_key(|&(_, short)| short);
    let pairs = pairs.chunk_by(|a, b| a.1 == b.1).filter(|pairs| !text.are_of_two(pairs));
    pairs.map(|pairs| pairs[0]).collect()
}

/// A mention of a group.
struct Place {
    range: Range<usize>,
    group: usize,
}

/// A text, and what the groups of its mentions are called.
struct Text<'a> {
    text: &'a str,
    groups: &'a [Group],
    names: &'a [Name<'a>],
}

impl Text<'_> {
    fn name(&self, group: usize) -> &str {
        &self.groups[group].name
    }

    /// What is long and what is short for it, if the second of two places stands in brackets and one abbreviates the other.
    fn in_brackets(&self, first: &Place, second: &Place) -> Option<(usize, usize)> {
        if !is_in_brackets(self.text, first, second) {
            return None;
        }
        let (a, b) = (first.group, second.group);
        let (long, short) = if names::is_acronym_like(self.name(b)) { (a, b) } else { (b, a) };
        if may_abbreviate(self.names[short].kind, self.names[long].kind)
            && is_abbreviation(self.name(short), self.name(long))
        {
            return Some((long, short));
        }
        // Google Cloud (Google) is of that; and what is somebody's name besides may be the founder's
        let begins = self.text[..second.range.start].ends_with(QUOTES)
            && self.names[a].kind == Kind::Organisation
            && matches!(self.names[b].kind, Kind::Organisation | Kind::Other)
            && names::begins_with(self.name(a), self.name(b));
        begins.then_some((a, b))
    }

    /// The company and the short name that its shares are traded under, if that is what stands at `ticker`.
    fn ticker(&self, before: &[Place], ticker: &Place) -> Option<(usize, usize)> {
        let end =
            before_exchange(self.text, &ticker.range).or_else(|| before_code(self.text, &ticker.range))?;
        // the exchange may have been found, too
        let company = before.iter().rev().take(2).find(|place| place.range.end == end)?.group;
        let name = self.name(ticker.group);
        let is_one =
            self.names[company].kind == Kind::Organisation && (names::is_acronym_like(name) || is_code(name));
        is_one.then_some((company, ticker.group))
    }

    /// Whether two are said to be called by the same beginning of their names, which doesn't tell them from each other.
    fn are_of_two(&self, pairs: &[(usize, usize)]) -> bool {
        let is_beginning =
            |&(long, short): &(usize, usize)| names::begins_with(self.name(long), self.name(short));
        pairs.iter().any(|pair| pair.0 != pairs[0].0) && pairs.iter().any(is_beginning)
    }
}

/// Whether nothing but a bracket is between two places, and the second is all that it encloses: `(the “EGA”)`.
fn is_in_brackets(text: &str, first: &Place, second: &Place) -> bool {
    let between = text
        .get(first.range.end..second.range.start)
        .and_then(|between| between.trim_start().strip_prefix('('));
    let closed = text.get(second.range.end..).map(|after| after.strip_prefix(QUOTES).unwrap_or(after));
    let is_introduction =
        |between: &str| BEFORE_SHORT.contains(&between.strip_suffix(QUOTES).unwrap_or(between));
    between.is_some_and(is_introduction) && closed.is_some_and(|after| after.starts_with(')'))
}

/// Where `Brackwell` ends in `Brackwell (NYSE: BWS)`, if `ticker` is that of `BWS`.
fn before_exchange(text: &str, ticker: &Range<usize>) -> Option<usize> {
    let closed = text.get(ticker.end..)?.starts_with([')', ';', ',']);
    let before = text.get(..ticker.start)?.trim_end_matches([' ', '\u{A0}']).strip_suffix(':')?;
    let before = EXCHANGES.iter().find_map(|exchange| before.strip_suffix(exchange))?;
    let company = before.strip_suffix('(')?.strip_suffix(SPACES)?;
    closed.then_some(company.len())
}

/// Where `Scandor AB` ends in `Scandor AB (SCND.ST)`, as news agencies write.
fn before_code(text: &str, ticker: &Range<usize>) -> Option<usize> {
    let closed = text.get(ticker.end..)?.starts_with(')') && is_code(text.get(ticker.clone())?);
    let company = text.get(..ticker.start)?.strip_suffix('(')?.strip_suffix(SPACES)?;
    closed.then_some(company.len())
}

/// `SCND.ST`, but not `U.S`
fn is_code(name: &str) -> bool {
    let are = |part: &str, lengths: RangeInclusive<usize>, is: fn(&u8) -> bool| {
        lengths.contains(&part.len()) && part.bytes().all(|b| is(&b))
    };
    name.split_once('.').is_some_and(|(share, exchange)| {
        are(share, 2..=6, |b| b.is_ascii_uppercase() || b.is_ascii_digit())
            && are(exchange, 1..=2, u8::is_ascii_uppercase)
    })
}

/// What stands in brackets after a person is a country or a team, and so may be a place after anything but a place.
fn may_abbreviate(short: Kind, long: Kind) -> bool {
    long != Kind::Person && (short != Kind::Location || long == Kind::Location)
}

/// Whether the letters of an acronym are in the name in order, beginning with its first, or the first behind its country:
/// enough where the text itself puts one behind the other.
fn is_abbreviation(acronym: &str, name: &str) -> bool {
    let acronym_letters = names::letters(acronym);
    let spells = |name: &str| {
        let name = names::letters(name);
        let mut rest = name.chars();
        name.len() > acronym_letters.len()
            && name.chars().next() == acronym_letters.chars().next()
            && acronym_letters.chars().all(|letter| rest.any(|c| c == letter))
    };
    names::is_acronym_like(acronym) && (spells(name) || names::without_country(name).is_some_and(spells))
}
