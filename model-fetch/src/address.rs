//! Addresses of the web: what of them may be shown, and what lies below them.

use url::Url;

use crate::error::Error;

/// An address without its user and password.
pub fn bare(url: &Url) -> Url {
    let mut url = url.clone();
    // A URL that can have neither has none to take away.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url
}

/// Without user, password and query: what may be shown in a log.
pub fn shown(url: &Url) -> String {
    let mut url = bare(url);
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
pub fn web_address(setting: &str, text: &str) -> Result<Url, Error> {
    let refuse =
        |why: &str| Err(Error::lasting(format!("{setting} `{}`: {why}; write https://…", shown_text(text))));
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "https" | "http") => Ok(url),
        Ok(_) => refuse("is no address of the web"),
        Err(e) => refuse(&e.to_string()),
    }
}

/// The address of a path under another, whose query (a signature, say) goes along.
pub fn below(base: &Url, path: &str) -> Result<Url, Error> {
    extend(base, path.split('/'))
}

/// The same for one part, whatever is in it: a `/` in a revision is none of the address.
pub fn below_one(base: &Url, part: &str) -> Result<Url, Error> {
    extend(base, [part])
}

fn extend<'a>(base: &Url, parts: impl IntoIterator<Item = &'a str>) -> Result<Url, Error> {
    let mut url = base.clone();
    let refuse = || Error::lasting(format!("{}: nothing can lie under it", shown(base)));
    url.path_segments_mut().map_err(|()| refuse())?.pop_if_empty().extend(parts);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let url = Url::parse("https://user:pass@mirror.example/simple/?signature=abc").unwrap();
        assert_eq!(shown(&url), "https://mirror.example/simple/");
        assert_eq!(shown_text("ftp://user:pass@mirror.example/a"), "ftp://mirror.example/a");
        assert_eq!(shown_text("https://user:pass@mirror.example:x/a"), "https://…");
        assert_eq!(shown_text("hf:org/name"), "hf:org/name");
    }

    #[test]
    fn paths_are_encoded_and_stay_below() {
        let base = Url::parse("https://h.example/models/a/?sig=x").unwrap();
        let url = below(&base, "onnx/a b?.json").unwrap();
        assert_eq!(url.as_str(), "https://h.example/models/a/onnx/a%20b%3F.json?sig=x");
    }
}
