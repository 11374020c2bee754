//! Lines between blank lines: wrapped prose, a list without full stops, the rows of a table, or a
//! headline and what it heads. Only in wrapped prose does a line end mean nothing.

use super::{
    abbreviations::{OFFICES, ends_with_legal_form, is_small},
    signs::is_line_end,
    wrapping::Wrapping,
};
use crate::text::reach::tail;

/// Lines of a list are short: prose isn't wrapped as narrow as this.
const LIST_LINE: usize = 48;
/// A headline fits here.
const HEADLINE: usize = 120;
/// Of a row that is longer, this much is looked at, in characters.
const ROW: usize = 200;
/// Nobody wraps lines this wide, so that one is a paragraph.
const PARAGRAPH: usize = 120;

/// A single line end: the line before ends at `end`, and below the text goes on at `next`.
#[derive(Clone, Copy)]
pub(super) struct LineEnd<'a> {
    pub(super) text: &'a str,
    pub(super) end: usize,
    pub(super) next: usize,
}

impl<'a> LineEnd<'a> {
    /// The text from the next line on.
    pub(super) fn below(self) -> &'a str {
        &self.text[self.next..]
    }

    /// Whether the line before is the row of a table: three cells or more.
    pub(super) fn ends_row(self) -> bool {
        let line = &self.text[line_start(self.text, self.end, ROW)..self.end];
        let cells = line.split(['\t', '|']).flat_map(|part| part.split("   "));
        cells.filter(|cell| !cell.trim().is_empty()).nth(2).is_some()
    }

    /// Whether it is one after or before who wrote it (`By Jane Hartwell`), or after what it is about (`About Tollmark`).
    pub(super) fn is_between_labels(self) -> bool {
        let is_byline = |line: &str| is_label(line, "By ") || is_label(line, "BY ");
        let begins = self.below().starts_with(char::is_uppercase);
        let before = whole_line(self.text, self.end);
        before.is_some_and(|line| is_byline(line) || (begins && is_label(line, "About ")))
            || whole_line(self.text, self.next).is_some_and(is_byline)
    }

    /// Whether the sentence so far, which ends with its line here, says whose words are below: `Ada Pell -- Chief Executive
    /// Officer`. What has no office behind the dash is a town with its news, or a headline, and may go on.
    pub(super) fn is_after_speaker(self, sentence: &str) -> bool {
        let sentence = sentence.trim_end();
        let is_line =
            whole_line(self.text, self.end) == Some(sentence) && self.below().starts_with(char::is_uppercase);
        let offices = || [" -- ", " – ", " — "].iter().find_map(|dash| sentence.split_once(dash));
        let are_told = |(name, office): (&str, &str)| {
            let is_open = !office.ends_with(is_closing_or_joining) && name.contains(char::is_lowercase);
            let has_office = office.rsplit(' ').next().is_some_and(|word| OFFICES.contains(&word));
            is_open && has_office && are_names(name) && are_names(office)
        };
        is_line && (sentence == "Operator" || offices().is_some_and(are_told))
    }
}

/// What is known of the block of lines around a place.
#[derive(Default)]
pub(super) struct Blocks {
    /// The end of the last block looked at.
    end: usize,
    is_list: bool,
    wrapping: Wrapping,
}

impl Blocks {
    /// Whether a line end is one between items of a list. Each block is read once, however often it is asked about.
    pub(super) fn are_list(&mut self, here: LineEnd<'_>) -> bool {
        self.read(here);
        self.is_list
    }

    /// Whether a line end is none that was made to wrap a line.
    pub(super) fn are_apart(&mut self, here: LineEnd<'_>) -> bool {
        self.read(here);
        let line = &here.text[line_start(here.text, here.end, usize::MAX)..here.end];
        let below = here.below().split(is_line_end).next().unwrap_or_default();
        self.wrapping.are_apart(line, below)
    }

    fn read(&mut self, LineEnd { text, end, next }: LineEnd<'_>) {
        if end >= self.end {
            let start = block_start(text, self.end, end);
            self.end = block_end(text, next);
            self.is_list = is_list(text, line_start(text, end, 2 * LIST_LINE), self.end);
            self.wrapping = Wrapping::read(&text[start..self.end]);
        }
    }
}

/// Where the lines up to the one of `end` start: after a blank line, or at `from`.
fn block_start(text: &str, from: usize, end: usize) -> usize {
    let mut start = from;
    let mut at = from;
    for line in text[from..end].split_inclusive('\n') {
        at += line.len();
        if line.trim().is_empty() {
            start = at;
        }
    }
    start
}

/// Where the lines from `at` on end: at a blank line or with the text.
fn block_end(text: &str, at: usize) -> usize {
    text[at..]
        .split_inclusive('\n')
        .take_while(|line| !line.trim().is_empty())
        .fold(at, |end, line| end + line.len())
}

/// Where the line of `at` starts; if that is further away than `reach`, somewhere in the line.
fn line_start(text: &str, at: usize, reach: usize) -> usize {
    at - tail(&text[..at], reach, |c| !is_line_end(c)).len()
}

/// At least three short lines, none of which ends like a sentence or goes on; and what heads them, if it ends so: `Press:`.
fn is_list(text: &str, start: usize, end: usize) -> bool {
    let mut lines = text[start..end].lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    lines.next_if(|line| line.len() <= LIST_LINE && line.ends_with(':'));
    let mut items = 0;
    for line in lines {
        let goes_on = line.ends_with(is_closing_or_joining) && !ends_with_legal_form(line);
        if line.len() > LIST_LINE || goes_on {
            return false;
        }
        items += 1;
    }
    items >= 3
}

/// Whether the first line of a text is a headline: it is short, doesn't end like a sentence, and
/// has a paragraph below it. Further down this is wrapped prose more often than it is a heading.
pub(super) fn is_headline(line: &str, below: &str) -> bool {
    if line.len() > HEADLINE || below.len() < PARAGRAPH {
        return false;
    }
    let line = line.trim_end();
    let is_open = line.ends_with(is_closing_or_joining) || line.contains(is_line_end);
    let begins =
        below.trim_start_matches(['"', '“', '‘', '\'', '(', '„', '«']).starts_with(char::is_uppercase);
    let is_paragraph = || !below.bytes().take(PARAGRAPH).any(|b| matches!(b, b'\n' | b'\r'));
    !is_open && line.contains(char::is_alphabetic) && begins && is_paragraph()
}

/// Whether the place is in a line all of whose words have capitals, but for small ones: a headline, in which a capital
/// says nothing of where sentences begin.
pub(super) fn is_in_capitals(text: &str, at: usize) -> bool {
    const FEWEST: usize = 4;
    let Some(line) = whole_line(text, at) else { return false };
    let is_closed = line.ends_with(is_closing_or_joining) && !ends_with_legal_form(line);
    let words = line.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let (mut large, mut small) = (0, true);
    for word in words.filter(|word| !word.is_empty()) {
        match word.starts_with(char::is_lowercase) {
            true => small &= is_small(word),
            false => large += 1,
        }
    }
    !is_closed && small && large >= FEWEST
}

/// Whether words have capitals, two of them at least, but for small ones.
fn are_names(words: &str) -> bool {
    let words = || words.split_whitespace().filter(|word| !matches!(*word, "&" | "--" | "–" | "—"));
    let mut large = words().filter(|word| word.starts_with(char::is_uppercase));
    let ends_large = words().next_back().is_some_and(|word| !is_small(&word.to_lowercase()));
    ends_large
        && large.nth(1).is_some()
        && words().all(|word| word.starts_with(char::is_uppercase) || is_small(word))
}

/// Whether all of the line after `begins` is a name or two.
fn is_label(line: &str, begins: &str) -> bool {
    let Some(names) = line.strip_prefix(begins) else { return false };
    let is_name =
        |word: &str| word.starts_with(char::is_uppercase) || matches!(word, "and" | "&" | "of" | "the");
    !line.ends_with(is_closing_or_joining) && names.split_whitespace().all(is_name)
}

/// The line of `at`, trimmed, if it is short.
fn whole_line(text: &str, at: usize) -> Option<&str> {
    let start = line_start(text, at, HEADLINE);
    let is_start = text[..start].chars().next_back().is_none_or(is_line_end);
    let rest = &text[at..];
    let end = rest.char_indices().take(HEADLINE).find(|&(_, c)| is_line_end(c)).map(|(i, _)| i);
    let end = end.or_else(|| (rest.len() <= HEADLINE).then_some(rest.len()))?;
    is_start.then(|| text[start..at + end].trim())
}

fn is_closing_or_joining(c: char) -> bool {
    matches!(
        c,
        '.' | '!' | '?' | '…' | ',' | ';' | ':' | '-' | '–' | '—' | '&' | '(' | '"' | '”' | '/' | '。'
    )
}
