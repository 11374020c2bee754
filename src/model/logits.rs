//! What a model says, before and after it is made probabilities.

/// The logits of one sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Logits {
    labels: usize,
    values: Vec<f32>,
}

impl Logits {
    pub(super) fn new(labels: usize, values: Vec<f32>) -> Self {
        Logits { labels, values }
    }

    /// A row for the sequence, or one for each of its tokens.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.labels)
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }
}

/// Logits → probabilities, which add up to one.
pub fn softmax(logits: &[f32]) -> Vec<f64> {
    let greatest = logits.iter().copied().fold(f32::MIN, f32::max);
    let exponentials: Vec<f64> = logits.iter().map(|x| f64::from(x - greatest).exp()).collect();
    let sum: f64 = exponentials.iter().sum();
    exponentials.into_iter().map(|e| e / sum).collect()
}

/// The index of the greatest number; the first of equals.
pub fn argmax(values: &[f64]) -> usize {
    let mut best = 0;
    for (i, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = i;
        }
    }
    best
}
