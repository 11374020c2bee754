//! What a stage sends to SQS, as it sends it. The emulator drops some of it (a batch's `AWSTraceHeader`), so this
//! takes SQS's place: it says yes to every `SendMessageBatch` and keeps what was in it.

use std::{
    io::{self, BufReader},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
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
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let messages = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&messages);
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let into = Arc::clone(&into);
                // A connection that breaks is an error to the stage, which the test sees.
                thread::spawn(move || drop(serve(&connection, &into)));
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

fn serve(connection: &TcpStream, messages: &Mutex<Vec<Value>>) -> io::Result<()> {
    let mut reader = BufReader::new(connection);
    while let Some((_, body)) = read_request(&mut reader)? {
        let mut request: Value = serde_json::from_slice(&body).map_err(io::Error::other)?;
        let Value::Array(entries) = request["Entries"].take() else {
            return answer(connection, "400 Bad Request", "", b"{\"__type\":\"UnsupportedOperation\"}");
        };
        let taken = |entry: &Value| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": ""});
        let successful: Vec<_> = entries.iter().map(taken).collect();
        lock(messages).extend(entries);
        let response = json!({"Successful": successful, "Failed": []}).to_string();
        answer(connection, "200 OK", "", response.as_bytes())?;
    }
    Ok(())
}
