//! Lists of words, as the rules of names and sentences have them.

/// A list of words: without commas, so that it stays as it is wrapped.
macro_rules! words {
    ($($word:literal)*) => {
        &[$($word),*]
    };
}

pub(crate) use words;
