//! What waits for the model, and whose turn it is: a short document never waits for the whole of a long one, and a long one
//! keeps half of the time.

use std::{collections::VecDeque, sync::Arc};

use super::encoder::Sequence;

/// Tokens that a thread runs through the model at once. 128 to 256 measured alike (benches/RESULTS.md): enough
/// rows for every panel of weights that is loaded, few enough for the second-level cache.
pub const TOKEN_BUDGET: usize = 192;

/// What callers ask for at once is short up to so many tokens: a document of 5 KB has some 1,600.
const SHORT: usize = 16 * TOKEN_BUDGET;

/// Tokens of short callers that run before those of long ones do, and the other way round. A long document has half of the
/// time at least, so what was promised to it stays true.
const QUANTUM: usize = 4 * TOKEN_BUDGET;

/// Sequences that wait to be run, as they came: what was asked for by short callers, and by long ones. Who asks for what waits
/// already stands in line as well: it may be short, and the other long.
#[derive(Default)]
pub struct Waiting {
    lines: [VecDeque<Arc<Sequence>>; 2],
    /// The line whose turn it is, and the tokens that it has had.
    turn: usize,
    had: usize,
}

impl Waiting {
    /// What a caller asks for, without what has an answer or is being run.
    pub fn add(&mut self, asked: Vec<Arc<Sequence>>) {
        let tokens: usize = asked.iter().map(|sequence| sequence.ids.len()).sum();
        self.lines[usize::from(tokens > SHORT)].extend(asked);
    }

    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(VecDeque::is_empty)
    }

    /// The line whose turn it is; the other where it is empty, or has had its quantum and the other isn't empty.
    fn line(&self) -> usize {
        let other = 1 - self.turn;
        let gives_way = self.had >= QUANTUM || self.lines[self.turn].is_empty();
        if gives_way && !self.lines[other].is_empty() { other } else { self.turn }
    }

    pub fn next(&self) -> Option<&Arc<Sequence>> {
        self.lines[self.line()].front()
    }

    /// Takes the next sequence away, which isn't run: its line has had nothing.
    pub fn drop_next(&mut self) -> Option<Arc<Sequence>> {
        let line = self.line();
        self.lines[line].pop_front()
    }

    /// Takes the next sequence to be run.
    pub fn take(&mut self) -> Option<Arc<Sequence>> {
        let line = self.line();
        let sequence = self.lines[line].pop_front()?;
        let had = if line == self.turn { self.had } else { 0 };
        (self.turn, self.had) = (line, had + sequence.ids.len());
        Some(sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: u32, sequences: usize, tokens: usize) -> Vec<Arc<Sequence>> {
        let sequence = Sequence { ids: vec![name; tokens], types: vec![0; tokens] };
        (0..sequences).map(|_| Arc::new(sequence.clone())).collect()
    }

    /// Which callers run, and how many sequences of each in a row.
    fn turns(mut waiting: Waiting) -> Vec<(u32, usize)> {
        let ran: Vec<u32> = std::iter::from_fn(|| waiting.take()).map(|sequence| sequence.ids[0]).collect();
        assert!(waiting.is_empty());
        ran.chunk_by(|a, b| a == b).map(|turn| (turn[0], turn.len())).collect()
    }

    #[test]
    fn short_callers_end_one_after_the_other_and_take_turns_with_long_ones() {
        let (quantum, short) = (QUANTUM / 24, SHORT / 24);
        let mut waiting = Waiting::default();
        waiting.add(asked(1, 1_000, 24));
        waiting.add(Vec::new());
        waiting.add(asked(2, 5, 24));
        waiting.add(asked(3, short, 24));
        waiting.add(asked(4, 200, 24));
        let turns = turns(waiting);
        assert_eq!(turns[..5], [(2, 5), (3, quantum - 5), (1, quantum), (3, quantum), (1, quantum)]);
        assert_eq!(turns[turns.len() - 1], (4, 200), "what is long is run as it came");
        assert!(turns[..turns.len() - 2].iter().all(|(_, count)| *count <= quantum), "{turns:?}");
    }

    #[test]
    fn what_only_one_line_has_is_run_as_it_came() {
        for count in [1, 1_000] {
            let mut waiting = Waiting::default();
            waiting.add(asked(1, count, 24));
            waiting.add(asked(2, count, 24));
            assert_eq!(turns(waiting), [(1, count), (2, count)]);
        }
    }
}
