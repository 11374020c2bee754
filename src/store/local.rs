//! The store that is folders on disk, a bucket each.

use std::{
    collections::BTreeMap,
    fs::Permissions,
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

use super::{Label, Object, Over, Put, Room, Seen, Store};
use crate::{
    error::{Failure, Reason},
    handoff::ObjectRef,
};

/// Folders for buckets. An object's ETag is the hash of its bytes, so that the same files give the same outputs
/// on every machine.
#[derive(Clone, Debug)]
pub struct LocalStore {
    buckets: BTreeMap<String, PathBuf>,
}

impl LocalStore {
    /// A bucket's name and its folder, each.
    pub fn new(buckets: impl IntoIterator<Item = (String, PathBuf)>) -> Self {
        LocalStore { buckets: buckets.into_iter().collect() }
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
        if parts.iter().any(|part| matches!(*part, "" | "." | "..") || part.contains(['\\', '\0'])) {
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

    /// A folder keeps no labels, so nothing is known of what lies there: it is computed anew.
    async fn look(&self, _at: &ObjectRef) -> Result<Option<Seen>, Failure> {
        Ok(None)
    }

    async fn put(&self, at: &ObjectRef, bytes: Bytes, _label: &Label, _over: &Over) -> Result<Put, Failure> {
        let path = self.path(at)?;
        let etag = etag(&bytes);
        let write = || -> io::Result<()> {
            let folder = path.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder)?;
            // A reader sees the whole file or none: it is written beside its place and moved there.
            let mut file = tempfile::Builder::new().permissions(for_all_to_read()).tempfile_in(folder)?;
            io::Write::write_all(&mut file, &bytes)?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|e| failure("write", &path, &e))?;
        Ok(Put::Written(ObjectRef { etag: Some(etag), ..ObjectRef::new(&at.bucket, &at.key) }))
    }
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
