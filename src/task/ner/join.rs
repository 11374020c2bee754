//! The mentions that were found, joined into entities together with those that came with the document. What came stays as
//! it is: it may get more mentions, and what could be several entities, or none that is known, is one of its own.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    ops::Range,
    slice,
};

use crate::{
    document::Document,
    error::{Failure, Reason},
    text::{self, Ambiguous, Tagged},
};

/// Entities that those found could be, each counted for each.
const MOST_COULD_BE: usize = 1_000_000;

/// Adds what was found where nothing came with the document; answers how many mentions that is.
pub(super) fn add_entities(document: &mut Document, spans: &[Tagged<'_>]) -> Result<usize, Failure> {
    let given = Given::of(document);
    let mut tagged = given.tagged(spans);
    let places = text::merged(&tagged.iter().map(|mention| mention.range.clone()).collect::<Vec<_>>());
    tagged.extend(spans.iter().filter(|span| !text::overlap(&places, &span.range)).cloned());
    let added = tagged.len() - given.mentions.len();

    let clusters = text::link(&document.text, &tagged).map_err(too_many)?;
    let owners: Vec<BTreeSet<usize>> = clusters.iter().map(|cluster| given.owners(cluster)).collect();
    let mut places: Vec<BTreeSet<usize>> = owners.clone();
    let mut unsure = Vec::new();
    let (mut taken, mut could_be) = (document.ids(), 0);
    for (i, cluster) in clusters.iter().enumerate() {
        let others = cluster.could_be.iter().map(|&other| &owners[other]);
        let is_of_known = others.clone().all(|owners| !owners.is_empty());
        let owners: BTreeSet<usize> = others.chain([&owners[i]]).flatten().copied().collect();
        for found in given.found(&document.text, &tagged, cluster)?.iter() {
            let mentions: Vec<_> = found.mentions.iter().map(|&m| tagged[m].range.clone()).collect();
            let unclear = given.unclear(&mentions);
            let namesakes = given.namesakes(found);
            let is_known = unclear.is_empty() && (is_of_known || !namesakes.is_empty());
            let either = match (unclear.is_empty(), namesakes.is_empty()) {
                (false, _) => unclear,
                (true, false) => namesakes,
                (true, true) => {
                    let fits = |&owner: &usize| given.fits(&document.text, &tagged, owner, cluster, found);
                    owners.iter().copied().filter(fits).collect()
                }
            };
            let place = match either[..] {
                [known] if is_known => {
                    document.add_mentions(known, mentions.into_iter());
                    known
                }
                _ => {
                    could_be += either.len();
                    if could_be > MOST_COULD_BE {
                        return Err(too_many(text::LinkError));
                    }
                    let name = found.name.clone();
                    let place =
                        document.add_entity(&mut taken, &found.id, name, found.kind, mentions.into_iter());
                    document.entities[place].could_be = either;
                    place
                }
            };
            places[i].insert(place);
            unsure.push((place, i));
        }
    }
    for (place, cluster) in unsure {
        let others = clusters[cluster].could_be.iter().flat_map(|&other| &places[other]);
        let known: BTreeSet<usize> =
            document.entities[place].could_be.iter().copied().chain([place]).collect();
        let more: BTreeSet<usize> = others.copied().filter(|other| !known.contains(other)).collect();
        could_be += more.len();
        if could_be > MOST_COULD_BE {
            return Err(too_many(text::LinkError));
        }
        document.entities[place].could_be.extend(more);
    }
    Ok(added)
}

fn too_many(error: text::LinkError) -> Failure {
    Failure::reject(Reason::TooLarge, error.to_string())
}

/// What came with a document, to be looked up.
struct Given {
    /// The types of its entities, if they have any.
    kinds: Vec<Option<String>>,
    by_name: HashMap<String, Vec<usize>>,
    /// Its mentions, and whose they are.
    mentions: Vec<(Range<usize>, usize)>,
    /// Apart from each other, in the order of the text.
    ambiguous: Vec<Ambiguous>,
}

impl Given {
    fn of(document: &Document) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        let mut mentions = Vec::new();
        for (i, entity) in document.entities.iter().enumerate() {
            by_name.entry(entity.name.clone()).or_default().push(i);
            mentions.extend(entity.mentions.iter().map(|mention| (mention.range.clone(), i)));
        }
        let mut ambiguous = document.ambiguous.clone();
        ambiguous.sort_by_key(|place| place.range.start);
        let kinds = document.entities.iter().map(|entity| entity.kind.clone()).collect();
        Given { kinds, by_name, mentions, ambiguous }
    }

    /// Its mentions as if they had been found. A type that says nothing of how names are read is the model's there, if it
    /// has one.
    fn tagged<'a>(&'a self, spans: &[Tagged<'a>]) -> Vec<Tagged<'a>> {
        let found: HashMap<(usize, usize), &str> =
            spans.iter().map(|span| ((span.range.start, span.range.end), span.kind)).collect();
        let tagged = self.mentions.iter().map(|(range, entity)| {
            let kind = self.kinds[*entity].as_deref().unwrap_or_default();
            let read = found.get(&(range.start, range.end)).copied();
            let kind = read.filter(|_| text::Kind::from(kind) == text::Kind::Other).unwrap_or(kind);
            Tagged { range: range.clone(), kind, confidence: 1.0 }
        });
        tagged.collect()
    }

    /// The entities that mentions in a cluster came with.
    fn owners(&self, cluster: &text::Entity<'_>) -> BTreeSet<usize> {
        cluster.mentions.iter().filter_map(|&mention| Some(self.mentions.get(mention)?.1)).collect()
    }

    /// What was found of a cluster: all of it, or what is an entity without those that came, which have names and types of
    /// their own.
    fn found<'c, 'a>(
        &self,
        text: &str,
        tagged: &[Tagged<'a>],
        cluster: &'c text::Entity<'a>,
    ) -> Result<Cow<'c, [text::Entity<'a>]>, Failure> {
        let found: Vec<usize> =
            cluster.mentions.iter().copied().filter(|&mention| mention >= self.mentions.len()).collect();
        if found.len() == cluster.mentions.len() {
            return Ok(Cow::Borrowed(slice::from_ref(cluster)));
        }
        let alone: Vec<Tagged<'a>> = found.iter().map(|&mention| tagged[mention].clone()).collect();
        let mut entities = text::link(text, &alone).map_err(too_many)?;
        for mention in entities.iter_mut().flat_map(|entity| &mut entity.mentions) {
            *mention = found[*mention];
        }
        Ok(Cow::Owned(entities))
    }

    /// The entities under a name that was found that may be what it was found to be.
    fn namesakes(&self, found: &text::Entity<'_>) -> Vec<usize> {
        let may_be = |&&entity: &&usize| self.may_be(entity, found.kind);
        self.by_name.get(&found.name).into_iter().flatten().filter(may_be).copied().collect()
    }

    fn may_be(&self, entity: usize, kind: &str) -> bool {
        self.kinds[entity].as_deref().is_none_or(|known| text::may_be_same_type(known, kind))
    }

    /// Whether what was found in a cluster may be an entity that came. Of another type it may, where it has another name:
    /// it is then a short one that was taken for a person's.
    fn fits(
        &self,
        text: &str,
        tagged: &[Tagged<'_>],
        entity: usize,
        cluster: &text::Entity<'_>,
        found: &text::Entity<'_>,
    ) -> bool {
        let given = cluster.mentions.iter().filter(|&&mention| mention < self.mentions.len());
        let mut names = given.filter_map(|&mention| text.get(tagged[mention].range.clone()));
        self.may_be(entity, found.kind)
            || (self.may_be(entity, cluster.kind)
                && names.all(|name| !name.eq_ignore_ascii_case(&found.name)))
    }

    /// The entities that places among these could name.
    fn unclear(&self, places: &[Range<usize>]) -> Vec<usize> {
        let here = |place: &Range<usize>| {
            let next = self.ambiguous.partition_point(|unclear| unclear.range.end <= place.start);
            let end = place.end;
            self.ambiguous[next..].iter().take_while(move |unclear| unclear.range.start < end)
        };
        let entities: BTreeSet<usize> =
            places.iter().flat_map(here).flat_map(|unclear| unclear.entities.iter().copied()).collect();
        entities.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{document::Defaults, limits::Limits};

    /// Reads the words between brackets as found, `[PER Anna Kovac]`, in a document with these entities; answers the id,
    /// mentions and `couldBe` of each.
    fn joined(marked: &str, given: &Value) -> Vec<(String, Vec<String>, Vec<String>)> {
        let (mut text, mut spans) = (String::new(), Vec::new());
        for (i, part) in marked.split(['[', ']']).enumerate() {
            let Some((kind, name)) = part.split_once(' ').filter(|_| i % 2 == 1) else {
                text.push_str(part);
                continue;
            };
            let range = text.len()..text.len() + name.len();
            text.push_str(name);
            spans.push(Tagged { range, kind, confidence: 0.9 });
        }
        let document = json!({ "text": text, "entities": given }).to_string();
        let mut document =
            Document::read(document.as_bytes(), &Limits::default(), Defaults::default()).unwrap();
        add_entities(&mut document, &spans).unwrap();
        let id = |entity: &usize| document.entities[*entity].id.clone();
        let of = |entity: &crate::document::Entity| {
            let mentions =
                entity.mentions.iter().map(|m| document.text[m.range.clone()].to_owned()).collect();
            (entity.id.clone(), mentions, entity.could_be.iter().map(id).collect())
        };
        document.entities.iter().map(of).collect()
    }

    /// The mentions of an entity that alone there is.
    fn only(marked: &str, name: &str, kind: &str) -> Vec<String> {
        let mut all = joined(marked, &json!([{"id": "g", "name": name, "type": kind}]));
        assert_eq!(all.len(), 1, "{marked} {all:?}");
        assert!(all[0].2.is_empty(), "{marked} {all:?}");
        all.remove(0).1
    }

    #[test]
    fn what_would_be_one_with_a_given_mention_is_the_given_entitys() {
        assert_eq!(
            only("[ORG Northwind Energy plc] fell. [ORG Northwind] said so.", "Northwind Energy plc", "ORG"),
            ["Northwind Energy plc", "Northwind"]
        );
        assert_eq!(
            only(
                "[PER Zhao Wenli] was detained. Mr. [PER Zhao] denied it. [PER Zhao Wenli]",
                "Zhao Wenli",
                "PERSON"
            ),
            ["Zhao Wenli", "Zhao", "Zhao Wenli"]
        );
        assert_eq!(
            only("[ORG Castellan Bank] rose. [PER Castellan] fell.", "Castellan Bank", "ORG"),
            ["Castellan Bank", "Castellan"]
        );
        // of no type, or one of the user's own, it is what the model reads there
        for kind in [Value::Null, "MINISTER".into()] {
            let given = json!([{"id": "g", "name": "Zhao Wenli", "type": kind}]);
            assert_eq!(joined("[PER Zhao Wenli] left. [PER Zhao] stayed.", &given).len(), 1);
        }
    }

    #[test]
    fn a_name_that_could_be_of_a_given_entity_or_of_another_is_neithers() {
        let given = json!([{"id": "anna", "name": "Anna Kovac", "type": "PER", "mentions": [{"begin": 0, "end": 10}]}]);
        let all = joined("[PER Anna Kovac] met [PER Ivo Kovac]. [PER Kovac] won.", &given);
        assert_eq!(all[0].1, ["Anna Kovac"]);
        assert_eq!(
            all[2],
            ("per-kovac".into(), vec!["Kovac".into()], vec!["anna".into(), "per-ivo-kovac".into()])
        );

        let two = json!([
            {"id": "gmbh", "name": "Delmar GmbH", "type": "ORG"}, {"id": "ag", "name": "Delmar AG", "type": "ORG"}
        ]);
        let all = joined("Delmar AG sued Delmar GmbH. [ORG Delmar] won.", &two);
        assert_eq!(all[2].2, ["gmbh", "ag"], "{all:?}");
    }

    #[test]
    fn what_is_of_another_type_is_not_the_given_entitys() {
        let given =
            json!([{"id": "mj", "name": "Jordan", "type": "PER", "mentions": [{"begin": 3, "end": 9}]}]);
        let all = joined("Mr [PER Jordan] left. [LOC Jordan] and [LOC Jordan].", &given);
        assert_eq!(all[1], ("loc-jordan".into(), vec!["Jordan".into(); 2], vec![]));
    }

    #[test]
    fn what_was_given_stays_as_it_came() {
        let given = json!([
            {"id": "a", "name": "Kovac", "type": "PER", "mentions": [{"begin": 0, "end": 5}]},
            {"id": "b", "name": "Anna Kovac", "type": "PER", "mentions": [{"begin": 10, "end": 20}]}
        ]);
        let all = joined("Kovac saw [PER Anna Kovac]. [PER A. Kovac] won.", &given);
        assert_eq!(
            (&all[0].1[..], &all[1].1[..]),
            (&["Kovac".to_owned()][..], &["Anna Kovac".to_owned()][..])
        );
        assert_eq!(all[2].2, ["a", "b"], "{all:?}");
    }
}
