//! What came with a document, to be looked up.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
};

use crate::{
    document::Document,
    text::{self, Ambiguous, Tagged},
};

/// What came with a document. Entities are named by their places in it.
pub(super) struct Given {
    /// The types of its entities, if they have any.
    kinds: Vec<Option<String>>,
    by_name: HashMap<String, Vec<usize>>,
    /// Its mentions, and whose they are.
    pub(super) mentions: Vec<(Range<usize>, usize)>,
    /// Apart from each other, in the order of the text.
    ambiguous: Vec<Ambiguous>,
}

impl Given {
    pub(super) fn of(document: &Document) -> Self {
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

    /// Its mentions as if they had been found, then those that were, where there is none of its. A type that says nothing
    /// of how names are read is the model's there, if it has one.
    pub(super) fn with<'a>(&'a self, spans: &[Tagged<'a>]) -> Vec<Tagged<'a>> {
        let found: HashMap<(usize, usize), &str> =
            spans.iter().map(|span| ((span.range.start, span.range.end), span.kind)).collect();
        let given = self.mentions.iter().map(|(range, entity)| {
            let kind = self.kinds[*entity].as_deref().unwrap_or_default();
            let read = found.get(&(range.start, range.end)).copied();
            let kind = read.filter(|_| text::Kind::from(kind) == text::Kind::Other).unwrap_or(kind);
            Tagged { range: range.clone(), kind, confidence: 1.0 }
        });
        let places = text::merged(&self.mentions.iter().map(|(range, _)| range.clone()).collect::<Vec<_>>());
        let new = spans.iter().filter(|span| !text::overlap(&places, &span.range));
        given.chain(new.cloned()).collect()
    }

    /// The entities that mentions in a cluster came with.
    pub(super) fn owners(&self, cluster: &text::Entity<'_>) -> BTreeSet<usize> {
        cluster.mentions.iter().filter_map(|&mention| Some(self.mentions.get(mention)?.1)).collect()
    }

    /// The entities under a name that was found that may be what it was found to be.
    pub(super) fn namesakes(&self, found: &text::Entity<'_>) -> Vec<usize> {
        let may_be = |&&entity: &&usize| self.may_be(entity, found.kind);
        self.by_name.get(&found.name).into_iter().flatten().filter(may_be).copied().collect()
    }

    /// Whether an entity may be of a type that was found.
    pub(super) fn may_be(&self, entity: usize, kind: &str) -> bool {
        self.kinds[entity].as_deref().is_none_or(|known| text::may_be_same_type(known, kind))
    }

    /// The entities that places among these could name.
    pub(super) fn unclear(&self, places: &[Range<usize>]) -> Vec<usize> {
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
