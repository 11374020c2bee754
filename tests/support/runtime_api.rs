//! A Lambda Runtime API on loopback, and the process that it runs.
//!
//! It does what Lambda does with an execution environment: starts `bootstrap`, answers its `/next` with an
//! event and a deadline, takes the response or the error, and kills the process when the deadline is over.
//! Several `/next` may wait at once, as on Lambda Managed Instances.

use std::net::{TcpListener, TcpStream};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::ministack::REGION;
use super::running::Running;
use super::runtime_server::{Shared, accept};
use super::wait_for;

// A debug build loads its models in seconds; one that hasn't asked by now hangs.
const INIT_WITHIN: Duration = Duration::from_secs(120);

/// A running `bootstrap`. It is killed when this value goes.
pub struct Runtime {
    process: Running,
    address: String,
    shared: Arc<Shared>,
}

/// An event and what comes with it.
#[derive(Debug, Clone)]
pub struct Invocation {
    pub event: Value,
    pub request_id: String,
    pub timeout: Duration,
}

/// How an invocation ended.
#[derive(Debug)]
pub enum Outcome {
    Response(Value),
    /// The function reported an error: on SQS that gives the whole batch back and slows the queue down.
    Error(Value),
    Exited(ExitStatus),
    /// The deadline came first, and the process was killed, as Lambda does it.
    TimedOut,
}

impl Invocation {
    pub fn new(event: Value) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self {
            event,
            request_id: format!("00000000-0000-4000-8000-{count:012}"),
            timeout: Duration::from_secs(60),
        }
    }

    /// How long it may take from the moment it is handed out.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

impl Outcome {
    /// The response; any other end is a panic.
    #[track_caller]
    pub fn response(self) -> Value {
        match self {
            Self::Response(value) => value,
            other => panic!("expected a response, got {other:?}"),
        }
    }
}

impl Runtime {
    /// Starts the program with Lambda's own variables and these, and nothing else of this process's.
    #[track_caller]
    pub fn start(program: &Path, environment: &[(&str, String)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
        let address = listener.local_addr().expect("an address").to_string();
        let shared = Arc::new(Shared::default());
        let server = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &server));

        let of_lambda = lambda_variables().map(|(name, value)| (name, value.to_owned()));
        let api = ("AWS_LAMBDA_RUNTIME_API", address.clone());
        let environment: Vec<_> =
            [api].into_iter().chain(of_lambda).chain(environment.iter().cloned()).collect();
        let process = Running::start(&mut Command::new(program), &environment);
        Self { process, address, shared }
    }

    /// Gives the process one event and waits for how it ends.
    #[track_caller]
    pub fn invoke(&mut self, invocation: Invocation) -> Outcome {
        let id = self.submit(invocation);
        self.outcome(&id)
    }

    /// Queues an invocation without waiting for it, and gives its request id.
    pub fn submit(&self, invocation: Invocation) -> String {
        let id = invocation.request_id.clone();
        self.shared.lock().waiting.push_back(invocation);
        self.shared.changed.notify_all();
        id
    }

    /// Waits until the invocation has ended, by its answer, its deadline or the end of the process.
    #[track_caller]
    pub fn outcome(&mut self, request_id: &str) -> Outcome {
        let start = Instant::now();
        loop {
            let exited = self.ended();
            let mut state = self.shared.lock();
            if let Some(outcome) = state.ended.remove(request_id) {
                return outcome;
            }
            if let Some(status) = exited {
                return Outcome::Exited(status);
            }
            match state.handed_out.get(request_id) {
                Some(&deadline) if Instant::now() >= deadline => {
                    drop(state);
                    self.kill();
                    return Outcome::TimedOut;
                }
                None if start.elapsed() > INIT_WITHIN => {
                    drop(state);
                    panic!(
                        "the process did not ask for {request_id} within {INIT_WITHIN:?}; it said:\n{}{}",
                        self.stdout(),
                        self.stderr()
                    );
                }
                _ => {}
            }
            drop(self.shared.wait(state));
        }
    }

    /// Waits until the process has asked for its first event: its cold start is over.
    #[track_caller]
    pub fn wait_ready(&mut self) {
        wait_for("the process to ask for an event", INIT_WITHIN, || {
            if self.shared.lock().asked {
                return Ok(());
            }
            if let Some(status) = self.ended() {
                panic!(
                    "the process ended with {status} before it asked for an event; it said:\n{}{}",
                    self.stdout(),
                    self.stderr()
                );
            }
            Err("nothing asked".to_owned())
        });
    }

    /// Waits until the process asks for so many events at once.
    #[track_caller]
    pub fn wait_asking(&self, events: usize) {
        wait_for(&format!("{events} to be asked for"), INIT_WITHIN, || {
            let asking = self.shared.lock().asking;
            (asking == events).then_some(()).ok_or_else(|| format!("{asking} are"))
        });
    }
}

impl Deref for Runtime {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.process
    }
}

impl DerefMut for Runtime {
    fn deref_mut(&mut self) -> &mut Running {
        &mut self.process
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.kill();
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
        // Wakes the accepting thread, which then sees that it is over.
        drop(TcpStream::connect(&self.address));
    }
}

/// What Lambda sets in every function's environment.
fn lambda_variables() -> [(&'static str, &'static str); 10] {
    [
        ("AWS_LAMBDA_FUNCTION_NAME", "baton-test"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/baton-test"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2000/01/01/[$LATEST]0"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("_HANDLER", "bootstrap"),
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ]
}
