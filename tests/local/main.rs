//! `baton local` through the binary: what a person runs, sees and finds on disk.

#[path = "../support/mod.rs"]
mod support;

mod again;
mod architectures;
mod fields;
mod inputs;
mod memory;
mod pipeline_file;
mod same_bytes;
mod status;
mod summary;
