//! One file from a source that may break off, lie about lengths or change in between → a whole file here.
//!
//! What came so far is gone on with only if the server vouches that the file is still the same. Whether it is the right
//! file, the hash says afterwards.

mod part;

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
};

use crate::{
    error::{At, Error, Kind},
    hash::Hash,
    http,
    patience::Patience,
    progress::Progress,
    settings::Settings,
};
use part::About;
pub use part::Part;

/// A try that came so much further than all before it is not counted: the size limit bounds how often that can be.
const WORTH_A_TRY: u64 = 1 << 20;

const BUFFER: usize = 1 << 16;

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
    pub part: Part,
    /// The most bytes that it may have.
    pub most: u64,
    pub settings: &'a Settings,
}

/// Opens a source once, from the beginning or from where a part ends.
pub type Open<'a> = dyn FnMut(Option<&Resume>) -> Result<Answer, Error> + 'a;

/// Brings the file, however often the line breaks within the settings' patience. True if a part of an earlier
/// process went into it. Where it fails a part stays, for the next time, unless it is of no use.
pub fn download(job: &Job<'_>, open: &mut Open<'_>) -> Result<bool, Error> {
    let mut progress = Progress::start(job.name, job.settings.quiet);
    let mut patience = Patience::new(job.settings);
    let mut furthest = job.part.length();
    let mut inherited = furthest > 0;
    while let Err(error) = attempt(job, &mut progress, &mut inherited, open) {
        if error.kind == Kind::Stale {
            job.part.discard()?;
        }
        let length = job.part.length();
        if length >= furthest + WORTH_A_TRY {
            furthest = length;
            patience.refresh();
        }
        patience.wait(error).map_err(|e| job.part.told(e))?;
    }
    job.part.finish(&job.to)?;
    Ok(inherited)
}

fn attempt(
    job: &Job<'_>,
    progress: &mut Progress,
    inherited: &mut bool,
    open: &mut Open<'_>,
) -> Result<(), Error> {
    let (about, have) = (job.part.about(), job.part.length());
    if have > 0 && about.total == Some(have) {
        return Ok(());
    }
    let resume = about.validator.filter(|_| have > 0).map(|validator| Resume { from: have, validator });
    let answer = open(resume.as_ref())?;
    if let Some(total) = answer.total.filter(|total| *total > job.most) {
        job.part.discard()?;
        return Err(job.too_large(total));
    }
    let total = match (about.total, answer.total) {
        _ if answer.start == 0 => {
            *inherited = false;
            job.part.begin(&About { validator: answer.validator, total: answer.total })?;
            answer.total
        }
        (Some(before), Some(now)) if before != now => {
            return Err(Error::stale(format!("{}: has {now} bytes now, {before} before", job.name)));
        }
        (before, now) => before.or(now),
    };
    progress.position(answer.start, total);
    receive(job, answer.start, total, answer.body, progress)
}

/// Appends what comes to the part, until it is the whole file.
fn receive(
    job: &Job<'_>,
    start: u64,
    total: Option<u64>,
    mut body: impl Read,
    progress: &mut Progress,
) -> Result<(), Error> {
    let broke_off = |at: u64, why: &str| {
        let of = total.map_or_else(String::new, |total| format!(" of {total}"));
        Error::passing(format!("{}: broke off after {at}{of} bytes: {why}", job.name))
    };
    let mut file = job.part.append()?;
    let (mut at, mut buffer) = (start, vec![0; BUFFER]);
    loop {
        let n = body.read(&mut buffer).map_err(|e| broke_off(at, &e.to_string()))?;
        if n == 0 {
            break;
        }
        if at == 0 && is_page(&buffer[..n]) {
            job.part.discard()?;
            return Err(http::page(job.name));
        }
        at += n as u64;
        if at > job.most {
            job.part.discard()?;
            return Err(job.too_large(at));
        }
        file.write_all(&buffer[..n]).at(&job.part.path)?;
        progress.advance(n as u64);
    }
    match total {
        Some(total) if at < total => Err(broke_off(at, "the connection ended")),
        Some(total) if at > total => {
            Err(Error::stale(format!("{}: {at} bytes came of {total} announced", job.name)))
        }
        _ => file.sync_all().at(&job.part.path),
    }
}

impl Job<'_> {
    fn too_large(&self, bytes: u64) -> Error {
        let Job { name, most, .. } = self;
        Error::lasting(format!("{name}: has {bytes} bytes or more; --max-mib leaves {most} for it"))
    }
}

/// No model's file begins so.
pub fn is_page(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes).trim_ascii_start();
    let begins = |with: &str| text.get(..with.len()).is_some_and(|t| t.eq_ignore_ascii_case(with.as_bytes()));
    ["<!doctype", "<html", "<?xml", "<!--"].into_iter().any(begins)
}

/// Brings a file until nothing is `wrong` with its hash and size, which are given back. What an earlier process left of
/// it may have been damaged since: then it is brought once more, from its beginning.
pub fn until_right(
    to: &Path,
    mut bring: impl FnMut() -> Result<bool, Error>,
    wrong: impl Fn(Hash, u64) -> Option<String>,
) -> Result<(Hash, u64), Error> {
    loop {
        let inherited = bring()?;
        let (hash, bytes) = Hash::of_file(to)?;
        let Some(wrong) = wrong(hash, bytes) else { return Ok((hash, bytes)) };
        fs::remove_file(to).at(to)?;
        if !inherited {
            return Err(Error::wrong_bytes(wrong));
        }
    }
}

/// Copies from a source that is here, or unpacked from what is: nothing to resume.
pub fn copy(job: &Job<'_>, from: &mut dyn Read, total: u64) -> Result<(), Error> {
    let mut progress = Progress::start(job.name, job.settings.quiet);
    progress.position(0, Some(total));
    let mut file = File::create(&job.to).at(&job.to)?;
    let (mut at, mut buffer) = (0, vec![0; BUFFER]);
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
