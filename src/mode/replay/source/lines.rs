//! The lines of a list: URLs, JSON, rows of an inventory. Read in a thread of its own, a few lines ahead: whoever
//! writes to standard input may take his time.

use std::{
    collections::VecDeque,
    fs::{File, metadata},
    io::{self, BufRead, BufReader, Read},
    path::Path,
    sync::Arc,
    thread,
};

use flate2::bufread::MultiGzDecoder;
use tokio::sync::mpsc;

use crate::{
    config::check_bucket,
    error::{Failure, Reason},
    mode::{
        progress::Total,
        replay::{
            found::{Found, What},
            inventory::Column,
        },
    },
};

/// Lines that are read ahead.
const AHEAD: usize = 256;

/// The longest line: as long as a message may be.
const LONGEST: u64 = 1 << 20;

/// What some editors and spreadsheets begin a file with.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// What a line says; None where it is not UTF-8.
type Line = Option<String>;

pub struct Lines {
    lines: mpsc::Receiver<io::Result<Line>>,
    columns: Vec<Column>,
    number: usize,
}

impl Lines {
    pub(super) fn open(path: &Path, columns: Vec<Column>, total: Arc<Total>) -> Result<Self, String> {
        let file: Box<dyn Read + Send> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            let said = |e: io::Error| format!("--list: {}: {e}", path.display());
            // A pipe opened twice gives each reader a part of it.
            if metadata(path).map_err(said)?.is_file() {
                count(path, total);
            }
            Box::new(File::open(path).map_err(said)?)
        };
        let (send, lines) = mpsc::channel(AHEAD);
        thread::spawn(move || {
            let read = each_line(file, |line| send.blocking_send(Ok(line)).is_ok());
            if let Err(e) = read {
                // Nobody may be listening any more.
                let _ = send.blocking_send(Err(e));
            }
        });
        Ok(Lines { lines, columns, number: 0 })
    }

    pub(super) async fn next(&mut self) -> Result<Option<VecDeque<Found>>, Failure> {
        let Some(line) = self.lines.recv().await else {
            return Ok(None);
        };
        let unread = |e| {
            Failure::retry(Reason::Store, format!("the list can't be read after line {}: {e}", self.number))
        };
        let line = line.map_err(unread)?;
        self.number += 1;
        let Some(line) = line else {
            return Ok(Some(self.unreadable("is not UTF-8".into())));
        };
        let unmarked = line.strip_prefix(BYTE_ORDER_MARK).filter(|_| self.number == 1);
        Ok(Some(self.found(unmarked.unwrap_or(&line).trim())))
    }

    fn name(&self) -> String {
        format!("line {}", self.number)
    }

    fn unreadable(&self, why: String) -> VecDeque<Found> {
        VecDeque::from([Found::unreadable(self.name(), why)])
    }

    fn found(&self, line: &str) -> VecDeque<Found> {
        let name = self.name();
        match line.as_bytes().first() {
            None | Some(b'#') => VecDeque::new(),
            Some(b'{') => self.message(&name, line),
            Some(b's') if line.starts_with("s3://") => self.message(&name, line),
            Some(_) => match Found::in_row(line, &self.columns) {
                Ok(found) => VecDeque::from([found]),
                Err(why) => self.unreadable(why),
            },
        }
    }

    /// Unlike in a queue, what nobody can read is a mistake here.
    fn message(&self, name: &str, line: &str) -> VecDeque<Found> {
        let mut found = Found::in_message(name, line);
        for found in &mut found {
            let wrong = match &found.what {
                Ok(What::Message(body)) => crate::handoff::parse(body).err(),
                Ok(What::Document(handoff)) => check_bucket(&handoff.document.bucket)
                    .err()
                    .map(|why| Failure::reject(Reason::InvalidMessage, why)),
                _ => None,
            };
            if let Some(why) = wrong {
                found.what = Err(why);
            }
        }
        found.into()
    }
}

/// Gives each line to `take` until that has had enough.
fn each_line(file: impl Read, mut take: impl FnMut(Line) -> bool) -> io::Result<()> {
    let mut file = BufReader::new(file);
    let packed = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let mut lines: Box<dyn BufRead> =
        if packed { Box::new(BufReader::new(MultiGzDecoder::new(file))) } else { Box::new(file) };
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = lines.as_mut().take(LONGEST + 1).read_until(b'\n', &mut line)?;
        if read as u64 > LONGEST && !line.ends_with(b"\n") {
            return Err(io::Error::other("the next line is longer than a message may be"));
        }
        if read == 0 || !take(String::from_utf8(std::mem::take(&mut line)).ok()) {
            return Ok(());
        }
    }
}

/// Counts the lines, beside whoever reads them: for how much there is to do only, so that failing is no matter.
fn count(path: &Path, total: Arc<Total>) {
    let path = path.to_owned();
    thread::spawn(move || {
        if let Ok(file) = File::open(path) {
            let counted = each_line(file, |line| {
                let says = |line: &String| !matches!(line.trim().as_bytes(), [] | [b'#', ..]);
                total.add(u64::from(line.as_ref().is_none_or(says)));
                true
            });
            drop(counted);
        }
    });
}
