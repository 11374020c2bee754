//! One file from a source that may break off, lie about lengths or change in between → a whole file here.
//!
//! What came so far lies in a part beside the staged files and survives the process; it is gone on with only if
//! the server vouches that the file is still the same. Whether it is the right file, the hash says afterwards.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    error::{At, Error, Kind},
    http,
    patience::Patience,
    progress::Progress,
    settings::Settings,
};

/// A try that came so much further than all before it is not counted: the size limit bounds how often that can be.
const WORTH_A_TRY: u64 = 1 << 20;

/// Where to go on, and the proof that it is the same file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// Bytes that are here.
    pub from: u64,
    /// The file's ETag or date, as the server gave it.
    pub validator: String,
}

/// What a source sends.
pub struct Answer {
    /// The bytes.
    pub body: Box<dyn Read>,
    /// Which of the file's bytes is the first: the asked one or 0.
    pub start: u64,
    /// The whole file's length, if told.
    pub total: Option<u64>,
    /// What names this version of the file, if anything does.
    pub validator: Option<String>,
}

/// A file on its way.
pub struct Job<'a> {
    /// For people.
    pub name: &'a str,
    /// Where it is put when it is whole.
    pub to: PathBuf,
    /// Where its part is kept.
    pub part: PathBuf,
    /// The most bytes that it may have.
    pub most: u64,
    /// Whether the part is still there for a next run.
    pub part_lasts: bool,
}

/// What is known of a part.
#[derive(Default, Serialize, Deserialize)]
struct About {
    validator: Option<String>,
    total: Option<u64>,
}

/// Opens a source once, from the beginning or from where a part ends.
pub type Open<'a> = dyn FnMut(Option<&Resume>) -> Result<Answer, Error> + 'a;

/// Brings the file, however often the line breaks within the settings' patience. True if a part of an earlier
/// process went into it.
///
/// # Errors
/// As [`Error`] splits them; a part stays, for the next time, unless it is of no use.
pub fn download(job: &Job<'_>, settings: &Settings, open: &mut Open<'_>) -> Result<bool, Error> {
    let mut progress = Progress::start(job.name, settings.quiet);
    let mut patience = Patience::new(settings);
    let mut furthest = length(&job.part);
    let mut inherited = furthest > 0;
    loop {
        let error = match attempt(job, &mut progress, &mut inherited, open) {
            Ok(()) => break,
            Err(error) => error,
        };
        if error.kind == Kind::Stale {
            discard(&job.part)?;
        }
        if length(&job.part) >= furthest + WORTH_A_TRY {
            furthest = length(&job.part);
            patience.refresh();
        }
        patience.wait(error).map_err(|e| match length(&job.part) {
            0 => e,
            kept if job.part_lasts => {
                e.with(&format!("{kept} bytes of it are kept, and the next try goes on from there"))
            }
            lost => e.with(&format!("the {lost} bytes that came are gone; --out DIR would keep them")),
        })?;
    }
    fs::rename(&job.part, &job.to).at(&job.to)?;
    discard(&job.part)?;
    Ok(inherited)
}

fn attempt(
    job: &Job<'_>,
    progress: &mut Progress,
    inherited: &mut bool,
    open: &mut Open<'_>,
) -> Result<(), Error> {
    let about = read_about(&job.part);
    let have = length(&job.part);
    if have > 0 && about.total == Some(have) {
        return Ok(());
    }
    let resume = about.validator.filter(|_| have > 0).map(|validator| Resume { from: have, validator });
    let answer = open(resume.as_ref())?;
    let too_large = |bytes: u64| {
        Error::lasting(format!(
            "{}: has {bytes} bytes or more; --max-mib leaves {} for it",
            job.name, job.most
        ))
    };
    if let Some(total) = answer.total.filter(|total| *total > job.most) {
        discard(&job.part)?;
        return Err(too_large(total));
    }
    // What is known is written before the first byte: a part without it is never gone on with.
    let total = if answer.start == 0 {
        *inherited = false;
        discard(&job.part)?;
        let about = About { validator: answer.validator, total: answer.total };
        let text = serde_json::to_vec(&about).unwrap_or_default();
        fs::write(about_path(&job.part), text).at(&job.part)?;
        answer.total
    } else {
        if let (Some(first), Some(now)) = (about.total, answer.total)
            && first != now
        {
            return Err(Error::stale(format!("{}: has {now} bytes now, {first} before", job.name)));
        }
        about.total.or(answer.total)
    };
    let mut file = OpenOptions::new().create(true).append(true).open(&job.part).at(&job.part)?;
    progress.position(answer.start, total);
    let mut at = answer.start;
    let mut body = answer.body;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = body.read(&mut buffer).map_err(|e| broke_off(job.name, at, total, &e.to_string()))?;
        if n == 0 {
            break;
        }
        if at == 0 && is_page(&buffer[..n]) {
            drop(file);
            discard(&job.part)?;
            return Err(http::page(job.name));
        }
        at += n as u64;
        if at > job.most {
            drop(file);
            discard(&job.part)?;
            return Err(too_large(at));
        }
        file.write_all(&buffer[..n]).at(&job.part)?;
        progress.advance(n as u64);
    }
    if let Some(total) = total {
        if at < total {
            return Err(broke_off(job.name, at, Some(total), "the connection ended"));
        }
        if at > total {
            return Err(Error::stale(format!("{}: {at} bytes came of {total} announced", job.name)));
        }
    }
    file.sync_all().at(&job.part)
}

fn broke_off(name: &str, at: u64, total: Option<u64>, why: &str) -> Error {
    let of = total.map_or_else(String::new, |total| format!(" of {total}"));
    Error::passing(format!("{name}: broke off after {at}{of} bytes: {why}"))
}

/// No model's file begins so.
pub fn is_page(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes).trim_ascii_start();
    let begins = |with: &str| text.get(..with.len()).is_some_and(|t| t.eq_ignore_ascii_case(with.as_bytes()));
    ["<!doctype", "<html", "<?xml", "<!--"].into_iter().any(begins)
}

fn length(part: &Path) -> u64 {
    fs::metadata(part).map_or(0, |m| m.len())
}

fn about_path(part: &Path) -> PathBuf {
    part.with_extension("json")
}

fn read_about(part: &Path) -> About {
    fs::read(about_path(part)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

fn discard(part: &Path) -> Result<(), Error> {
    for path in [part.to_owned(), about_path(part)] {
        match fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(Error::at(&path, &e)),
            _ => {}
        }
    }
    Ok(())
}

/// Copies from a source that is here, or unpacked from what is: nothing to resume.
///
/// # Errors
/// A file that can't be read or written, or is over the limit.
pub fn copy(
    job: &Job<'_>,
    settings: &Settings,
    from: &mut dyn Read,
    total: Option<u64>,
) -> Result<(), Error> {
    let mut progress = Progress::start(job.name, settings.quiet);
    progress.position(0, total);
    let mut file = File::create(&job.to).at(&job.to)?;
    let (mut buffer, mut at) = (vec![0; 1 << 16], 0);
    loop {
        let n = from.read(&mut buffer).map_err(|e| Error::lasting(format!("{}: {e}", job.name)))?;
        if n == 0 {
            return file.sync_all().at(&job.to);
        }
        at += n as u64;
        if at > job.most {
            return Err(Error::lasting(format!("{}: has more bytes than --max-mib leaves for it", job.name)));
        }
        file.write_all(&buffer[..n]).at(&job.to)?;
        progress.advance(n as u64);
    }
}
