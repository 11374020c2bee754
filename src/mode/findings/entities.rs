//! Every entity over all documents: those of one name are one, and companies that differ in legal form, trade or by an
//! acronym too, where that can be told.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Document, Mention};
use crate::{
    mode::line::beginning,
    text::{Tagged, is_acronym_like, link, same_type},
};

/// The entities by their names.
#[derive(Debug, Default)]
pub struct Entities {
    by_name: BTreeMap<String, Entity>,
    /// Names that were joined, and the name that they go by now.
    joined: HashMap<String, String>,
}

/// What all documents say about an entity.
#[derive(Debug, Default)]
pub struct Entity {
    kinds: BTreeMap<String, usize>,
    /// The documents that mention it.
    pub documents: BTreeSet<String>,
    pub mentions: usize,
    pub negative: usize,
    pub neutral: usize,
    pub positive: usize,
    /// The sum of positive minus negative over its mentions, and how many of them had scores.
    scores: (f64, usize),
    /// The negative sentences with the highest scores, the strongest first.
    pub against: Vec<Strongest>,
    /// The positive sentences with the highest scores, the strongest first.
    pub in_favour: Vec<Strongest>,
}

/// A sentence with a high score of its kind; of equals, the one in the document that comes first.
#[derive(Clone, Debug, PartialEq)]
pub struct Strongest {
    pub score: f64,
    pub document: String,
    /// How the sentence begins, on one line.
    pub sentence: String,
    /// The index of the mention in the document.
    pub mention: usize,
}

/// Of the strongest sentences each way, so many are kept.
const STRONGEST: usize = 5;

impl Entities {
    /// Adds all mentions of a document of that name.
    pub fn add(&mut self, name: &str, document: &Document) {
        for (index, mention) in document.mentions.iter().enumerate() {
            let Some(entity) = document.entities.get(mention.entity) else { continue };
            let row = self.by_name.entry(entity.name.clone()).or_default();
            *row.kinds.entry(entity.kind.clone().unwrap_or_default()).or_default() += 1;
            row.documents.insert(name.to_owned());
            row.add(mention, index, name, document);
        }
    }

    /// Joins companies that are one as a document's are: `Northwind Energy plc`, `Northwind Energy` and `Northwind`. Names of
    /// persons are not joined: two documents' Kovacs can be two.
    pub fn join_companies(&mut self) {
        let companies = || self.by_name.iter().filter(|(_, entity)| same_type(entity.kind(), "ORG"));
        let text = companies().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join("\n");
        let mut begin = 0;
        let mut tagged: Vec<Tagged<'_>> = companies()
            .map(|(name, _)| {
                let range = begin..begin + name.len();
                begin = range.end + 1;
                Tagged { range, kind: "ORG", confidence: 1.0 }
            })
            .collect();
        let mut joined = Vec::new();
        let mut linked = link(&text, &tagged);
        if linked.is_err() {
            // Of companies' names only acronyms could be so many others.
            tagged.retain(|name| !is_acronym_like(&text[name.range.clone()]));
            linked = link(&text, &tagged);
        }
        for same in linked.unwrap_or_default().into_iter().filter(|same| same.mentions.len() > 1) {
            let names = || same.mentions.iter().map(|&i| &text[tagged[i].range.clone()]);
            // As it stands in a document, not as it is cleaned of articles.
            let known = names().find(|name| name.ends_with(&same.name)).unwrap_or(&same.name).to_owned();
            joined.extend(names().filter(|name| *name != known).map(|name| (name.to_owned(), known.clone())));
        }
        for (name, known) in &joined {
            if let Some(entity) = self.by_name.remove(name) {
                self.by_name.entry(known.clone()).or_default().absorb(entity);
            }
        }
        self.joined.extend(joined);
    }

    /// The name that an entity of a document goes by here.
    pub fn name_of<'a>(&'a self, name: &'a str) -> &'a str {
        self.joined.get(name).map_or(name, String::as_str)
    }

    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// All of them, those with the most mentions first.
    pub fn ranked(&self) -> Vec<(&str, &Entity)> {
        let mut rows: Vec<_> = self.by_name.iter().map(|(name, entity)| (name.as_str(), entity)).collect();
        rows.sort_by_key(|(name, entity)| (std::cmp::Reverse(entity.mentions), *name));
        rows
    }
}

impl Entity {
    /// The type that most mentions have; empty where they have none.
    pub fn kind(&self) -> &str {
        self.kinds.iter().max_by_key(|(_, count)| **count).map_or("", |(kind, _)| kind)
    }

    /// Mean of positive minus negative over the mentions that have scores: -1 to 1.
    pub fn score(&self) -> Option<f64> {
        (self.scores.1 > 0).then(|| self.scores.0 / self.scores.1 as f64)
    }

    fn absorb(&mut self, other: Entity) {
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
        self.documents.extend(other.documents);
        self.mentions += other.mentions;
        self.negative += other.negative;
        self.neutral += other.neutral;
        self.positive += other.positive;
        self.scores.0 += other.scores.0;
        self.scores.1 += other.scores.1;
        other.against.into_iter().for_each(|new| keep(&mut self.against, new));
        other.in_favour.into_iter().for_each(|new| keep(&mut self.in_favour, new));
    }

    fn add(&mut self, mention: &Mention, index: usize, name: &str, document: &Document) {
        self.mentions += 1;
        let Some(said) = &mention.said else { return };
        let score = |label: &str| said.scores.get(label).map_or(0.0, |score| score.get());
        self.scores.0 += score("positive") - score("negative");
        self.scores.1 += 1;
        let strongest = match said.label.as_str() {
            "negative" => {
                self.negative += 1;
                &mut self.against
            }
            "positive" => {
                self.positive += 1;
                &mut self.in_favour
            }
            _ => {
                self.neutral += 1;
                return;
            }
        };
        keep(
            strongest,
            Strongest {
                score: score(&said.label),
                document: name.to_owned(),
                sentence: beginning(document.sentence(mention)),
                mention: index,
            },
        );
    }
}

/// Keeps a sentence in its place among the strongest, once.
fn keep(strongest: &mut Vec<Strongest>, new: Strongest) {
    let rank = |s: &Strongest| (std::cmp::Reverse(ordered(s.score)), s.document.clone(), s.mention);
    let same = |s: &Strongest| s.document == new.document && s.sentence == new.sentence;
    match strongest.iter().position(same) {
        Some(known) if rank(&strongest[known]) <= rank(&new) => return,
        Some(known) => drop(strongest.remove(known)),
        None => {}
    }
    let place = strongest.partition_point(|other| rank(other) <= rank(&new));
    strongest.insert(place, new);
    strongest.truncate(STRONGEST);
}

/// A score as something that has an order; they have four decimals.
fn ordered(score: f64) -> i64 {
    (score * 1e4).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acronyms_that_could_be_too_many_companies_keep_no_others_apart() {
        let mut entities = Entities::default();
        let acronyms = (0..1100).map(|n: u32| {
            let marks = (0..11).map(|bit| if n >> bit & 1 == 1 { '-' } else { '&' });
            format!("X{}Y", marks.collect::<String>())
        });
        let others = ["Northwind Energy plc", "Northwind"].map(str::to_owned);
        for name in (0..1100).map(|n| format!("X{n} Y{n}")).chain(acronyms).chain(others) {
            entities.by_name.entry(name).or_default().kinds.insert("ORG".into(), 1);
        }
        let count = entities.len();
        entities.join_companies();
        assert_eq!((entities.len(), entities.name_of("Northwind")), (count - 1, "Northwind Energy plc"));
    }
}
