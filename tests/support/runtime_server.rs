//! The server's side of the Lambda Runtime API: `/next`, `/response`, `/error` and `/init/error`, over just as
//! much HTTP/1.1 as a runtime speaks. What is waiting and what has come back lies in [`Shared`].

use std::collections::{HashMap, VecDeque};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::ministack::{ACCOUNT, REGION};
use super::runtime_api::{Invocation, Outcome};

const TICK: Duration = Duration::from_millis(10);

#[derive(Default)]
pub struct State {
    pub waiting: VecDeque<Invocation>,
    /// The deadline of everything that was handed out.
    pub handed_out: HashMap<String, Instant>,
    pub ended: HashMap<String, Outcome>,
    /// Whether the process has asked for an event yet.
    pub asked: bool,
    /// How many `/next` wait for an event now.
    pub asking: usize,
    pub closed: bool,
}

#[derive(Default)]
pub struct Shared {
    state: Mutex<State>,
    pub changed: Condvar,
}

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Waits for a change, or a moment.
    pub fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_timeout(state, TICK);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// The next invocation, as soon as there is one; nothing when the runtime is gone.
    fn next(&self) -> Option<Invocation> {
        let mut state = self.lock();
        state.asked = true;
        state.asking += 1;
        while state.waiting.is_empty() && !state.closed {
            state = self.wait(state);
        }
        state.asking -= 1;
        let invocation = state.waiting.pop_front().filter(|_| !state.closed)?;
        let deadline = Instant::now() + invocation.timeout;
        state.handed_out.insert(invocation.request_id.clone(), deadline);
        Some(invocation)
    }

    fn end(&self, request_id: &str, outcome: Outcome) {
        self.lock().ended.insert(request_id.to_owned(), outcome);
        self.changed.notify_all();
    }
}

/// Serves every connection, until somebody connects after `closed`.
pub fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for connection in listener.incoming() {
        let Ok(connection) = connection else { return };
        if shared.lock().closed {
            return;
        }
        let shared = Arc::clone(shared);
        // A connection that breaks is the process's end, which `outcome` sees.
        thread::spawn(move || drop(serve(&connection, &shared)));
    }
}

fn serve(connection: &TcpStream, shared: &Shared) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection);
    while let Some((line, body)) = read_request(&mut reader)? {
        let mut parts = line.split_whitespace();
        let (method, path) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let steps: Vec<_> = path.trim_matches('/').split('/').collect();
        match (method, &steps[..]) {
            ("GET", [_, "runtime", "invocation", "next"]) => match shared.next() {
                Some(invocation) => hand_out(connection, &invocation)?,
                None => return Ok(()),
            },
            ("POST", [_, "runtime", "invocation", id, "response"]) => {
                shared.end(id, Outcome::Response(parse(&body)));
                answer(connection, "202 Accepted", "", b"{\"status\":\"OK\"}")?;
            }
            ("POST", [_, "runtime", "invocation", id, "error"]) => {
                shared.end(id, Outcome::Error(parse(&body)));
                answer(connection, "202 Accepted", "", b"{\"status\":\"OK\"}")?;
            }
            ("POST", [_, "runtime", "init", "error"]) => {
                answer(connection, "202 Accepted", "", b"{\"status\":\"OK\"}")?;
            }
            _ => answer(connection, "404 Not Found", "", b"{}")?,
        }
    }
    Ok(())
}

fn hand_out(connection: &TcpStream, invocation: &Invocation) -> io::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let deadline_ms = (now + invocation.timeout).as_millis();
    let headers = format!(
        "Lambda-Runtime-Aws-Request-Id: {}\r\nLambda-Runtime-Deadline-Ms: {deadline_ms}\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:{REGION}:{ACCOUNT}:function:baton-test\r\n",
        invocation.request_id
    );
    let body = invocation.event.to_string();
    answer(connection, "200 OK", &headers, body.as_bytes())
}

pub fn answer(mut connection: &TcpStream, status: &str, headers: &str, body: &[u8]) -> io::Result<()> {
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend(body);
    connection.write_all(&bytes)
}

/// A request's first line and body; nothing when the connection has ended.
pub fn read_request(reader: &mut impl BufRead) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let (mut length, mut chunked) = (0, false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        match line.split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse().unwrap_or(0),
            Some(("transfer-encoding", value)) => chunked = value.trim() == "chunked",
            Some(("expect", _)) => return Err(io::Error::other("Expect is not spoken here")),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = Vec::new();
    if chunked {
        while read_chunk(reader, &mut body)? {}
    } else {
        reader.take(length).read_to_end(&mut body)?;
    }
    Ok(Some((first, body)))
}

/// Adds the next chunk to the body; false when that was the last one.
fn read_chunk(reader: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<bool> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let size = line.split(';').next().unwrap_or_default().trim();
    let size = u64::from_str_radix(size, 16).map_err(io::Error::other)?;
    if size > 0 {
        reader.by_ref().take(size).read_to_end(body)?;
        reader.read_line(&mut String::new())?;
        return Ok(true);
    }
    // Trailers, up to the empty line.
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line.trim_end().is_empty() {
            return Ok(false);
        }
    }
}

fn parse(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}

/// A test that panicked elsewhere must still be able to read what was said.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
