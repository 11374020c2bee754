//! The day that a document is of, where one of its own fields says so.

use time::format_description::well_known::Iso8601;

use crate::fields::Fields;

/// Fields that say when a document appeared, those that say it most plainly first; read without regard to case,
/// `_` and `-`, so that `publishedAt` and `published_at` are one.
const NAMES: [&str; 10] = [
    "published",
    "publishedat",
    "datepublished",
    "publicationdate",
    "publishdate",
    "pubdate",
    "date",
    "createdat",
    "created",
    "timestamp",
];

impl Fields {
    /// The day as `2026-03-12`, of the first field that begins with an ISO 8601 date.
    pub fn day(&self) -> Option<String> {
        NAMES.iter().find_map(|wanted| {
            let of_name = self.names().filter(|name| plain(name) == *wanted);
            of_name.filter_map(|name| self.read::<String>(name).ok()?).find_map(|value| iso_day(&value))
        })
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-')).map(|c| c.to_ascii_lowercase()).collect()
}

/// The date that a text is, or begins with before a time.
fn iso_day(text: &str) -> Option<String> {
    let (day, rest) = text.trim().split_at_checked(10)?;
    if !(rest.is_empty() || rest.starts_with(['T', 't', ' '])) {
        return None;
    }
    // Weeks and days of the year are dates for ISO 8601, too.
    let is_plain = day.split('-').map(str::len).eq([4, 2, 2]);
    (is_plain && time::Date::parse(day, &Iso8601::DATE).is_ok()).then(|| day.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(json: &str) -> Option<String> {
        serde_json::from_str::<Fields>(json).expect("an object").day()
    }

    #[test]
    fn the_plainest_field_tells_however_it_is_spelt() {
        for name in ["date", "published", "publishedAt", "published_at", "publication_date", "datePublished"]
        {
            let json = format!(r#"{{"text": "a", "{name}": "2026-03-12T23:30:00+02:00"}}"#);
            assert_eq!(day(&json).as_deref(), Some("2026-03-12"), "{name}");
        }
        assert_eq!(
            day(r#"{"date": "2026-01-01", "published": "2025-12-31"}"#).as_deref(),
            Some("2025-12-31")
        );
        assert_eq!(day(r#"{"published": "soon", "date": "2026-01-01"}"#).as_deref(), Some("2026-01-01"));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for value in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-1",
            "12.03.2026",
            "2026-03-123",
            "2026-03-1é",
            "",
            "é",
        ] {
            assert_eq!(day(&format!(r#"{{"date": "{value}"}}"#)), None, "{value}");
        }
        assert_eq!(day(r#"{"date": 20260312, "published": null}"#), None);
        assert_eq!(day(r#"{"date": "2024-02-29 10:00"}"#).as_deref(), Some("2024-02-29"));
    }
}
