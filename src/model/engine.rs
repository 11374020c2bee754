//! The threads that run the model, and the pool of sequences that they share.
//!
//! Every document puts its sequences into one pool; a thread takes the next ones up to its token budget,
//! whichever documents they are from. Documents take turns there, so a short one never waits for the whole of a long one. Nothing is padded, so packing needs no sorting, and since a sequence's
//! logits don't depend on its neighbours (see [`encoder`](super::encoder)), neither does a document's result.
//! What was asked before is not run again (see [`recall`](super::recall)).

use std::{
    collections::VecDeque,
    panic::AssertUnwindSafe,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Instant,
};

use candle_core::{Device, Tensor};
use tokio::sync::oneshot;

use super::{
    config::HeadKind,
    encoder::{Encoder, Forward, Sequence},
    first_line,
    logits::Logits,
    pace::Pace,
    recall::{Counts, Recall, Recalled},
};
use crate::{error::Failure, lock};

/// Tokens that a thread runs through the model at once. 128 to 256 measured alike (benches/RESULTS.md): enough
/// rows for every panel of weights that is loaded, few enough for the second-level cache.
const TOKEN_BUDGET: usize = 192;

/// A running model. Its threads end when it is dropped.
pub struct Engine {
    pool: Arc<Pool>,
    pace: Arc<Pace>,
}

#[derive(Default)]
struct Pool {
    state: Mutex<State>,
    filled: Condvar,
}

/// What callers ask for at once is short up to so many tokens: a document of 5 KB has some 1,600.
const SHORT: usize = 16 * TOKEN_BUDGET;

/// Tokens of short callers that run before those of long ones do, and the other way round. A long document has half of the
/// time at least, so what was promised to it stays true.
const QUANTUM: usize = 4 * TOKEN_BUDGET;

#[derive(Default)]
struct State {
    waiting: Waiting,
    recall: Recall<Place>,
    closed: bool,
}

/// Sequences that wait to be run, as they came: what was asked for by short callers, and by long ones. Who asks for what waits
/// already stands in line as well: it may be short, and the other long.
#[derive(Default)]
struct Waiting {
    lines: [VecDeque<Arc<Sequence>>; 2],
    /// The line whose turn it is, and the tokens that it has had.
    turn: usize,
    had: usize,
}

/// Where an answer goes: which request, which of its sequences.
struct Place {
    request: Arc<Mutex<Request>>,
    index: usize,
}

/// One caller's sequences: complete when nothing is missing.
struct Request {
    results: Vec<Option<Logits>>,
    missing: usize,
    done: Option<oneshot::Sender<Result<Vec<Logits>, Failure>>>,
}

impl Engine {
    /// Starts `threads` threads on the model.
    pub fn start(encoder: Encoder, threads: usize) -> Self {
        let (pool, encoder) = (Arc::new(Pool::default()), Arc::new(encoder));
        let pace = Arc::new(Pace::new(threads.max(1)));
        for _ in 0..threads.max(1) {
            let (pool, pace, encoder) = (pool.clone(), pace.clone(), encoder.clone());
            // The name tells the model's time from all other in `top -H`, and to benches/scale.py.
            let serve =
                thread::Builder::new().name("model".into()).spawn(move || pool.serve(&encoder, &pace));
            serve.expect("a thread can be started");
        }
        Engine { pool, pace }
    }

    /// How fast it is, and what it has promised.
    pub fn pace(&self) -> &Arc<Pace> {
        &self.pace
    }

    /// Keeps answers for those who will ask again, in that many bytes at most; none to begin with.
    pub fn keep(&self, most_bytes: usize) {
        lock(&self.pool.state).recall.keep_at_most(most_bytes);
    }

    /// How often it was asked since the last time that this was called.
    pub fn take_counts(&self) -> Counts {
        lock(&self.pool.state).recall.take_counts()
    }

    /// The logits of every sequence, in order.
    ///
    /// # Errors
    /// A Bug when the model can't run one of them; other callers' sequences are not touched.
    pub async fn run(&self, sequences: Vec<Sequence>) -> Result<Vec<Logits>, Failure> {
        if sequences.is_empty() {
            return Ok(Vec::new());
        }
        let (done, answer) = oneshot::channel();
        let request =
            Request { results: vec![None; sequences.len()], missing: sequences.len(), done: Some(done) };
        let request = Arc::new(Mutex::new(request));
        let (mut known, mut new) = (Vec::new(), Vec::new());
        {
            let mut state = lock(&self.pool.state);
            for (index, sequence) in sequences.into_iter().enumerate() {
                match state.recall.ask(sequence, Place { request: request.clone(), index }) {
                    Recalled::Known(logits, place) => known.push((place, logits)),
                    Recalled::Running => {}
                    Recalled::New(sequence) | Recalled::Waiting(sequence) => new.push(sequence),
                }
            }
            state.waiting.add(new);
        }
        self.pool.filled.notify_all();
        known.into_iter().for_each(|(place, logits)| place.answer(Ok(logits)));
        answer.await.unwrap_or_else(|_| Err(Failure::bug("the model's threads have ended")))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        lock(&self.pool.state).closed = true;
        self.pool.filled.notify_all();
    }
}

impl Pool {
    fn serve(&self, encoder: &Encoder, pace: &Pace) {
        while let Some(chunk) = self.next_chunk() {
            let begun = Instant::now();
            let tokens = chunk.iter().map(|sequence| sequence.ids.len()).sum();
            let ran = run_chunk(encoder, &chunk);
            if ran.is_ok() {
                pace.measured(tokens, begun.elapsed());
            }
            match ran {
                Ok(logits) => {
                    chunk.iter().zip(logits).for_each(|(sequence, logits)| self.answer(sequence, Ok(logits)))
                }
                // Which of them it was is not known: each is tried alone, and only its own document fails.
                Err(_) if chunk.len() > 1 => chunk.iter().for_each(|sequence| {
                    let alone = run_chunk(encoder, std::slice::from_ref(sequence));
                    self.answer(sequence, alone.map(|mut logits| logits.remove(0)));
                }),
                Err(failure) => chunk.iter().for_each(|sequence| self.answer(sequence, Err(failure.clone()))),
            }
        }
    }

    /// Tells all who asked.
    fn answer(&self, sequence: &Arc<Sequence>, result: Result<Logits, Failure>) {
        let places = lock(&self.state).recall.settle(sequence, result.as_ref().ok());
        places.into_iter().for_each(|place| place.answer(result.clone()));
    }

    /// Waits for work; None when there will be no more.
    fn next_chunk(&self) -> Option<Vec<Arc<Sequence>>> {
        let mut state = lock(&self.state);
        loop {
            state.forget_abandoned();
            if !state.waiting.is_empty() {
                return Some(state.take_chunk());
            }
            if state.closed {
                return None;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl State {
    /// Drops what comes next as long as nobody wants it: it runs for somebody else already, or its caller went away (its
    /// document was given up).
    fn forget_abandoned(&mut self) {
        while let Some(next) = self.waiting.next() {
            let wanted = self.recall.waiting(next).iter().any(|place| !lock(&place.request).is_abandoned());
            if wanted {
                return;
            }
            if let Some(sequence) = self.waiting.drop_next()
                && !self.recall.is_running(&sequence)
            {
                self.recall.settle(&sequence, None);
            }
        }
    }

    fn take_chunk(&mut self) -> Vec<Arc<Sequence>> {
        let mut tokens = 0;
        let mut chunk = Vec::new();
        while let Some(next) = self.waiting.next() {
            tokens += next.ids.len();
            if tokens > TOKEN_BUDGET && !chunk.is_empty() {
                break;
            }
            if let Some(sequence) = self.waiting.take() {
                self.recall.run(&sequence);
                chunk.push(sequence);
            }
            self.forget_abandoned();
        }
        chunk
    }
}

impl Waiting {
    /// What a caller asks for, without what has an answer or is being run.
    fn add(&mut self, asked: Vec<Arc<Sequence>>) {
        let tokens: usize = asked.iter().map(|sequence| sequence.ids.len()).sum();
        self.lines[usize::from(tokens > SHORT)].extend(asked);
    }

    fn is_empty(&self) -> bool {
        self.lines.iter().all(VecDeque::is_empty)
    }

    /// The line whose turn it is; the other where it is empty, or has had its quantum and the other isn't empty.
    fn line(&self) -> usize {
        let other = 1 - self.turn;
        let gives_way = self.had >= QUANTUM || self.lines[self.turn].is_empty();
        if gives_way && !self.lines[other].is_empty() { other } else { self.turn }
    }

    fn next(&self) -> Option<&Arc<Sequence>> {
        self.lines[self.line()].front()
    }

    /// Takes the next sequence away, which isn't run: its line has had nothing.
    fn drop_next(&mut self) -> Option<Arc<Sequence>> {
        let line = self.line();
        self.lines[line].pop_front()
    }

    /// Takes the next sequence to be run.
    fn take(&mut self) -> Option<Arc<Sequence>> {
        let line = self.line();
        let sequence = self.lines[line].pop_front()?;
        let had = if line == self.turn { self.had } else { 0 };
        (self.turn, self.had) = (line, had + sequence.ids.len());
        Some(sequence)
    }
}

fn run_chunk(encoder: &Encoder, chunk: &[Arc<Sequence>]) -> Result<Vec<Logits>, Failure> {
    let lengths: Vec<usize> = chunk.iter().map(|sequence| sequence.ids.len()).collect();
    let ids: Vec<u32> = chunk.iter().flat_map(|sequence| sequence.ids.iter().copied()).collect();
    let types: Vec<u32> = chunk.iter().flat_map(|sequence| sequence.types.iter().copied()).collect();
    let forward = Forward { encoder, types: &types, lengths: &lengths };
    let run = || -> candle_core::Result<Vec<f32>> {
        let ids = Tensor::from_vec(ids, lengths.iter().sum::<usize>(), &Device::Cpu)?;
        ids.apply_op1_no_bwd(&forward)?.flatten_all()?.to_vec1()
    };
    let values = std::panic::catch_unwind(AssertUnwindSafe(run))
        .map_err(|_| Failure::bug("the model panicked"))?
        .map_err(|e| Failure::bug(format!("the model can't run: {}", first_line(&e))))?;
    if values.iter().any(|value| !value.is_finite()) {
        return Err(Failure::bug(
            "the model answers with what is no number (NaN or infinity): its weights are damaged, or its training \
             came to nothing; put one that works in its place",
        ));
    }
    let labels = encoder.config().labels.len();
    let per_token = encoder.config().head == HeadKind::Token;
    let mut values = values.into_iter();
    let logits = lengths.iter().map(|&length| {
        let rows = if per_token { length } else { 1 };
        Logits::new(labels, values.by_ref().take(rows * labels).collect())
    });
    Ok(logits.collect())
}

impl Place {
    fn answer(self, result: Result<Logits, Failure>) {
        let mut request = lock(&self.request);
        match result {
            Ok(logits) => {
                request.results[self.index] = Some(logits);
                request.missing -= 1;
                if request.missing == 0 {
                    let results = std::mem::take(&mut request.results).into_iter().flatten().collect();
                    request.answer(Ok(results));
                }
            }
            Err(failure) => request.answer(Err(failure)),
        }
    }
}

impl Request {
    fn answer(&mut self, result: Result<Vec<Logits>, Failure>) {
        if let Some(done) = self.done.take() {
            // The receiver is gone when its document was given up meanwhile: nobody is left to tell.
            let _ = done.send(result);
        }
    }

    fn is_abandoned(&self) -> bool {
        self.done.as_ref().is_none_or(|done| done.is_closed())
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

    #[test]
    fn a_short_caller_that_asks_for_what_waits_in_a_long_one_s_line_has_it_in_its_turn_and_it_runs_once() {
        let (mut state, mut answers) = (State::default(), Vec::new());
        let mut ask = |state: &mut State, ids: std::ops::Range<u32>| {
            let (done, answer) = oneshot::channel();
            answers.push(answer);
            let request = Request { results: Vec::new(), missing: 1, done: Some(done) };
            let request = Arc::new(Mutex::new(request));
            let asked = ids.filter_map(|id| {
                let sequence = Sequence { ids: vec![id; 24], types: vec![0; 24] };
                match state.recall.ask(sequence, Place { request: request.clone(), index: 0 }) {
                    Recalled::New(sequence) | Recalled::Waiting(sequence) => Some(sequence),
                    Recalled::Known(..) | Recalled::Running => None,
                }
            });
            let asked: Vec<_> = asked.collect();
            state.waiting.add(asked);
        };
        ask(&mut state, 0..200);
        ask(&mut state, 199..201);
        let mut ran = Vec::new();
        while !state.waiting.is_empty() {
            ran.extend(state.take_chunk().iter().map(|sequence| sequence.ids[0]));
        }
        assert_eq!(ran[..2], [199, 200]);
        ran.sort_unstable();
        assert_eq!(ran, (0..201).collect::<Vec<_>>());
    }

    #[test]
    fn a_sequence_longer_than_the_budget_runs_alone() {
        let mut state = State::default();
        state.waiting.add(asked(1, 2, TOKEN_BUDGET + 1));
        assert_eq!(state.take_chunk().len(), 1);
    }
}
