//! What came with a document, to be looked up.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
};

use super::names_of;
use crate::{
    document::Document,
    text::{self, Ambiguous, FullName, Tagged},
};

/// What came with a document. Entities are named by their places in it.
pub(super) struct Given {
    /// The types of its entities, if they have any.
    kinds: Vec<Option<String>>,
    /// Their names.
    names: Vec<String>,
    /// By name and alias, as these are compared: the legal forms that they have there, and whose they are.
    by_name: HashMap<String, Vec<(Option<String>, usize)>>,
    /// Their legal forms, in one way of writing them.
    forms: Vec<Vec<String>>,
    /// Its mentions, and whose they are.
    pub(super) mentions: Vec<(Range<usize>, usize)>,
    /// Apart from each other, in the order of the text.
    ambiguous: Vec<Ambiguous>,
}

impl Given {
    pub(super) fn of(document: &Document) -> Self {
        let mut by_name: HashMap<String, Vec<(Option<String>, usize)>> = HashMap::new();
        let (mut forms, mut mentions) = (vec![Vec::new(); document.entities.len()], Vec::new());
        for (i, entity) in document.entities.iter().enumerate() {
            // Of no type, it may be a person's as well as a company's.
            let kinds = entity.kind.as_deref().map_or(vec!["PER", ""], |kind| vec![kind]);
            for name in names_of(entity) {
                for (name, form) in kinds.iter().map(|kind| text::compared(&name, kind)) {
                    forms[i].extend(form.clone());
                    by_name.entry(name).or_default().push((form, i));
                }
            }
            mentions.extend(entity.mentions.iter().map(|mention| (mention.range.clone(), i)));
        }
        let mut ambiguous = document.ambiguous.clone();
        ambiguous.sort_by_key(|place| place.range.start);
        let kinds = document.entities.iter().map(|entity| entity.kind.clone()).collect();
        let names = document.entities.iter().map(|entity| entity.name.clone()).collect();
        Given { kinds, names, by_name, forms, mentions, ambiguous }
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
        let places = text::merged(self.mentions.iter().map(|(range, _)| range));
        let new = spans.iter().filter(|span| !text::overlap(&places, &span.range));
        given.chain(new.cloned()).collect()
    }

    /// The entities that mentions in a cluster came with.
    pub(super) fn owners(&self, cluster: &text::Entity<'_>) -> BTreeSet<usize> {
        cluster.mentions.iter().filter_map(|&mention| Some(self.mentions.get(mention)?.1)).collect()
    }

    /// The entities under a name that was found that may be what it was found to be: with its legal form, else with or
    /// without one.
    pub(super) fn namesakes(&self, found: &text::Entity<'_>) -> BTreeSet<usize> {
        let (name, form) = text::compared(&found.name, found.kind);
        let named = self.by_name.get(&name).map_or(&[][..], Vec::as_slice);
        let of = |fits: &dyn Fn(&Option<String>) -> bool| -> BTreeSet<usize> {
            let named =
                named.iter().filter(|(known, entity)| fits(known) && self.may_be(*entity, found.kind));
            named.map(|(_, entity)| *entity).collect()
        };
        let mut namesakes = of(&|known| *known == form);
        if namesakes.is_empty() {
            namesakes = of(&|known| known.is_none() || form.is_none());
        }
        namesakes
    }

    /// Whether an entity may be of a type that was found.
    pub(super) fn may_be(&self, entity: usize, kind: &str) -> bool {
        self.kinds[entity].as_deref().is_none_or(|known| text::may_be_same_type(known, kind))
    }

    /// Whether what was found has a legal form that says it is another company: Delmar AG is not Delmar GmbH, though both are
    /// called Delmar. One may be short for the other: `GmbH` for `GmbH & Co. KG`, `Ltd.` for `Co., Ltd.`
    pub(super) fn has_other_form(&self, entity: usize, found: &text::Entity<'_>) -> bool {
        let (known, (_, form)) = (&self.forms[entity], text::compared(&found.name, found.kind));
        let is_short = |short: &str, long: &str| long.starts_with(short) || long.ends_with(short);
        form.is_some_and(|form| {
            !known.is_empty() && !known.iter().any(|known| is_short(&form, known) || is_short(known, &form))
        })
    }

    /// Whether a full name is somebody's who has another first name than an entity, by the names that it has and is called
    /// by: Ivo Kovac's, if it is `Anna Kovac`, of whom it is said `Kovac`.
    pub(super) fn is_namesake<'n>(
        &'n self,
        entity: usize,
        called: impl Iterator<Item = &'n str>,
        found: &str,
    ) -> bool {
        let found = FullName::all_of(found);
        let names = called.chain([self.names[entity].as_str()]).flat_map(FullName::all_of);
        let names: Vec<FullName> =
            names.filter(|name| found.iter().any(|found| found.surname == name.surname)).collect();
        let is_one = |a: &FullName, b: &FullName| a.may_be_short_for(b) || b.may_be_short_for(a);
        !names.is_empty() && !names.iter().any(|name| found.iter().any(|found| is_one(name, found)))
    }

    /// The entities that places among these could name. A place within a longer one is not the name, and where it was
    /// only asked whether it is the one of that name, that is told by what was found.
    pub(super) fn unclear(&self, places: &[Range<usize>]) -> Vec<usize> {
        let here = |place: &Range<usize>| {
            let next = self.ambiguous.partition_point(|unclear| unclear.range.end <= place.start);
            let (place, end) = (place.clone(), place.end);
            let here = (next..).zip(&self.ambiguous[next..]);
            let here = here.take_while(move |(_, unclear)| unclear.range.start < end);
            here.filter(move |(_, unclear)| unclear.entities.len() > 1 && !is_within(&unclear.range, &place))
                .map(|(index, _)| index)
        };
        // Many places may be within one of many entities.
        let unclear: BTreeSet<usize> = places.iter().flat_map(here).collect();
        let entities: BTreeSet<usize> =
            unclear.into_iter().flat_map(|index| self.ambiguous[index].entities.iter().copied()).collect();
        entities.into_iter().collect()
    }
}

/// Whether a place is a part of another, and not all of it.
pub(super) fn is_within(place: &Range<usize>, other: &Range<usize>) -> bool {
    place != other && other.start <= place.start && place.end <= other.end
}
