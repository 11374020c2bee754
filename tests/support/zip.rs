//! Packs a function as Lambda takes it: a zip with `bootstrap` in it, executable.

use std::{
    io::{Cursor, Write},
    path::Path,
};

use zip::{ZipWriter, write::SimpleFileOptions};

/// The function with `script` as its `bootstrap`.
pub fn bootstrap(script: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bootstrap", SimpleFileOptions::default().unix_permissions(0o755)).expect("a new zip");
    zip.write_all(script.as_bytes()).expect("there is memory");
    zip.finish().expect("one file").into_inner()
}

/// One of a line that becomes `program`: with its lines for a debugger this is too large for a function.
pub fn launcher(program: &Path) -> Vec<u8> {
    let path = program.display().to_string();
    assert!(!path.contains('\''), "a quote in the path: {path}");
    bootstrap(&format!("#!/bin/sh\nexec '{path}'\n"))
}
