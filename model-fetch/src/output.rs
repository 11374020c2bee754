//! What is said on standard output. Whoever reads it may have gone, and a disk may be full.

use std::{
    fmt::Display,
    io::{ErrorKind, Write},
};

use crate::error::Error;

/// A text from elsewhere as it may stand in a line: what would move a terminal's cursor, or begin another line, is told.
pub fn plain(text: &str) -> String {
    let told = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(told).collect()
}

/// Says a line.
///
/// # Errors
/// When it can't be written; not when nobody reads any more (`| head`).
pub fn say(line: impl Display) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Error::lasting(format!("standard output: {e}"))),
        _ => Ok(()),
    }
}

/// Tells a person on standard error, where somebody reads it.
pub fn tell(line: impl Display) {
    // There is nowhere else to say it.
    let _ = writeln!(std::io::stderr(), "{line}");
}
