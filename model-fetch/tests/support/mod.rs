//! What these tests stand on: the real binary, a server on loopback that does what a test says, a folder of one's
//! own.

// Each test binary compiles the whole module and uses only its part of it.
#![allow(dead_code, unused_imports)]

pub mod server;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

pub use server::{Reply, Request, Server};

/// A folder with a models.toml, and the binary run in it.
pub struct World {
    dir: TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub struct Run {
    pub ok: bool,
    pub out: String,
    pub err: String,
}

impl World {
    pub fn new(models: &str) -> Self {
        let world = World { dir: tempfile::tempdir().unwrap() };
        fs::write(world.models(), models).unwrap();
        world
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn models(&self) -> PathBuf {
        self.path().join("models.toml")
    }

    pub fn models_text(&self) -> String {
        fs::read_to_string(self.models()).unwrap()
    }

    /// Where `fetch --out out` puts things.
    pub fn out(&self) -> PathBuf {
        self.path().join("out")
    }

    /// All that lies in `out`, hidden things too.
    pub fn left_behind(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.out()) else { return Vec::new() };
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_model-fetch"));
        command
            .current_dir(self.path())
            .env_clear()
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if matches!(arguments.first(), Some(&("fetch" | "add"))) {
            command.args(["--retry-pause-ms", "1", "--quiet"]);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        finish(self.command(arguments).spawn().unwrap())
    }

    pub fn run_with(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Run {
        finish(self.command(arguments).envs(environment.iter().copied()).spawn().unwrap())
    }

    pub fn fetch(&self) -> Run {
        self.run(&["fetch", "small", "--out", "out"])
    }

    /// The files of `out/small`, as they should be.
    #[track_caller]
    pub fn assert_installed(&self, model: &Model) {
        for (name, bytes) in &model.files {
            assert_eq!(&fs::read(self.out().join("small").join(name)).unwrap(), bytes, "{name}");
        }
        assert_eq!(self.left_behind(), ["small"]);
    }
}

pub fn finish(child: Child) -> Run {
    let output = child.wait_with_output().unwrap();
    Run {
        ok: output.status.success(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Run {
    #[track_caller]
    pub fn succeeded(self) -> Self {
        assert!(self.ok, "{self:#?}");
        self
    }

    /// It failed, and said all of these.
    #[track_caller]
    pub fn failed(self, words: &[&str]) -> Self {
        assert!(!self.ok, "{self:#?}");
        for word in words {
            assert!(self.err.contains(word), "`{word}` is not in\n{}", self.err);
        }
        self
    }
}

/// The files of a model as small as they may be: nothing here loads it.
pub struct Model {
    pub files: Vec<(&'static str, Vec<u8>)>,
}

impl Model {
    pub fn new() -> Self {
        let data = (0..300_000_u32).flat_map(|i| (i.wrapping_mul(2_654_435_761) >> 8).to_le_bytes());
        let data: Vec<u8> = data.take(1_200_000 - SAFETENSORS).collect();
        Model {
            files: vec![
                ("config.json", br#"{"model_type":"bert"}"#.to_vec()),
                ("tokenizer.json", br#"{"version":"1.0"}"#.to_vec()),
                ("model.safetensors", safetensors(&data)),
            ],
        }
    }

    pub fn bytes(&self, name: &str) -> &[u8] {
        &self.files.iter().find(|(file, _)| *file == name).unwrap().1
    }

    /// An entry `small` that pins it all.
    pub fn entry(&self, source: &str) -> String {
        let files = self.files.iter().map(|(name, bytes)| {
            format!("    {{ path = \"{name}\", bytes = {}, sha256 = \"{}\" }},\n", bytes.len(), sha256(bytes))
        });
        let files: String = files.collect();
        format!(
            "[[model]]\nname = \"small\"\nsource = \"{source}\"\nlicence = \"MIT\"\nfiles = [\n{files}]\n"
        )
    }

    /// Its file at an address that ends in the file's name, as a good server gives it.
    pub fn serve(&self, request: &Request) -> Reply {
        let name = request.path.split('?').next().unwrap().rsplit('/').next().unwrap();
        match self.files.iter().find(|(file, _)| *file == name) {
            Some((_, bytes)) => Reply::file(request, bytes),
            None => Reply::status(404),
        }
    }
}

/// What [`safetensors`] puts before the data.
pub const SAFETENSORS: usize = 8 + 100;

/// A safetensors file with one tensor that has this data.
pub fn safetensors(data: &[u8]) -> Vec<u8> {
    let n = data.len();
    let header = format!(r#"{{"w":{{"dtype":"U8","shape":[{n}],"data_offsets":[0,{n}]}}}}"#);
    let header = format!("{header:100}");
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

/// The model's files in a folder, as a source.
pub fn put(model: &Model, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for (name, bytes) in &model.files {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
