//! What the end-to-end tests stand on: real protocols over loopback, nothing shared between tests.
//!
//! - [`ministack`] starts an emulator of AWS for one test; [`s3`], [`sqs`] and [`lambda`] talk to it.
//! - [`runtime_api`] is a Lambda Runtime API of our own: it runs the real `bootstrap`, without the emulator's poller, where a test is about one answer and not about delivery.
//! - [`stage`] is a stage on ports in memory, for what servers can't be made to do.
//! - [`deployment`] is a stage with its buckets, queue and variables on both; [`local`] runs `baton` as a person
//!   does; [`document`] checks what must hold of every enriched document.
//! - [`running`] is a process beside a test, watched and signalled.
//! - [`driven`] is a stage that gets its messages from a queue, by Lambda or as a worker, so that one set of tests
//!   holds both to the same; [`worker`] is the process of the latter.
//! - [`sent`] takes SQS's place where a test is about what is sent, to the last attribute.
//! - [`zip`] packs a function, [`event`] writes the SQS events that Lambda would send.
//!
//! A helper that can't do what it was asked panics with what the other side said: a test never has to ask.

// Each test binary compiles the whole module and uses only its part of it.
#![allow(dead_code)]

pub mod deployment;
pub mod document;
pub mod driven;
pub mod event;
pub mod http;
pub mod lambda;
pub mod local;
pub mod ministack;
pub mod otlp;
pub mod process;
pub mod running;
pub mod runtime_api;
mod runtime_server;
pub mod s3;
pub mod sent;
pub mod sqs;
pub mod stage;
pub mod worker;
pub mod zip;

use std::thread;
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(25);

/// Asks `probe` again and again until it is `Ok`; panics with its last `Err` when `within` is over.
#[track_caller]
pub fn wait_for<T>(what: &str, within: Duration, mut probe: impl FnMut() -> Result<T, String>) -> T {
    let start = Instant::now();
    loop {
        match probe() {
            Ok(value) => return value,
            Err(seen) if start.elapsed() > within => {
                panic!("waited {within:?} for {what}; last seen: {seen}")
            }
            Err(_) => thread::sleep(POLL),
        }
    }
}
