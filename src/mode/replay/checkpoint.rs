//! What was sent, written down as it is confirmed: a run that ended early goes on where it was. Sixteen bytes a
//! document in memory, thirty-three in the file.

use std::{
    collections::HashSet,
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A document, or a letter, by the beginning of its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Id(u128);

impl Id {
    /// The id of what is named so.
    pub fn of(name: &str) -> Self {
        let hash = Sha256::digest(name.as_bytes());
        Id(hash.iter().take(16).fold(0, |id, byte| id << 8 | u128::from(*byte)))
    }
}

/// The first line of a checkpoint.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    /// The version of this format.
    baton_replay: u32,
    /// The run's name, which makes its messages its own.
    run: String,
    /// The hash of what was asked for.
    of: String,
}

const VERSION: u32 = 1;

/// A line with an id: 32 digits and a line break.
const LINE: usize = 33;

/// What this run, and those that it goes on from, have sent.
pub struct Checkpoint {
    pub run: String,
    file: Option<File>,
    earlier: HashSet<Id>,
}

impl Checkpoint {
    /// For a run that writes nothing down.
    pub fn none() -> Self {
        Checkpoint { run: name(), file: None, earlier: HashSet::new() }
    }

    /// Opens a file that an earlier run of the same has left, or begins one.
    pub fn open(path: &Path, identity: &str) -> Result<Self, String> {
        Self::read(path, identity).map_err(|why| format!("--checkpoint: {}: {why}", path.display()))
    }

    /// What an earlier run of the same has left, and nothing is written down.
    pub fn look(path: &Path, identity: &str) -> Result<Self, String> {
        let written = is_file(path).and_then(|()| match fs::read(path) {
            Ok(text) if !text.is_empty() => Written::read(&text, identity).map(Some),
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e.to_string()),
            _ => Ok(None),
        });
        let written = written.map_err(|why| format!("--checkpoint: {}: {why}", path.display()))?;
        let none = Checkpoint::none();
        Ok(written.map_or(none, |Written { run, earlier, .. }| Checkpoint { run, file: None, earlier }))
    }

    fn read(path: &Path, identity: &str) -> Result<Self, String> {
        let said = |e: io::Error| e.to_string();
        is_file(path)?;
        let mut options = File::options();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).open(path).map_err(said)?;
        file.try_lock().map_err(|e| match e {
            TryLockError::WouldBlock => "another run is using it".into(),
            TryLockError::Error(e) => said(e),
        })?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(said)?;
        if text.is_empty() {
            let of = crate::sha256(identity.as_bytes());
            let head = Head { baton_replay: VERSION, run: name(), of };
            // In one write: with a part of it the file would be no checkpoint.
            let line = serde_json::to_string(&head).expect("texts always serialise") + "\n";
            file.write_all(line.as_bytes()).map_err(said)?;
            return Ok(Checkpoint { run: head.run, file: Some(file), earlier: HashSet::new() });
        }
        let Written { run, earlier, end } = Written::read(&text, identity)?;
        file.set_len(end).and_then(|()| file.seek(SeekFrom::End(0))).map_err(said)?;
        Ok(Checkpoint { run, file: Some(file), earlier })
    }

    /// Whether an earlier run has sent it.
    pub fn has(&self, id: Id) -> bool {
        self.earlier.contains(&id)
    }

    /// Writes down that these were sent. They are safe from the end of this process, not of the machine.
    pub fn confirm(&mut self, ids: &[Id]) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let lines: String = ids.iter().map(|Id(id)| format!("{id:032x}\n")).collect();
        file.write_all(lines.as_bytes())
    }
}

const NONE: &str = "is no checkpoint; give another file";

/// What an earlier run has written.
struct Written {
    run: String,
    earlier: HashSet<Id>,
    /// Where its last whole line ends: a run that was killed may have left a part of one.
    end: u64,
}

impl Written {
    fn read(text: &[u8], identity: &str) -> Result<Self, String> {
        let mut parts = text.splitn(2, |byte| *byte == b'\n');
        let (Some(head), Some(ids)) = (parts.next(), parts.next()) else {
            return Err(NONE.into());
        };
        let head: Head = serde_json::from_slice(head).map_err(|_| NONE)?;
        if head.baton_replay != VERSION {
            return Err(format!("has version {}; this Baton writes {VERSION}", head.baton_replay));
        }
        if head.of != crate::sha256(identity.as_bytes()) {
            return Err("is of a run with other arguments (with --only-missing, also of another model or configuration): give those, \
                 or another file"
                .into());
        }
        let whole = ids.len() / LINE * LINE;
        let damaged = |line: usize| {
            format!(
                "is damaged: line {line} is no id; delete that line and all after it, and what they stood for is \
                 sent again, or give another file"
            )
        };
        let lines = ids.chunks_exact(LINE).enumerate();
        let earlier: HashSet<Id> =
            lines.map(|(n, line)| id(line).ok_or_else(|| damaged(n + 2))).collect::<Result<_, _>>()?;
        Ok(Written { run: head.run, earlier, end: (text.len() - ids.len() + whole) as u64 })
    }
}

/// Whether it is a file, or nothing yet: what is neither may have no end.
fn is_file(path: &Path) -> Result<(), String> {
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => Err("is no file".into()),
        _ => Ok(()),
    }
}

/// The id on a line.
fn id(line: &[u8]) -> Option<Id> {
    let digits = str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let is_id = digits.bytes().all(|b| b.is_ascii_hexdigit());
    u128::from_str_radix(digits, 16).ok().filter(|_| is_id).map(Id)
}

fn name() -> String {
    format!("{:032x}", fastrand::u128(..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_goes_on_where_it_was_even_if_it_was_killed_in_the_middle_of_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        let [a, b, c] = ["a", "b", "c"].map(Id::of);
        let mut first = Checkpoint::open(&path, "this").unwrap();
        first.confirm(&[a, b]).unwrap();
        assert!(Checkpoint::open(&path, "this").err().unwrap().contains("another run is using it"));
        let run = first.run.clone();
        drop(first);
        let mut file = File::options().append(true).open(&path).unwrap();
        file.write_all(b"0123").unwrap();
        drop(file);

        let mut second = Checkpoint::open(&path, "this").unwrap();
        assert_eq!(second.run, run);
        assert!(second.has(a) && second.has(b) && !second.has(c));
        second.confirm(&[c]).unwrap();
        drop(second);
        let third = Checkpoint::open(&path, "this").unwrap();
        assert!([a, b, c].into_iter().all(|id| third.has(id)));
    }

    #[test]
    fn another_runs_checkpoint_and_other_files_are_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        drop(Checkpoint::open(&path, "this").unwrap());
        let error = Checkpoint::open(&path, "that").err().unwrap();
        assert!(error.contains("of a run with other arguments"), "{error}");
        std::fs::write(&path, "s3://incoming/a.txt\n").unwrap();
        assert!(Checkpoint::open(&path, "this").err().unwrap().contains("is no checkpoint"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "s3://incoming/a.txt\n");
    }
}
