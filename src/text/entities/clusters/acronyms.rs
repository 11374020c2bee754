//! Which acronym is of which name.

use std::collections::BTreeMap;

use super::{Clusters, LinkError, Name};
use crate::text::entities::{kind::Kind, legal, names};

/// What acronyms that everybody knows stand for, without legal forms, whatever else in a text begins with their letters:
/// the University of Sydney is not the U.S., nor the Bank of Baltic Commerce the BBC. Those that stand for no name of
/// several words are for none.
const KNOWN: &[(&str, &str)] = &[
    ("abc", "american broadcasting"),
    ("abc", "australian broadcasting"),
    ("afl", "american football league"),
    ("ai", "artificial intelligence"),
    ("anc", "african national congress"),
    ("ap", "associated press"),
    ("bbc", "british broadcasting"),
    ("ca", ""),
    ("cbs", "columbia broadcasting system"),
    ("cdc", "centers for disease control"),
    ("cdc", "centers for disease control and prevention"),
    ("cia", "central intelligence agency"),
    ("cnn", "cable news network"),
    ("dc", "district of columbia"),
    ("dea", "drug enforcement administration"),
    ("dhs", "department of homeland security"),
    ("doj", "department of justice"),
    ("ecb", "england and wales cricket board"),
    ("ecb", "european central bank"),
    ("epa", "environmental protection agency"),
    ("eu", "european union"),
    ("faa", "federal aviation administration"),
    ("fbi", "federal bureau of investigation"),
    ("fcc", "federal communications commission"),
    ("fda", "food and drug administration"),
    ("ftc", "federal trade commission"),
    ("hk", "hong kong"),
    ("ibm", "international business machines"),
    ("icc", "international chamber of commerce"),
    ("icc", "international cricket council"),
    ("icc", "international criminal court"),
    ("ilo", "international labour organization"),
    ("imf", "international monetary fund"),
    ("ioc", "international olympic committee"),
    ("ira", "irish republican army"),
    ("irs", "internal revenue service"),
    ("la", "los angeles"),
    ("mit", "massachusetts institute of technology"),
    ("mlb", "major league baseball"),
    ("mls", "major league soccer"),
    ("nasa", "national aeronautics and space administration"),
    ("nato", "north atlantic treaty organisation"),
    ("nato", "north atlantic treaty organization"),
    ("nba", "national basketball association"),
    ("nbc", "national broadcasting"),
    ("nfl", "national football league"),
    ("nhl", "national hockey league"),
    ("nhs", "national health service"),
    ("nsa", "national security agency"),
    ("ny", "new york"),
    ("nyc", "new york city"),
    ("nz", "new zealand"),
    ("opec", "organisation of petroleum exporting countries"),
    ("opec", "organisation of the petroleum exporting countries"),
    ("opec", "organization of petroleum exporting countries"),
    ("opec", "organization of the petroleum exporting countries"),
    ("sec", "securities and exchange commission"),
    ("uae", "united arab emirates"),
    ("ucl", "university college london"),
    ("uk", "united kingdom"),
    ("un", "united nations"),
    ("us", "united states"),
    ("usa", "united states of america"),
    ("who", "world health organisation"),
    ("who", "world health organization"),
    ("wto", "world trade organisation"),
    ("wto", "world trade organization"),
];

impl Clusters<'_> {
    /// `EGA` and the one name that it abbreviates.
    pub(super) fn join_acronyms(&mut self) -> Result<(), LinkError> {
        let names = self.names;
        let mut long: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let named = || names.iter().enumerate().filter(|(_, n)| n.kind != Kind::Person);
        for (i, name) in named().filter(|(_, n)| n.plain.contains(char::is_whitespace)) {
            let short = legal::split_legal_form(name.plain).map(|(short, _)| short);
            let of_country = names::without_country(short.unwrap_or(name.plain));
            let forms = [Some(name.plain), short, of_country].into_iter().flatten();
            for initials in forms.flat_map(names::initials) {
                long.entry(initials).or_default().push(i);
            }
        }
        let forms: BTreeMap<usize, String> = named()
            .filter_map(|(i, name)| Some((i, legal::split_legal_form(name.plain)?)))
            .filter(|(_, (short, _))| names::is_acronym_like(short))
            .map(|(i, (_, form))| (self.root(i), form))
            .collect();
        for (i, name) in named().filter(|(_, n)| names::is_acronym_like(n.plain)) {
            let letters = names::letters(name.plain);
            // CMB plc is not the Competition and Markets Board
            let form = forms.get(&self.root(i));
            if let Some(others) = long.get(&letters).filter(|_| !self.is_introduced(i)) {
                let fits = |&other: &usize| {
                    (form.is_none() || form == legal::legal_form(names[other].plain).as_ref())
                        && may_stand_for(&letters, names[other].plain)
                        && (letters.len() > 2 || fits_two_letters(name, &names[other]))
                };
                self.join_if_one(i, others.iter().copied().filter(fits))?;
            }
        }
        Ok(())
    }
}

/// Whether letters that everybody knows are for just that name; others may be for any.
fn may_stand_for(letters: &str, long: &str) -> bool {
    let short = legal::without_form(long);
    let spellings = [Some(short), names::without_country(short)].map(|name| name.map(names::key));
    let is_called = |known: &str| spellings.iter().flatten().any(|name| name == known);
    let mut known = KNOWN.iter().filter(|(known, _)| *known == letters).peekable();
    known.peek().is_none() || known.any(|(_, name)| is_called(name))
}

/// Two letters say little: they are short for what has their kind.
fn fits_two_letters(short: &Name<'_>, long: &Name<'_>) -> bool {
    short.kind == long.kind && short.kind != Kind::Other
}
