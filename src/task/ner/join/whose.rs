//! Whose everything is that was found: an entity's that came with the document, or a new one's.

use std::{borrow::Cow, collections::BTreeSet, ops::Range, slice};

use super::{CouldBe, given::Given, title::Head, too_many};
use crate::{
    error::Failure,
    text::{self, Tagged},
};

/// What came and what was found, linked as if all had been found, in the title and the text as one.
pub(super) struct Linked<'t, 'a> {
    text: Cow<'t, str>,
    /// Where the document's text begins in that.
    begin: usize,
    given: &'a Given,
    /// What came first, as the title and the text have it.
    tagged: Vec<Tagged<'a>>,
    /// Whose what came is.
    came: Vec<usize>,
    /// What is one by its names.
    pub(super) clusters: Vec<text::Entity<'a>>,
    /// For each cluster the entities that came of which mentions are in it.
    pub(super) owners: Vec<BTreeSet<usize>>,
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
        head: &Head,
        given: &'a Given,
        spans: &[Tagged<'a>],
    ) -> Result<Self, Failure> {
        let begin = head.text.len();
        let text = if begin == 0 { Cow::Borrowed(text) } else { Cow::Owned(format!("{}{text}", head.text)) };
        let in_title = head.mentions.iter().map(|(range, entity)| Tagged {
            range: range.clone(),
            kind: given.kind(*entity),
            confidence: 1.0,
        });
        let in_text = given
            .with(spans)
            .into_iter()
            .map(|tagged| Tagged { range: begin + tagged.range.start..begin + tagged.range.end, ..tagged });
        let tagged: Vec<Tagged<'a>> = in_title.chain(in_text).collect();
        let came: Vec<usize> =
            head.mentions.iter().chain(&given.mentions).map(|(_, entity)| *entity).collect();
        let clusters = text::link(&text, &tagged).map_err(too_many)?;
        let owners_of = |cluster: &text::Entity<'_>| {
            cluster.mentions.iter().filter_map(|&mention| came.get(mention).copied()).collect()
        };
        let owners = clusters.iter().map(owners_of).collect();
        Ok(Linked { text, begin, given, tagged, came, clusters, owners })
    }

    /// How many mentions were found where none came.
    pub(super) fn added(&self) -> usize {
        self.tagged.len() - self.came.len()
    }

    /// Everything that was found; `could_be` counts.
    pub(super) fn found(&self, could_be: &mut CouldBe) -> Result<Vec<Found<'a>>, Failure> {
        let mut all = Vec::new();
        for cluster in 0..self.clusters.len() {
            for entity in self.found_in(cluster)?.iter() {
                let mentions: Vec<_> = entity.mentions.iter().map(|&mention| self.place(mention)).collect();
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
        let mut entities = text::link(&self.text, &alone).map_err(too_many)?;
        for mention in entities.iter_mut().flat_map(|entity| &mut entity.mentions) {
            *mention = found[*mention];
        }
        Ok(Cow::Owned(entities))
    }

    fn came(&self, mention: usize) -> bool {
        mention < self.came.len()
    }

    /// Where a mention that was found stands in the document's text.
    fn place(&self, mention: usize) -> Range<usize> {
        let range = &self.tagged[mention].range;
        range.start - self.begin..range.end - self.begin
    }

    fn surface(&self, mention: usize) -> Option<&str> {
        self.text.get(self.tagged[mention].range.clone())
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
        if is_one && owners.is_empty() && !namesakes.is_empty() {
            return Whose::one_of(namesakes);
        }
        let others = linked.could_be.iter().map(|&other| &self.owners[other]);
        let may_be_new = others.clone().any(BTreeSet::is_empty);
        let own = owners.iter().filter(|&&owner| !self.is_namesake(owner, cluster, entity));
        let known = others.flatten().chain(own).copied();
        let mut known: BTreeSet<usize> = known.filter(|&owner| self.fits(owner, cluster, entity)).collect();
        if !is_one {
            known.extend(namesakes);
        }
        if may_be_new { Whose::New(known.into_iter().collect()) } else { Whose::one_of(known) }
    }

    /// Whether what was found in a cluster is somebody else of the surname by which an entity that came is called there.
    fn is_namesake(&self, owner: usize, cluster: usize, found: &text::Entity<'_>) -> bool {
        let mentions = self.clusters[cluster].mentions.iter().copied();
        let called = mentions.filter(|&mention| self.came.get(mention) == Some(&owner));
        let called = called.filter_map(|mention| self.surface(mention));
        text::Kind::from(found.kind) == text::Kind::Person
            && self.given.is_namesake(owner, called, &found.name)
    }

    /// Whether what was found in a cluster may be an entity that came. Of another type it may, where it has another name:
    /// it is then a short one that was taken for a person's. What the title alone names in full, the text calls by the beginning
    /// of that, as what it is.
    fn fits(&self, owner: usize, cluster: usize, found: &text::Entity<'_>) -> bool {
        let cluster = &self.clusters[cluster];
        let came = || cluster.mentions.iter().copied().filter(|&mention| self.came(mention));
        let mut of_owner = came().filter(|&mention| self.came[mention] == owner).peekable();
        if of_owner.peek().is_some()
            && of_owner.clone().all(|mention| self.tagged[mention].range.end <= self.begin)
        {
            let begins = |name: &str| text::begins_with(name, &found.name);
            let is_organisation = text::Kind::from(found.kind) == text::Kind::Organisation;
            return is_organisation && of_owner.filter_map(|mention| self.surface(mention)).any(begins);
        }
        let mut names = came().filter_map(|mention| self.surface(mention));
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
