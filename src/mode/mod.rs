//! How Baton is run, a file each.

pub mod classify;
pub mod doctor;
mod findings;
pub mod lambda;
mod line;
pub mod local;
mod patience;
mod progress;
pub mod replay;
pub mod report;
mod signals;
mod start;
pub mod worker;
