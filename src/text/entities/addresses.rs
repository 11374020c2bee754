//! Links and e-mail addresses: what is written in them names nobody, though names are parts of them.

use std::ops::Range;

use crate::text::reach::tail;

/// Characters of an address that are looked at on either side of a name.
const REACH: usize = 256;

/// Whether a name is a part of `https://news.example/Northwind-fined` or `press.Northwind@news.example`; `@Northwind` is
/// somebody.
pub(super) fn is_in_address(text: &str, name: &Range<usize>) -> bool {
    let (before, after) = (&text[..name.start], &text[name.end..]);
    let head = tail(before, REACH, |c| !is_edge(c));
    is_link(head) || is_before_host(head) || is_mailbox(after)
}

/// What is in no address.
fn is_edge(c: char) -> bool {
    c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '"' | '“' | '”' | '—' | '|')
}

/// Whether an address that begins so is a link's: with its scheme, as a host of the web, or with a path after its host.
fn is_link(head: &str) -> bool {
    let is_host = |host: &str| {
        let written =
            host.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-'));
        let last = host.rsplit_once('.').map_or("", |(_, last)| last);
        written && last.len() > 1 && last.bytes().all(|b| b.is_ascii_lowercase())
    };
    head.contains("://")
        || head.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("www."))
        || head.split_once('/').is_some_and(|(host, _)| is_host(host))
}

/// `press@`, and what may stand between it and a name in the host.
fn is_before_host(head: &str) -> bool {
    let is_mailbox = |mailbox: &str| mailbox.ends_with(char::is_alphanumeric);
    head.rsplit_once('@').is_some_and(|(mailbox, host)| is_mailbox(mailbox) && host.chars().all(is_of_host))
}

/// Whether what is after a name goes on to an `@` with a host.
fn is_mailbox(after: &str) -> bool {
    let is_of_mailbox = |c: &char| is_of_host(*c) || matches!(c, '_' | '+' | '%');
    let mut rest = after.chars().take(REACH).skip_while(is_of_mailbox);
    rest.next() == Some('@') && rest.next().is_some_and(char::is_alphanumeric)
}

fn is_of_host(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-')
}
