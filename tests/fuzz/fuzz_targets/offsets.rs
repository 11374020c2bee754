//! Any text with any claims in any unit: no panic, and what is accepted counts right.
#![no_main]

#[path = "../promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|input: &[u8]| promises::offsets(input));
