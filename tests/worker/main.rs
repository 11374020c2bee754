//! What a worker does around its documents: it receives ahead, keeps hidden what it has in hand, deletes what is done,
//! and gives back the rest. What becomes of a document is in `tests/deliveries`, for Lambda and workers alike.

#[path = "../support/mod.rs"]
mod support;

mod consumer;
mod faults;
mod process;
