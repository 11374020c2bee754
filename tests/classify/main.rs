//! Any classifier of the user's own: the task `classify`, what baton.json says of a model, and `baton classify`.

#[path = "../support/mod.rs"]
mod support;

mod ask;
mod damaged;
mod description;
mod models;
mod stage;
