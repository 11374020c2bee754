//! What an abbreviation means for the sentence it stands in. The words are in [`tables`].

use super::before::Before;
use super::next::Next;
use super::words::{self, Folded};
use crate::text::reach::SPACES;

mod tables;

pub(super) use tables::{CITED, NUMBERED, OFFICES};
pub(super) use tables::{DUTCH, ENGLISH, FRENCH, GERMAN, ITALIAN, OTHER, PORTUGUESE, SPANISH};

/// What a full stop after it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Abbreviation {
    /// `Dr.`: a name follows.
    Title,
    /// `e.g.`: the sentence goes on.
    Never,
    /// `No.`: the sentence goes on if a number follows.
    Numbered,
    /// `Inc.`: the sentence ends if a word follows with which sentences begin.
    Soft,
    /// `J.`: the same, but a quotation may be a nickname.
    Initial,
}

/// The data of a language. All tables are sorted by their lower case. A word that is capitalised
/// in a table counts only if the text has it capitalised.
pub(super) struct Rules {
    pub(super) titles: &'static [&'static str],
    pub(super) never: &'static [&'static str],
    pub(super) numbered: &'static [&'static str],
    pub(super) soft: &'static [&'static str],
    /// Words with which sentences begin, and hardly anything else that is capitalised.
    pub(super) starters: &'static [&'static str],
    /// Words with which a sentence begins if a small word is next: `Police said`, not `Police Chief Pell`.
    pub(super) subjects: &'static [&'static str],
    /// Prepositions before a time of day.
    pub(super) before_time: &'static [&'static str],
    /// Verbs that tell who said the quotation before.
    pub(super) speech: &'static [&'static str],
    /// A number with a full stop is an ordinal: `3. Mai`.
    pub(super) ordinals: bool,
    /// There are spaces within quotes: `« Oui ! »`.
    pub(super) spaced_guillemets: bool,
}

impl Rules {
    /// What a full stop after `word` means, if it is an abbreviation, given what comes next.
    pub(super) fn abbreviation(&self, word: &str, next: &Next<'_>) -> Option<Abbreviation> {
        let folded = Folded::new(word)?;
        let case = Case::of(word)?;
        // `SEN. HALVORSEN` is a headline; `the SEC. The` and `Salem, CA. It` have no abbreviation that goes on
        let is_meant = |entry: &str| {
            case != Case::Capitals || Case::of(entry) == Some(Case::Capitals) || next.is_in_capitals()
        };
        if find(self.titles, &folded, case.or_capitals()).is_some_and(is_meant) {
            Some(Abbreviation::Title)
        } else if words::is_initial(word) {
            Some(Abbreviation::Initial)
        } else if find(self.never, &folded, case).is_some_and(is_meant) {
            Some(Abbreviation::Never)
        } else if contains(self.numbered, &folded, case.or_capitals()) {
            Some(Abbreviation::Numbered)
        } else {
            let is_soft = contains(self.soft, &folded, case)
                || words::is_letter(word)
                || words::is_dotted(word)
                || self.is_ordinal(word);
            is_soft.then_some(Abbreviation::Soft)
        }
    }

    fn is_ordinal(&self, word: &str) -> bool {
        self.ordinals && word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit())
    }

    /// Whether the next word is one with which sentences begin.
    pub(super) fn starts(&self, next: &Next<'_>) -> bool {
        // `U.S. No. 1`, `U.S. Under Secretary`
        let is_number = next.after().starts_with('.') && is_in(self.numbered, next.word);
        let is_office =
            next.word == "Under" && next.after().get(1..).is_some_and(|rest| rest.starts_with("Secretary"));
        self.is_starter(next.word) && !next.is_initial() && !next.dashed && !is_number && !is_office
    }

    /// Whether it begins with what tells of somebody: a sentence after most abbreviations, but not after an initial.
    pub(super) fn tells(&self, next: &Next<'_>) -> bool {
        let is_told_of =
            next.after().strip_prefix(SPACES).is_some_and(|rest| rest.starts_with(char::is_lowercase));
        is_told_of && is_in(self.subjects, next.word)
    }

    pub(super) fn is_starter(&self, word: &str) -> bool {
        is_in(self.starters, word)
    }

    /// Whether it may be in the middle of a sentence in capitals, as `WAS` of `CORP. WAS` is: what is all in capitals has
    /// none that says where a sentence begins.
    pub(super) fn goes_on_in_capitals(&self, before: &Before<'_>, next: &Next<'_>) -> bool {
        let are_capitals = next.is_in_capitals() && !before.word.contains(char::is_lowercase);
        are_capitals && self.is_starter(next.word) && !is_in(tables::FRESH, next.word)
    }

    /// A name that is written with a `!`.
    pub(super) fn is_exclaimed(&self, word: &str) -> bool {
        word.starts_with(char::is_uppercase) && is_in(tables::EXCLAIMED, word)
    }
}

/// How a word is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Lower,
    Capitalised,
    Capitals,
}

impl Case {
    fn of(word: &str) -> Option<Self> {
        let mut chars = word.chars();
        Some(match (chars.next()?.is_uppercase(), chars.next()) {
            (false, _) => Self::Lower,
            (true, Some(second)) if second.is_uppercase() => Self::Capitals,
            (true, _) => Self::Capitalised,
        })
    }

    /// For words that are the same in a headline in capitals.
    fn or_capitals(self) -> Self {
        match self {
            Self::Capitals => Self::Capitalised,
            same => same,
        }
    }
}

/// `Inc` of `Quill! Inc.`
pub(super) fn is_legal_form(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && is_in(tables::LEGAL_FORMS, word)
}

/// `Tollmark Inc.`
pub(super) fn ends_with_legal_form(line: &str) -> bool {
    let word = line.strip_suffix('.').and_then(|line| line.rsplit(' ').next());
    word.is_some_and(is_legal_form)
}

/// `S.p.A` as well
pub(super) fn is_legal_form_of_any_land(word: &str) -> bool {
    is_legal_form(word) || (word.starts_with(char::is_uppercase) && is_in(tables::DOTTED_FORMS, word))
}

/// `Series` of `Series B`, `Plan` of `Plan B`
pub(super) fn is_lettered(word: &str, letter: &str) -> bool {
    is_in(tables::LETTERED, word)
        || tables::LETTERED_WITH.iter().any(|(of, letters)| *of == word && letters.contains(letter))
}

/// `of` in a headline in capital letters.
pub(super) fn is_small(word: &str) -> bool {
    is_in(tables::SMALL, word)
}

pub(super) fn is_in(table: &[&str], word: &str) -> bool {
    Folded::new(word).is_some_and(|folded| contains(table, &folded, Case::Capitalised))
}

fn contains(table: &[&str], word: &Folded, case: Case) -> bool {
    find(table, word, case).is_some()
}

fn find<'t>(table: &[&'t str], word: &Folded, case: Case) -> Option<&'t str> {
    let at = table.binary_search_by(|entry| lower(entry).cmp(word.bytes().iter().copied())).ok()?;
    (case == Case::Capitalised || !table[at].starts_with(char::is_uppercase)).then_some(table[at])
}

/// Capitals in the tables are ASCII.
fn lower(entry: &str) -> impl Iterator<Item = u8> {
    entry.bytes().map(|b| b.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::sentences::language::all_rules;

    #[test]
    fn tables_are_sorted_and_short_enough_to_be_looked_up() {
        let tables = all_rules().flat_map(|r| {
            [r.titles, r.never, r.numbered, r.soft, r.starters, r.subjects, r.before_time, r.speech]
        });
        for table in tables.chain([
            tables::LEGAL_FORMS,
            tables::DOTTED_FORMS,
            tables::FRESH,
            tables::EXCLAIMED,
            tables::LETTERED,
            tables::NUMBERED,
            tables::SMALL,
        ]) {
            for pair in table.windows(2) {
                assert!(lower(pair[0]).lt(lower(pair[1])), "{pair:?}");
            }
            for word in table {
                assert!(Folded::new(word).is_some(), "{word} is too long");
            }
        }
    }
}
