//! Rows of an S3 Inventory, or of any list with a bucket and a key → what may be sent again.

use super::{
    filter::seconds,
    found::{Found, What},
};
use crate::{
    config::check_bucket,
    handoff::{Handoff, ObjectRef, decode_form},
};

/// A column of an S3 Inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Bucket,
    /// The key, URL-encoded.
    Key,
    /// The version, in an inventory of all versions.
    VersionId,
    IsLatest,
    /// Whether the version says that the object was deleted.
    IsDeleteMarker,
    Size,
    LastModifiedDate,
    /// One that says nothing of use here.
    Other,
}

impl Column {
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
            modified: cell(Column::LastModifiedDate).and_then(|time| seconds(time).ok()),
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
