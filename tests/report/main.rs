//! `baton report`: the page says what the enriched documents say, needs nothing else, and nothing in a document can
//! become a part of it. How it looks and behaves in a browser is `tests/report/browser.py`'s (`make report-test`).

#[path = "../support/mod.rs"]
mod support;

mod hostile;
mod labels;
mod page;
mod places;

use std::{fs, path::Path};

use serde_json::Value;
use support::local::{Ran, run};

/// Makes a page of a folder; what it holds.
#[track_caller]
fn report(folder: &Path) -> Page {
    let ran = make(folder).expect(0);
    assert!(ran.stdout.ends_with("report.html in a browser\n"), "{}", ran.stdout);
    Page::read(&folder.join("report.html"))
}

fn make(folder: &Path) -> Ran {
    run(["report".as_ref(), folder.as_os_str()])
}

/// A page, taken apart as a browser does.
struct Page {
    html: String,
    data: Value,
}

impl Page {
    #[track_caller]
    fn read(file: &Path) -> Self {
        let html = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let (_, rest) = html.split_once("<script type=\"application/json\" id=\"data\">").expect("its data");
        // A script ends at the first end tag, wherever that stands.
        let (data, _) = rest.split_once("</script").expect("the end of the data");
        let data = serde_json::from_str(data).unwrap_or_else(|error| panic!("{error}: {data:.200}"));
        Page { html, data }
    }

    /// The document of that name, and its index.
    #[track_caller]
    fn document(&self, name: &str) -> (usize, &Value) {
        let documents = self.data["documents"].as_array().expect("a list");
        let found = documents.iter().enumerate().find(|(_, document)| document["name"] == name);
        found.unwrap_or_else(|| panic!("no {name:?} in {:#}", self.data))
    }

    /// The entity of that name, and its index.
    #[track_caller]
    fn entity(&self, name: &str) -> (usize, &Value) {
        let entities = self.data["entities"].as_array().expect("a list");
        let found = entities.iter().enumerate().find(|(_, entity)| entity["name"] == name);
        found.unwrap_or_else(|| panic!("no {name:?} in {:#}", self.data["entities"]))
    }
}

/// UTF-16's units, which a script counts in.
#[track_caller]
fn slice(text: &Value, begin: &Value, end: &Value) -> String {
    let units: Vec<u16> = text.as_str().expect("a text").encode_utf16().collect();
    let place = begin.as_u64().expect("a number") as usize..end.as_u64().expect("a number") as usize;
    String::from_utf16(&units[place]).expect("whole characters")
}
