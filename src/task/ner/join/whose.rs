//! Whose everything is that was found: an entity's that came with the document, or a new one's.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    ops::Range,
    slice,
};

use super::{CouldBe, given::Given, middle::Unnamed, title::Title, too_many};
use crate::{
    error::Failure,
    text::{self, Tagged},
};

/// What came and what was found, linked as if all had been found.
pub(super) struct Linked<'t, 'a> {
    text: &'t str,
    title: &'t Title,
    given: &'a Given,
    /// What came first.
    tagged: Vec<Tagged<'a>>,
    /// What is one by its names.
    pub(super) clusters: Vec<text::Entity<'a>>,
    /// For each cluster the entities that came of which mentions are in it.
    pub(super) owners: Vec<BTreeSet<usize>>,
    /// By cluster, who came under a name with a middle name more or less.
    unnamed: HashMap<usize, usize>,
}

/// What is one entity, or a part of one, of what was found.
pub(super) struct Found<'a> {
    /// As it would be were it new.
    pub(super) entity: text::Entity<'a>,
    pub(super) mentions: Vec<Range<usize>>,
    pub(super) cluster: usize,
    pub(super) whose: Whose,
}

/// Whose it is.
pub(super) enum Whose {
    /// An entity's that came.
    Known(usize),
    /// A new one's, which could be each of these that came.
    New(Vec<usize>),
}

impl<'t, 'a> Linked<'t, 'a> {
    pub(super) fn new(
        text: &'t str,
        title: &'t Title,
        unnamed: &Unnamed,
        given: &'a Given,
        spans: &[Tagged<'a>],
    ) -> Result<Self, Failure> {
        let tagged = given.with(spans);
        let clusters = text::link(text, &tagged).map_err(too_many)?;
        let owners = clusters.iter().map(|cluster| given.owners(cluster)).collect();
        let unnamed = unnamed.among(&clusters);
        Ok(Linked { text, title, given, tagged, clusters, owners, unnamed })
    }

    /// How many mentions were found where none came.
    pub(super) fn added(&self) -> usize {
        self.tagged.len() - self.given.mentions.len()
    }

    /// Everything that was found; `could_be` counts.
    pub(super) fn found(&self, could_be: &mut CouldBe) -> Result<Vec<Found<'a>>, Failure> {
        let mut all = Vec::new();
        for cluster in 0..self.clusters.len() {
            for entity in self.found_in(cluster)?.iter() {
                let mentions: Vec<_> =
                    entity.mentions.iter().map(|&mention| self.tagged[mention].range.clone()).collect();
                let whose = self.whose(cluster, entity, &mentions);
                if let Whose::New(others) = &whose {
                    could_be.count(others.len())?;
                }
                all.push(Found { entity: entity.clone(), mentions, cluster, whose });
            }
        }
        Ok(all)
    }

    /// What was found of a cluster: all of it, or what is an entity without those that came, which have names and types of
    /// their own.
    fn found_in(&self, cluster: usize) -> Result<Cow<'_, [text::Entity<'a>]>, Failure> {
        let cluster = &self.clusters[cluster];
        let found: Vec<usize> =
            cluster.mentions.iter().copied().filter(|&mention| !self.came(mention)).collect();
        if found.len() == cluster.mentions.len() {
            return Ok(Cow::Borrowed(slice::from_ref(cluster)));
        }
        let alone: Vec<Tagged<'a>> = found.iter().map(|&mention| self.tagged[mention].clone()).collect();
        let mut entities = text::link(self.text, &alone).map_err(too_many)?;
        for mention in entities.iter_mut().flat_map(|entity| &mut entity.mentions) {
            *mention = found[*mention];
        }
        Ok(Cow::Owned(entities))
    }

    fn came(&self, mention: usize) -> bool {
        mention < self.given.mentions.len()
    }

    /// A place that could name several is of none of them, nor is what was linked to none since it could be several. Else a
    /// name that came is its entity's, unless it was linked to another.
    fn whose(&self, cluster: usize, entity: &text::Entity<'a>, mentions: &[Range<usize>]) -> Whose {
        let unclear = self.given.unclear(mentions);
        if !unclear.is_empty() {
            return Whose::New(unclear);
        }
        let (linked, owners) = (&self.clusters[cluster], &self.owners[cluster]);
        let namesakes = self.given.namesakes(entity);
        let owned: BTreeSet<usize> = namesakes.intersection(owners).copied().collect();
        let is_one = linked.could_be.is_empty();
        if is_one && !owned.is_empty() {
            return Whose::one_of(owned);
        }
        let is_new = is_one && owners.is_empty();
        if is_new && !namesakes.is_empty() {
            return Whose::one_of(namesakes);
        }
        if is_new && let Some(&person) = self.unnamed.get(&cluster) {
            return Whose::Known(person);
        }
        let others = linked.could_be.iter().map(|&other| &self.owners[other]);
        let may_be_new = others.clone().any(BTreeSet::is_empty);
        let own = owners.iter().filter(|&&owner| !self.is_namesake(owner, cluster, entity));
        let known = others.flatten().chain(own).copied();
        let mut known: BTreeSet<usize> = known.filter(|&owner| self.fits(owner, cluster, entity)).collect();
        if !is_one {
            known.extend(namesakes);
        }
        // Of what the text tells nothing the title may.
        if is_new
            && known.is_empty()
            && let Some(company) = self.title.company(entity)
        {
            return Whose::Known(company);
        }
        if may_be_new { Whose::New(known.into_iter().collect()) } else { Whose::one_of(known) }
    }

    /// Whether what was found in a cluster is somebody else of the surname by which an entity that came is called there.
    fn is_namesake(&self, owner: usize, cluster: usize, found: &text::Entity<'_>) -> bool {
        let came =
            self.clusters[cluster].mentions.iter().filter_map(|&mention| self.given.mentions.get(mention));
        let called =
            came.filter(|(_, entity)| *entity == owner).filter_map(|(range, _)| self.text.get(range.clone()));
        text::Kind::from(found.kind) == text::Kind::Person
            && self.given.is_namesake(owner, called, &found.name)
    }

    /// Whether what was found in a cluster may be an entity that came. Of another type it may, where it has another name:
    /// it is then a short one that was taken for a person's.
    fn fits(&self, owner: usize, cluster: usize, found: &text::Entity<'_>) -> bool {
        let cluster = &self.clusters[cluster];
        let came = cluster.mentions.iter().filter(|&&mention| self.came(mention));
        let mut names = came.filter_map(|&mention| self.text.get(self.tagged[mention].range.clone()));
        let may_be = self.given.may_be(owner, found.kind)
            || (self.given.may_be(owner, cluster.kind)
                && names.all(|name| !name.eq_ignore_ascii_case(&found.name)));
        may_be && !self.given.has_other_form(owner, found)
    }
}

impl Whose {
    /// The one's, if it is one.
    fn one_of(known: BTreeSet<usize>) -> Self {
        let known: Vec<usize> = known.into_iter().collect();
        match known[..] {
            [one] => Whose::Known(one),
            _ => Whose::New(known),
        }
    }
}
