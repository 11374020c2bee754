//! baton.json from models.toml: a fetched model's entry says there what its config.json can't, because whoever
//! publishes a model knows nothing of Baton.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::Write,
    path::Path,
};

use serde_json::{Map, Value};

use crate::error::{At, Error};

pub const FILE: &str = "baton.json";

/// An entry's table `baton`, which is the file's text.
pub type Table = Map<String, Value>;

pub fn write(table: &Table, folder: &Path) -> Result<(), Error> {
    let path = folder.join(FILE);
    let text = serde_json::to_string_pretty(table)
        .map_err(|e| Error::lasting(format!("{}: {e}", path.display())))?;
    let mut file = File::create(&path).at(&path)?;
    file.write_all(format!("{text}\n").as_bytes()).and_then(|()| file.sync_all()).at(&path)
}

/// Where the file in `folder` says something else than the table, a line each.
pub fn differences(table: &Table, folder: &Path) -> Result<Vec<String>, Error> {
    let path = folder.join(FILE);
    if !path.is_file() {
        return Ok(vec![format!("{}: is missing", path.display())]);
    }
    let bytes = fs::read(&path).at(&path)?;
    let mut lines = Vec::new();
    match serde_json::from_slice::<Value>(&bytes) {
        Err(e) => lines.push(format!("is no JSON: {e}")),
        Ok(Value::Object(found)) => compare("", table, &found, &mut lines),
        Ok(_) => lines.push("is no JSON object".into()),
    }
    Ok(lines.into_iter().map(|line| format!("{}: {line}", path.display())).collect())
}

fn compare(above: &str, expected: &Table, found: &Table, lines: &mut Vec<String>) {
    let said = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
    let keys: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
    for key in keys {
        match (expected.get(key), found.get(key)) {
            (Some(Value::Object(expected)), Some(Value::Object(found))) => {
                compare(&format!("{above}{key}."), expected, found, lines);
            }
            (expected, found) if expected != found => {
                let (expected, found) = (said(expected), said(found));
                lines.push(format!("`{above}{key}`: models.toml has {expected}, found {found}"));
            }
            _ => {}
        }
    }
}
