//! The files below a folder, or the objects below a prefix of a bucket, in their order.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use tokio::task::JoinSet;
use walkdir::{DirEntry, WalkDir};

use crate::{
    aws,
    config::Prefix,
    error::{Class, Failure},
    handoff::ObjectRef,
    limits::Limits,
    mode::patience::patiently,
    store::{Room, S3Store, Store},
};

/// Where enriched documents lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A folder, as `baton local --out` made it, or one of a stage in it.
    Folder(PathBuf),
    /// A prefix of a bucket, as a deployed stage writes to.
    Bucket(Prefix),
}

impl Source {
    /// Where the page goes unless the user says otherwise.
    pub fn default_page(&self) -> PathBuf {
        const NAME: &str = "report.html";
        match self {
            Source::Folder(folder) => folder.join(NAME),
            Source::Bucket(_) => NAME.into(),
        }
    }

    /// What the folder is called, or the prefix ends with.
    pub fn name(&self) -> String {
        let name = match self {
            Source::Folder(folder) => {
                folder.canonicalize().ok().and_then(|folder| folder.file_name().map(Into::into))
            }
            Source::Bucket(prefix) => Path::new(&prefix.prefix).file_name().map(PathBuf::from),
        };
        name.unwrap_or_default().display().to_string()
    }

    /// The name of a file of it, from there on.
    pub fn from_there<'a>(&self, file: &'a str) -> &'a str {
        match self {
            Source::Folder(_) => file,
            Source::Bucket(prefix) => file.strip_prefix(&prefix.key("")).unwrap_or(file),
        }
    }

    /// A folder in it, as files there are named.
    pub fn within(&self, folder: &Path) -> String {
        match self {
            Source::Folder(source) => source.join(folder).display().to_string(),
            // Objects are named by their whole keys.
            Source::Bucket(Prefix { bucket, .. }) => format!("s3://{bucket}/{}", folder.display()),
        }
    }
}

impl FromStr for Source {
    type Err = String;

    fn from_str(place: &str) -> Result<Self, String> {
        if place.starts_with("s3://") {
            Prefix::parse(place).map(Source::Bucket)
        } else {
            Ok(Source::Folder(place.into()))
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Folder(folder) => write!(f, "{}", folder.display()),
            Source::Bucket(Prefix { bucket, prefix }) => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

/// Objects that are read at a time.
const AT_ONCE: usize = 16;

/// Hands every `.json` below the source on, with its name in it: its bytes, or why they can't be had.
///
/// # Errors
/// When the source itself can't be read.
pub async fn each(source: &Source, take: impl FnMut(&str, Result<Vec<u8>, String>)) -> Result<(), String> {
    match source {
        Source::Folder(folder) if folder.is_dir() => {
            each_file(folder, take);
            Ok(())
        }
        Source::Folder(folder) => Err(format!("{} is no folder", folder.display())),
        Source::Bucket(prefix) => each_object(prefix, take).await,
    }
}

fn each_file(folder: &Path, mut take: impl FnMut(&str, Result<Vec<u8>, String>)) {
    let shown =
        |entry: &DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
    for entry in WalkDir::new(folder).sort_by_file_name().into_iter().filter_entry(shown) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(e) => {
                let at = e.path().unwrap_or(folder).to_string_lossy().into_owned();
                take(&at, Err(e.to_string()));
                continue;
            }
        };
        let path = entry.path();
        if entry.file_type().is_file() && path.extension().is_some_and(|end| end == "json") {
            let name = path.strip_prefix(folder).unwrap_or(path).to_string_lossy();
            take(&name, std::fs::read(path).map_err(|e| e.to_string()));
        }
    }
}

async fn each_object(
    below: &Prefix,
    mut take: impl FnMut(&str, Result<Vec<u8>, String>),
) -> Result<(), String> {
    let store = S3Store::new(&aws::connect().await?, None);
    let mut keys = list(&store, below).await.map_err(|failure| failure.message)?;
    keys.retain(|key| key.ends_with(".json"));
    // No stage runs here that a document could be too large for.
    let room = Room::new(unlimited());
    for keys in keys.chunks(AT_ONCE) {
        let mut reads = JoinSet::new();
        for (i, key) in keys.iter().enumerate() {
            let (store, room, object) = (store.clone(), room.clone(), ObjectRef::new(&below.bucket, key));
            reads.spawn(
                async move { (i, patiently(|| store.get(&object, &room)).await.map(|read| read.bytes)) },
            );
        }
        let mut read = reads.join_all().await;
        read.sort_by_key(|(i, _)| *i);
        for (key, (_, bytes)) in keys.iter().zip(read) {
            match bytes {
                Err(failure) if failure.class == Class::Retry => return Err(failure.message),
                bytes => take(key, bytes.map_err(|failure| failure.message)),
            }
        }
    }
    Ok(())
}

/// The keys of all objects below a prefix.
async fn list(store: &S3Store, below: &Prefix) -> Result<Vec<String>, Failure> {
    let (prefix, mut keys, mut from) = (below.key(""), Vec::new(), None);
    loop {
        let page = patiently(|| store.list(&below.bucket, &prefix, from.as_deref())).await?;
        keys.extend(page.entries.into_iter().map(|entry| entry.key));
        from = page.more;
        if from.is_none() {
            return Ok(keys);
        }
    }
}

fn unlimited() -> Limits {
    let mut limits = Limits::default();
    limits.all().into_iter().for_each(|limit| limit.most = usize::MAX);
    limits
}
