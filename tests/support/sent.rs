//! What a stage sends to SQS, as it sends it. The emulator drops some of it (a batch's `AWSTraceHeader`), so this
//! takes SQS's place: it says yes to every `SendMessageBatch` and keeps what was in it. It can also refuse some of the
//! messages, as SQS does when it is in trouble: the call succeeds, and names those that were not taken.

use std::{
    io::{self, BufReader},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use serde_json::{Value, json};

use super::runtime_server::{answer, lock, read_request};

/// Messages that were sent. It serves as long as the test's process runs.
pub struct Sent {
    endpoint: String,
    messages: Arc<Mutex<Vec<Value>>>,
}

impl Sent {
    pub fn start() -> Self {
        Self::start_refusing(|_| false)
    }

    /// Refuses the messages of which `refuse` says so, counted from zero as they come.
    pub fn start_refusing(refuse: fn(usize) -> bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let messages = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&messages);
        let count = Arc::new(AtomicUsize::new(0));
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let (into, count) = (Arc::clone(&into), Arc::clone(&count));
                // A connection that breaks is an error to the stage, which the test sees.
                thread::spawn(move || {
                    drop(serve(&connection, &into, |_| refuse(count.fetch_add(1, SeqCst))))
                });
            }
        });
        Sent { endpoint, messages }
    }

    /// What goes into `AWS_ENDPOINT_URL_SQS`.
    pub fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    /// The entries of every batch so far, as the API has them.
    pub fn messages(&self) -> Vec<Value> {
        lock(&self.messages).clone()
    }
}

fn serve(
    connection: &TcpStream,
    messages: &Mutex<Vec<Value>>,
    refuse: impl Fn(&Value) -> bool,
) -> io::Result<()> {
    let mut reader = BufReader::new(connection);
    while let Some((_, body)) = read_request(&mut reader)? {
        let mut request: Value = serde_json::from_slice(&body).map_err(io::Error::other)?;
        let Value::Array(entries) = request["Entries"].take() else {
            return answer(connection, "400 Bad Request", "", b"{\"__type\":\"UnsupportedOperation\"}");
        };
        let taken = |entry: &Value| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": ""});
        let (refused, entries): (Vec<_>, Vec<_>) = entries.into_iter().partition(&refuse);
        let failed =
            |entry: &Value| json!({"Id": entry["Id"], "Code": "InternalError", "SenderFault": false});
        let successful: Vec<_> = entries.iter().map(taken).collect();
        let failed: Vec<_> = refused.iter().map(failed).collect();
        lock(messages).extend(entries);
        let response = json!({"Successful": successful, "Failed": failed}).to_string();
        answer(connection, "200 OK", "", response.as_bytes())?;
    }
    Ok(())
}
