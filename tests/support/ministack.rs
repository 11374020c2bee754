//! An AWS for one test: ministack on a free loopback port, with a folder of its own, gone when the test is.
//!
//! It starts in about a third of a second, so every test has its own and none sees another's messages. It
//! ends with this value, or when the test process dies in any way (see `serve_ministack.py`).

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::http::Http;
use super::lambda::Lambda;
use super::process;
use super::s3::S3;
use super::sqs::Sqs;
use super::wait_for;

pub const REGION: &str = "us-east-1";
pub const ACCOUNT: &str = "000000000000";

const READY_WITHIN: Duration = Duration::from_secs(60);
const END_WITHIN: Duration = Duration::from_secs(10);
const LOG_LINES_SHOWN: usize = 200;

pub struct Ministack {
    server: Child,
    // Closing it is what ends the server.
    stdin: Option<ChildStdin>,
    dir: PathBuf,
    log: PathBuf,
    http: Http,
    endpoint: String,
}

impl Ministack {
    /// Starts a server and waits until it answers.
    pub fn start() -> Self {
        let dir = own_folder();
        // Beside the folder, not in it: what a failed start said must still be there.
        let log = dir.with_extension("log");
        let mut server = serve(&python(), &dir, &log);
        let stdin = server.stdin.take();
        let mut port = String::new();
        BufReader::new(server.stdout.take().expect("stdout is piped"))
            .read_line(&mut port)
            .expect("stdout is readable");
        let Ok(port) = port.trim().parse::<u16>() else {
            panic!("ministack did not start:\n{}", tail(&log));
        };

        let endpoint = format!("http://127.0.0.1:{port}");
        let http = Http::new(endpoint.clone());
        let stack = Self { server, stdin, dir, log, http, endpoint };
        wait_for("ministack to answer", READY_WITHIN, || {
            let health = stack
                .http
                .try_send("GET", "/_ministack/health", &[], b"")
                .map_err(|error| format!("{error}; its log:\n{}", tail(&stack.log)))?;
            (health.status == 200).then_some(()).ok_or_else(|| health.text())
        });
        stack
    }

    /// What goes into `AWS_ENDPOINT_URL`. Functions that ministack starts have it already.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The environment with which an AWS SDK outside ministack's functions reaches this server.
    pub fn sdk_environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_REGION", REGION.into()),
            ("AWS_ACCESS_KEY_ID", "test".into()),
            ("AWS_SECRET_ACCESS_KEY", "test".into()),
        ]
    }

    pub fn s3(&self) -> S3 {
        S3::new(self.http.clone())
    }

    pub fn sqs(&self) -> Sqs {
        Sqs::new(self.http.clone())
    }

    pub fn lambda(&self) -> Lambda {
        Lambda::new(self.http.clone())
    }

    pub fn http(&self) -> &Http {
        &self.http
    }

    /// What the server logged, the output of its functions among it.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The processes that run the function now: one for each environment that ministack keeps warm.
    pub fn function_processes(&self, function: &str) -> Vec<u32> {
        process::children(self.server.id())
            .into_iter()
            .filter(|&pid| process::variable(pid, "AWS_LAMBDA_FUNCTION_NAME").as_deref() == Some(function))
            .collect()
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("--- ministack's log, its end ---\n{}", tail(&self.log));
        }
        drop(self.stdin.take());
        let start = Instant::now();
        while matches!(self.server.try_wait(), Ok(None)) {
            if start.elapsed() > END_WITHIN {
                let _ = self.server.kill();
                let _ = self.server.wait();
            }
            thread::sleep(Duration::from_millis(5));
        }
        let _ = fs::remove_dir_all(&self.dir);
        let _ = fs::remove_file(&self.log);
    }
}

fn serve(python: &Path, dir: &Path, log: &Path) -> Child {
    let output = File::create(log).unwrap_or_else(|error| panic!("{}: {error}", log.display()));
    Command::new(python)
        .args(["-I", "-X", "utf8"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/serve_ministack.py"))
        // Functions inherit the server's environment: nothing of the developer's may get into a test.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", dir)
        .env("TMPDIR", dir)
        .env("S3_DATA_DIR", dir.join("s3"))
        .env("STATE_DIR", dir.join("state"))
        .env("MINISTACK_REGION", REGION)
        .env("SFTP_ENABLED", "0")
        .env("IOT_MTLS_ENABLED", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(output)
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}; run `make test`", python.display()))
}

/// The Python that has ministack in it: `TEST_PYTHON`, or the project's own that `make test` makes.
fn python() -> PathBuf {
    if let Some(python) = std::env::var_os("TEST_PYTHON") {
        return python.into();
    }
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python");
    assert!(
        python.exists(),
        "{} is not there: run `make test`, which makes it (or set TEST_PYTHON)",
        python.display()
    );
    python
}

fn own_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("ministack-{}-{count}", std::process::id());
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // A process that had this id before may have been killed with its folder half removed.
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    dir
}

fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].join("\n")
}
