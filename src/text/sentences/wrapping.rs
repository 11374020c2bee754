//! Whether a line ends because it was wrapped, or because all that it has to say is said. Who wraps lines breaks one only
//! where the next word has no more room, so a line that leaves much room free is one of its own: a headline of several,
//! a heading, a row of a menu. How much is much is told by the lines near it, for what is wrapped by hand is ragged.

use super::abbreviations::{ends_with_legal_form, is_small};
use super::next::{Next, Start};
use super::signs::is_line_end;

/// Who wraps lines at one width leaves no room for this many characters besides the next word.
const SLACK: usize = 8;
/// Who wraps by hand leaves less of the longest line free than this part. Of 18,873 lines of news of 52 to 92 characters,
/// two that go on leave more; a third is left by 31 of them.
const RAGGED: usize = 2;
/// A line of names or a heading may leave less, so that `Outlook` is one above a short line: 62 to 82 characters are prose.
const RAGGED_HEADING: usize = 3;
/// Lines that are this long are rarely wrapped: what stands over one is not its beginning.
const LONG: usize = 80;

/// How the lines of a block are wrapped.
#[derive(Default)]
pub(super) struct Wrapping {
    /// Characters of the longest line.
    width: usize,
    /// The most room that was left where a line surely goes on.
    ragged: usize,
    /// Some line surely goes on, so that it is known how ragged the block is; or one of two is a whole paragraph.
    is_known: bool,
    /// No line of the block goes on in the next.
    is_list: bool,
}

impl Wrapping {
    pub(super) fn read(block: &str) -> Self {
        let lines = || block.split(is_line_end).map(unquoted).filter(|line| !line.is_empty());
        // a line of one word may be an address, which has no end
        let width = lines().filter(|line| line.contains(' ')).map(length).max().unwrap_or_default();
        let mut read = Self { width, ..Self::default() };
        let (mut ends, mut free, mut small, mut commas) = (0, 0, 0, 0);
        for (line, below) in lines().zip(lines().skip(1)) {
            let room = read.room(line, below);
            if begins_small(below) || ends_small(line) {
                small += 1;
                read.ragged = read.ragged.max(room);
            }
            ends += 1;
            commas += usize::from(line.contains(", "));
            free += usize::from(room >= SLACK);
        }
        let are_open = || !lines().any(ends_or_goes_on);
        let are_headlines = || free > 0 && lines().all(|line| is_headline(line, CAPITALS)) && are_open();
        // of capitals alone no line could begin small
        let says = || block.contains(char::is_lowercase) || are_open();
        // names in a row are prose, as is what a bracket is around
        let is_prose = || 2 * commas > ends || block.trim_start().starts_with('(');
        let are_of_list =
            || (2 * free > ends && says() && !is_prose()) || are_headlines() || lines().all(is_labelled);
        read.is_known = small > 0 || (ends == 1 && width >= LONG);
        read.is_list = small == 0 && ends > 1 && are_of_list();
        read
    }

    /// Whether what begins with `below` is on a line of its own, and not the rest of what `line` has.
    pub(super) fn are_apart(&self, line: &str, below: &str) -> bool {
        let (line, below) = (unquoted(line), unquoted(below));
        if is_rule(line) || below.is_empty() {
            return is_rule(line);
        }
        let is_apart =
            || self.is_list || (self.is_free(line, below) && Next::read(below).start == Start::Upper);
        begins_large(below) && !goes_on(line, below) && is_apart()
    }

    fn is_free(&self, line: &str, below: &str) -> bool {
        if !self.is_known {
            return false;
        }
        let is_heading = is_headline(line, 1);
        let least = self.width / if is_heading { RAGGED_HEADING } else { RAGGED };
        self.room(line, below) >= least.max(self.ragged + SLACK)
    }

    /// How much longer the line could be, with the next word too.
    fn room(&self, line: &str, below: &str) -> usize {
        let word = below.split_whitespace().next().unwrap_or_default();
        self.width.saturating_sub(length(line) + 1 + length(word))
    }
}

/// A line without the `>` of a mail that was answered.
fn unquoted(line: &str) -> &str {
    line.trim_start_matches(|c: char| c == '>' || c.is_whitespace()).trim_end()
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// What goes on in a small letter. An address is small wherever it stands.
fn begins_small(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    Next::read(line).start == Start::Lower && !word.contains(['@', '/']) && !word.starts_with("www.")
}

/// `the owners of`; but `Sign in` is a line of a menu.
fn ends_small(line: &str) -> bool {
    let last = last_word(line);
    let is_adverb = matches!(last, "in" | "off" | "on" | "out" | "over" | "up");
    last.starts_with(char::is_lowercase) && is_small(last) && !is_adverb
}

/// What is drawn between two parts, or an empty line of a mail that was answered.
fn is_rule(line: &str) -> bool {
    const SHORTEST: usize = 3;
    line.is_empty()
        || (line.len() >= SHORTEST && line.chars().all(|c| matches!(c, '-' | '=' | '_' | '*' | '~' | '#')))
}

fn last_word(line: &str) -> &str {
    line.rsplit(char::is_whitespace).next().unwrap_or_default()
}

fn begins_large(line: &str) -> bool {
    let next = Next::read(line);
    !next.bracketed && matches!(next.start, Start::Upper | Start::Digit | Start::Sign)
}

/// Whether what joins it to the next is at the end of the line: a comma, a small word, or what comes before a quotation;
/// or it is the owner of what is below, `’s mill`.
fn goes_on(line: &str, below: &str) -> bool {
    line.ends_with([',', '-', '–', '—', '&', '(', '/', '\u{AD}'])
        || is_small(last_word(line))
        || (line.ends_with(':') && Next::read(below).quoted)
        || ["'s ", "’s "].iter().any(|owner| below.starts_with(owner))
}

/// What no headline does: a paragraph in capitals has none but capitals, too.
fn ends_or_goes_on(line: &str) -> bool {
    let is_closed = line.trim_end_matches(['"', '”', '’', '\'', ')']).ends_with(['.', ';', ':']);
    (is_closed && !ends_with_legal_form(line)) || goes_on(line, "")
}

/// How many words with capitals a headline has, if it is no name.
const CAPITALS: usize = 4;

/// Whether all words but small ones have capitals, and `fewest` at least.
fn is_headline(line: &str, fewest: usize) -> bool {
    let words = || line.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    words().filter(|word| word.starts_with(char::is_uppercase)).nth(fewest - 1).is_some()
        && words().all(|word| !word.starts_with(char::is_lowercase) || is_small(word))
}

/// `Subject: The mill`
fn is_labelled(line: &str) -> bool {
    let label = line.split_whitespace().next().and_then(|word| word.strip_suffix(':'));
    label.is_some_and(|label| label.starts_with(char::is_uppercase))
}
