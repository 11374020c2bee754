//! Which names of one document are names of the same thing.

use std::collections::BTreeMap;

use super::kind::Kind;
use super::link::LinkError;
use super::names::{self, Person};
use super::trades;

/// A name as it occurs in a document, however often.
#[derive(Clone, Debug)]
pub(super) struct Name<'a> {
    /// Without possessive and article.
    pub(super) plain: &'a str,
    /// The kind that most of its mentions have.
    pub(super) kind: Kind,
}

/// Names that others are compared with, or could be. A document that means well has some thousands, and each takes
/// time or memory.
const MOST_STEPS: usize = 1_000_000;

/// Names that are joined, and those that can't be because there are several to join them to.
#[derive(Debug)]
pub(super) struct Clusters {
    parents: Vec<usize>,
    /// A name, and one name of each cluster that it could belong to.
    pub(super) ambiguous: BTreeMap<usize, Vec<usize>>,
    steps: usize,
}

impl Clusters {
    /// Joins names by legal form, by person, by acronym and by trade. `introduced` has pairs of a name and
    /// the acronym that the text puts next to it, in the order of the acronyms.
    pub(super) fn new(names: &[Name<'_>], introduced: &[(usize, usize)]) -> Result<Self, LinkError> {
        let mut clusters = Self { parents: (0..names.len()).collect(), ambiguous: BTreeMap::new(), steps: 0 };
        clusters.join_companies(names)?;
        clusters.join_persons(names)?;
        for &(name, acronym) in introduced {
            clusters.join(name, acronym);
        }
        clusters.join_acronyms(names, introduced)?;
        clusters.join_shortened(names)?;
        Ok(clusters)
    }

    fn look_at(&mut self, names: usize) -> Result<(), LinkError> {
        self.steps += names;
        if self.steps > MOST_STEPS { Err(LinkError) } else { Ok(()) }
    }

    /// The name that stands for the cluster of `name`.
    pub(super) fn root(&self, mut name: usize) -> usize {
        while self.parents[name] != name {
            name = self.parents[name];
        }
        name
    }

    /// The earlier root stays, and the path to it is made short.
    fn join(&mut self, a: usize, b: usize) {
        let (root_a, root_b) = (self.root(a), self.root(b));
        let root = root_a.min(root_b);
        for changed in [root_a, root_b, a, b] {
            self.parents[changed] = root;
        }
    }

    /// Joins `name` to what it could be, if that is one; otherwise marks it.
    fn join_if_one(&mut self, name: usize, others: impl IntoIterator<Item = usize>) -> Result<(), LinkError> {
        let mut roots: Vec<usize> = others.into_iter().map(|other| self.root(other)).collect();
        self.look_at(roots.len())?;
        roots.sort_unstable();
        roots.dedup();
        roots.retain(|&root| root != self.root(name));
        match roots[..] {
            [] => {}
            [one] => self.join(one, name),
            _ => {
                self.ambiguous.insert(name, roots);
            }
        }
        Ok(())
    }

    /// `Northwind Energy plc` and `Northwind Energy`; but `Delmar Ltd.` and `Delmar GmbH` are
    /// two, and then `Delmar` could be either.
    fn join_companies(&mut self, names: &[Name<'_>]) -> Result<(), LinkError> {
        let mut companies: BTreeMap<String, (Vec<usize>, BTreeMap<String, usize>)> = BTreeMap::new();
        for (i, name) in
            names.iter().enumerate().filter(|(_, n)| !matches!(n.kind, Kind::Person | Kind::Location))
        {
            match names::split_legal_form(name.plain) {
                Some((short, form)) => {
                    let (_, forms) = companies.entry(names::key(short)).or_default();
                    match forms.get(&form) {
                        Some(&same) => self.join(same, i),
                        None => _ = forms.insert(form, i),
                    }
                }
                None => companies.entry(names::key(name.plain)).or_default().0.push(i),
            }
        }
        for (short, full) in companies.into_values() {
            for name in short {
                self.join_if_one(name, full.values().copied())?;
            }
        }
        Ok(())
    }

    /// Full names of the same person, then the surnames alone.
    fn join_persons(&mut self, names: &[Name<'_>]) -> Result<(), LinkError> {
        let mut families: BTreeMap<String, Family> = BTreeMap::new();
        let is_person = |n: &Name<'_>| n.kind == Kind::Person && !n.plain.is_empty();
        let persons = || names.iter().enumerate().filter(|(_, n)| is_person(n));
        for (i, name) in persons() {
            let person = Person::new(name.plain);
            let suffix = person.suffix.map(names::letters);
            for surname in person.surnames() {
                let given = &person.bare[..person.bare.len() - surname.len()];
                let family = families.entry(names::key(surname)).or_default();
                family.push(i, given, suffix.clone());
            }
        }
        for family in families.values() {
            family.join(self)?;
        }
        for (i, name) in persons() {
            let person = Person::new(name.plain);
            if let Some(family) = families.get(&names::key(person.bare))
                && person.surnames().next().is_none()
            {
                self.look_at(family.members.len())?;
                self.join_if_one(i, family.heads(person.suffix.map(names::letters)))?;
            }
        }
        Ok(())
    }

    /// `EGA` and the one name that it abbreviates.
    fn join_acronyms(&mut self, names: &[Name<'_>], introduced: &[(usize, usize)]) -> Result<(), LinkError> {
        let mut long: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let named = || names.iter().enumerate().filter(|(_, n)| n.kind != Kind::Person);
        for (i, name) in named().filter(|(_, n)| n.plain.contains(char::is_whitespace)) {
            let short = names::split_legal_form(name.plain).map(|(short, _)| short);
            for name in [Some(name.plain), short].into_iter().flatten() {
                for initials in names::initials(name) {
                    long.entry(initials).or_default().push(i);
                }
            }
        }
        for (i, name) in named().filter(|(_, n)| names::is_acronym_like(n.plain)) {
            let is_introduced = introduced.binary_search_by_key(&i, |&(_, acronym)| acronym).is_ok();
            if let Some(others) = long.get(&names::letters(name.plain)).filter(|_| !is_introduced) {
                self.join_if_one(i, others.iter().copied())?;
            }
        }
        Ok(())
    }

    /// `Northwind` and the one company whose name is that and its trade: `Northwind Energy`. Acronyms have a rule of
    /// their own, and a place or person of that name is not the company.
    fn join_shortened(&mut self, names: &[Name<'_>]) -> Result<(), LinkError> {
        let organisations = || names.iter().enumerate().filter(|(_, n)| n.kind == Kind::Organisation);
        let shortened =
            |n: &Name<'_>| !names::is_acronym_like(n.plain) && names::split_legal_form(n.plain).is_none();
        let shortened = || organisations().filter(|(_, n)| shortened(n));
        let mut companies: BTreeMap<String, Vec<usize>> =
            shortened().map(|(_, name)| (names::key(name.plain), Vec::new())).collect();
        for (i, name) in organisations() {
            for short in trades::short_names(name.plain) {
                companies.entry(names::key(short)).and_modify(|full| full.push(i));
            }
        }
        for (i, name) in shortened() {
            if let Some(full) =
                companies.get(&names::key(name.plain)).filter(|_| !self.ambiguous.contains_key(&i))
            {
                self.join_if_one(i, full.iter().copied())?;
            }
        }
        Ok(())
    }
}

/// Full names with the same surname.
#[derive(Default)]
struct Family {
    /// By first name, middle initials and suffix.
    members: BTreeMap<(String, String, Option<String>), Vec<usize>>,
}

impl Family {
    fn push(&mut self, name: usize, given: &str, suffix: Option<String>) {
        let mut words = given.split_whitespace();
        let first = words.next().map(names::letters).unwrap_or_default();
        let middle = words.filter_map(|word| word.chars().next()).flat_map(char::to_lowercase);
        let member = (first, middle.collect(), suffix);
        self.members.entry(member).or_default().push(name);
    }

    fn join(&self, clusters: &mut Clusters) -> Result<(), LinkError> {
        for same in self.members.values() {
            same.iter().for_each(|&name| clusters.join(same[0], name));
        }
        // those that say less are joined to the one that says more: first without the middle
        // name, then with an initial for the first
        for shorter in [has_no_middle, has_initial] {
            for (member, same) in self.members.iter().filter(|(member, _)| shorter(member)) {
                let alike = self
                    .members
                    .range((member.0.clone(), String::new(), None)..)
                    .take_while(|((first, ..), _)| first.starts_with(&member.0));
                clusters.look_at(alike.clone().count())?;
                let longer = alike.filter(|(other, _)| says_more(other, member));
                clusters.join_if_one(same[0], longer.map(|(_, names)| names[0]))?;
            }
        }
        Ok(())
    }

    /// Those that a surname alone could mean: a junior only where there is no other.
    fn heads(&self, suffix: Option<String>) -> Vec<usize> {
        let of = |wanted: Option<&str>| -> Vec<usize> {
            let members = self.members.iter();
            members
                .filter(|((_, _, suffix), _)| suffix.as_deref() == wanted)
                .map(|(_, names)| names[0])
                .collect()
        };
        match (suffix, of(None)) {
            (Some(suffix), _) => of(Some(&suffix)),
            (None, heads) if heads.is_empty() => self.members.values().map(|names| names[0]).collect(),
            (None, heads) => heads,
        }
    }
}

type Member = (String, String, Option<String>);

fn has_no_middle((_, middle, _): &Member) -> bool {
    middle.is_empty()
}

fn has_initial((first, ..): &Member) -> bool {
    first.chars().count() == 1
}

/// Whether `longer` could be the person that `shorter` is, and says more of the name.
fn says_more(longer: &Member, shorter: &Member) -> bool {
    let ((first, middle, suffix), (short_first, short_middle, short_suffix)) = (longer, shorter);
    let first_fits = match has_initial(shorter) {
        true => first.starts_with(short_first.as_str()),
        false => first == short_first,
    };
    longer != shorter
        && suffix == short_suffix
        && first_fits
        && (short_middle.is_empty() || middle.is_empty() || middle == short_middle)
        && (first.len() > short_first.len() || middle.len() > short_middle.len())
}
