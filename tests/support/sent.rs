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
        let count = AtomicUsize::new(0);
        Self::start_answering(move |_| refuse(count.fetch_add(1, SeqCst)).then_some("InternalError"))
    }

    /// Refuses the messages with whose body `refuse` finds fault, each time.
    pub fn start_finding_fault(refuse: fn(&str) -> bool) -> Self {
        let is_refused = move |entry: &Value| entry["MessageBody"].as_str().is_some_and(refuse);
        Self::start_answering(move |entry| is_refused(entry).then_some("InvalidMessageContents"))
    }

    /// Refuses the messages for which `refuse` gives a code.
    fn start_answering(refuse: impl Fn(&Value) -> Option<&'static str> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let messages = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&messages);
        let refuse = Arc::new(refuse);
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let (into, refuse) = (Arc::clone(&into), Arc::clone(&refuse));
                // A connection that breaks is an error to the stage, which the test sees.
                thread::spawn(move || drop(serve(&connection, &into, &*refuse)));
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
    refuse: impl Fn(&Value) -> Option<&'static str>,
) -> io::Result<()> {
    let mut reader = BufReader::new(connection);
    while let Some((_, body)) = read_request(&mut reader)? {
        let mut request: Value = serde_json::from_slice(&body).map_err(io::Error::other)?;
        let Value::Array(entries) = request["Entries"].take() else {
            return answer(connection, "400 Bad Request", "", b"{\"__type\":\"UnsupportedOperation\"}");
        };
        let taken = |entry: &Value| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": ""});
        let failed = |entry: &Value| {
            let code = refuse(entry)?;
            Some(json!({"Id": entry["Id"], "Code": code, "SenderFault": code != "InternalError"}))
        };
        let answers: Vec<_> = entries.iter().map(failed).collect();
        let entries = entries.into_iter().zip(&answers).filter(|(_, failed)| failed.is_none());
        let entries: Vec<Value> = entries.map(|(entry, _)| entry).collect();
        let successful: Vec<_> = entries.iter().map(taken).collect();
        let failed: Vec<Value> = answers.into_iter().flatten().collect();
        lock(messages).extend(entries);
        let response = json!({"Successful": successful, "Failed": failed}).to_string();
        answer(connection, "200 OK", "", response.as_bytes())?;
    }
    Ok(())
}
