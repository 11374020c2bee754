//! The threads that run the model, and the pool of sequences that they share.
//!
//! Every document puts its sequences into one pool; a thread takes the next ones up to its token budget,
//! whichever documents they are from. Documents take turns there (see [`waiting`](super::waiting)). Nothing is padded, so packing needs no sorting, and since a sequence's
//! logits don't depend on its neighbours (see [`encoder`](super::encoder)), neither does a document's result.
//! What was asked before is not run again (see [`recall`](super::recall)).

use std::{
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
    waiting::{TOKEN_BUDGET, Waiting},
};
use crate::{error::Failure, lock};

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

#[derive(Default)]
struct State {
    waiting: Waiting,
    recall: Recall<Place>,
    closed: bool,
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
        let sequence = Sequence { ids: vec![1; TOKEN_BUDGET + 1], types: vec![0; TOKEN_BUDGET + 1] };
        state.waiting.add(vec![Arc::new(sequence.clone()), Arc::new(sequence)]);
        assert_eq!(state.take_chunk().len(), 1);
    }
}
