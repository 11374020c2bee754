//! What the files of a folder were made from: files have no metadata of their own, so a file beside them has a line for
//! each. It is only ever appended to; a line counts while its file is the one that it was written for.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};

use serde::{Deserialize, Serialize};

use crate::lock;

/// What is known of the files of a folder.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// The first line, for a person who looks into it.
    title: &'static str,
    /// What else decides whether a file is made.
    under: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// By the key of each file.
    known: HashMap<String, Made>,
    /// Lines that a later one has taken the place of, or that can't be read.
    stale: usize,
    /// Open since the first line of this process.
    file: Option<File>,
}

/// What a file was made from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Made {
    /// The hash of its bytes.
    pub etag: String,
    /// The hash of what decided them.
    pub fingerprint: String,
    /// What else decided whether it was made.
    #[serde(default)]
    under: String,
}

#[derive(Serialize, Deserialize)]
struct Line {
    key: String,
    #[serde(flatten)]
    made: Made,
}

impl Journal {
    /// Reads what earlier processes wrote there; nothing where there is none, and no line that can't be read: one may have
    /// been killed in the middle of it. What was made `under` something else counts as not made.
    pub fn read(path: &Path, title: &'static str, under: String) -> Self {
        let mut state = State::default();
        for line in fs::read(path).unwrap_or_default().split(|&byte| byte == b'\n') {
            state.stale += match serde_json::from_slice(line) {
                Ok(Line { key, made }) => usize::from(state.known.insert(key, made).is_some()),
                Err(_) => usize::from(!line.is_empty() && line != title.as_bytes()),
            };
        }
        Journal { path: path.to_owned(), title, under, state: Mutex::new(state) }
    }

    /// Begins it, if there is none.
    ///
    /// # Errors
    /// What the system says.
    pub fn begin(&self) -> io::Result<()> {
        lock(&self.state).open(&self.path, self.title).map(|_| ())
    }

    /// What a file was made from, if that is known.
    pub fn of(&self, key: &str) -> Option<Made> {
        lock(&self.state).known.get(key).filter(|made| made.under == self.under).cloned()
    }

    /// Whether anything is known of files in a folder of that name.
    pub fn knows(&self, folder: &str) -> bool {
        let below = format!("{folder}/");
        lock(&self.state).known.keys().any(|key| key.starts_with(&below))
    }

    /// The file that it keeps.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Notes what a file that is there now was made from.
    ///
    /// # Errors
    /// What the system says; this process knows it all the same.
    pub fn note(&self, key: &str, etag: String, fingerprint: String) -> io::Result<()> {
        let line = Line { key: key.to_owned(), made: Made { etag, fingerprint, under: self.under.clone() } };
        let written = serde_json::to_string(&line)? + "\n";
        let state = &mut *lock(&self.state);
        state.known.insert(line.key, line.made);
        // One write for the whole line: several processes may append to the file.
        state.open(&self.path, self.title)?.write_all(written.as_bytes())
    }
}

impl State {
    /// The file, open at its end. Where more of it is stale than not it is written anew first.
    fn open(&mut self, path: &Path, title: &str) -> io::Result<&mut File> {
        if self.file.is_none() {
            if self.stale > self.known.len() {
                self.write_anew(path, title)?;
            }
            let mut file = File::options().create(true).append(true).open(path)?;
            // Of a line that was not wholly written nothing goes into the next one.
            let begin = if file.metadata()?.len() == 0 { format!("{title}\n") } else { "\n".to_owned() };
            file.write_all(begin.as_bytes())?;
            self.file = Some(file);
        }
        self.file.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn write_anew(&mut self, path: &Path, title: &str) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new(""));
        self.known.retain(|key, _| folder.join(key).exists());
        let mut all = format!("{title}\n");
        for (key, made) in &self.known {
            all += &serde_json::to_string(&Line { key: key.clone(), made: made.clone() })?;
            all.push('\n');
        }
        super::write_whole(path, all.as_bytes(), None)?;
        self.stale = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TITLE: &str = "What was made here";

    fn read(path: &Path) -> Journal {
        Journal::read(path, TITLE, String::new())
    }

    /// Writes a file, and down what it was made from.
    fn make(journal: &Journal, key: &str, fingerprint: &str) {
        fs::write(journal.path.with_file_name(key), "made").unwrap();
        journal.note(key, "e".into(), fingerprint.into()).unwrap();
    }

    fn known(journal: &Journal, key: &str) -> Option<String> {
        journal.of(key).map(|made| made.fingerprint)
    }

    #[test]
    fn what_was_noted_is_known_to_the_next_process_the_latest_of_each_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made");
        let first = read(&path);
        assert!(!path.exists() && known(&first, "a\nb").is_none());
        make(&first, "a\nb", "1");
        make(&first, "c", "2");
        make(&first, "c", "3");
        let next = read(&path);
        assert_eq!((known(&next, "a\nb").as_deref(), known(&next, "c").as_deref()), (Some("1"), Some("3")));
        assert!(fs::read_to_string(&path).unwrap().starts_with(TITLE));
    }

    #[test]
    fn a_line_that_was_not_wholly_written_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made");
        let first = read(&path);
        make(&first, "a", "1");
        make(&first, "b", "2");
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
        let second = read(&path);
        assert_eq!((known(&second, "a").as_deref(), known(&second, "b")), (Some("1"), None));
        make(&second, "c", "3");
        let third = read(&path);
        assert_eq!((known(&third, "a").as_deref(), known(&third, "c").as_deref()), (Some("1"), Some("3")));
    }

    #[test]
    fn it_grows_with_the_files_and_not_with_the_runs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made");
        for run in 0..20 {
            let journal = read(&path);
            (0..10).for_each(|file| make(&journal, &format!("{file}"), &format!("{run}")));
        }
        let journal = read(&path);
        assert_eq!(known(&journal, "7").as_deref(), Some("19"));
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines < 50, "{lines} lines of 10 files");
    }

    #[test]
    fn what_was_made_under_other_limits_or_is_gone_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made");
        make(&read(&path), "a", "1");
        assert!(known(&Journal::read(&path, TITLE, "other".into()), "a").is_none());
        let journal = read(&path);
        (0..9).for_each(|_| make(&journal, "b", "2"));
        fs::remove_file(path.with_file_name("a")).unwrap();
        read(&path).begin().unwrap();
        let journal = read(&path);
        assert!(known(&journal, "a").is_none() && known(&journal, "b").is_some());
    }
}
