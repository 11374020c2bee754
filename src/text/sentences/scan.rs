//! The scanner: from one place where a sentence could end to the next.

use std::iter::Peekable;
use std::ops::Range;
use std::vec;

use super::abbreviations::{Abbreviation, Rules, is_legal_form, is_legal_form_of_any_land};
use super::before::Before;
use super::blocks::{self, Blocks};
use super::lists::{self, Marker};
use super::next::{Next, Start};
use super::signs::{self, End, STOPS, Terminator, skip_space};
use super::times;
use super::words;
use crate::text::ranges::merged;

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
        if space.lines > 1
            || self.begins_item(at, space.end)
            || (self.found.is_empty()
                && blocks::is_headline(&self.text[self.start..at], &self.text[space.end..]))
            || self.blocks.are_list(self.text, at, space.end)
            || self.blocks.are_apart(self.text, at, space.end)
            || blocks::is_between_labels(self.text, at, space.end)
            || blocks::is_speaker(self.text, &self.text[self.start..at], at, space.end)
            || blocks::is_row(self.text, at)
        {
            self.cut(at, space.end)
        } else {
            space.end
        }
    }

    /// Whether a list item begins with the line at `next`; `end` is where the text before ends.
    fn begins_item(&self, end: usize, next: usize) -> bool {
        let line = &self.text[next..];
        if lists::line_bullet(line).or_else(|| lists::bullet(line)).is_some() {
            return true;
        }
        let Some((marker, _)) = Marker::at_start(line, self.expected) else {
            return false;
        };
        let closed = || self.text[self.start..end].trim_end().ends_with(['.', '!', '?', ':', ';', '…']);
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

    fn terminator(&mut self, at: usize, sign: Terminator) -> usize {
        let end = End::read(self.text, at, sign, self.rules);
        let space = skip_space(self.text, end.end);
        if space.end == self.text.len() {
            return space.end;
        }
        if space.end == end.end {
            return if self.ends_unspaced(at, &end) { self.cut(end.end, end.end) } else { end.end };
        }
        let ends_line = space.lines == 1
            && (self.begins_item(end.end, space.end)
                || blocks::is_row(self.text, end.end)
                || self.blocks.are_list(self.text, end.end, space.end));
        if space.lines > 1 || ends_line {
            return self.cut(end.end, space.end);
        }
        let next = Next::read(&self.text[space.end..]);
        if next.start == Start::Upper
            && let Some(stop) = end.full_stop_before_ellipsis(self.text.as_bytes(), at)
        {
            self.cut(stop, skip_space(self.text, stop).end);
            return space.end;
        }
        if self.ends_sentence(at, &end, &next)
            || (space.lines == 1 && self.ends_own_line(at, &end, &next, space.end))
        {
            self.cut(end.end, space.end)
        } else {
            space.end
        }
    }

    /// Whether the sentence that has the signs `end` at `at` ends with them, given what is next.
    fn ends_sentence(&self, at: usize, end: &End, next: &Next<'_>) -> bool {
        if end.full {
            return true;
        }
        if matches!(next.start, Start::Lower | Start::Joining) || end.omission {
            return false;
        }
        let before = Before::read(&self.text[self.start..at]);
        if end.strong {
            let goes_on = is_legal_form(next.word)
                || (self.rules.is_exclaimed(before.word) && !self.starts(next))
                || (end.quoted && self.rules.attributes(next));
            return !goes_on;
        }
        match end.dots {
            1 => self.stops_after(at, &before, next),
            3 if end.spaced => false, // words are left out; a fourth dot is the full stop
            _ => !self.leads(at),
        }
    }

    /// Whether an abbreviation at `at` that may end a sentence ends a line that isn't wrapped: `Harrow Ltd.`, one of many.
    fn ends_own_line(&mut self, at: usize, end: &End, next: &Next<'_>, below: usize) -> bool {
        let before = Before::read(&self.text[self.start..at]);
        end.dots == 1
            && self.rules.abbreviation(before.word, next) == Some(Abbreviation::Soft)
            && self.blocks.are_apart(self.text, end.end, below)
    }

    /// Whether an ellipsis at `at` begins what is said: it is the first of its sentence.
    fn leads(&self, at: usize) -> bool {
        let before = self.text[self.start..at].trim_end_matches([' ', '"', '“', '\'', '‘', '(']);
        before.is_empty() || before.ends_with(':')
    }

    /// Whether a full stop at `at` after a word ends the sentence.
    fn stops_after(&self, at: usize, before: &Before<'_>, next: &Next<'_>) -> bool {
        if before.is_rate() {
            return true;
        }
        // `(Yes. 3 came.)` cites nothing
        let is_cited = before.is_cited(next) && !self.rules.is_starter(before.word);
        if is_cited || before.is_dateline(next) || times::is_day_of_date(before, next) {
            return false;
        }
        match self.rules.abbreviation(before.word, next) {
            Some(Abbreviation::Title | Abbreviation::Never) => false,
            Some(Abbreviation::Numbered) => next.start != Start::Digit && !before.numbers(next),
            Some(Abbreviation::Soft) => {
                // `by Harrow Ltd. Harrow is owned`
                let names_again = next.start == Start::Upper
                    && !next.bracketed
                    && is_legal_form_of_any_land(before.word)
                    && before.names(next.word);
                let starts = self.starts(next) && !self.rules.goes_on_in_capitals(before, next);
                let begins = starts || names_again || self.rules.ends_with_time(before, next);
                begins && !self.rules.is_time_ahead(before) && !blocks::is_in_capitals(self.text, at)
            }
            // `Q. Why did he leave?` begins with who asks, or what it is of a list
            Some(Abbreviation::Initial) if before.text.is_empty() => false,
            Some(Abbreviation::Initial) => {
                self.rules.starts(next)
                    || ((before.is_pronoun() || before.is_lettered()) && next.start == Start::Upper)
            }
            None => true,
        }
    }

    /// Whether what comes next begins a sentence even after an abbreviation.
    fn starts(&self, next: &Next<'_>) -> bool {
        match next.start {
            Start::Upper => self.rules.starts(next) || self.rules.tells(next) || next.is_said(),
            Start::Uncased => true,
            _ => false,
        }
    }

    /// Whether a sentence ends with the signs `end` at `at` although no space follows.
    fn ends_unspaced(&self, at: usize, end: &End) -> bool {
        let after = &self.text[end.end..];
        if end.full {
            return self.ends_full(at, end, &Next::read(after));
        }
        let lost_space = end.end == at + 1 && after.starts_with(char::is_uppercase);
        lost_space && self.is_glued(at, &Next::read(after))
    }

    /// Signs that need no space end no sentence within a title, `《…！…》`, and not when it is
    /// told on who spoke, `「…。」と`.
    fn ends_full(&self, at: usize, end: &End, next: &Next<'_>) -> bool {
        let title = words::last_token(&self.text[self.start..at]).rsplit('》').next();
        let spoken = end.quoted && !next.quoted;
        next.start != Start::Joining && !spoken && !title.is_some_and(|t| t.contains('《'))
    }

    /// `left.The`, not `www.The`.
    fn is_glued(&self, at: usize, next: &Next<'_>) -> bool {
        if !words::is_capitalised(next.word) {
            return false;
        }
        let before = words::last_token(&self.text[self.start..at]);
        let is_prose = |c: char| c.is_lowercase() || c.is_ascii_digit() || c == ',';
        if before.len() > 1 && before.chars().all(is_prose) {
            next.after().starts_with([' ', ',', '’', '\'']) || self.rules.starts(next)
        } else {
            words::is_capitalised(before) && self.rules.starts(next)
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
