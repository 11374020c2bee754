//! How Baton is run, a file each.

pub mod lambda;
pub mod local;
