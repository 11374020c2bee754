//! A model's identity: the hash of what decides its results.
//!
//! Hashing 35 MB costs a cold start more than loading them, so the hashes of files that were fetched and checked
//! are read from `SHA256SUMS` beside them, and where there is none the work is done apart, while the first
//! document is on its way.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    sync::{Mutex, OnceLock, PoisonError},
    thread::{self, JoinHandle},
};

use sha2::{Digest as _, Sha256};

use super::{LoadError, description::FILE};

/// What `sha256sum` writes about a model's files.
const SUMS: &str = "SHA256SUMS";
const TOKENIZER: &str = "tokenizer.json";
/// What the tokenizer is made of where there is no tokenizer.json.
const IN_ITS_PLACE: [&str; 2] = ["vocab.txt", "tokenizer_config.json"];

/// A digest, known or on its way.
pub struct Digest {
    known: OnceLock<String>,
    working: Mutex<Option<JoinHandle<io::Result<String>>>>,
}

impl Digest {
    /// Begins to find out the digest of the model in a directory.
    ///
    /// # Errors
    /// A directory that can't be read.
    pub fn of(directory: &Path) -> Result<Self, LoadError> {
        let fail = |e: io::Error| LoadError::new(format!("{}: {e}", directory.display()));
        let mut names = Vec::new();
        for entry in std::fs::read_dir(directory).map_err(fail)? {
            names.extend(entry.map_err(fail)?.file_name().into_string().ok());
        }
        let has_tokenizer = names.iter().any(|name| name == TOKENIZER);
        names.retain(|name| decides(name) || !has_tokenizer && IN_ITS_PLACE.contains(&name.as_str()));
        names.sort();
        if let Some(hashes) = recorded(directory, &names) {
            let known = OnceLock::from(of_list(names.iter().map(String::as_str).zip(hashes)));
            return Ok(Digest { known, working: Mutex::new(None) });
        }
        let directory = directory.to_owned();
        let work = move || -> io::Result<String> {
            let hashes: io::Result<Vec<String>> =
                names.iter().map(|name| hash(&directory.join(name))).collect();
            Ok(of_list(names.iter().map(String::as_str).zip(hashes?)))
        };
        Ok(Digest { known: OnceLock::new(), working: Mutex::new(Some(thread::spawn(work))) })
    }

    /// `sha256:` and the hash of the list `<sha256 of the file>  <name>` of the deciding files, by name: what
    /// `sha256sum` prints for them. Waits where it is still on its way.
    ///
    /// # Panics
    /// When a file of the model, which could be mapped, can't be read.
    pub fn get(&self) -> &str {
        self.known.get_or_init(|| match self.wait() {
            Ok(digest) => digest,
            Err(e) => panic!("the model's files can't be hashed: {e}"),
        })
    }

    /// As `get`, for one that nobody has got yet.
    pub fn wait(&self) -> io::Result<String> {
        if let Some(known) = self.known.get() {
            return Ok(known.clone());
        }
        let work = self.working.lock().unwrap_or_else(PoisonError::into_inner).take();
        let joined = work.map(|work| work.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.unwrap_or_else(|| Err(io::Error::other("the work was taken by another")))
    }
}

/// The files that decide a model's results; all others (cards, caches) may change freely.
fn decides(name: &str) -> bool {
    matches!(name, "config.json" | TOKENIZER | "model.safetensors.index.json" | FILE)
        || name.ends_with(".safetensors")
}

/// The hashes that `SHA256SUMS` has of these files. None unless it has all of them and none was changed after it
/// was written.
fn recorded(directory: &Path, names: &[String]) -> Option<Vec<String>> {
    let changed = |name: &str| std::fs::metadata(directory.join(name)).and_then(|file| file.modified()).ok();
    let written = changed(SUMS)?;
    let sums = std::fs::read_to_string(directory.join(SUMS)).ok()?;
    let hash = |name: &String| {
        let line = sums.lines().find(|line| {
            line.get(64..).is_some_and(|rest| rest[..].trim_start_matches([' ', '*']) == name)
        })?;
        let hash = line.get(..64).filter(|hash| hash.bytes().all(|b| b.is_ascii_hexdigit()))?;
        (changed(name)? <= written).then(|| hash.to_ascii_lowercase())
    };
    names.iter().map(hash).collect()
}

fn of_list<'a>(files: impl Iterator<Item = (&'a str, String)>) -> String {
    let mut list = Sha256::new();
    files.for_each(|(name, hash)| list.update(format!("{hash}  {name}\n")));
    format!("sha256:{}", crate::hex(&list.finalize()))
}

fn hash(path: &Path) -> io::Result<String> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(crate::hex(&hash.finalize())),
            n => hash.update(&buffer[..n]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_sums_give_the_digest_that_hashing_gives_unless_they_are_older_than_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
        write("config.json", "{}");
        write("model.safetensors", "weights");
        let hashed = Digest::of(directory.path()).unwrap().get().to_owned();

        let sum = |name: &str| format!("{}  {name}\n", hash(&directory.path().join(name)).unwrap());
        write(SUMS, &(sum("model.safetensors") + &sum("config.json")));
        let recorded = Digest::of(directory.path()).unwrap();
        assert!(recorded.known.get().is_some_and(|digest| *digest == hashed));

        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
        let changed = File::create(directory.path().join("config.json")).unwrap();
        changed.set_modified(later).unwrap();
        assert_ne!(Digest::of(directory.path()).unwrap().get(), hashed);
    }
    #[test]
    fn vocab_txt_counts_where_it_is_the_tokenizer_and_nowhere_else() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
        let digest = || Digest::of(directory.path()).unwrap().get().to_owned();
        write("config.json", "{}");
        for name in IN_ITS_PLACE {
            let before = digest();
            write(name, "a");
            assert_ne!(digest(), before, "{name}");
        }
        write(TOKENIZER, "{}");
        let before = digest();
        IN_ITS_PLACE.iter().for_each(|name| write(name, "b"));
        assert_eq!(digest(), before);
    }
}
