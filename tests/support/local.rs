//! `baton` as a person runs it: arguments in, an exit status, two texts and a tree of files out.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

use serde_json::Value;
use tempfile::TempDir;

use super::document;

/// The program under test.
pub fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_baton"))
}

/// A path in the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// How a run ended.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ran {
    #[track_caller]
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("what is printed is UTF-8");
        let status = output.status.code().unwrap_or_else(|| panic!("no exit status: {output:?}"));
        Ran { status, stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

impl Ran {
    /// Runs a command to its end.
    #[track_caller]
    pub fn of(command: &mut Command) -> Self {
        command.output().expect("the program starts").into()
    }

    /// The same with something on standard input.
    #[track_caller]
    pub fn with_input(command: &mut Command, input: &[u8]) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        child.stdin.take().expect("it is piped").write_all(input).expect("it is read");
        child.wait_with_output().expect("it ends").into()
    }

    /// The run, which must have ended with this status.
    #[track_caller]
    pub fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "it said:\n{}{}", self.stdout, self.stderr);
        self
    }
}

/// Runs the program with these arguments.
#[track_caller]
pub fn run<A: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = A>) -> Ran {
    Ran::of(Command::new(program()).args(arguments))
}

/// A folder of documents, and one for results, gone with this value.
pub struct Workplace {
    folder: TempDir,
}

impl Workplace {
    pub fn new() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        fs::create_dir(folder.path().join("documents")).expect("a folder");
        Workplace { folder }
    }

    /// One with these documents.
    pub fn with<'a>(documents: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let place = Self::new();
        documents.into_iter().for_each(|(name, body)| place.put(name, body));
        place
    }

    /// One with the repository's sample documents.
    pub fn with_samples() -> Self {
        let place = Self::new();
        let samples = tree(&repository("samples/documents"));
        samples.iter().for_each(|(name, bytes)| place.put(name, bytes));
        place
    }

    pub fn documents(&self) -> PathBuf {
        self.folder.path().join("documents")
    }

    pub fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a document.
    pub fn put(&self, name: &str, body: impl AsRef<[u8]>) {
        let path = self.documents().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, body).expect("a file");
    }

    /// Runs the samples' pipeline over the documents.
    #[track_caller]
    pub fn run(&self, more: &[&str]) -> Ran {
        self.run_pipeline(&repository("samples/pipeline.toml"), more)
    }

    #[track_caller]
    pub fn run_pipeline(&self, pipeline: &Path, more: &[&str]) -> Ran {
        let paths = [self.documents(), self.out(), pipeline.to_owned()];
        let [documents, out, pipeline] = paths.map(|path| path.to_str().expect("UTF-8").to_owned());
        let arguments = ["local", &documents, "--out", &out, "--pipeline", &pipeline];
        run(arguments.iter().chain(more))
    }

    /// What lies in the folder for results.
    pub fn results(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = tree(&self.out());
        files.remove(".baton-results");
        files
    }

    /// The bytes that a stage wrote for a document.
    #[track_caller]
    pub fn output(&self, stage: &str, name: &str) -> Vec<u8> {
        let path = self.out().join(format!("{stage}/{name}.json"));
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The enriched document of the last stage, checked.
    #[track_caller]
    pub fn enriched(&self, name: &str) -> Value {
        document::enriched(&self.output("sentiment", name))
    }

    /// The record of a document that the first stage rejected.
    #[track_caller]
    pub fn rejection(&self, name: &str) -> Value {
        serde_json::from_slice(&self.output("rejected/ner", name)).expect("a record is JSON")
    }
}

/// The samples, run once for all tests of a binary.
pub struct SampleRun {
    pub results: BTreeMap<String, Vec<u8>>,
    pub ran: Ran,
}

pub fn sample_run() -> &'static SampleRun {
    static RUN: OnceLock<SampleRun> = OnceLock::new();
    RUN.get_or_init(|| {
        let place = Workplace::with_samples();
        let ran = place.run(&[]).expect(0);
        SampleRun { results: place.results(), ran }
    })
}

impl SampleRun {
    /// The enriched document of the last stage, checked.
    #[track_caller]
    pub fn enriched(&self, name: &str) -> Value {
        document::enriched(&self.results[&format!("sentiment/{name}.json")])
    }
}

/// All files below a folder, by their paths in it; none where there is no folder.
pub fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok) {
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(folder).expect("below the folder");
            let name = name.to_str().expect("UTF-8").to_owned();
            files.insert(name, fs::read(entry.path()).expect("a readable file"));
        }
    }
    files
}
