//! Whether a worker is alive, and whether it is ready: what a platform asks before it restarts it or counts on it.

use std::{
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use crate::lock;

/// How long a start may take before the worker says that it is not alive: a model comes over a slow network, say.
const START: Duration = Duration::from_secs(15 * 60);

/// How long no poll may succeed before it says so: several long polls and their retries.
const PATIENCE: Duration = Duration::from_secs(180);

/// How a worker fares.
#[derive(Debug, Default)]
pub struct Health(Mutex<State>);

#[derive(Debug)]
enum State {
    /// It loads its model, since then.
    Starting { since: Instant },
    /// It polls, and the last time that this worked, or began, was then.
    Polling { since: Instant, once: bool },
    /// It has its hands full, and needs no poll.
    Full,
    /// It was told to stop, and finishes what it has.
    Stopping,
}

impl Default for State {
    fn default() -> Self {
        State::Starting { since: Instant::now() }
    }
}

impl Health {
    /// It asks for messages; `succeeded` says that an answer has come.
    pub fn polling(&self, succeeded: bool) {
        let mut state = self.state();
        let next = match *state {
            State::Polling { since, once } if !succeeded => State::Polling { since, once },
            State::Stopping => State::Stopping,
            State::Starting { .. } => State::Polling { since: Instant::now(), once: succeeded },
            _ => State::Polling { since: Instant::now(), once: true },
        };
        *state = next;
    }

    /// Whether no poll has succeeded yet.
    pub fn is_new(&self) -> bool {
        matches!(*self.state(), State::Starting { .. } | State::Polling { once: false, .. })
    }

    /// It has all the messages that it wants.
    pub fn full(&self) {
        let mut state = self.state();
        if !matches!(*state, State::Stopping) {
            *state = State::Full;
        }
    }

    /// It ends.
    pub fn stopping(&self) {
        *self.state() = State::Stopping;
    }

    /// Whether a restart would be of no use.
    ///
    /// # Errors
    /// Why one would be.
    pub fn alive(&self) -> Result<(), String> {
        match *self.state() {
            State::Starting { since } if since.elapsed() > START => {
                Err(format!("the model has been loading for {} s", since.elapsed().as_secs()))
            }
            State::Polling { since, .. } if since.elapsed() > PATIENCE => {
                Err(format!("no poll has succeeded for {} s (the log says why)", since.elapsed().as_secs()))
            }
            _ => Ok(()),
        }
    }

    /// Whether it takes messages and works on them.
    ///
    /// # Errors
    /// Why not.
    pub fn ready(&self) -> Result<(), String> {
        self.alive()?;
        match *self.state() {
            State::Starting { .. } => Err("the model is being loaded".into()),
            State::Polling { once: false, .. } => Err("no poll has succeeded yet".into()),
            State::Stopping => Err("it was told to stop".into()),
            State::Polling { .. } | State::Full => Ok(()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}
