//! What an answer says: whether it is the file that was asked for, which of its bytes, and what is to be done where it
//! is not. A proxy's page or a login form is never taken for a file.

use std::time::Duration;

use ureq::{
    Body,
    http::{HeaderMap, Response},
};
use url::Url;

use super::{Request, basic};
use crate::{
    address::shown,
    error::{Error, Kind},
};

pub fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// What names this very version of a file, for `If-Range`: a strong ETag, else the date of its last change.
pub fn validator(headers: &HeaderMap) -> Option<String> {
    let etag = header(headers, "etag").filter(|tag| tag.starts_with('"'));
    etag.or_else(|| header(headers, "last-modified")).map(str::to_owned)
}

/// `bytes 100-199/200` → where it starts, and the whole's length if it is told.
pub fn content_range(value: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = value.strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    let (start, end) = (start.parse::<u64>().ok()?, end.parse::<u64>().ok()?);
    let total = total.parse::<u64>().ok();
    (start <= end && total.is_none_or(|total| end < total)).then_some((start, total))
}

pub fn judge(response: &Response<Body>, url: &Url, request: &Request<'_>) -> Result<(), Error> {
    let status = response.status();
    let said = || format!("{}: the server answered {status}", shown(url));
    match status.as_u16() {
        200..=299 => Ok(()),
        401 | 403 => {
            let own = url.origin() == request.url.origin();
            Err(Error::lasting(said()).with(match (request.bearer, basic(request.url)) {
                (Some(_), _) | (None, Some(_)) if !own => {
                    "it was redirected there, where no secret of the first address goes; run it again for another link"
                }
                (Some(_), _) => "the token does not open it: accept the repository's terms, or take another token",
                (None, Some(_)) => "the address's user and password do not open it",
                (None, None) => "it is private, gated or does not exist; for Hugging Face set HF_TOKEN",
            }))
        }
        404 | 410 => Err(Error::lasting(said()).with("check its name and revision")),
        407 => Err(Error::lasting(said()).with("give the proxy's user and password in HTTPS_PROXY")),
        416 => Err(Error::stale(said())),
        408 | 425 | 429 | 500..=599 => {
            let after = header(response.headers(), "retry-after").and_then(|s| s.trim().parse().ok());
            Err(Error::new(Kind::Passing { after: after.map(Duration::from_secs) }, said()))
        }
        _ => Err(Error::lasting(said())),
    }
}

pub fn refuse_page(response: &Response<Body>, url: &Url) -> Result<(), Error> {
    let kind = header(response.headers(), "content-type").unwrap_or_default();
    let kind = kind.trim_start().to_ascii_lowercase();
    if ["text/html", "application/xhtml"].iter().any(|page| kind.starts_with(page)) {
        return Err(page(&shown(url)));
    }
    Ok(())
}

/// A web page came where a file should have.
pub fn page(from: &str) -> Error {
    Error::lasting(format!(
        "{from}: a web page came instead of the file: a proxy or a login stands between; check HTTPS_PROXY and \
         NO_PROXY, and the address"
    ))
}

pub fn lost(url: &Url, e: &ureq::Error) -> Error {
    let text = format!("{}: {e}", shown(url));
    if let ureq::Error::BadUri(_) | ureq::Error::InvalidProxyUrl = e {
        return Error::lasting(text);
    }
    let lower = text.to_lowercase();
    if lower.contains("certificate") || lower.contains("unknownissuer") {
        return Error::lasting(text).with("where a proxy opens TLS, set SSL_CERT_FILE to its certificates");
    }
    Error::passing(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges_are_read_and_nonsense_is_not() {
        assert_eq!(content_range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(content_range("bytes 5-9/*"), Some((5, None)));
        for nonsense in ["", "bytes */10", "bytes 9-5/10", "bytes 5-10/10", "items 0-1/2"] {
            assert_eq!(content_range(nonsense), None, "{nonsense}");
        }
    }
}
