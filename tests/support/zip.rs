//! Packs a function as Lambda takes it: a zip with `bootstrap` in it, executable. Files are stored, not
//! compressed, and carry no time, so that the same files make the same bytes.

use std::fs;
use std::path::Path;

const LOCAL_HEADER: u32 = 0x0403_4b50;
const CENTRAL_HEADER: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
// 2.0 is all that stored files need; the high byte 3 says that the attributes are Unix modes.
const VERSION: u16 = 20;
const MADE_BY_UNIX: u16 = 3 << 8 | VERSION;
const UTF8_NAMES: u16 = 1 << 11;
// 1980-01-01, the first day that the format knows.
const DATE: u16 = 1 << 5 | 1;

/// The function with `binary` as its `bootstrap`.
pub fn bootstrap(binary: &Path) -> Vec<u8> {
    let bytes = fs::read(binary).unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
    pack(&[("bootstrap", 0o755, &bytes)])
}

/// A `bootstrap` of one line that becomes `binary`: for a debug build, which is too large for a function.
pub fn launcher(binary: &Path) -> Vec<u8> {
    let path = binary.display().to_string();
    assert!(!path.contains('\''), "a quote in the path: {path}");
    let script = format!("#!/bin/sh\nexec '{path}'\n");
    pack(&[("bootstrap", 0o755, script.as_bytes())])
}

/// A zip of (name, Unix mode, bytes).
pub fn pack(files: &[(&str, u16, &[u8])]) -> Vec<u8> {
    let mut zip = Vec::new();
    let mut directory = Vec::new();
    for (name, mode, bytes) in files {
        let offset = small(zip.len());
        let about = about(name, bytes);

        put32(&mut zip, &[LOCAL_HEADER]);
        zip.extend(&about);
        zip.extend(name.as_bytes());
        zip.extend(*bytes);

        put32(&mut directory, &[CENTRAL_HEADER]);
        put16(&mut directory, &[MADE_BY_UNIX]);
        directory.extend(&about);
        // No comment, the first disk, a binary file.
        put16(&mut directory, &[0, 0, 0]);
        let regular_file = u32::from(mode | 0o100_000) << 16;
        put32(&mut directory, &[regular_file, offset]);
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(files.len()).expect("few files");
    let (start, length) = (small(zip.len()), small(directory.len()));
    zip.extend(directory);
    put32(&mut zip, &[END]);
    put16(&mut zip, &[0, 0, count, count]);
    put32(&mut zip, &[length, start]);
    put16(&mut zip, &[0]);
    zip
}

/// What a file's two headers have in common: stored, both sizes the same, no extra field.
fn about(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut about = Vec::new();
    let size = small(bytes.len());
    put16(&mut about, &[VERSION, UTF8_NAMES, 0, 0, DATE]);
    put32(&mut about, &[crc32fast::hash(bytes), size, size]);
    let name_length = u16::try_from(name.len()).expect("a short name");
    put16(&mut about, &[name_length, 0]);
    about
}

fn small(length: usize) -> u32 {
    u32::try_from(length).expect("less than 4 GiB: a function may have 250 MB")
}

fn put16(to: &mut Vec<u8>, values: &[u16]) {
    to.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

fn put32(to: &mut Vec<u8>, values: &[u32]) {
    to.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}
