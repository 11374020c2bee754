//! Where a word begins and ends, as far as names go.

use unicode_normalization::char::is_combining_mark;

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

/// Whether a name in `text[begin..end]` ends there as a word: `Northwind’s` and `Northwind-backed`
/// do, `Northwinds` doesn't.
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

fn is_wordlike(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_combining_mark(c)
}

/// Letters of scripts that put no space between words.
fn is_unspaced(c: char) -> bool {
    matches!(
        c,
        '\u{0E00}'..='\u{0EFF}'
            | '\u{1000}'..='\u{109F}'
            | '\u{1780}'..='\u{17FF}'
            | '\u{3040}'..='\u{30FF}'
            | '\u{3400}'..='\u{9FFF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{20000}'..='\u{3FFFF}'
    )
}
