//! Any text in any language, with any protected ranges: no panic, and nothing is lost.
#![no_main]

#[path = "../promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|input: &[u8]| promises::sentences(input));
