//! HTTP as the sources need it: one request, its redirects followed with care, its answer judged.
//!
//! A secret goes only to the place it was meant for, never along a redirect to another; an answer that is not
//! the file asked for (a proxy's page, a login form) is never taken for it.

use std::{io::Read, sync::Arc, time::Duration};

use base64::Engine as _;
use ureq::{
    Agent, Body,
    http::{HeaderMap, Response},
    tls::{Certificate, RootCerts, TlsConfig},
};
use url::Url;

use crate::{
    download::{Answer, Resume},
    error::{Error, Kind},
    patience::Patience,
    settings::Settings,
};

const CONNECT: Duration = Duration::from_secs(15);
/// As browsers have it, about; the Hub needs two.
const MOST_REDIRECTS: u32 = 10;
/// Listings and indexes; the largest known has a few.
const MOST_TEXT: u64 = 32 << 20;

/// Connections, kept for the next request.
pub struct Http {
    agent: Agent,
    settings: Settings,
}

/// What is asked for.
pub struct Request<'a> {
    /// Where; a user and password in it are sent as such, and never shown.
    pub url: &'a Url,
    /// Secret of that place.
    pub bearer: Option<&'a str>,
    /// Media types, where it matters.
    pub accept: Option<&'a str>,
}

impl Http {
    /// Trusts what the system trusts (`SSL_CERT_FILE` and `SSL_CERT_DIR` are heard), or in an image without
    /// certificates what browsers trust. `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` are heard too.
    pub fn new(settings: &Settings) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT))
            .timeout_per_read(Some(settings.idle()))
            .timeout_per_write(Some(settings.idle()))
            .timeout_recv_response(Some(settings.idle() * 2))
            .user_agent(concat!("model-fetch/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(roots()).build())
            .build();
        Http { agent: config.into(), settings: settings.clone() }
    }

    /// A text of moderate length, tried again as often as the settings say; and where it was in the end.
    pub fn text(&self, request: &Request<'_>) -> Result<(String, Url), Error> {
        Patience::new(&self.settings).retry(|| {
            let (response, url) = self.follow(request, None)?;
            let accepts_pages = request.accept.is_some_and(|types| types.contains("text/html"));
            if !accepts_pages {
                refuse_page(&response, &url)?;
            }
            let mut bytes = Vec::new();
            let mut body =
                response.into_body().into_with_config().limit(u64::MAX).reader().take(MOST_TEXT + 1);
            body.read_to_end(&mut bytes).map_err(|e| Error::passing(format!("{}: {e}", shown(&url))))?;
            if bytes.len() as u64 > MOST_TEXT {
                return Err(Error::lasting(format!("{}: has more than {MOST_TEXT} bytes", shown(&url))));
            }
            let text = String::from_utf8(bytes);
            let text = text.map_err(|_| Error::lasting(format!("{}: is not UTF-8", shown(&url))))?;
            Ok((text, url))
        })
    }

    /// A file from its beginning, or from where an earlier try ended. One try.
    ///
    /// # Errors
    /// As [`Error`] splits them; `Stale` when the server can't go on where the earlier try ended.
    pub fn open(&self, request: &Request<'_>, resume: Option<&Resume>) -> Result<Answer, Error> {
        let (response, url) = self.follow(request, resume)?;
        refuse_page(&response, &url)?;
        let headers = response.headers();
        let validator = validator(headers);
        let length = header(headers, "content-length").and_then(|n| n.parse::<u64>().ok());
        let (start, total) = match (response.status().as_u16(), resume) {
            (206, Some(resume)) => {
                let range = header(headers, "content-range").and_then(content_range);
                let same = validator.as_deref().is_none_or(|v| v == resume.validator);
                match range {
                    Some((start, total)) if start == resume.from && same => (start, total),
                    _ => return Err(Error::stale(format!("{}: answered with another range", shown(&url)))),
                }
            }
            // The server ignores ranges, or has another file by now.
            (200, _) => (0, length),
            (status, _) => {
                return Err(Error::lasting(format!("{}: answered with an unasked {status}", shown(&url))));
            }
        };
        let body = response.into_body().into_with_config().limit(u64::MAX).reader();
        Ok(Answer { body: Box::new(body), start, total, validator })
    }

    fn follow(&self, request: &Request<'_>, resume: Option<&Resume>) -> Result<(Response<Body>, Url), Error> {
        let mut url = request.url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let response = self.send(request, &url, resume)?;
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                judge(&response, &url, request)?;
                return Ok((response, url));
            }
            let next = header(response.headers(), "location").and_then(|to| url.join(to).ok());
            let Some(next) = next.filter(|next| matches!(next.scheme(), "http" | "https")) else {
                return Err(Error::lasting(format!("{}: redirects to no address", shown(&url))));
            };
            if url.scheme() == "https" && next.scheme() == "http" {
                let text = format!("{}: redirects from https to plain http, {}", shown(&url), shown(&next));
                return Err(Error::lasting(text));
            }
            url = next;
        }
        Err(Error::lasting(format!("{}: redirects more than {MOST_REDIRECTS} times", shown(request.url))))
    }

    fn send(
        &self,
        request: &Request<'_>,
        url: &Url,
        resume: Option<&Resume>,
    ) -> Result<Response<Body>, Error> {
        let mut bare = url.clone();
        // A URL that can have neither has none to take away.
        let _ = bare.set_username("").and_then(|()| bare.set_password(None));
        // What is compressed on the way can't be resumed by its offsets.
        let mut get = self.agent.get(bare.as_str()).header("accept-encoding", "identity");
        if let Some(types) = request.accept {
            get = get.header("accept", types);
        }
        if url.origin() == request.url.origin() {
            if let Some(token) = request.bearer {
                get = get.header("authorization", format!("Bearer {token}"));
            } else if let Some(basic) = basic(request.url) {
                get = get.header("authorization", basic);
            }
        }
        if let Some(resume) = resume {
            get =
                get.header("range", format!("bytes={}-", resume.from)).header("if-range", &resume.validator);
        }
        get.call().map_err(|e| lost(url, &e))
    }
}

fn roots() -> RootCerts {
    let found = rustls_native_certs::load_native_certs().certs;
    if found.is_empty() {
        return RootCerts::WebPki;
    }
    let owned = found.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
    RootCerts::Specific(Arc::new(owned))
}

/// Without user, password and query: what may be shown in a log.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

/// The same of a text that may be no address.
pub fn shown_text(text: &str) -> String {
    match (Url::parse(text), text.split_once("://")) {
        (Ok(url), _) if url.has_host() => shown(&url),
        (_, Some((scheme, _))) => format!("{scheme}://…"),
        _ => text.to_owned(),
    }
}

/// The address that a setting has.
///
/// # Errors
/// What is none of the web.
pub fn web_address(setting: &str, text: &str) -> Result<Url, Error> {
    let refuse =
        |why: &str| Err(Error::lasting(format!("{setting} `{}`: {why}; write https://…", shown_text(text))));
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "https" | "http") => Ok(url),
        Ok(_) => refuse("is no address of the web"),
        Err(e) => refuse(&e.to_string()),
    }
}

fn basic(url: &Url) -> Option<String> {
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (user, password) = (decode(url.username()), decode(url.password().unwrap_or_default()));
    if user.is_empty() && password.is_empty() {
        return None;
    }
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    Some(format!("Basic {pair}"))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// What names this very version of a file, for `If-Range`: a strong ETag, else the date of its last change.
fn validator(headers: &HeaderMap) -> Option<String> {
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

fn judge(response: &Response<Body>, url: &Url, request: &Request<'_>) -> Result<(), Error> {
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

fn refuse_page(response: &Response<Body>, url: &Url) -> Result<(), Error> {
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

fn lost(url: &Url, e: &ureq::Error) -> Error {
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

    #[test]
    fn no_secret_is_shown() {
        let url = Url::parse("https://user:pass@mirror.example/simple/?signature=abc").unwrap();
        assert_eq!(shown(&url), "https://mirror.example/simple/");
        assert_eq!(basic(&url).unwrap(), "Basic dXNlcjpwYXNz");
        assert_eq!(shown_text("ftp://user:pass@mirror.example/a"), "ftp://mirror.example/a");
        assert_eq!(shown_text("https://user:pass@mirror.example:x/a"), "https://…");
        assert_eq!(shown_text("hf:org/name"), "hf:org/name");
    }
}
