//! Whole numbers that come in as floats.

use std::fmt;

use serde::{
    Deserializer,
    de::{Error, Unexpected, Visitor},
};

/// A whole number, however it is written: tools that know only floats write `5.0`. Only for what Baton writes anew: whoever
/// reads what it keeps would have to know that too.
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    deserializer.deserialize_u64(Whole)
}

struct Whole;

impl Visitor<'_> for Whole {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As serde says it of integers.
        f.write_str("usize")
    }

    fn visit_u64<E: Error>(self, n: u64) -> Result<usize, E> {
        usize::try_from(n).map_err(|_| E::invalid_value(Unexpected::Unsigned(n), &self))
    }

    fn visit_i64<E: Error>(self, n: i64) -> Result<usize, E> {
        usize::try_from(n).map_err(|_| E::invalid_value(Unexpected::Signed(n), &self))
    }

    fn visit_f64<E: Error>(self, x: f64) -> Result<usize, E> {
        let is_whole = (0.0..usize::MAX as f64).contains(&x) && x.fract() == 0.0;
        if is_whole { Ok(x as usize) } else { Err(E::invalid_type(Unexpected::Float(x), &self)) }
    }
}
