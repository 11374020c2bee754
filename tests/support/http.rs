//! Plain blocking HTTP to one server on loopback. An answer of any status is an answer; only a server that
//! doesn't answer is a panic. Never goes through a proxy, whatever the environment says.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Request;

// Longer than any long poll or function timeout that a test uses.
const TIMEOUT: Duration = Duration::from_secs(180);
const BODY_LIMIT_BYTES: u64 = 1 << 30;

#[derive(Clone)]
pub struct Http {
    agent: Agent,
    base: String,
}

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    request: String,
}

impl Http {
    pub fn new(base: String) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(TIMEOUT))
            .build();
        Self { agent: config.new_agent(), base }
    }

    #[track_caller]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.try_send(method, path, headers, body)
            .unwrap_or_else(|error| panic!("{method} {}{path}: {error}", self.base))
    }

    /// As `send`, but a server that can't be reached is an `Err`.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match method {
            "GET" | "HEAD" | "DELETE" => self.agent.run(request.body(())?)?,
            _ => self.agent.run(request.body(body)?)?,
        };
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        Ok(Answer {
            status: response.status().as_u16(),
            headers,
            body: response.into_body().with_config().limit(BODY_LIMIT_BYTES).read_to_vec()?,
            request: format!("{method} {path}"),
        })
    }
}

impl Answer {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{}: not JSON ({error}): {} {}", self.request, self.status, self.text())
        })
    }

    /// The answer itself when its status is 2xx; a panic that shows it otherwise.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(
            (200..300).contains(&self.status),
            "{}: answered {} {}",
            self.request,
            self.status,
            self.text()
        );
        self
    }
}

/// Percent-encodes everything but unreserved characters and the slash: an S3 key as a path.
pub fn encode_path(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// As `encode_path`, with the slash too: a query parameter.
pub fn encode_query(value: &str) -> String {
    encode_path(value).replace('/', "%2F")
}
