//! The threads that run the model, and the pool of sequences that they share.
//!
//! Every document puts its sequences into one pool; a thread takes the next ones up to its token budget,
//! whichever documents they are from. Nothing is padded, so packing needs no sorting, and since a sequence's
//! logits don't depend on its neighbours (see [`encoder`](super::encoder)), neither does a document's result.

use std::{
    collections::VecDeque,
    panic::AssertUnwindSafe,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Instant,
};

use candle_core::{Device, Tensor};
use tokio::sync::oneshot;

use super::{
    encoder::{Encoder, Forward, Sequence},
    pace::Pace,
};
use crate::error::Failure;

/// Tokens that a thread runs through the model at once. 128 to 256 measured alike (benches/RESULTS.md): enough
/// rows for every panel of weights that is loaded, few enough for the second-level cache.
const TOKEN_BUDGET: usize = 192;

/// The logits of one sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Logits {
    labels: usize,
    values: Vec<f32>,
}

impl Logits {
    /// A row for the sequence, or one for each of its tokens.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.labels)
    }
}

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
    waiting: VecDeque<Job>,
    closed: bool,
}

struct Job {
    sequence: Sequence,
    index: usize,
    request: Arc<Mutex<Request>>,
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
            thread::spawn(move || pool.serve(&encoder, &pace));
        }
        Engine { pool, pace }
    }

    /// How fast it is, and what it has promised.
    pub fn pace(&self) -> &Arc<Pace> {
        &self.pace
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
        let jobs = sequences.into_iter().enumerate();
        let jobs = jobs.map(|(index, sequence)| Job { sequence, index, request: request.clone() });
        lock(&self.pool.state).waiting.extend(jobs);
        self.pool.filled.notify_all();
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
            let tokens = chunk.iter().map(|job| job.sequence.ids.len()).sum();
            let ran = run_chunk(encoder, &chunk);
            pace.measured(tokens, begun.elapsed());
            match ran {
                Ok(logits) => chunk.into_iter().zip(logits).for_each(|(job, logits)| job.finish(Ok(logits))),
                // Which of them it was is not known: each is tried alone, and only its own document fails.
                Err(_) if chunk.len() > 1 => chunk.into_iter().for_each(|job| {
                    let alone = run_chunk(encoder, std::slice::from_ref(&job));
                    job.finish(alone.map(|mut logits| logits.remove(0)));
                }),
                Err(failure) => chunk.into_iter().for_each(|job| job.finish(Err(failure.clone()))),
            }
        }
    }

    /// Waits for work; None when there will be no more.
    fn next_chunk(&self) -> Option<Vec<Job>> {
        let mut state = lock(&self.state);
        loop {
            // A caller that went away (its document was given up) wants no answer.
            while state.waiting.front().is_some_and(|job| lock(&job.request).is_abandoned()) {
                state.waiting.pop_front();
            }
            if !state.waiting.is_empty() {
                return Some(take_chunk(&mut state.waiting));
            }
            if state.closed {
                return None;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn take_chunk(waiting: &mut VecDeque<Job>) -> Vec<Job> {
    let mut tokens = 0;
    let mut chunk = Vec::new();
    while let Some(job) = waiting.front() {
        tokens += job.sequence.ids.len();
        if tokens > TOKEN_BUDGET && !chunk.is_empty() {
            break;
        }
        chunk.extend(waiting.pop_front());
    }
    chunk
}

fn run_chunk(encoder: &Encoder, chunk: &[Job]) -> Result<Vec<Logits>, Failure> {
    let lengths: Vec<usize> = chunk.iter().map(|job| job.sequence.ids.len()).collect();
    let ids: Vec<u32> = chunk.iter().flat_map(|job| job.sequence.ids.iter().copied()).collect();
    let types: Vec<u32> = chunk.iter().flat_map(|job| job.sequence.types.iter().copied()).collect();
    let forward = Forward { encoder, types: &types, lengths: &lengths };
    let run = || -> candle_core::Result<Vec<f32>> {
        let ids = Tensor::from_vec(ids, lengths.iter().sum::<usize>(), &Device::Cpu)?;
        ids.apply_op1_no_bwd(&forward)?.flatten_all()?.to_vec1()
    };
    let values = std::panic::catch_unwind(AssertUnwindSafe(run))
        .map_err(|_| Failure::bug("the model panicked"))?
        .map_err(|e| Failure::bug(format!("the model can't run: {e}")))?;
    let (labels, rows) = (encoder.config().labels.len(), values.len() / encoder.config().labels.len());
    let per_token = rows == lengths.iter().sum::<usize>();
    let mut values = values.into_iter();
    let logits = lengths.iter().map(|&length| {
        let rows = if per_token { length } else { 1 };
        Logits { labels, values: values.by_ref().take(rows * labels).collect() }
    });
    Ok(logits.collect())
}

impl Job {
    fn finish(self, result: Result<Logits, Failure>) {
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

/// A panic never happens with the lock held (it covers no model code), so a poisoned lock is sound to enter.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
