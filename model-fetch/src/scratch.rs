//! A folder for what nobody keeps: it goes when the command ends, also where a person or a build ends it.

use std::{fs, path::Path, process, thread};

use tempfile::TempDir;
use tokio::{
    runtime,
    signal::unix::{SignalKind, signal},
};

use crate::error::Error;

/// The folder, until it is dropped.
pub struct Scratch(TempDir);

impl Scratch {
    /// Makes it where the system has such folders.
    ///
    /// # Errors
    /// Where none can be made.
    pub fn new() -> Result<Self, Error> {
        let folder = tempfile::tempdir().map_err(|e| Error::lasting(format!("no temporary folder: {e}")))?;
        let path = folder.path().to_owned();
        thread::spawn(move || {
            if let Some(status) = told_to_end() {
                // Once more for what was written meanwhile.
                let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_dir_all(&path));
                process::exit(status);
            }
        });
        Ok(Scratch(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Waits for SIGINT or SIGTERM, and gives the exit status that shells know for it; None where signals can't be waited for.
fn told_to_end() -> Option<i32> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().ok()?;
    runtime.block_on(async {
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt()).ok()?, signal(SignalKind::terminate()).ok()?);
        tokio::select! {
            _ = interrupt.recv() => Some(128 + SignalKind::interrupt().as_raw_value()),
            _ = terminate.recv() => Some(128 + SignalKind::terminate().as_raw_value()),
        }
    })
}
