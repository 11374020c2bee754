//! Scores as they are written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A number of four decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
pub struct Score(f64);

impl Score {
    /// Rounds to four decimals; the one place where a score is rounded.
    pub fn new(x: f64) -> Self {
        let rounded = (x * 1e4).round() / 1e4;
        // Not minus zero, which would be written `-0.0`.
        Score(rounded + 0.0)
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}
