//! Lists of words, as the rules of names and sentences have them.

/// A list of words: without commas, so that it stays as it is wrapped.
macro_rules! words {
    ($($word:literal)*) => {
        &[$($word),*]
    };
}

pub(crate) use words;

/// Words with a capital that are part of no name.
pub(super) const DAYS_AND_MONTHS: &[&str] = words! {
    "April" "August" "December" "February" "Friday" "January" "July" "June" "March" "Monday"
    "November" "October" "Saturday" "September" "Sunday" "Thursday" "Tuesday" "Wednesday"
};
