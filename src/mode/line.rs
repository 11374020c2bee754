//! A text in one line of a terminal. The text may be anybody's: a line break in it would break a table, and an escape
//! would tell the terminal what to do.

/// The text without control characters, every run of white space as one space.
pub fn on_one_line(text: &str) -> String {
    let shown: String = text.chars().filter(|c| c.is_whitespace() || !c.is_control()).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}
