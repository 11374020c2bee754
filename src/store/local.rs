//! The store that is folders on disk, a bucket each.

mod journal;

use std::{
    collections::BTreeMap,
    fs::Permissions,
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use async_trait::async_trait;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

pub use journal::Journal;

use super::{Label, Object, Over, Put, Room, Seen, Store};
use crate::{
    error::{Failure, Reason},
    handoff::ObjectRef,
};

/// Folders for buckets. An object's ETag is the hash of its bytes, so that the same files give the same outputs
/// on every machine.
#[derive(Debug)]
pub struct LocalStore {
    buckets: BTreeMap<String, PathBuf>,
    /// The bucket whose objects have labels, and what keeps them.
    labelled: Option<(String, Arc<Journal>)>,
    /// Why nothing more can be written, once that is so.
    full: OnceLock<String>,
}

impl LocalStore {
    /// A bucket's name and its folder, each.
    pub fn new(buckets: impl IntoIterator<Item = (String, PathBuf)>) -> Self {
        LocalStore { buckets: buckets.into_iter().collect(), labelled: None, full: OnceLock::new() }
    }

    /// The same, which knows what the objects of a bucket were made from.
    pub fn with_journal(self, bucket: &str, journal: Arc<Journal>) -> Self {
        LocalStore { labelled: Some((bucket.to_owned(), journal)), ..self }
    }

    /// Why nothing more can be written, if that is so: the disk is full, say.
    pub fn full(&self) -> Option<&str> {
        self.full.get().map(String::as_str)
    }

    /// What keeps an object's label, if anything does.
    fn journal(&self, object: &ObjectRef) -> Option<&Journal> {
        let (bucket, journal) = self.labelled.as_ref()?;
        (*bucket == object.bucket).then_some(journal)
    }

    /// Whether nothing can be written beside an object's folder either, in what all of its stage's lie in.
    fn refuses(&self, object: &ObjectRef) -> bool {
        let Some(folder) = self.buckets.get(&object.bucket) else { return false };
        let of_stage = object.key.split('/').next().map(|stage| folder.join(stage));
        let place = of_stage.filter(|place| place.is_dir()).unwrap_or_else(|| folder.clone());
        tempfile::tempfile_in(place).is_err()
    }

    /// The file of an object; it lies below its bucket's folder, whatever the key says.
    ///
    /// # Errors
    /// A Reject for a bucket or key that can't be a file here.
    pub fn path(&self, object: &ObjectRef) -> Result<PathBuf, Failure> {
        let Some(folder) = self.buckets.get(&object.bucket) else {
            return Err(Failure::reject(
                Reason::BucketNotAllowed,
                format!("there is no folder for {object}"),
            ));
        };
        let parts: Vec<&str> = object.key.split('/').collect();
        if parts.iter().any(|part| matches!(*part, "" | "." | "..") || part.contains('\0')) {
            return Err(Failure::reject(
                Reason::InvalidKey,
                format!("the key of {object} is no path of a file"),
            ));
        }
        Ok(parts.iter().fold(folder.clone(), |path, part| path.join(part)))
    }
}

#[async_trait]
impl Store for LocalStore {
    async fn get(&self, object: &ObjectRef, room: &Room) -> Result<Object, Failure> {
        let path = self.path(object)?;
        let length = match tokio::fs::metadata(&path).await {
            // A pipe would never end.
            Ok(metadata) if !metadata.is_file() => {
                let message = format!("{} is no ordinary file", path.display());
                return Err(Failure::reject(Reason::ObjectMissing, message));
            }
            Ok(metadata) => usize::try_from(metadata.len()).unwrap_or(usize::MAX),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(Failure::reject(
                    Reason::ObjectMissing,
                    format!("there is no {}", path.display()),
                ));
            }
            Err(e) => return Err(failure("read", &path, &e)),
        };
        let space = room.reserve(object, length).await?;
        let mut bytes = Vec::with_capacity(length);
        // What the system makes up as it is read (/proc) says that it is empty; what is being written grows.
        let file = tokio::fs::File::open(&path).await.map_err(|e| failure("read", &path, &e))?;
        let read = file.take(length as u64 + 1).read_to_end(&mut bytes).await;
        read.map_err(|e| failure("read", &path, &e))?;
        if bytes.len() > length {
            let message =
                format!("{} is longer than the {length} bytes that it was said to have", path.display());
            return Err(Failure::retry(Reason::Store, message));
        }
        let read =
            ObjectRef { etag: Some(etag(&bytes)), version_id: None, sequencer: None, ..object.clone() };
        Ok(Object { bytes, read, modified: None, label: Label::default(), space })
    }

    /// Of what has no label, or was changed since, nothing is known: it is computed anew.
    async fn look(&self, at: &ObjectRef) -> Result<Option<Seen>, Failure> {
        let Some(made) = self.journal(at).and_then(|journal| journal.of(&at.key)) else { return Ok(None) };
        let bytes = tokio::fs::read(self.path(at)?).await;
        Ok(bytes.is_ok_and(|bytes| etag(&bytes) == made.etag).then(|| Seen {
            object: ObjectRef { etag: Some(made.etag), ..ObjectRef::new(&at.bucket, &at.key) },
            label: Label { fingerprint: Some(made.fingerprint), ..Label::default() },
        }))
    }

    async fn put(&self, at: &ObjectRef, bytes: Bytes, label: &Label, _over: &Over) -> Result<Put, Failure> {
        let path = self.path(at)?;
        let etag = etag(&bytes);
        let folder = path.parent().unwrap_or(Path::new("."));
        let written = std::fs::create_dir_all(folder).and_then(|()| write_whole(&path, &bytes, None));
        written.map_err(|e| {
            if is_of_the_disk(&e) || (e.kind() == io::ErrorKind::PermissionDenied && self.refuses(at)) {
                let _ = self.full.set(format!("nothing more can be written to {}: {e}", folder.display()));
            }
            failure("write", &path, &e)
        })?;
        if let (Some(journal), Some(fingerprint)) = (self.journal(at), &label.fingerprint) {
            // What could not be noted is made once more by a later run.
            let _ = journal.note(&at.key, etag.clone(), fingerprint.clone());
        }
        Ok(Put::Written(ObjectRef { etag: Some(etag), ..ObjectRef::new(&at.bucket, &at.key) }))
    }
}

/// Whether other writes will fail as well: it is no matter of this file.
fn is_of_the_disk(e: &io::Error) -> bool {
    const EIO: i32 = 5;
    let of_all = [
        io::ErrorKind::StorageFull,
        io::ErrorKind::QuotaExceeded,
        io::ErrorKind::ReadOnlyFilesystem,
        io::ErrorKind::StaleNetworkFileHandle,
        io::ErrorKind::NotConnected,
    ];
    of_all.contains(&e.kind()) || e.raw_os_error() == Some(EIO)
}

/// Writes a file. A reader sees the whole file or what was there before: it is written beside its place and moved there.
/// Without permissions it has those of any new file.
///
/// # Errors
/// What the system says.
pub fn write_whole(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != "").unwrap_or(Path::new("."));
    let write = move || {
        let mut file = tempfile::Builder::new().permissions(for_all_to_read()).tempfile_in(folder)?;
        // Before anybody could read what is in it.
        permissions.map_or(Ok(()), |permissions| file.as_file().set_permissions(permissions))?;
        io::Write::write_all(file.as_file_mut(), bytes)?;
        file.persist(path).map(|_| ()).map_err(io::Error::from)
    };
    // With the temporary file's name, another each time, one cause would look like many.
    let plain = |e: &io::Error| e.to_string().split(" at path \"").next().unwrap_or_default().to_owned();
    write().map_err(|e| if e.raw_os_error().is_some() { e } else { io::Error::new(e.kind(), plain(&e)) })
}

/// Temporary files are the owner's alone; results are ordinary files, as far as the umask lets them.
fn for_all_to_read() -> Permissions {
    Permissions::from_mode(0o666)
}

fn etag(bytes: &[u8]) -> String {
    crate::hex(&Sha256::digest(bytes)[..16])
}

fn failure(what: &str, path: &Path, e: &io::Error) -> Failure {
    Failure::retry(Reason::Store, format!("can't {what} {}: {e}", path.display()))
}
