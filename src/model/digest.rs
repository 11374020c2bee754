//! A model's identity: the hash of the files that decide its results, and of no others.
//!
//! Hashing 35 MB costs a cold start more than loading them, so the weights' hashes are read from the `SHA256SUMS`
//! that lies beside files that were fetched and checked. What else decides is small, and always hashed. The work is
//! done apart, while the first document is on its way.

use std::{
    fs::{File, Metadata},
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::Path,
    thread::{self, JoinHandle},
};

use sha2::{Digest, Sha256};

use super::{
    LoadError, config::ModelConfig, description, token_types, tokenizer_config, vocab_files, weights,
};

/// What `sha256sum` writes about a model's files.
const SUMS: &str = "SHA256SUMS";
const TOKENIZER: &str = "tokenizer.json";
/// Seconds in which the files of one model come to a disk, in any order.
const ARRIVAL: i64 = 60;

/// A file that decides.
struct Part {
    name: String,
    file: File,
    recorded: Option<String>,
}

/// `sha256:` and the hash of the list `<sha256 of the file>  <name>` of the deciding files of the model in a directory, by
/// name: what `sha256sum` prints for them.
///
/// # Errors
/// A file of the model that can't be read, or an index of its weights that can't be followed.
pub fn of(directory: &Path) -> Result<String, LoadError> {
    // What can't be loaded has no results that a part more or less would change.
    let config = ModelConfig::read(directory).ok();
    of_parts(parts(directory, config.as_ref())?).map_err(|e| LoadError::at(directory, e))
}

/// As [`of`], on a thread of its own once the files are open.
///
/// # Errors
/// As [`of`]; what can't be read, the thread says.
pub fn begin(directory: &Path, config: &ModelConfig) -> Result<JoinHandle<io::Result<String>>, LoadError> {
    let parts = parts(directory, Some(config))?;
    Ok(thread::spawn(move || of_parts(parts)))
}

fn parts(directory: &Path, config: Option<&ModelConfig>) -> Result<Vec<Part>, LoadError> {
    let sums = Sums::read(directory);
    let open = |name: String, sums: Option<&Sums>| {
        let path = directory.join(&name);
        let file = File::open(&path).map_err(|e| LoadError::at(&path, e))?;
        let recorded = sums.and_then(|sums| sums.hash(&name, &file.metadata().ok()?));
        Ok(Part { name, file, recorded })
    };
    let is_there = |name: &&str| directory.join(name).is_file();
    let tokenizer = match is_there(&TOKENIZER) {
        true if settings_decide(directory, config)? => &[TOKENIZER, tokenizer_config::FILE][..],
        true => &[TOKENIZER],
        false => &vocab_files::FILES,
    };
    let small = ["config.json", weights::INDEX, description::FILE].iter().chain(tokenizer).copied();
    let small = small.filter(is_there).map(|name| open(name.to_owned(), None));
    let weights = weights::files(directory)?.unwrap_or_default();
    let weights = weights.into_iter().map(|name| open(name, sums.as_ref()));
    let mut parts = small.chain(weights).collect::<Result<Vec<_>, _>>()?;
    parts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(parts)
}

/// Whether tokenizer_config.json decides something beside a tokenizer.json: of a model that tells texts apart, whether it may.
fn settings_decide(directory: &Path, config: Option<&ModelConfig>) -> Result<bool, LoadError> {
    match config {
        Some(config) if config.types > 1 => {
            token_types::are_decided_by_settings(directory, config.architecture)
        }
        _ => Ok(false),
    }
}

/// The hashes that were recorded of a model's files.
struct Sums {
    text: String,
    written: Metadata,
}

impl Sums {
    fn read(directory: &Path) -> Option<Self> {
        let file = directory.join(SUMS);
        Some(Sums { text: std::fs::read_to_string(&file).ok()?, written: file.metadata().ok()? })
    }

    /// The hash of a file. None where it isn't recorded, or the file was changed or put there afterwards.
    fn hash(&self, name: &str, file: &Metadata) -> Option<String> {
        let is_later = |a: &Metadata, b: &Metadata| (a.mtime(), a.mtime_nsec()) > (b.mtime(), b.mtime_nsec());
        // A file that is copied in keeps its own time of change, but not the system's.
        if is_later(file, &self.written) || file.ctime() > self.written.ctime() + ARRIVAL {
            return None;
        }
        let line = self
            .text
            .lines()
            .find(|line| line.get(64..).is_some_and(|rest| rest.trim_start_matches([' ', '*']) == name))?;
        let hash = line.get(..64).filter(|hash| hash.bytes().all(|b| b.is_ascii_hexdigit()))?;
        Some(hash.to_ascii_lowercase())
    }
}

fn of_parts(parts: Vec<Part>) -> io::Result<String> {
    let mut list = Sha256::new();
    for Part { name, file, recorded } in parts {
        let hash = recorded.map_or_else(|| hash(file), Ok)?;
        list.update(format!("{hash}  {name}\n"));
    }
    Ok(format!("sha256:{}", crate::hex(&list.finalize())))
}

fn hash(mut file: File) -> io::Result<String> {
    let mut hash = Sha256::new();
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
    use std::time::{Duration, SystemTime};

    use super::*;

    /// A model's directory, or what a digest sees of one.
    struct Files(tempfile::TempDir);

    impl Files {
        fn new() -> Files {
            let files = Files(tempfile::tempdir().unwrap());
            files.write("config.json", "{}");
            files.write("model.safetensors", "weights");
            files
        }

        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.0.path().join(name), text).unwrap();
        }

        fn write_sums(&self, names: &[&str]) {
            let hash = |name| hash(File::open(self.0.path().join(name)).unwrap()).unwrap();
            self.write(
                SUMS,
                &names.iter().map(|name| format!("{}  {name}\n", hash(name))).collect::<String>(),
            );
        }

        /// Replaces a file by one that was written that many seconds after now.
        fn replace(&self, name: &str, text: &str, seconds: i64) {
            self.write(name, text);
            let by = Duration::from_secs(seconds.unsigned_abs());
            let now = SystemTime::now();
            let time = if seconds < 0 { now - by } else { now + by };
            let file = File::options().write(true).open(self.0.path().join(name)).unwrap();
            file.set_modified(time).unwrap();
        }

        fn digest(&self) -> String {
            of(self.0.path()).unwrap()
        }
    }

    #[test]
    fn recorded_sums_give_the_digest_that_hashing_gives() {
        let files = Files::new();
        let hashed = files.digest();
        files.write_sums(&["model.safetensors", "config.json"]);
        assert_eq!(files.digest(), hashed);
    }

    #[test]
    fn the_weights_recorded_sum_is_taken_unless_it_is_older_than_they_are() {
        let files = Files::new();
        let hashed = files.digest();
        files.write(SUMS, &format!("{}  model.safetensors\n", "0".repeat(64)));
        assert_ne!(files.digest(), hashed);
        files.replace("model.safetensors", "weights", 5);
        assert_eq!(files.digest(), hashed);
    }

    #[test]
    fn a_config_json_that_was_replaced_by_an_older_file_is_seen() {
        let files = Files::new();
        files.write_sums(&["model.safetensors", "config.json"]);
        let before = files.digest();
        files.replace("config.json", r#"{"id2label": {}}"#, -500);
        assert_ne!(files.digest(), before);
    }

    #[test]
    fn a_vocabulary_and_what_is_added_to_it_count_where_they_are_the_tokenizer_and_nowhere_else() {
        let files = Files::new();
        for name in vocab_files::FILES {
            let before = files.digest();
            files.write(name, "a");
            assert_ne!(files.digest(), before, "{name}");
        }
        files.write(tokenizer_config::FILE, "{}");
        files.write(TOKENIZER, "{}");
        let before = files.digest();
        vocab_files::FILES.iter().for_each(|name| files.write(name, r#"{"b": 1}"#));
        assert_eq!(files.digest(), before);
    }

    #[test]
    fn tokenizer_config_json_counts_where_it_decides_whether_token_types_are_given() {
        let shape = r#""hidden_size": 32, "num_attention_heads": 2, "num_hidden_layers": 1, "intermediate_size": 64,
                       "hidden_act": "gelu", "max_position_embeddings": 64, "vocab_size": 100"#;
        let bert = r#""architectures": ["BertForSequenceClassification"], "model_type": "bert""#;
        let without = r#", "tokenizer_class": "DistilBertTokenizer""#;
        for (more, types, settings, counts) in [
            ("", 2, r#"{"tokenizer_class": "BertTokenizer", "backend": "tokenizers"}"#, false),
            ("", 2, r#"{"tokenizer_class": "TokenizersBackend"}"#, true),
            ("", 1, r#"{"tokenizer_class": "TokenizersBackend"}"#, false),
            ("", 2, r#"{"model_input_names": ["input_ids", "attention_mask"]}"#, true),
            ("", 2, r#"{"model_input_names": ["input_ids", "token_type_ids"]}"#, false),
            (without, 2, r#"{"tokenizer_class": "BertTokenizer"}"#, true),
            (without, 2, r#"{"tokenizer_class": "RobertaTokenizer"}"#, false),
        ] {
            let files = Files::new();
            files.write("config.json", &format!("{{{bert}, {shape}, \"type_vocab_size\": {types}{more}}}"));
            assert!(ModelConfig::read(files.0.path()).is_ok());
            files.write(TOKENIZER, "{}");
            let before = files.digest();
            files.write(tokenizer_config::FILE, settings);
            assert_eq!(files.digest() != before, counts, "{settings}");
        }
    }
}
