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

/// Tokens of one caller that run before the next caller's do. Most documents have few times as many: they end one after the
/// other, and what comes next is fetched while others run.
const QUANTUM: usize = 4 * TOKEN_BUDGET;

#[derive(Default)]
struct State {
    waiting: Waiting,
    recall: Recall<Place>,
    closed: bool,
}

/// Sequences that wait to be run, each caller's in order. None of the callers has none.
#[derive(Default)]
struct Waiting {
    callers: VecDeque<VecDeque<Arc<Sequence>>>,
    /// Tokens that the first caller has had since it is the first.
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
        let (mut known, mut new) = (Vec::new(), VecDeque::new());
        {
            let mut state = lock(&self.pool.state);
            for (index, sequence) in sequences.into_iter().enumerate() {
                match state.recall.ask(sequence, Place { request: request.clone(), index }) {
                    Recalled::Known(logits, place) => known.push((place, logits)),
                    Recalled::Asked => {}
                    Recalled::New(sequence) => new.push_back(sequence),
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
                return Some(state.waiting.take_chunk());
            }
            if state.closed {
                return None;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl State {
    /// Drops what comes next as long as nobody wants it: a caller that went away (its document was given up) wants
    /// no answer.
    fn forget_abandoned(&mut self) {
        while let Some(next) = self.waiting.next() {
            if !self.recall.waiting(next).iter().all(|place| lock(&place.request).is_abandoned()) {
                return;
            }
            if let Some(sequence) = self.waiting.take() {
                self.recall.settle(&sequence, None);
            }
        }
    }
}

impl Waiting {
    fn add(&mut self, caller: VecDeque<Arc<Sequence>>) {
        if !caller.is_empty() {
            self.callers.push_back(caller);
        }
    }

    fn is_empty(&self) -> bool {
        self.callers.is_empty()
    }

    fn next(&self) -> Option<&Arc<Sequence>> {
        self.callers.front()?.front()
    }

    /// Takes the next sequence. Who has had a quantum, and wants more, goes behind all others.
    fn take(&mut self) -> Option<Arc<Sequence>> {
        let first = self.callers.front_mut()?;
        let sequence = first.pop_front()?;
        self.had += sequence.ids.len();
        if first.is_empty() {
            self.callers.pop_front();
            self.had = 0;
        } else if self.had >= QUANTUM {
            self.callers.rotate_left(1);
            self.had = 0;
        }
        Some(sequence)
    }

    fn take_chunk(&mut self) -> Vec<Arc<Sequence>> {
        let mut tokens = 0;
        let mut chunk = Vec::new();
        while let Some(next) = self.next() {
            tokens += next.ids.len();
            if tokens > TOKEN_BUDGET && !chunk.is_empty() {
                break;
            }
            chunk.extend(self.take());
        }
        chunk
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

    fn caller(name: u32, sequences: usize, tokens: usize) -> VecDeque<Arc<Sequence>> {
        let sequence = Sequence { ids: vec![name; tokens], types: vec![0; tokens] };
        (0..sequences).map(|_| Arc::new(sequence.clone())).collect()
    }

    #[test]
    fn callers_take_turns_of_a_quantum_and_short_ones_end_before_long_ones() {
        let mut waiting = Waiting::default();
        waiting.add(caller(1, 1_000, 24));
        waiting.add(VecDeque::new());
        waiting.add(caller(2, 5, 24));
        waiting.add(caller(3, 40, 24));
        let mut ran = Vec::new();
        while !waiting.is_empty() {
            let chunk = waiting.take_chunk();
            assert!((1..=TOKEN_BUDGET / 24).contains(&chunk.len()));
            ran.extend(chunk.iter().map(|sequence| sequence.ids[0]));
        }
        let turns: Vec<_> = ran.chunk_by(|a, b| a == b).map(|turn| (turn[0], turn.len())).collect();
        let quantum = QUANTUM / 24;
        assert_eq!(turns[..5], [(1, quantum), (2, 5), (3, quantum), (1, quantum), (3, 40 - quantum)]);
        assert_eq!((turns.len(), ran.len()), (6, 1_045));
    }

    #[test]
    fn a_sequence_longer_than_the_budget_runs_alone() {
        let mut waiting = Waiting::default();
        waiting.add(caller(1, 2, TOKEN_BUDGET + 1));
        assert_eq!([waiting.take_chunk().len(), waiting.take_chunk().len()], [1, 1]);
        assert!(waiting.is_empty() && waiting.take_chunk().is_empty());
    }
}
