//! The scanner: from one place where a sentence could end to the next.

use std::iter::Peekable;
use std::ops::Range;
use std::vec;

use super::abbreviations::Rules;
use super::blocks::{self, Blocks, LineEnd};
use super::lists::{self, Marker};
use super::next::{Next, Start};
use super::signs::{self, STOPS, Signs, Terminator, skip_space};
use crate::text::ranges::merged;

mod ends;

/// One pass over one text. Every step goes forward, and looks a bounded way back and ahead.
pub(super) struct Scanner<'a> {
    text: &'a str,
    rules: &'static Rules,
    /// Sorted and disjoint; those that end before the current place are gone.
    protected: Peekable<vec::IntoIter<Range<usize>>>,
    /// Where the current sentence starts.
    start: usize,
    /// The marker that the next item of the current list would have.
    expected: Option<Marker>,
    /// And that of the list in which this list stands.
    outer: Option<Marker>,
    blocks: Blocks,
    found: Vec<Range<usize>>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, protected: &[Range<usize>], rules: &'static Rules) -> Self {
        Self {
            text,
            rules,
            protected: merged(protected).into_iter().peekable(),
            start: 0,
            expected: None,
            outer: None,
            blocks: Blocks::default(),
            found: Vec::new(),
        }
    }

    pub(super) fn run(mut self) -> Vec<Range<usize>> {
        let bytes = self.text.as_bytes();
        let mut at = self.begin(skip_space(self.text, 0).end);
        while let Some(ahead) = bytes[at..].iter().position(|&b| STOPS[usize::from(b)]) {
            at = self.look_at(at + ahead);
        }
        let last = self.text[self.start..].trim_end();
        if !last.is_empty() {
            self.found.push(self.start..self.start + last.len());
        }
        self.found
    }

    /// Starts a sentence and gives the place to go on from, which is after its list marker.
    fn begin(&mut self, start: usize) -> usize {
        self.start = start;
        let here = &self.text[start..];
        let item = match lists::line_bullet(here).or_else(|| lists::bullet(here)) {
            Some(len) => skip_space(self.text, start + len).end,
            None => start,
        };
        match Marker::at_start(&self.text[item..], self.expected) {
            Some((marker, len)) => {
                if self.expected != Some(marker) {
                    let inner = self.outer != Some(marker);
                    self.outer = self.expected.filter(|expected| inner && !expected.is_like(marker));
                }
                self.expected = Some(marker.next());
                item + len
            }
            None => item,
        }
    }

    /// Looks at a byte at which a sentence could end; gives the place to go on from.
    fn look_at(&mut self, at: usize) -> usize {
        match self.text.as_bytes()[at] {
            b'\n' | b'\r' | 0x0B | 0x0C => self.line_end(at),
            b')' => self.list_item(at).unwrap_or(at + 1),
            b'.' => self.list_item(at).unwrap_or_else(|| self.sign(at)),
            _ => self.sign(at),
        }
    }

    /// A terminator, or what begins with the same byte as one.
    fn sign(&mut self, at: usize) -> usize {
        if let Some(sign) = Terminator::at(self.text, at) {
            return self.terminator(at, sign);
        }
        let here = &self.text[at..];
        let after = at + here.chars().next().map_or(1, char::len_utf8);
        if here.starts_with(signs::is_line_end) {
            self.line_end(at)
        } else if lists::bullet(here).is_some() && self.text[self.start..at].ends_with(' ') {
            self.cut(at, at).max(after)
        } else {
            after
        }
    }

    /// A blank line ends a sentence; a line end only where the lines are no wrapped prose.
    fn line_end(&mut self, at: usize) -> usize {
        let space = skip_space(self.text, at);
        let here = LineEnd { text: self.text, end: at, next: space.end };
        let sentence = &self.text[self.start..at];
        if space.lines > 1
            || self.begins_item(here)
            || (self.found.is_empty() && blocks::is_headline(sentence, here.below()))
            || self.blocks.are_list(here)
            || self.blocks.are_apart(here)
            || here.is_between_labels()
            || here.is_after_speaker(sentence)
            || here.ends_row()
        {
            self.cut(at, space.end)
        } else {
            space.end
        }
    }

    /// Whether a list item begins with the next line.
    fn begins_item(&self, here: LineEnd<'_>) -> bool {
        let line = here.below();
        if lists::line_bullet(line).or_else(|| lists::bullet(line)).is_some() {
            return true;
        }
        let Some((marker, _)) = Marker::at_start(line, self.expected) else {
            return false;
        };
        let closed = || self.text[self.start..here.end].trim_end().ends_with(['.', '!', '?', ':', ';', '…']);
        marker.is_first() || self.expected == Some(marker) || closed()
    }

    /// If the next item of the list is marked here, ends the sentence before its marker.
    fn list_item(&mut self, at: usize) -> Option<usize> {
        let marker =
            [self.expected, self.outer].into_iter().flatten().find_map(|next| next.ends_at(self.text, at))?;
        if marker <= self.start {
            return None;
        }
        let before = self.text[self.start..marker].trim_end();
        let bullet = before.char_indices().next_back().map(|(i, _)| self.start + i);
        let start = bullet.filter(|&bullet| lists::bullet(&self.text[bullet..]).is_some()).unwrap_or(marker);
        Some(self.cut(start, start).max(at + 1))
    }

    fn terminator(&mut self, at: usize, first: Terminator) -> usize {
        let signs = Signs::read(self.text, at, first, self.rules);
        let space = skip_space(self.text, signs.end);
        if space.end == self.text.len() {
            return space.end;
        }
        if space.end == signs.end {
            return if self.ends_unspaced(&signs) { self.cut(signs.end, signs.end) } else { signs.end };
        }
        let here = LineEnd { text: self.text, end: signs.end, next: space.end };
        let ends_line =
            space.lines == 1 && (self.begins_item(here) || here.ends_row() || self.blocks.are_list(here));
        if space.lines > 1 || ends_line {
            return self.cut(signs.end, space.end);
        }
        let next = Next::read(&self.text[space.end..]);
        if next.start == Start::Upper
            && let Some(stop) = signs.full_stop_before_ellipsis(self.text)
        {
            self.cut(stop, skip_space(self.text, stop).end);
            return space.end;
        }
        if self.ends_sentence(&signs, &next) || (space.lines == 1 && self.ends_own_line(&signs, &next, here))
        {
            self.cut(signs.end, space.end)
        } else {
            space.end
        }
    }

    /// Ends the sentence at `end` and begins one at `next`, unless that is inside a protected
    /// range; gives the place to go on from.
    fn cut(&mut self, end: usize, next: usize) -> usize {
        let sentence = self.text[self.start..end].trim_end();
        let end = self.start + sentence.len();
        while self.protected.next_if(|p| p.end <= end).is_some() {}
        if self.protected.peek().is_some_and(|p| p.start < next) {
            return next;
        }
        if !sentence.is_empty() {
            self.found.push(self.start..end);
        }
        self.begin(next)
    }
}
