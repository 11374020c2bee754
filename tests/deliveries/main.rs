//! What queues and processes do to a stage that runs for real: messages come twice, late, or to two processes at
//! once; processes die; there is too little time. Nothing is lost, and nothing wrong is written.

#[path = "../support/mod.rs"]
mod support;

mod again;
mod both;
mod killed;
mod late;
mod meanwhile;
mod round;
