//! A repository on Hugging Face's Hub, at a commit: over plain HTTPS, so that any mirror which serves the two
//! addresses below will do.

use serde::Deserialize;
use url::Url;

use super::{Catalogue, Listed, Origin};
use crate::{
    address::{below, below_one, shown, web_address},
    download::{self, Job},
    error::Error,
    hash::Hash,
    http::{Http, Request},
    manifest::Content,
    model_path::ModelPath,
    output::plain,
    settings::{HUB, Settings},
};

pub struct HuggingFace {
    http: Http,
    token: Option<String>,
    endpoint: Url,
    repository: String,
    revision: String,
}

/// The Hub's answer about a revision: the keys that matter here.
#[derive(Deserialize)]
struct Info {
    sha: String,
    #[serde(default)]
    siblings: Vec<Sibling>,
    #[serde(rename = "cardData")]
    card: Option<Card>,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    lfs: Option<Lfs>,
}

#[derive(Deserialize)]
struct Lfs {
    sha256: Option<String>,
}

#[derive(Deserialize)]
struct Card {
    license: Option<serde_json::Value>,
    license_name: Option<String>,
}

impl HuggingFace {
    pub fn new(settings: &Settings, repository: &str, revision: Option<&str>) -> Result<Self, Error> {
        // Set to nothing, as a build may have it, is not set.
        let endpoint = Some(settings.hf_endpoint.trim()).filter(|it| !it.is_empty()).unwrap_or(HUB);
        let endpoint = web_address("HF_ENDPOINT", endpoint)?;
        let token = settings.hf_token.as_deref().map(str::trim).filter(|token| !token.is_empty());
        // RFC 6750 allows fewer still.
        if token.is_some_and(|token| !token.bytes().all(|byte| byte.is_ascii_graphic())) {
            let text = "HF_TOKEN or --hf-token has what no token has: a space, a line break or a letter beyond ASCII";
            return Err(Error::lasting(text).with("copy the token anew"));
        }
        Ok(HuggingFace {
            http: Http::new(settings),
            token: token.map(str::to_owned),
            endpoint,
            repository: repository.to_owned(),
            revision: revision.unwrap_or("main").to_owned(),
        })
    }

    fn request<'a>(&'a self, url: &'a Url) -> Request<'a> {
        Request { bearer: self.token.as_deref(), ..Request::plain(url) }
    }
}

impl Origin for HuggingFace {
    fn catalogue(&mut self) -> Result<Catalogue, Error> {
        let url = below(&self.endpoint, &format!("api/models/{}/revision", self.repository))?;
        let mut url = below_one(&url, &self.revision)?;
        url.set_query(Some("blobs=true"));
        let (text, _) = self.http.text(&self.request(&url))?;
        let info: Info =
            serde_json::from_str(&text).map_err(|e| Error::lasting(format!("{}: {e}", shown(&url))))?;
        if !is_commit(&info.sha) {
            return Err(Error::lasting(format!("{}: names no commit in `sha`", shown(&url))));
        }
        if is_commit(&self.revision) && !self.revision.eq_ignore_ascii_case(&info.sha) {
            let (asked, found) = (&self.revision, &info.sha);
            return Err(Error::lasting(format!(
                "{}: asked for commit {asked}, answered {found}",
                shown(&url)
            ))
            .with("check HF_ENDPOINT, or take the other commit by naming it"));
        }
        self.revision.clone_from(&info.sha);
        let licence = info.licence();
        let listed = info.siblings.into_iter().filter_map(|file| {
            let sha256 = file.lfs.and_then(|lfs| lfs.sha256?.parse::<Hash>().ok());
            Some(Listed { path: file.rfilename.parse().ok()?, content: Content { bytes: file.size, sha256 } })
        });
        let (files, revision) = (listed.collect(), Some(info.sha));
        Ok(Catalogue { files, revision, licence, ..Catalogue::default() })
    }

    fn bring(&mut self, path: &ModelPath, job: &Job<'_>) -> Result<bool, Error> {
        let url = below(&self.endpoint, &format!("{}/resolve", self.repository))?;
        let url = below(&below_one(&url, &self.revision)?, path.as_str())?;
        download::download(job, &mut |resume| self.http.open(&self.request(&url), resume))
    }
}

/// Branches and tags may move, a commit may not.
fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Info {
    /// As the model card states it, in SPDX's spelling where the Hub's differs only in case.
    fn licence(&self) -> Option<String> {
        let card = self.card.as_ref();
        let stated = card.and_then(|card| match card.license.as_ref()? {
            serde_json::Value::String(one) => Some(one.clone()),
            serde_json::Value::Array(several) => {
                let all: Vec<_> = several.iter().filter_map(|one| one.as_str()).map(spdx).collect();
                (!all.is_empty()).then(|| all.join(" AND "))
            }
            _ => None,
        });
        let tagged = || self.tags.iter().find_map(|tag| Some(tag.strip_prefix("license:")?.to_owned()));
        let stated = stated.or_else(tagged)?;
        match card.and_then(|card| card.license_name.as_deref()).filter(|_| stated == "other") {
            Some(name) => Some(plain(name)),
            None => Some(plain(&spdx(&stated))),
        }
    }
}

fn spdx(hub: &str) -> String {
    match hub {
        "apache-2.0" => "Apache-2.0".into(),
        "mit" => "MIT".into(),
        "bsd-3-clause" => "BSD-3-Clause".into(),
        cc if cc.starts_with("cc-by") || cc.starts_with("cc0") => cc.to_uppercase(),
        other => other.to_owned(),
    }
}
