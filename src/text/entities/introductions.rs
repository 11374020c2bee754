//! Which names a text itself introduces as short for others: `… Agency (EGA)`.

use std::ops::Range;

use super::clusters::Name;
use super::kind::Kind;
use super::link::{Group, Tagged};
use super::names;

/// Pairs of groups of which one is introduced as the acronym of the other: `… Agency (EGA)`.
pub(super) fn introductions(
    text: &str,
    tagged: &[Tagged<'_>],
    groups: &[Group],
    names: &[Name<'_>],
) -> Vec<(usize, usize)> {
    let mut group_at: Vec<(Range<usize>, usize)> = groups
        .iter()
        .enumerate()
        .flat_map(|(i, group)| group.mentions.iter().map(move |&m| (tagged[m].range.clone(), i)))
        .collect();
    group_at.sort_unstable_by_key(|(range, _)| range.start);
    let mut pairs: Vec<(usize, usize)> = group_at
        .windows(2)
        .filter_map(|pair| {
            let [(first, a), (second, b)] = pair else {
                return None;
            };
            let between = text.get(first.end..second.start)?;
            let bracketed = between.trim_start() == "(" && text.get(second.end..)?.starts_with(')');
            if !bracketed {
                return None;
            }
            let (long, short) = match names::is_acronym_like(&groups[*b].name) {
                true => (a, b),
                false => (b, a),
            };
            let kinds = may_abbreviate(names[*short].kind, names[*long].kind);
            let abbreviates = kinds && is_abbreviation(&groups[*short].name, &groups[*long].name);
            abbreviates.then_some((*long, *short))
        })
        .collect();
    pairs.sort_unstable_by_key(|&(_, short)| short);
    pairs.dedup_by_key(|(_, short)| *short);
    pairs
}

/// What stands in brackets after a person is a country or a team, and so may be a place after anything but a place.
fn may_abbreviate(short: Kind, long: Kind) -> bool {
    long != Kind::Person && (short != Kind::Location || long == Kind::Location)
}

/// Whether the letters of an acronym are in the name in order, beginning with its first: enough
/// where the text itself puts one behind the other.
fn is_abbreviation(acronym: &str, name: &str) -> bool {
    let name = names::letters(name);
    let mut rest = name.chars();
    let acronym_letters = names::letters(acronym);
    names::is_acronym_like(acronym)
        && name.len() > acronym_letters.len()
        && name.chars().next() == acronym_letters.chars().next()
        && acronym_letters.chars().all(|letter| rest.any(|c| c == letter))
}
