//! A small HTTP server on loopback that can do what servers should not: cut connections, lie about lengths, send
//! something else.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// A request, as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// With its query.
    pub path: String,
    /// Names in small letters.
    pub headers: BTreeMap<String, String>,
    /// How many came for this path before it.
    pub nth: usize,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// `bytes=N-` → N.
    pub fn from(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The length that is announced; None for none, the connection's end being the body's.
    pub announced: Option<usize>,
    /// Send only so much of the body, and cut the connection.
    pub cut: Option<usize>,
    /// Then, instead of cutting, say nothing for so long.
    pub stall: Option<Duration>,
}

impl Reply {
    pub fn new(status: u16, body: &[u8]) -> Self {
        let body = body.to_vec();
        Reply { status, headers: Vec::new(), announced: Some(body.len()), body, cut: None, stall: None }
    }

    pub fn status(status: u16) -> Self {
        Reply::new(status, b"no")
    }

    pub fn redirect(to: &str) -> Self {
        Reply::status(302).with("location", to)
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    #[must_use]
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.cut = Some(bytes);
        self
    }

    /// A file as a good server gives it: whole, or from where it is asked if the asker has this very one.
    pub fn file(request: &Request, bytes: &[u8]) -> Self {
        let etag = format!("\"{}\"", &super::sha256(bytes)[..16]);
        let same = request.header("if-range").is_none_or(|tag| tag == etag);
        let reply = match request.from().filter(|_| same) {
            Some(from) if from >= bytes.len() => Reply::status(416),
            Some(from) => {
                let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
                Reply::new(206, &bytes[from..]).with("content-range", &range)
            }
            None => Reply::new(200, bytes),
        };
        reply.with("etag", &etag).with("accept-ranges", "bytes")
    }
}

/// It ends with the test's process.
pub struct Server {
    address: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (answer, log) = (Arc::new(answer), seen.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, log) = (answer.clone(), log.clone());
                // A client that hangs up is what some tests are about.
                thread::spawn(move || serve(&stream, &*answer, &log));
            }
        });
        Server { address, seen }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// What was asked so far whose path ends so.
    pub fn asked(&self, ending: &str) -> Vec<Request> {
        let seen = self.seen.lock().unwrap();
        seen.iter()
            .filter(|request| request.path.split('?').next().unwrap().ends_with(ending))
            .cloned()
            .collect()
    }
}

fn serve(
    mut stream: &TcpStream,
    answer: &dyn Fn(&Request) -> Reply,
    log: &Mutex<Vec<Request>>,
) -> Option<()> {
    let mut lines = BufReader::new(stream.take(1 << 16)).lines();
    let first = lines.next()?.ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    for line in lines {
        let line = line.ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let request = {
        let mut log = log.lock().unwrap();
        let nth = log.iter().filter(|request| request.path == path).count();
        log.push(Request { path, headers, nth });
        log.last()?.clone()
    };
    let reply = answer(&request);
    let mut head = format!("HTTP/1.1 {} so\r\nconnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    if let Some(length) = reply.announced {
        head += &format!("content-length: {length}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
    let sent = &reply.body[..reply.cut.unwrap_or(reply.body.len()).min(reply.body.len())];
    stream.write_all(sent).ok()?;
    stream.flush().ok()?;
    if let Some(time) = reply.stall {
        thread::sleep(time);
    }
    stream.shutdown(std::net::Shutdown::Both).ok()
}
