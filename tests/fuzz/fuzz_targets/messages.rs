//! Any message body: no panic, and what is announced names an object.
#![no_main]

#[path = "../promises.rs"]
mod promises;

libfuzzer_sys::fuzz_target!(|input: &[u8]| promises::messages(input));
