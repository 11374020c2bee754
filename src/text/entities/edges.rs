//! Where a word begins and ends, as far as names go.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use crate::text::{
    characters::{is_hangul, is_of_word, is_unspaced},
    reach::head,
    words,
};

/// Whether a name in `text[begin..end]` begins there as a word: `(Northwind` and `ex-Northwind`
/// do, `ÜberNorthwind` doesn't.
pub(super) fn begins(text: &str, begin: usize, end: usize) -> bool {
    let (before, name) = (&text[..begin], &text[begin..end]);
    let Some(first) = name.chars().next() else {
        return false;
    };
    let mut back = before.chars().rev();
    let Some(previous) = back.next() else {
        return true;
    };
    if !first.is_alphanumeric() || is_unspaced(first) {
        return true;
    }
    match previous {
        c if is_unspaced(c) => true,
        c if is_wordlike(c) => false,
        // O’Brien has no Brien in it; d’Arcy and l’Oural do have theirs
        '\'' | '’' => !(back.next() == Some('O') && back.next().is_none_or(|c| !is_wordlike(c))),
        '&' | '.' => !back.next().is_some_and(is_wordlike),
        _ => true,
    }
}

/// What Korean puts behind a name without a space: marks of case and topic, and what goes with them.
const PARTICLES: &[&str] = words! {
    "가" "과" "과는" "과의" "까지" "까지도" "께서" "께서는" "는" "도" "라고" "라는" "라며" "랑" "로" "로부터" "로서" "를" "마저" "만" "만이" "보다" "부터" "뿐"
    "에" "에게" "에게는" "에게서" "에는" "에도" "에서" "에서는" "에서도" "와" "와는" "와의" "으로" "으로부터" "으로서" "은" "을" "의" "이" "이나" "이라고"
    "이라는" "이라며" "이랑" "이며" "조차" "처럼" "측" "측은" "측이" "하고" "한테"
};

/// Those that may be a given name's last syllable, behind a family name and a first syllable.
const SYLLABLES: &[&str] = words! {
    "가" "도" "로" "만" "은" "이"
};

/// More characters than any of them has.
const LONGEST_PARTICLE: usize = 5;

/// Whether a name in `text[begin..end]` ends there as a word: `Northwind’s`, `Northwind-backed` and `한빛전자는` do,
/// `Northwinds` doesn't.
pub(super) fn ends(text: &str, begin: usize, end: usize) -> bool {
    let (name, after) = (&text[begin..end], &text[end..]);
    let mut ahead = after.chars();
    let (Some(last), Some(next)) = (name.chars().next_back(), ahead.next()) else {
        return true;
    };
    if is_combining_mark(next) {
        return false;
    }
    if !last.is_alphanumeric() || is_unspaced(last) || is_unspaced(next) {
        return true;
    }
    if is_hangul(next) {
        return name.chars().nth(1).is_some() && PARTICLES.contains(&particle(after));
    }
    let then = ahead.next();
    match next {
        c if is_wordlike(c) => false,
        // Don’t has no Don in it
        '\'' | '’' => !matches!(then, Some('t' | 'T')) || ahead.next().is_some_and(is_wordlike),
        '&' => !then.is_some_and(is_wordlike),
        // Northwind.com
        '.' => !then.is_some_and(char::is_lowercase),
        _ => true,
    }
}

/// Whether what is behind a Korean name of two syllables may be its third: `김정은`
pub(super) fn may_have_a_third(text: &str, name: &Range<usize>) -> bool {
    let is_short = || text[name.clone()].chars().filter(|&c| is_hangul(c)).count() == 2;
    SYLLABLES.contains(&particle(&text[name.end..])) && is_short()
}

fn particle(after: &str) -> &str {
    head(after, LONGEST_PARTICLE, is_wordlike)
}

fn is_wordlike(c: char) -> bool {
    is_of_word(c) || c == '_'
}
