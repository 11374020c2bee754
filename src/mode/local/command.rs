//! `baton local` as a person types it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::files;

/// Run a whole pipeline over a folder of documents, without AWS
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Example: baton local news/ --out out --pipeline samples/pipeline.toml

Exit codes: 0 every document succeeded; 1 some were rejected or failed; 2 wrong configuration; 130 stopped. Run the same \
command again to resume.")]
pub struct Arguments {
    /// A folder of documents, or one document: text or JSON, gzipped or not. Hidden files, results and pipeline files are skipped
    pub documents: PathBuf,
    /// The folder for results
    #[arg(long)]
    pub out: PathBuf,
    /// The pipeline file [default: pipeline.toml in the current folder, else beside the folder of documents]
    #[arg(long)]
    pub pipeline: Option<PathBuf>,
    /// Also read files outside the folder that links in it point to
    #[arg(long)]
    pub follow_links: bool,
    /// Compute all results again, even those that are there from the same document, model and settings
    #[arg(long)]
    pub force: bool,
    /// How many documents are processed at a time
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: u16,
    /// How many entities the table shows
    #[arg(long, default_value_t = 12)]
    pub entities: usize,
}

impl Arguments {
    /// The pipeline file that is meant.
    ///
    /// # Errors
    /// When the documents aren't there, which is the likelier mistake; and where a file was looked for.
    pub fn pipeline(&self) -> Result<PathBuf, String> {
        let folder = files::folder(&self.documents)?;
        if let Some(given) = &self.pipeline {
            return Ok(given.clone());
        }
        let mut places = vec![PathBuf::from("pipeline.toml"), above(folder).join("pipeline.toml")];
        places.dedup();
        let tried: Vec<_> = places.iter().map(|path| path.display().to_string()).collect();
        let missing = format!("there is no {}; name a pipeline file with --pipeline", tried.join(" and no "));
        places.into_iter().find(|path| path.exists()).ok_or(missing)
    }
}

/// `.` and `..` have no name that could be taken away.
fn above(folder: &Path) -> PathBuf {
    match folder.file_name() {
        Some(_) => folder.parent().unwrap_or(Path::new("")).to_owned(),
        None => folder.join(".."),
    }
}
