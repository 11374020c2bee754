//! What a person asks to be sent again → a plan that can be carried out, or what is wrong with it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{filter::Filter, inventory::Column};
use crate::{
    config::{check_bucket, check_queue},
    queue::{CALLS_AT_ONCE, is_fifo},
};

/// Send messages to a stage's queue again: for documents in a bucket, in a list, among dead letters or rejections
#[derive(Args, Clone, Debug)]
#[command(group = clap::ArgGroup::new("from").required(true).args(["prefix", "list", "dead_letters", "rejections"]))]
pub struct Arguments {
    /// Send all documents under this prefix: s3://bucket/prefix
    #[arg(long, value_parser = place)]
    pub prefix: Option<Place>,
    /// Send the documents in this file (- for standard input), gzipped or not. Each line is an s3:// URL, JSON with a
    /// bucket and a key, any message that a stage takes, or a row of an S3 Inventory
    #[arg(long)]
    pub list: Option<PathBuf>,
    /// Send the messages in this dead-letter queue (its URL), and delete each one there once it is sent
    #[arg(long, value_parser = queue)]
    pub dead_letters: Option<String>,
    /// Send the documents and messages with rejection records here: s3://bucket/rejected/stage/
    #[arg(long, value_parser = place)]
    pub rejections: Option<Place>,
    /// The URL of the queue to send to
    #[arg(long, value_parser = queue)]
    pub queue: String,
    /// The columns of the S3 Inventory, as in fileSchema of its manifest.json
    #[arg(long, value_delimiter = ',', value_parser = column, default_value = "Bucket,Key", requires = "list")]
    pub columns: Vec<Column>,
    #[command(flatten)]
    pub filter: Filter,
    /// Only documents without a result from the same input, model and configuration. Needs the stage's BATON_…
    /// variables
    #[arg(long, conflicts_with = "force")]
    pub only_missing: bool,
    /// Compute results again even if they are there, in this stage and those after it
    #[arg(long)]
    pub force: bool,
    /// Read the newest version of each document, instead of the version that its message names
    #[arg(long)]
    pub latest: bool,
    /// The maximum number of messages a second: 50, or 50/s
    #[arg(long, value_parser = rate)]
    pub rate: Option<f64>,
    /// Keep a record of what was sent in this file, so that the same command can resume
    #[arg(long)]
    pub checkpoint: Option<PathBuf>,
    /// Send nothing; show how many messages there are, some of them, and roughly what they would cost and how long they would take
    #[arg(long)]
    pub dry_run: bool,
    /// For --dry-run: how many seconds the stage takes for a document
    #[arg(long, default_value_t = 0.5, value_parser = positive)]
    pub document_seconds: f64,
    /// For --dry-run: how many documents the stage processes at a time
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub concurrency: u32,
    /// For --dry-run: where the stage runs
    #[arg(long, value_enum, default_value_t = Platform::Arm64)]
    pub platform: Platform,
}

/// A kind of processor, which Lambda has prices for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Platform {
    /// Graviton.
    Arm64,
    /// Intel or AMD.
    #[value(name = "x86_64")]
    X86_64,
}

/// A bucket and what keys in it begin with, to the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The bucket.
    pub bucket: String,
    /// May be empty.
    pub prefix: String,
}

impl Arguments {
    /// Calls that send may be under way together: what keeps its order goes one after the other.
    pub(super) fn calls_at_once(&self) -> usize {
        if is_fifo(&self.queue) { 1 } else { CALLS_AT_ONCE }
    }

    /// What no single argument is wrong about.
    ///
    /// # Errors
    /// What doesn't go together.
    pub fn check(&self) -> Result<(), String> {
        let has = |column| self.list.is_some() && self.columns.contains(&column);
        let sizes = self.prefix.is_some() || has(Column::Size);
        let times = self.prefix.is_some() || self.rejections.is_some() || has(Column::LastModifiedDate);
        if self.filter.by_size() && !sizes {
            return Err(
                "--min-bytes and --max-bytes: sizes are known with --prefix, or --list and a column Size \
                        in --columns"
                    .into(),
            );
        }
        if self.filter.by_time() && !times {
            return Err(
                "--after and --before: times are known with --prefix, --rejections, or --list and a column \
                        LastModifiedDate in --columns"
                    .into(),
            );
        }
        if self.dead_letters.as_ref() == Some(&self.queue) {
            return Err("--queue: is the queue of --dead-letters; name the stage's own".into());
        }
        Ok(())
    }

    /// What makes it the same run as an earlier one: all that decides which messages are sent, and where to.
    pub fn identity(&self) -> String {
        let Arguments { prefix, list, dead_letters, rejections, queue, columns, filter, .. } = self;
        let (only_missing, force, latest) = (self.only_missing, self.force, self.latest);
        format!(
            "{prefix:?} {list:?} {dead_letters:?} {rejections:?} {queue} {columns:?} {filter:?} {only_missing} \
             {force} {latest}"
        )
    }
}

fn place(url: &str) -> Result<Place, String> {
    let rest = url.strip_prefix("s3://").ok_or("is no s3://bucket/prefix")?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.is_empty() {
        return Err("names no bucket; write s3://bucket/prefix".into());
    }
    check_bucket(bucket)?;
    Ok(Place { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
}

fn queue(url: &str) -> Result<String, String> {
    check_queue(url).map(|()| url.to_owned())
}

fn column(name: &str) -> Result<Column, String> {
    Ok(Column::named(name.trim()))
}

fn rate(value: &str) -> Result<f64, String> {
    const SLOWEST: f64 = 0.1;
    let number = value.trim();
    let rate = positive(number.strip_suffix("/s").unwrap_or(number))
        .map_err(|e| format!("{e}; write messages a second, as 50 or 50/s"))?;
    if rate < SLOWEST { Err(format!("the slowest is {SLOWEST}/s")) } else { Ok(rate) }
}

fn positive(value: &str) -> Result<f64, String> {
    match value.trim().parse::<f64>() {
        Ok(number) if number.is_finite() && number > 0.0 => Ok(number),
        _ => Err("is no number above zero".into()),
    }
}
