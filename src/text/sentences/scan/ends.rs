//! Whether the signs that may end a sentence do, given what stands before and what comes next.

use super::Scanner;
use crate::text::sentences::abbreviations::{Abbreviation, is_legal_form, is_legal_form_of_any_land};
use crate::text::sentences::before::Before;
use crate::text::sentences::next::{Next, Start};
use crate::text::sentences::signs::Signs;
use crate::text::sentences::words::{is_capitalised, is_uncased_abbreviation, is_uncased_letter, last_token};
use crate::text::sentences::{
    blocks::{self, LineEnd},
    times,
};

impl<'a> Scanner<'a> {
    /// Whether the sentence that has these signs ends with them, given what is next.
    pub(super) fn ends_sentence(&self, signs: &Signs, next: &Next<'_>) -> bool {
        if signs.full {
            return true;
        }
        if matches!(next.start, Start::Lower | Start::Joining) || signs.omission {
            return false;
        }
        let before = Before::read(self.up_to(signs));
        if signs.strong {
            let goes_on = is_legal_form(next.word)
                || (self.rules.is_exclaimed(before.word) && !self.starts(next))
                || (signs.quoted && self.rules.attributes(next));
            return !goes_on;
        }
        match signs.dots {
            1 => self.stops_after(&before, next, signs.start),
            3 if signs.spaced => false, // words are left out; a fourth dot is the full stop
            _ => !self.leads(signs),
        }
    }

    /// The sentence so far, without these signs.
    fn up_to(&self, signs: &Signs) -> &'a str {
        &self.text[self.start..signs.start]
    }

    /// Whether an abbreviation that may end a sentence ends a line that isn't wrapped: `Harrow Ltd.`, one of many.
    pub(super) fn ends_own_line(&mut self, signs: &Signs, next: &Next<'_>, here: LineEnd<'_>) -> bool {
        let before = Before::read(self.up_to(signs));
        signs.dots == 1
            && self.rules.abbreviation(before.word, next) == Some(Abbreviation::Soft)
            && self.blocks.are_apart(here)
    }

    /// Whether an ellipsis begins what is said: it is the first of its sentence.
    fn leads(&self, ellipsis: &Signs) -> bool {
        let before = self.up_to(ellipsis).trim_end_matches([' ', '"', '“', '\'', '‘', '(']);
        before.is_empty() || before.ends_with(':')
    }

    /// Whether a full stop at `at` after a word ends the sentence.
    fn stops_after(&self, before: &Before<'_>, next: &Next<'_>, at: usize) -> bool {
        if before.is_rate() {
            return true;
        }
        // `א. ב. נהוראי`
        let is_initial = || is_uncased_letter(before.word) && next.is_uncased_initial();
        if next.start == Start::Uncased && (is_uncased_abbreviation(before.word) || is_initial()) {
            return false;
        }
        // `(Yes. 3 came.)` cites nothing
        let is_cited = before.is_cited(next) && !self.rules.is_starter(before.word);
        if is_cited || before.is_dateline(next) || times::is_day_of_date(before, next) {
            return false;
        }
        match self.rules.abbreviation(before.word, next) {
            // `10 د.` has no doctor
            Some(Abbreviation::Title) if is_uncased_letter(before.word) => {
                before.previous_word().ends_with(char::is_numeric)
            }
            Some(Abbreviation::Title | Abbreviation::Never) => false,
            Some(Abbreviation::Numbered) => next.start != Start::Digit && !before.numbers(next),
            Some(Abbreviation::Soft) => {
                self.begins_after(before, next)
                    && !self.rules.is_time_ahead(before)
                    && !blocks::is_in_capitals(self.text, at)
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

    /// Whether what comes next begins a sentence after an abbreviation that may end one.
    fn begins_after(&self, before: &Before<'_>, next: &Next<'_>) -> bool {
        let starts = self.starts(next) && !self.rules.goes_on_in_capitals(before, next);
        // `by Harrow Ltd. Harrow is owned`
        let names_again = || {
            next.start == Start::Upper
                && !next.bracketed
                && is_legal_form_of_any_land(before.word)
                && before.names(next.word)
        };
        starts || names_again() || self.rules.ends_with_time(before, next)
    }

    /// Whether what comes next begins a sentence even after an abbreviation.
    fn starts(&self, next: &Next<'_>) -> bool {
        match next.start {
            Start::Upper => self.rules.starts(next) || self.rules.tells(next) || next.is_said(),
            Start::Uncased => true,
            _ => false,
        }
    }

    /// Whether a sentence ends with these signs although no space follows.
    pub(super) fn ends_unspaced(&self, signs: &Signs) -> bool {
        let after = &self.text[signs.end..];
        if signs.full {
            return self.ends_full(signs, &Next::read(after));
        }
        let lost_space = signs.end == signs.start + 1 && after.starts_with(char::is_uppercase);
        lost_space && self.is_glued(signs, &Next::read(after))
    }

    /// Signs that need no space end no sentence within a title, `《…！…》`, and not when it is
    /// told on who spoke, `「…。」と`.
    fn ends_full(&self, signs: &Signs, next: &Next<'_>) -> bool {
        let title = last_token(self.up_to(signs)).rsplit('》').next();
        let spoken = signs.quoted && !next.quoted;
        next.start != Start::Joining && !spoken && !title.is_some_and(|t| t.contains('《'))
    }

    /// `left.The`, not `www.The`.
    fn is_glued(&self, stop: &Signs, next: &Next<'_>) -> bool {
        if !is_capitalised(next.word) {
            return false;
        }
        let before = last_token(self.up_to(stop));
        let is_prose = |c: char| c.is_lowercase() || c.is_ascii_digit() || c == ',';
        if before.len() > 1 && before.chars().all(is_prose) {
            next.after().starts_with([' ', ',', '’', '\'']) || self.rules.starts(next)
        } else {
            is_capitalised(before) && self.rules.starts(next)
        }
    }
}
