//! Which of the documents that were found are meant.

use clap::Args;
use glob::{MatchOptions, Pattern};
use time::{
    Date, OffsetDateTime,
    format_description::well_known::{Iso8601, Rfc3339},
};

use super::found::Found;

/// What a document must be like.
#[derive(Args, Clone, Debug, Default)]
pub struct Filter {
    /// Only objects written at or after this time: 2026-03-12, or 2026-03-12T14:20:00Z
    #[arg(long, value_parser = seconds)]
    after: Option<i64>,
    /// Only objects written before this time
    #[arg(long, value_parser = seconds)]
    before: Option<i64>,
    /// Only keys that match this pattern: * and ? within a folder, ** across folders, [a-z]
    #[arg(long, value_parser = Pattern::new)]
    glob: Option<Pattern>,
    /// Only objects of at least this many bytes
    #[arg(long)]
    min_bytes: Option<u64>,
    /// Only objects of at most this many bytes
    #[arg(long)]
    max_bytes: Option<u64>,
}

impl Filter {
    /// Whether it needs sizes.
    pub fn by_size(&self) -> bool {
        self.min_bytes.is_some() || self.max_bytes.is_some()
    }

    /// Whether it needs times.
    pub fn by_time(&self) -> bool {
        self.after.is_some() || self.before.is_some()
    }

    /// Whether what was found is meant. What isn't known of it fails a filter that asks for it.
    pub fn admits(&self, found: &Found) -> bool {
        let key = found.key.as_deref();
        // A star that also matched slashes would match everything below.
        let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
        self.glob.as_ref().is_none_or(|glob| key.is_some_and(|key| glob.matches_with(key, options)))
            && self.after.is_none_or(|after| found.modified.is_some_and(|time| time >= after))
            && self.before.is_none_or(|before| found.modified.is_some_and(|time| time < before))
            && self.min_bytes.is_none_or(|min| found.bytes.is_some_and(|bytes| bytes >= min))
            && self.max_bytes.is_none_or(|max| found.bytes.is_some_and(|bytes| bytes <= max))
    }
}

/// A time in seconds since 1970; a date alone is its beginning in UTC.
pub fn seconds(text: &str) -> Result<i64, String> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok();
    // The parser takes weeks, days of the year, and a time behind it, which it forgets.
    let is_plain = matches!(text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _]);
    let date = || Date::parse(text, &Iso8601::DATE).ok().filter(|_| is_plain);
    let date = || date().map(|date| date.midnight().assume_utc());
    let wrong = || format!("`{text}` is no time; write 2026-03-12 or 2026-03-12T14:20:00Z");
    Ok(time.or_else(date).ok_or_else(wrong)?.unix_timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(filter: &Filter, key: &str, bytes: u64, modified: i64) -> bool {
        let found = Found { bytes: Some(bytes), modified: Some(modified), ..Found::of_key("incoming", key) };
        filter.admits(&found)
    }

    #[test]
    fn a_star_stays_within_its_part_of_the_key_and_two_go_over_several() {
        let of = |glob: &str| Filter { glob: Some(Pattern::new(glob).unwrap()), ..Filter::default() };
        assert!(admits(&of("desk/*.json"), "desk/a.json", 1, 0));
        assert!(!admits(&of("desk/*.json"), "desk/old/a.json", 1, 0));
        assert!(
            admits(&of("**/*.json"), "desk/old/a.json", 1, 0) && admits(&of("**/*.json"), "a.json", 1, 0)
        );
        assert!(!admits(&of("*.json"), "a.txt", 1, 0));
    }

    #[test]
    fn times_and_sizes_bound_what_is_sent_and_what_is_not_known_is_not() {
        let filter = Filter {
            after: Some(seconds("2026-03-12").unwrap()),
            before: Some(seconds("2026-03-12T01:00:00+01:00").unwrap() + 60),
            min_bytes: Some(10),
            max_bytes: Some(20),
            glob: None,
        };
        let midnight = seconds("2026-03-12T00:00:00Z").unwrap();
        assert!(admits(&filter, "a", 10, midnight) && admits(&filter, "a", 20, midnight + 59));
        assert!(!admits(&filter, "a", 10, midnight - 1) && !admits(&filter, "a", 10, midnight + 60));
        assert!(!admits(&filter, "a", 9, midnight) && !admits(&filter, "a", 21, midnight));
        assert!(!filter.admits(&Found::of_key("incoming", "a")));
        for wrong in
            ["yesterday", "2026-02-30", "2026-03-12T23:59", "2026-03-12T23:59Z", "20260312", "2026-W11-4"]
        {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
