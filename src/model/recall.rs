//! What the model has said, and what it is being asked right now. Syndicated news comes many times over: the same
//! sentence about the same name is run once, whoever asks, and a bounded cache keeps its answer in a warm process.
//! An answer depends on nothing but its sequence, so where it comes from never shows in a result.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::RandomState,
    sync::Arc,
};

use lru::LruCache;

use super::{encoder::Sequence, logits::Logits};

/// The answers that are known, and who waits for those that aren't. `W` is one waiting caller's place.
pub struct Recall<W> {
    known: LruCache<Arc<Sequence>, Logits, RandomState>,
    /// Of the known answers.
    bytes: usize,
    most_bytes: usize,
    asked: HashMap<Arc<Sequence>, Asked<W>>,
    counts: Counts,
}

/// What has no answer yet.
struct Asked<W> {
    waiting: Vec<W>,
    is_running: bool,
}

/// How often the model was asked, since it was last looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sequences that callers asked about.
    pub asked: usize,
    /// Those of them that it didn't run, because it had already or was about to.
    pub recalled: usize,
}

/// What a question leads to.
pub enum Recalled<W> {
    /// It was answered before.
    Known(Logits, W),
    /// It is being run for somebody else: the caller will get the answer too.
    Running,
    /// Somebody else asked it, and it doesn't run yet: whoever's turn comes first has it run for both.
    Waiting(Arc<Sequence>),
    /// It is to be run.
    New(Arc<Sequence>),
}

impl<W> Recall<W> {
    /// Keeps that many bytes of answers; with none, only questions that are asked at the same time are one.
    pub fn keep_at_most(&mut self, bytes: usize) {
        self.most_bytes = bytes;
        self.forget();
    }

    /// Asks about a sequence, on behalf of `waiter`.
    pub fn ask(&mut self, sequence: Sequence, waiter: W) -> Recalled<W> {
        self.counts.asked += 1;
        self.counts.recalled += 1;
        if let Some(logits) = self.known.get(&sequence) {
            return Recalled::Known(logits.clone(), waiter);
        }
        match self.asked.entry(Arc::new(sequence)) {
            Entry::Occupied(mut waiting) => {
                let sequence = waiting.key().clone();
                let asked = waiting.get_mut();
                asked.waiting.push(waiter);
                if asked.is_running { Recalled::Running } else { Recalled::Waiting(sequence) }
            }
            Entry::Vacant(place) => {
                self.counts.recalled -= 1;
                let sequence = place.key().clone();
                place.insert(Asked { waiting: vec![waiter], is_running: false });
                Recalled::New(sequence)
            }
        }
    }

    /// Who waits for a sequence to be run.
    pub fn waiting(&self, sequence: &Sequence) -> &[W] {
        let asked = self.asked.get(sequence).filter(|asked| !asked.is_running);
        asked.map_or(&[], |asked| &asked.waiting)
    }

    /// Notes that a sequence is run from now on.
    pub fn run(&mut self, sequence: &Sequence) {
        self.asked.get_mut(sequence).into_iter().for_each(|asked| asked.is_running = true);
    }

    /// Whether a sequence is being run.
    pub fn is_running(&self, sequence: &Sequence) -> bool {
        self.asked.get(sequence).is_some_and(|asked| asked.is_running)
    }

    /// Takes the question back, with those who wait for it; an answer is kept for those who will ask again.
    pub fn settle(&mut self, sequence: &Arc<Sequence>, answer: Option<&Logits>) -> Vec<W> {
        if let Some(logits) = answer {
            self.keep(sequence.clone(), logits.clone());
        }
        self.asked.remove(sequence).map(|asked| asked.waiting).unwrap_or_default()
    }

    /// How often it was asked since the last time that this was called.
    pub fn take_counts(&mut self) -> Counts {
        std::mem::take(&mut self.counts)
    }

    fn keep(&mut self, sequence: Arc<Sequence>, logits: Logits) {
        self.bytes += size(&sequence, &logits);
        if let Some((sequence, logits)) = self.known.push(sequence, logits) {
            self.bytes -= size(&sequence, &logits);
        }
        self.forget();
    }

    fn forget(&mut self) {
        while self.bytes > self.most_bytes {
            let Some((sequence, logits)) = self.known.pop_lru() else { return };
            self.bytes -= size(&sequence, &logits);
        }
    }
}

impl<W> Default for Recall<W> {
    fn default() -> Self {
        let known = LruCache::unbounded_with_hasher(RandomState::new());
        Recall { known, bytes: 0, most_bytes: 0, asked: HashMap::new(), counts: Counts::default() }
    }
}

/// About what an answer takes in memory, the maps' own parts included.
fn size(sequence: &Sequence, logits: &Logits) -> usize {
    const ENTRY: usize = 200;
    ENTRY + size_of::<u32>() * (sequence.ids.len() + sequence.types.len()) + size_of::<f32>() * logits.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequence(id: u32) -> Sequence {
        Sequence { ids: vec![id; 40], types: vec![0; 40] }
    }

    fn answered(recall: &mut Recall<u32>, id: u32) {
        match recall.ask(sequence(id), 0) {
            Recalled::New(asked) => drop(recall.settle(&asked, Some(&Logits::new(3, vec![id as f32; 3])))),
            _ => panic!("{id} was asked before"),
        }
    }

    #[test]
    fn a_question_that_is_being_asked_is_one_and_all_who_ask_are_named() {
        let mut recall = Recall::default();
        let Recalled::New(asked) = recall.ask(sequence(1), "first") else { panic!("it is new") };
        assert!(matches!(recall.ask(sequence(1), "second"), Recalled::Waiting(_)));
        assert_eq!(recall.waiting(&asked), ["first", "second"]);
        recall.run(&asked);
        assert!(matches!(recall.ask(sequence(1), "third"), Recalled::Running) && recall.is_running(&asked));
        assert!(recall.waiting(&asked).is_empty(), "it runs");
        assert_eq!(recall.settle(&asked, None), ["first", "second", "third"]);
        assert!(matches!(recall.ask(sequence(1), "fourth"), Recalled::New(_)), "it had no answer");
        assert_eq!(recall.take_counts(), Counts { asked: 4, recalled: 2 });
        assert_eq!(recall.take_counts(), Counts::default());
    }

    #[test]
    fn the_cache_is_bounded_in_bytes_and_forgets_what_was_asked_longest_ago() {
        let one = size(&sequence(0), &Logits::new(3, vec![0.0; 3]));
        let mut recall = Recall::default();
        recall.keep_at_most(2 * one);
        (1..=2).for_each(|id| answered(&mut recall, id));
        assert!(
            matches!(recall.ask(sequence(1), 0), Recalled::Known(logits, _) if logits.rows().next() == Some(&[1.0; 3]))
        );
        answered(&mut recall, 3);
        assert!(matches!(recall.ask(sequence(1), 0), Recalled::Known(..)));
        assert!(matches!(recall.ask(sequence(2), 0), Recalled::New(_)), "2 was asked longest ago");
        assert!(recall.bytes <= 2 * one);
    }
}
