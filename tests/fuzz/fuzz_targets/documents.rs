//! Any object: no panic, and what is read stands in its text.
#![no_main]

#[path = "../promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|input: &[u8]| promises::documents(input));
