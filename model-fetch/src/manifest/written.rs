//! An entry as it is written into models.toml, where people's comments, order and spelling stay.

use toml_edit::{Array, InlineTable, Item, Table, Value, value};

use super::{Content, Entry, FileEntry};
use crate::model_path::ModelPath;

/// Writes an entry into its table: what is another than in `before`, which the table was read as; all, without it.
pub fn write(entry: &Entry, table: &mut Table, before: Option<&Entry>) {
    let strings = |entry: &Entry| {
        [
            ("name", Some(entry.name.clone())),
            ("source", Some(entry.source.in_full())),
            ("revision", entry.revision.clone()),
            ("wheel-sha256", entry.wheel_sha256.map(|hash| hash.to_string())),
            ("wheel-folder", entry.wheel_folder.as_ref().map(ModelPath::to_string)),
            ("licence", Some(entry.licence.clone())),
            ("note", entry.note.clone()),
        ]
    };
    let known = before.map(strings);
    for (i, (key, new)) in strings(entry).into_iter().enumerate() {
        if known.as_ref().is_none_or(|known| known[i].1 != new) {
            set(table, key, new.map(Into::into));
        }
    }
    // People write it, and as they spelled it it stays.
    if entry.baton.is_none() && before.is_none_or(|before| before.baton.is_some()) {
        table.remove("baton");
    }
    if before.is_none_or(|before| before.files != entry.files) {
        let old = table.get("files").and_then(Item::as_array).cloned().unwrap_or_default();
        set(table, "files", Some(Value::Array(files(&entry.files, old))));
    }
}

/// Sets a key in its place, keeping the comment behind it; takes it away for None.
fn set(table: &mut Table, key: &str, new: Option<Value>) {
    let Some(mut new) = new else {
        table.remove(key);
        return;
    };
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        None => {
            table.insert(key, value(new));
        }
    }
}

/// What people wrote about a file: on the lines before it, and behind it. toml_edit has what stands behind one file with the
/// next.
struct Remarks {
    path: Option<String>,
    before: String,
    behind: String,
}

/// The files, each with what people wrote about the one of its path.
fn files(files: &[FileEntry], mut array: Array) -> Array {
    let in_lines = array.is_empty() || array.to_string().contains('\n');
    let (opening, remarks, closing) = remarks(&array);
    let (mut text, own) = (opening, |file: &FileEntry| {
        remarks.iter().find(|remarks| remarks.path.as_deref() == Some(file.path.as_str()))
    });
    array.clear();
    for file in files {
        let usual = if in_lines { "\n    " } else { " " };
        let before = own(file).map_or(usual, |own| &own.before);
        // Nothing may stand on a line behind a comment.
        text += if text.contains('#') && !before.contains('\n') { usual } else { before };
        array.push_formatted(Value::InlineTable(to_toml(file)).decorated(text, ""));
        text = own(file).map_or_else(String::new, |own| own.behind.clone());
    }
    let closing = if in_lines && !closing.contains('\n') { "\n" } else { &closing };
    array.set_trailing(text + closing);
    array.set_trailing_comma(in_lines);
    array
}

/// What stands behind the opening bracket, about each file, and before the closing bracket.
fn remarks(array: &Array) -> (String, Vec<Remarks>, String) {
    let (mut opening, mut all) = (String::new(), Vec::<Remarks>::new());
    // The rest of a line is about what stands on it.
    let split = |text: &str| match text.find('\n') {
        Some(end) => (text[..end].to_owned(), text[end..].to_owned()),
        None => (String::new(), text.to_owned()),
    };
    for item in array {
        let (behind, before) =
            split(item.decor().prefix().and_then(|text| text.as_str()).unwrap_or_default());
        match all.last_mut() {
            Some(last) => last.behind += &behind,
            None => opening = behind,
        }
        let path = item.as_inline_table().and_then(|table| table.get("path")).and_then(Value::as_str);
        // Without a comma after it.
        let behind = item.decor().suffix().and_then(|text| text.as_str()).unwrap_or_default();
        all.push(Remarks { path: path.map(str::to_owned), before, behind: behind.trim_end().to_owned() });
    }
    let (behind, closing) = split(array.trailing().as_str().unwrap_or_default());
    match all.last_mut() {
        Some(last) => last.behind += &behind,
        None => opening = behind,
    }
    (opening, all, closing)
}

fn to_toml(file: &FileEntry) -> InlineTable {
    let mut table = InlineTable::new();
    table.insert("path", file.path.as_str().into());
    if let Some(from) = &file.from {
        table.insert("from", from.as_str().into());
    }
    for (before, Content { bytes, sha256 }) in [("from-", file.original), ("", file.content)] {
        if let Some(bytes) = bytes.and_then(|n| i64::try_from(n).ok()) {
            table.insert(format!("{before}bytes"), bytes.into());
        }
        if let Some(hash) = sha256 {
            table.insert(format!("{before}sha256"), hash.to_string().into());
        }
    }
    table
}

/// A text with the line ends that most of `before` has, and its byte order mark: toml_edit writes plain ends, and no mark.
pub fn as_spelled(text: String, before: &str) -> String {
    let ends = 2 * before.matches("\r\n").count() > before.matches('\n').count();
    let text = if ends { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text };
    if before.starts_with('\u{feff}') { format!("\u{feff}{text}") } else { text }
}
