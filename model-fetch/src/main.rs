//! model-fetch: arguments → a command.
//!
//! | file | what it does |
//! |---|---|
//! | `manifest` | models.toml, read and written |
//! | `baton_json` | baton.json, which an entry may have as a table |
//! | `source` | where models come from, a file a kind |
//! | `select` | which files make a model |
//! | `download`, `http`, `address` | one file, whole, however the line breaks |
//! | `gather`, `whole`, `convert`, `install` | all files, checked, converted where they must be, then in place in one step |
//! | `safetensors` | how weights begin |
//! | `scratch` | a folder for what nobody keeps |
//! | `output` | what is said |
//! | `fetch`, `add`, `verify`, `list`, `check` | the commands |

mod add;
mod address;
mod baton_json;
mod check;
mod convert;
mod download;
mod error;
mod fetch;
mod gather;
mod hash;
mod http;
mod install;
mod list;
mod manifest;
mod model_path;
mod output;
mod patience;
mod progress;
mod safetensors;
mod scratch;
mod select;
mod settings;
mod source;
mod verify;
mod whole;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::{add::Add, error::Error, fetch::Allow, manifest::Manifest, settings::Settings};

/// Download models for Baton: pinned, resumable and checked.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The list of models [default: models.toml here, else model-fetch/models.toml]
    #[arg(long, global = true, value_name = "FILE")]
    models: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fetch models into DIR/NAME
    Fetch {
        /// Their names in models.toml
        #[arg(required = true)]
        names: Vec<String>,
        /// The folder of models
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Take files that have no sha256 in models.toml yet, and write their hashes there
        #[arg(long)]
        accept_new_hashes: bool,
        /// Replace a folder that is there and differs
        #[arg(long)]
        replace: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// Download a model, hash it, and write its entry into models.toml
    Add {
        #[command(flatten)]
        add: Add,
        #[command(flatten)]
        settings: Settings,
    },
    /// Check models in DIR against models.toml, byte for byte
    Verify {
        /// One of them [default: all that are there]
        name: Option<String>,
        /// The folder of models
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
    },
    /// Show what models.toml has
    List,
    /// Load a model through Baton: architecture, labels, size, memory, speed here, parity
    Check {
        /// The model's folder
        folder: PathBuf,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let manifest = || Manifest::read(&arguments.models.clone().unwrap_or_else(default_models));
    let done = match &arguments.command {
        Command::Fetch { names, out, accept_new_hashes, replace, settings } => {
            let allow = Allow { new_hashes: *accept_new_hashes, replacing: *replace };
            manifest().and_then(|manifest| {
                // A name that isn't there is said before the first model comes.
                names.iter().try_for_each(|name| manifest.find(name).map(drop))?;
                names.iter().try_for_each(|name| fetch::run(&manifest, name, out, allow, settings))
            })
        }
        Command::Add { add, settings } => manifest().and_then(|manifest| add::run(&manifest, add, settings)),
        Command::Verify { name, dir } => {
            manifest().and_then(|manifest| verify::run(&manifest, name.as_deref(), dir))
        }
        Command::List => manifest().and_then(|manifest| output::say(list::render(&manifest).trim_end())),
        Command::Check { folder } => check::run(folder),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &Error) -> ExitCode {
    output::tell(format_args!("model-fetch: {error}"));
    ExitCode::FAILURE
}

fn default_models() -> PathBuf {
    let here = Path::new("models.toml");
    if here.exists() { here.to_owned() } else { Path::new("model-fetch/models.toml").to_owned() }
}
