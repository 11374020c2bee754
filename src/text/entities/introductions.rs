//! Which names a text itself introduces as short for others: `… Agency (EGA)`, `Halvorsen Marine (“Halvorsen”)`.

use std::ops::{Range, RangeInclusive};

use super::clusters::Name;
use super::group::Group;
use super::kind::Kind;
use super::names;
use super::tagged::Tagged;
use crate::text::words;

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
    let neighbours = places.windows(2).filter_map(|pair| {
        let [first, second] = pair else { return None };
        let (a, b) = (first.group, second.group);
        let (long, short) = if names::is_acronym_like(&groups[b].name) { (a, b) } else { (b, a) };
        let abbreviates = || {
            may_abbreviate(names[short].kind, names[long].kind)
                && is_abbreviation(&groups[short].name, &groups[long].name)
        };
        let begins = || {
            // Google Cloud (Google) is of that; and what is somebody's name besides may be the founder's
            text[..second.range.start].ends_with(QUOTES)
                && names[a].kind == Kind::Organisation
                && matches!(names[b].kind, Kind::Organisation | Kind::Other)
                && names::begins_with(&groups[a].name, &groups[b].name)
        };
        match is_in_brackets(text, first, second) {
            true if abbreviates() => Some((long, short)),
            true if begins() => Some((a, b)),
            _ => None,
        }
    });
    let tickers = places.iter().enumerate().filter_map(|(i, ticker)| {
        let end = before_exchange(text, &ticker.range).or_else(|| before_code(text, &ticker.range))?;
        // the exchange may have been found, too
        let company = places[..i].iter().rev().take(2).find(|place| place.range.end == end)?.group;
        let name = &groups[ticker.group].name;
        let is_one =
            names[company].kind == Kind::Organisation && (names::is_acronym_like(name) || is_code(name));
        is_one.then_some((company, ticker.group))
    });
    let mut pairs: Vec<(usize, usize)> = neighbours.chain(tickers).collect();
    pairs.sort_by_key(|&(_, short)| short);
    // Two that say that they are called so are not told from each other by that.
    let is_of_two = |pairs: &[(usize, usize)]| {
        let is_beginning =
            |(long, short): (usize, usize)| names::begins_with(&groups[long].name, &groups[short].name);
        pairs.iter().any(|pair| pair.0 != pairs[0].0) && pairs.iter().any(|&pair| is_beginning(pair))
    };
    let pairs = pairs.chunk_by(|a, b| a.1 == b.1).filter(|pairs| !is_of_two(pairs));
    pairs.map(|pairs| pairs[0]).collect()
}

/// A mention of a group.
struct Place {
    range: Range<usize>,
    group: usize,
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
    let company = before.strip_suffix('(')?.strip_suffix([' ', '\u{A0}', '\n'])?;
    closed.then_some(company.len())
}

/// Where `Scandor AB` ends in `Scandor AB (SCND.ST)`, as news agencies write.
fn before_code(text: &str, ticker: &Range<usize>) -> Option<usize> {
    let closed = text.get(ticker.end..)?.starts_with(')') && is_code(text.get(ticker.clone())?);
    let company = text.get(..ticker.start)?.strip_suffix('(')?.strip_suffix([' ', '\u{A0}', '\n'])?;
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
