//! `baton worker` as a process: started with a stage's variables, its log and its health looked at.

use std::{
    ops::{Deref, DerefMut},
    process::Command,
    time::Duration,
};

use serde_json::Value;

use super::{http::Http, local::program, running::Running, wait_for};

const INIT_WITHIN: Duration = Duration::from_secs(120);

/// A running worker. It is killed when this value goes.
pub struct Worker(Running);

impl Worker {
    /// Starts the program with these variables, and nothing else of this process's.
    #[track_caller]
    pub fn start(environment: &[(&str, String)]) -> Self {
        Worker(Running::start(Command::new(program()).arg("worker"), environment))
    }

    /// The lines of its log that are of this kind.
    pub fn log(&self, message: &str) -> Vec<Value> {
        let log = self.stdout();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["message"].as_str().is_some_and(|said| said.contains(message))).collect()
    }

    /// Where health and metrics are, for a worker that listens on any free port.
    #[track_caller]
    pub fn http(&self) -> Http {
        let address = wait_for("the worker to listen", INIT_WITHIN, || {
            let line = self.log("serving").pop().ok_or_else(|| self.stdout())?;
            Ok(line["address"].as_str().expect("an address").to_owned())
        });
        Http::new(format!("http://{address}"))
    }
}

impl Deref for Worker {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.0
    }
}

impl DerefMut for Worker {
    fn deref_mut(&mut self) -> &mut Running {
        &mut self.0
    }
}
