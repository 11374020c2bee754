//! How Baton is run, a file each.

pub mod classify;
pub mod doctor;
pub mod lambda;
pub mod local;
pub mod replay;
pub mod worker;

mod progress;
mod signals;
mod start;
