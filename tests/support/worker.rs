//! `baton worker` as a process: started with a stage's variables, watched, signalled and killed.

use std::{
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;

use super::{http::Http, local::program, process, runtime_api::collect, runtime_server::lock, wait_for};

const INIT_WITHIN: Duration = Duration::from_secs(120);

/// A running worker. It is killed when this value goes.
pub struct Worker {
    child: Child,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
}

impl Worker {
    /// Starts the program with these variables, and nothing else of this process's.
    #[track_caller]
    pub fn start(environment: &[(&str, String)]) -> Self {
        let mut child = Command::new(program())
            .arg("worker")
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TMPDIR", env!("CARGO_TARGET_TMPDIR"))
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stdout = collect(child.stdout.take().expect("stdout is piped"));
        let stderr = collect(child.stderr.take().expect("stderr is piped"));
        Self { child, stdout, stderr }
    }

    /// What the process logged so far.
    pub fn stdout(&self) -> String {
        lock(&self.stdout).clone()
    }

    pub fn stderr(&self) -> String {
        lock(&self.stderr).clone()
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

    /// Sends a signal by its name (`"TERM"`).
    pub fn signal(&self, name: &str) {
        process::signal(self.child.id(), name);
    }

    /// Waits until the process ends by itself.
    #[track_caller]
    pub fn wait_exit(&mut self, within: Duration) -> ExitStatus {
        wait_for("the worker to end", within, || {
            let status = self.child.try_wait().expect("the process can be waited for");
            status.ok_or_else(|| "it runs".to_owned())
        })
    }

    /// `kill -9`, and waits for the end.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the worker said ---\n{}{}", self.stdout(), self.stderr());
        }
        self.kill();
    }
}
