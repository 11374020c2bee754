//! What is shown on one line of a terminal. A text there may be anybody's: a line break in it would break a table, and an escape
//! would tell the terminal what to do.

/// How a text begins, on one line: more of it than any terminal shows, and no more of a sentence of megabytes.
pub fn beginning(text: &str) -> String {
    const MOST: usize = 2048;
    on_one_line(&text[..text.floor_char_boundary(MOST)])
}

/// The text without control characters, every run of white space as one space.
pub fn on_one_line(text: &str) -> String {
    let shown: String =
        text.chars().filter(|c| c.is_whitespace() || !(c.is_control() || turns(*c))).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the rest of the line would be shown in another direction, the program's own words too.
fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// So many, in words.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_megabytes_has_a_short_beginning_and_a_short_one_is_whole() {
        assert_eq!(beginning("One\n two\u{1b}\u{202e}."), "One two.");
        let begins = beginning(&"é ".repeat(1 << 20));
        assert!(begins.starts_with("é é") && begins.len() < 3000, "{}", begins.len());
    }
}
