//! A folder for what nobody keeps: it goes when the command ends, also where a person or a build ends it.

use std::{fs, io, path::Path, process, task::Poll, thread};

use tempfile::TempDir;
use tokio::{
    runtime::{self, Runtime},
    signal::unix::{Signal, SignalKind, signal},
};

use crate::error::Error;

/// The folder, until it is dropped.
pub struct Scratch(TempDir);

impl Scratch {
    /// Makes it where the system has such folders.
    pub fn new() -> Result<Self, Error> {
        let folder = tempfile::tempdir().map_err(|e| Error::lasting(format!("no temporary folder: {e}")))?;
        let path = folder.path().to_owned();
        // From here on: who waits for signals only later misses those that come before.
        let mut signals =
            Signals::new().map_err(|e| Error::lasting(format!("can't wait for signals: {e}")))?;
        thread::spawn(move || {
            let status = signals.wait();
            // Once more for what was written meanwhile.
            let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_dir_all(&path));
            process::exit(status);
        });
        Ok(Scratch(folder))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// The signals that end a process, but for those that whoever started it had it ignore.
struct Signals {
    runtime: Runtime,
    kinds: Vec<(SignalKind, Signal)>,
}

impl Signals {
    fn new() -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let ignored = ignored();
        let kinds = [SignalKind::hangup(), SignalKind::interrupt(), SignalKind::terminate()].into_iter();
        let heard = kinds.filter(|kind| ignored >> (kind.as_raw_value() - 1) & 1 == 0);
        let within = runtime.enter();
        let kinds = heard.map(|kind| Ok((kind, signal(kind)?))).collect::<io::Result<_>>()?;
        drop(within);
        Ok(Signals { runtime, kinds })
    }

    /// Waits for one, and gives the exit status that shells know for it.
    fn wait(&mut self) -> i32 {
        let kinds = &mut self.kinds;
        let any = std::future::poll_fn(|context| {
            let come = kinds
                .iter_mut()
                .find_map(|(kind, signal)| signal.poll_recv(context).is_ready().then_some(*kind));
            come.map_or(Poll::Pending, Poll::Ready)
        });
        128 + self.runtime.block_on(any).as_raw_value()
    }
}

/// The signals that this process ignores, a bit each from SIGHUP up; none where the system doesn't say so.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
