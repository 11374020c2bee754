//! Joins the mentions that a tagger found in one document into entities.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::around;
use super::clusters::{Clusters, Name};
use super::group::{Group, group, is_capitals};
use super::ids::Ids;
use super::introductions::introductions;
use super::kind::Kind;
use super::names;
use super::person::{self, Person};

/// A mention as a tagger gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged<'a> {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// Its type, such as `PER`, without a `B-` or `I-` before it.
    pub kind: &'a str,
    /// How sure the tagger is, from 0 to 1.
    pub confidence: f32,
}

/// Mentions of the same thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity<'a> {
    /// Made of type and name, such as `per-anna-kovac`: the same mentions give the same ids. A
    /// second entity of that type and name has `-2` after it.
    pub id: String,
    /// The fullest form in which the text names it, without possessive and article; but an organisation whose mentions
    /// mostly end so is called so: `McDonald's`.
    pub name: String,
    /// The type that most of its mentions have; if several have, the one they have it with more
    /// confidence, and then the first.
    pub kind: &'a str,
    /// Indices of its mentions in what was given, in the order of the text.
    pub mentions: Vec<usize>,
    /// Indices of the entities that this one could be the same as, if they are several: `Kovac`, in a
    /// text with Anna and Maria Kovac.
    pub could_be: Vec<usize>,
}

/// Too many of a document's names could be each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkError;

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("can't join the mentions of its names: too many of them could be each other")
    }
}

impl std::error::Error for LinkError {}

/// Characters of a name. What is longer, which a tagger takes from no real text, is joined to what is equal, or what the
/// text puts beside it in brackets, but not by its parts.
const LONGEST: usize = 200;

/// The entities of the mentions of one document, in the order in which they first stand.
///
/// Mentions are joined if they are equal but for case, accents, possessives, articles, titles, the stops of initials and how they
/// say `and`, though somebody with a title is no company or place; if they differ in the legal form; if one is a part of the other that is one person's
/// name, a surname first, or the same person by initials, middle names and a nickname in quotes; if one is the acronym of the
/// other; if they are one department in both orders (`Department of Justice`, `Justice Department`); and if one is the other
/// without its trade (`Northwind`, `Northwind Energy`) or a club's last word. What could be joined to
/// several entities is joined to none and says so in [`Entity::could_be`]. A range that isn't one of the text is an
/// entity without a name.
///
/// # Errors
/// [`LinkError`] if more of them could be each other than in a document that means well: time and memory are bounded
/// whatever comes.
pub fn link<'a>(text: &str, tagged: &[Tagged<'a>]) -> Result<Vec<Entity<'a>>, LinkError> {
    let mut order: Vec<usize> = (0..tagged.len()).collect();
    order.sort_by_key(|&i| (tagged[i].range.start, tagged[i].range.end));

    let groups = group(text, tagged, &order);
    let names: Vec<Name<'_>> = groups
        .iter()
        .map(|group| Name {
            plain: if group.name.chars().nth(LONGEST).is_none() { &group.name } else { "" },
            kind: Kind::from(majority(tagged, &group.mentions)),
            begins: group.begins(tagged),
            mentions: group.mentions.len(),
            is_owned: group
                .mentions
                .iter()
                .all(|&mention| around::is_owned(text, tagged[mention].range.start)),
            is_as_person: around::is_as_person(text, tagged, &group.mentions),
        })
        .collect();
    let introduced = introductions(text, tagged, &groups, &names);
    let clusters = Clusters::new(&names, &introduced)?;
    Ok(entities(tagged, &groups, &clusters))
}

fn entities<'a>(tagged: &[Tagged<'a>], groups: &[Group], clusters: &Clusters<'_>) -> Vec<Entity<'a>> {
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for group in 0..groups.len() {
        members.entry(clusters.root(group)).or_default().push(group);
    }
    let places: BTreeMap<usize, usize> = members.keys().enumerate().map(|(i, &root)| (root, i)).collect();
    let mut ids = Ids::default();
    let members = members.into_values();
    let mut entities: Vec<Entity<'a>> =
        members.map(|members| entity(tagged, groups, clusters, &members, &mut ids)).collect();
    for (&name, others) in &clusters.ambiguous {
        let root = clusters.root(name);
        let others = others.iter().map(|&other| clusters.root(other)).filter(|&other| other != root);
        let mut could_be: Vec<usize> = others.map(|other| places[&other]).collect();
        could_be.dedup();
        entities[places[&root]].could_be = could_be;
    }
    entities
}

/// The entity that the groups of a cluster are.
fn entity<'a>(
    tagged: &[Tagged<'a>],
    groups: &[Group],
    clusters: &Clusters<'_>,
    members: &[usize],
    ids: &mut Ids,
) -> Entity<'a> {
    let mentions_of = |&group: &usize| groups[group].mentions.iter().copied();
    let mut mentions: Vec<usize> = members.iter().flat_map(mentions_of).collect();
    mentions.sort_unstable_by_key(|&m| (tagged[m].range.start, tagged[m].range.end, m));
    let hosts = members.iter().filter(|group| !clusters.guests.contains(group));
    let kind = majority(tagged, &hosts.flat_map(mentions_of).collect::<Vec<_>>());
    let fullest = fullest(members.iter().map(|&group| &groups[group]));
    let name = fullest.map_or_else(String::new, |group| match Kind::from(kind) {
        Kind::Person => Person::new(&group.name).full.to_owned(),
        Kind::Organisation => group.name_of_organisation(),
        Kind::Location | Kind::Other => group.name.clone(),
    });
    let id = ids.give(&slug(&format!("{kind} {name}")));
    Entity { id, name, kind, mentions, could_be: Vec::new() }
}

/// The name with the most words, acronyms last; of these one that isn't in capitals, then the one with the most mentions,
/// and then the first.
fn fullest<'g>(groups: impl Iterator<Item = &'g Group>) -> Option<&'g Group> {
    groups.min_by_key(|group| {
        let words = group.name.split(' ').filter(|word| !person::is_honorific(word)).count();
        let acronym = names::is_acronym_like(&group.name);
        (acronym, Reverse(words), is_capitals(&group.name), Reverse(group.mentions.len()))
    })
}

/// The type that most of the mentions have.
fn majority<'a>(tagged: &[Tagged<'a>], mentions: &[usize]) -> &'a str {
    let mut kinds: Vec<(&str, usize, f32)> = Vec::new();
    for mention in mentions.iter().map(|&m| &tagged[m]) {
        match kinds.iter_mut().find(|(kind, ..)| *kind == mention.kind) {
            Some((_, count, confidence)) => {
                *count += 1;
                *confidence += mention.confidence;
            }
            None => kinds.push((mention.kind, 1, mention.confidence)),
        }
    }
    let best = kinds.into_iter().reduce(|best, kind| match (kind.1, kind.2) > (best.1, best.2) {
        true => kind,
        false => best,
    });
    best.map_or("", |(kind, ..)| kind)
}

/// Letters and digits in lower case, however they are encoded, with a hyphen for all between.
fn slug(name: &str) -> String {
    let name: String = name.nfkc().collect();
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}
