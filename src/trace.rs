//! Where a message came from: the traces that it belongs to, as its headers name them, and since when its document is under
//! way. Pure: what is done with traces is `spans`'.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// X-Ray's and the W3C's name for where a message came from; a message may have both, one, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// SQS's `AWSTraceHeader`: `Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1`.
    pub xray: Option<String>,
    /// The message attribute `traceparent`: `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`.
    pub w3c: Option<String>,
    /// When the first message about its document was sent, in milliseconds since 1970.
    pub since: Option<u64>,
}

/// The message attribute that hands that moment on, from stage to stage.
pub const SINCE: &str = "BatonSince";

/// A span of some trace, elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent {
    /// 128 bits.
    pub trace: u128,
    /// 64 bits.
    pub span: u64,
    /// Whether whoever began the trace keeps it.
    pub sampled: bool,
}

impl Trace {
    /// The headers of a message. What is longer than any is none: it would be logged for each document, and handed on.
    pub fn new(xray: Option<String>, w3c: Option<String>, since: Option<u64>) -> Self {
        const LONGEST: usize = 500;
        let [xray, w3c] = [xray, w3c].map(|header| header.filter(|header| header.len() <= LONGEST));
        Trace { xray, w3c, since }
    }

    /// How long its document is under way by now. Clocks may differ: no time, where it would begin in the future.
    pub fn age(&self) -> Option<Duration> {
        let begun = UNIX_EPOCH.checked_add(Duration::from_millis(self.since?))?;
        Some(SystemTime::now().duration_since(begun).unwrap_or_default())
    }

    /// One of its headers, for the log.
    pub fn name(&self) -> Option<&str> {
        self.xray.as_deref().or(self.w3c.as_deref())
    }

    /// The spans that the headers name. A header that isn't as it should be names none: it is no reason to fail.
    pub fn parents(&self) -> impl Iterator<Item = Parent> {
        let xray = self.xray.as_deref().and_then(xray);
        let w3c = self.w3c.as_deref().and_then(w3c).filter(|w3c| xray.is_none_or(|xray| xray != *w3c));
        [w3c, xray].into_iter().flatten()
    }
}

impl Parent {
    /// As the W3C writes it.
    pub fn w3c(self) -> String {
        format!("00-{:032x}-{:016x}-{:02x}", self.trace, self.span, u8::from(self.sampled))
    }
}

fn w3c(header: &str) -> Option<Parent> {
    let mut parts = header.trim().split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let known = hex(version, 2)? < 255 && (version != "00" || parts.next().is_none());
    let (trace, span) = (hex(trace, 32)?, hex(span, 16)? as u64);
    (known && trace != 0 && span != 0).then_some(Parent { trace, span, sampled: hex(flags, 2)? & 1 == 1 })
}

fn xray(header: &str) -> Option<Parent> {
    let field = |name: &str| {
        let fields = header.split(';').filter_map(|field| field.trim().split_once('='));
        fields.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
    };
    let mut root = field("Root")?.split('-');
    let (version, time, random) = (root.next()?, root.next()?, root.next()?);
    let trace = hex(time, 8)? << 96 | hex(random, 24)?;
    let span = hex(field("Parent")?, 16)? as u64;
    let whole = version == "1" && root.next().is_none() && trace != 0 && span != 0;
    whole.then_some(Parent { trace, span, sampled: field("Sampled") == Some("1") })
}

/// A number of exactly so many lower-case hexadecimal digits.
fn hex(digits: &str, count: usize) -> Option<u128> {
    let lower = digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    (digits.len() == count && lower).then(|| u128::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parents(xray: &str, w3c: &str) -> Vec<String> {
        let header = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Trace::new(header(xray), header(w3c), None).parents().map(Parent::w3c).collect()
    }

    #[test]
    fn both_headers_are_read_and_what_names_the_same_span_is_one() {
        let xray = "Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1;Lineage=a:0";
        let same = "00-67891233abcdef012345678912345678-463ac35c9f6413ad-01";
        let other = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
        assert_eq!(parents(xray, ""), [same]);
        assert_eq!(parents(xray, same), [same]);
        assert_eq!(parents(xray, other), [other, same]);
    }

    #[test]
    fn a_header_without_end_is_neither_logged_nor_handed_on() {
        let header = |length: usize| Some("0".repeat(length));
        let trace = Trace::new(header(501), header(500), None);
        assert_eq!(trace, Trace { xray: None, w3c: header(500), since: None });
    }

    #[test]
    fn a_header_that_is_not_as_it_should_be_names_no_span() {
        for header in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-４bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert!(parents("", header).is_empty(), "{header}");
        }
        for header in [
            "Root=1-67891233-abcdef012345678912345678",
            "Root=;Parent=;",
            "Self=1-6-7;Root=2-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad",
        ] {
            assert!(parents(header, "").is_empty(), "{header}");
        }
    }
}
