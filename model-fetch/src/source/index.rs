//! A Python package index (PEP 503 or 691): where the wheels of a package lie, and their hashes.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use crate::{
    address::{below, shown, web_address},
    error::Error,
    hash::Hash,
    http::{Http, Request},
    settings::Settings,
};

/// A wheel in the index.
pub struct Link {
    filename: String,
    pub url: Url,
    pub sha256: Option<Hash>,
}

/// The wheel of a package's version, where one is pinned the one of that hash.
pub fn find(
    name: &str,
    version: &str,
    pinned: Option<Hash>,
    http: &Http,
    settings: &Settings,
) -> Result<Link, Error> {
    // Set to nothing, as a build may have it, is not set.
    let Some(index) = settings.index_url.as_deref().map(str::trim).filter(|it| !it.is_empty()) else {
        let text =
            format!("wheel:{name}=={version}: no package index is set; give --index-url or PIP_INDEX_URL");
        return Err(Error::lasting(text));
    };
    let index = web_address("PIP_INDEX_URL", index)?;
    let url = below(&index, &format!("{}/", normal(name)))?;
    let accept =
        "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";
    let (text, page) = http.text(&Request { accept: Some(accept), ..Request::plain(&url) })?;
    let fits = |link: &Link| match pinned {
        Some(hash) if link.sha256.is_some() => link.sha256 == Some(hash),
        _ => is_of(&link.filename, name, version),
    };
    let mut links: Vec<Link> = links(&text, &page).into_iter().filter(fits).collect();
    // A model runs anywhere: of several wheels the one for all platforms.
    links.sort_by_key(|link| !link.filename.ends_with("-none-any.whl"));
    let mut link = links.into_iter().next().ok_or_else(|| {
        let which = pinned.map_or_else(String::new, |hash| format!(" with sha256 {hash}"));
        Error::lasting(format!("{}: has no wheel of {name} {version}{which}", shown(&url)))
    })?;
    if page.scheme() == "https" && link.url.scheme() == "http" {
        let text = format!("{}: links from https to plain http, {}", shown(&page), shown(&link.url));
        return Err(Error::lasting(text));
    }
    // Who may read the index may read what it has, as pip sees it too.
    if link.url.origin() == index.origin() && link.url.username().is_empty() {
        // A URL with a host, as these are, can have both.
        let _ =
            link.url.set_username(index.username()).and_then(|()| link.url.set_password(index.password()));
    }
    Ok(link)
}

/// `{distribution}-{version}-….whl`.
fn is_of(filename: &str, name: &str, version: &str) -> bool {
    let Some(stem) = filename.strip_suffix(".whl") else { return false };
    let mut parts = stem.split('-');
    parts.next().is_some_and(|d| normal(d) == normal(name)) && parts.next() == Some(version)
}

/// PEP 503: runs of `-`, `_` and `.` are one `-`, letters are small.
fn normal(name: &str) -> String {
    let mut normal = String::new();
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            c => normal.push(c.to_ascii_lowercase()),
        }
    }
    normal
}

/// The links of an index page, in either of its two forms.
fn links(text: &str, page: &Url) -> Vec<Link> {
    #[derive(Deserialize)]
    struct Page {
        files: Vec<OneFile>,
    }
    #[derive(Deserialize)]
    struct OneFile {
        filename: String,
        url: String,
        #[serde(default)]
        hashes: BTreeMap<String, String>,
    }
    if let Ok(json) = serde_json::from_str::<Page>(text) {
        let link = |file: OneFile| {
            let sha256 = file.hashes.get("sha256").and_then(|hash| hash.parse().ok());
            Some(Link { filename: file.filename, url: page.join(&file.url).ok()?, sha256 })
        };
        return json.files.into_iter().filter_map(link).collect();
    }
    text.split("href=").skip(1).filter_map(|rest| anchor(rest, page)).collect()
}

fn anchor(rest: &str, page: &Url) -> Option<Link> {
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (href, _) = rest[1..].split_once(quote)?;
    let mut url = page.join(&href.replace("&amp;", "&")).ok()?;
    let sha256 = url.fragment().and_then(|f| f.strip_prefix("sha256=")?.parse().ok());
    url.set_fragment(None);
    let filename = url.path_segments()?.next_back()?;
    let filename = percent_encoding::percent_decode_str(filename).decode_utf8_lossy().into_owned();
    Some(Link { filename, url, sha256 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_an_index_page_are_read() {
        let page = Url::parse("https://index.example/simple/some-model/").unwrap();
        let hash = "0".repeat(64);
        let json = format!(
            r#"{{"files":[{{"filename":"some_model-1.0-py3-none-any.whl","url":"../../f/some_model-1.0-py3-none-any.whl","hashes":{{"sha256":"{hash}"}}}}]}}"#
        );
        let html = format!(
            r#"<!DOCTYPE html><a href="../../f/some_model-1.0-py3-none-any.whl#sha256={hash}" data-x="y">x</a>"#
        );
        for text in [json, html] {
            let links = links(&text, &page);
            assert_eq!(links.len(), 1);
            assert_eq!(links[0].filename, "some_model-1.0-py3-none-any.whl");
            assert_eq!(links[0].url.as_str(), "https://index.example/f/some_model-1.0-py3-none-any.whl");
            assert_eq!(links[0].sha256.unwrap().to_string(), hash);
            assert!(is_of(&links[0].filename, "Some.Model", "1.0"));
        }
    }
}
