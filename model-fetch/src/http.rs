//! HTTP as the sources need it: one request, its redirects followed with care, its answer judged.
//!
//! A secret goes only to the place it was meant for, never along a redirect to another.

mod answer;

use std::{io::Read, sync::Arc, time::Duration};

use base64::Engine as _;
use ureq::{
    Agent, Body,
    http::Response,
    tls::{Certificate, RootCerts, TlsConfig},
};
use url::Url;

use crate::{
    address::{bare, shown},
    download::{Answer, Resume},
    error::Error,
    patience::Patience,
    settings::Settings,
};
pub use answer::{content_range, page};
use answer::{header, judge, lost, refuse_page, validator};

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

pub struct Request<'a> {
    /// Where; a user and password in it are sent as such, and never shown.
    pub url: &'a Url,
    /// Secret of that place.
    pub bearer: Option<&'a str>,
    /// Media types, where it matters.
    pub accept: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// Of what is no secret's, in whatever form it comes.
    pub fn plain(url: &'a Url) -> Self {
        Request { url, bearer: None, accept: None }
    }
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
    /// `Stale` when the server can't go on where the earlier try ended.
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
        // What is compressed on the way can't be resumed by its offsets.
        let mut get = self.agent.get(bare(url).as_str()).header("accept-encoding", "identity");
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

fn basic(url: &Url) -> Option<String> {
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (user, password) = (decode(url.username()), decode(url.password().unwrap_or_default()));
    if user.is_empty() && password.is_empty() {
        return None;
    }
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    Some(format!("Basic {pair}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_addresss_user_and_password_are_sent_as_such() {
        let url = Url::parse("https://user:pass@mirror.example/simple/?signature=abc").unwrap();
        assert_eq!(basic(&url).unwrap(), "Basic dXNlcjpwYXNz");
    }
}
