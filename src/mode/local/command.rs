//! `baton local` as a person types it.

use std::path::{Path, PathBuf};

use clap::Args;

/// Run a whole pipeline over a folder of documents, without AWS
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// The folder of documents: .txt, .json, gzipped or not
    pub documents: PathBuf,
    /// The folder for results
    #[arg(long)]
    pub out: PathBuf,
    /// The pipeline file [default: pipeline.toml here, else beside the folder of documents]
    #[arg(long)]
    pub pipeline: Option<PathBuf>,
    /// Documents in work at a time
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: u16,
    /// Entities in the table
    #[arg(long, default_value_t = 12)]
    pub entities: usize,
}

impl Arguments {
    /// The pipeline file that is meant.
    pub fn pipeline(&self) -> PathBuf {
        let here = PathBuf::from("pipeline.toml");
        // `.` and `..` have no name that could be taken away.
        let above = |folder: &Path| match folder.file_name() {
            Some(_) => folder.parent().unwrap_or(Path::new("")).to_owned(),
            None => folder.join(".."),
        };
        let beside = || above(&self.documents).join("pipeline.toml");
        match &self.pipeline {
            Some(given) => given.clone(),
            None if here.exists() => here,
            None => beside(),
        }
    }
}
