//! What was found and may be sent again, wherever it was found.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use crate::{
    config::check_bucket,
    error::Failure,
    event::Delivery,
    handoff::{self, Handoff, ObjectRef, decode_form},
    trace::Trace,
};

/// What may be sent again.
#[derive(Clone, Debug)]
pub struct Found {
    /// What a person knows it by.
    pub name: String,
    /// What is to be sent, or why nothing can be.
    pub what: Result<What, Failure>,
    /// The document's key, where there is one.
    pub key: Option<String>,
    /// Its size, where that is known.
    pub bytes: Option<u64>,
    /// When it was written, in seconds since 1970, where that is known.
    pub modified: Option<i64>,
    /// The trace that it belongs to.
    pub trace: Trace,
    /// The dead letter that it was found in.
    pub letter: Option<Arc<Letter>>,
}

/// What is to be sent.
#[derive(Clone, Debug)]
pub enum What {
    /// A document's handoff.
    Document(Box<Handoff>),
    /// A message as it was: nobody could read it, but another Baton may.
    Message(String),
    /// Nothing: it announces no document, or is none.
    Nothing,
}

/// A message among dead letters, and how many of its documents are still to be sent.
#[derive(Debug)]
pub struct Letter {
    /// Its id.
    pub id: String,
    /// What it is deleted by.
    pub receipt: String,
    open: AtomicUsize,
    stays: AtomicBool,
}

impl Letter {
    /// One of its documents was sent, or it announces none. Whether that was the last.
    pub fn done_one(&self) -> bool {
        self.open.fetch_sub(1, Ordering::SeqCst) == 1
    }

    /// One of its documents is not sent, so that it stays. Whether that is news.
    pub fn stays(&self) -> bool {
        !self.stays.swap(true, Ordering::SeqCst)
    }
}

impl Found {
    fn new(name: String, what: Result<What, Failure>) -> Self {
        Found { name, what, key: None, bytes: None, modified: None, trace: Trace::default(), letter: None }
    }

    /// A document at the beginning of a pipeline, or an earlier stage's result.
    pub fn of_key(bucket: &str, key: &str) -> Self {
        Self::of_handoff(Handoff::first(ObjectRef::new(bucket, key)))
    }

    /// A document with its handoff.
    pub fn of_handoff(handoff: Handoff) -> Self {
        let key = Some(handoff.document.key.clone());
        Found { key, ..Self::new(handoff.document.to_string(), Ok(What::Document(Box::new(handoff)))) }
    }

    /// Something that can't be sent.
    pub fn unreadable(name: String, why: Failure) -> Self {
        Self::new(name, Err(why))
    }

    /// The documents that a message announces, and what in it nobody can read as messages; the message itself, if
    /// it announces none.
    pub fn in_message(name: &str, body: &str) -> Vec<Self> {
        match handoff::parse(body) {
            Ok(announced) if announced.handoffs.is_empty() => {
                vec![Self::new(name.to_owned(), Ok(What::Nothing))]
            }
            Ok(announced) => {
                let unreadable = announced.unreadable.iter().map(|record| record.body());
                let unreadable = unreadable.map(|body| Self::new(name.to_owned(), Ok(What::Message(body))));
                announced.handoffs.into_iter().map(Self::of_handoff).chain(unreadable).collect()
            }
            Err(_) => vec![Self::new(name.to_owned(), Ok(What::Message(body.to_owned())))],
        }
    }

    /// What a dead letter holds.
    pub fn in_letter(delivery: Delivery) -> Vec<Self> {
        let mut found = Self::in_message(&format!("the message {}", delivery.id), &delivery.body);
        let open = AtomicUsize::new(found.len());
        let stays = AtomicBool::new(false);
        let letter = Arc::new(Letter { id: delivery.id, receipt: delivery.receipt, open, stays });
        for found in &mut found {
            found.letter = Some(letter.clone());
            found.trace = delivery.trace.clone();
        }
        found
    }
}

/// A column of an S3 Inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The bucket's name.
    Bucket,
    /// The key, URL-encoded.
    Key,
    /// The version, in an inventory of all versions.
    VersionId,
    /// Whether it is the latest version.
    IsLatest,
    /// Whether the version says that the object was deleted.
    IsDeleteMarker,
    /// Bytes.
    Size,
    /// When it was written.
    LastModifiedDate,
    /// One that says nothing of use here.
    Other,
}

impl Column {
    /// The column of that name.
    pub fn named(name: &str) -> Self {
        match name {
            "Bucket" => Column::Bucket,
            "Key" => Column::Key,
            "VersionId" => Column::VersionId,
            "IsLatest" => Column::IsLatest,
            "IsDeleteMarker" => Column::IsDeleteMarker,
            "Size" => Column::Size,
            "LastModifiedDate" => Column::LastModifiedDate,
            _ => Column::Other,
        }
    }
}

impl Found {
    /// The object that a row of an inventory names.
    pub fn in_row(row: &str, columns: &[Column]) -> Result<Self, String> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(row.as_bytes());
        let cells = match reader.records().next() {
            Some(Ok(cells)) => cells,
            _ => return Err("is no row of comma-separated values".into()),
        };
        let cell = |column| cells.get(columns.iter().position(|c| *c == column)?);
        let (bucket, key) = (cell(Column::Bucket).unwrap_or_default(), cell(Column::Key).unwrap_or_default());
        if bucket.is_empty() || key.is_empty() {
            return Err("is no s3:// URL, no JSON, and no row with a bucket and a key".into());
        }
        if bucket.eq_ignore_ascii_case("bucket") && key.eq_ignore_ascii_case("key") {
            return Err("has the names of columns, and no document; delete it from the list".into());
        }
        check_bucket(bucket)
            .map_err(|why| format!("is no s3:// URL, no JSON, and no row of a document: {why}"))?;
        let key = decode_form(key).ok_or_else(|| format!("has the key `{key}`, which is no UTF-8"))?;
        let version = cell(Column::VersionId).filter(|version| !version.is_empty()).map(str::to_owned);
        let document = ObjectRef { version_id: version, ..ObjectRef::new(bucket, key) };
        let mut found = Found {
            bytes: cell(Column::Size).and_then(|bytes| bytes.parse().ok()),
            modified: cell(Column::LastModifiedDate).and_then(|time| super::filter::seconds(time).ok()),
            ..Self::of_handoff(Handoff::first(document))
        };
        if cell(Column::IsDeleteMarker) == Some("true") || cell(Column::IsLatest) == Some("false") {
            found.what = Ok(What::Nothing);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_an_inventory_names_its_object() {
        let columns = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag";
        let columns: Vec<_> = columns.split(',').map(|name| Column::named(name.trim())).collect();
        let row = r#""incoming","desk/red+flower%2B1%2C%22x%22.json","v1","true","false","17","2026-03-12T14:20:07.000Z","5f""#;
        let found = Found::in_row(row, &columns).unwrap();
        assert_eq!(found.key.as_deref(), Some("desk/red flower+1,\"x\".json"));
        assert_eq!((found.bytes, found.modified), (Some(17), Some(1_773_325_207)));
        let Ok(What::Document(handoff)) = found.what else { panic!("{found:?}") };
        assert_eq!(handoff.document.version_id.as_deref(), Some("v1"));

        let old = row.replace(r#""true","false""#, r#""false","false""#);
        assert!(matches!(Found::in_row(&old, &columns).unwrap().what, Ok(What::Nothing)));
        let deleted = row.replace(r#""true","false""#, r#""true","true""#);
        assert!(matches!(Found::in_row(&deleted, &columns).unwrap().what, Ok(What::Nothing)));
        assert!(Found::in_row("incoming", &columns).is_err());
    }

    #[test]
    fn a_line_with_a_comma_is_no_document_unless_it_begins_with_a_buckets_name() {
        for row in ["Bucket,Key", "bucket,key", "https://x/y,z.txt", "foo bar,baz", "a,b"] {
            assert!(Found::in_row(row, &[Column::Bucket, Column::Key]).is_err(), "{row}");
        }
    }
}
