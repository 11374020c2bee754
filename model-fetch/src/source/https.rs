//! Files under an address: a company's own store, a release's assets.

use url::Url;

use super::Catalogue;
use crate::{
    download::{self, Job},
    error::Error,
    http::{Http, Request, shown},
    model_path::ModelPath,
    settings::Settings,
};

pub struct Https {
    http: Http,
    settings: Settings,
    base: Url,
}

impl Https {
    pub fn new(settings: &Settings, base: Url) -> Self {
        Https { http: Http::new(settings), settings: settings.clone(), base }
    }

    pub fn catalogue(&mut self) -> Result<Catalogue, Error> {
        let text = format!("{}: an address can't be listed; name its files with --file", shown(&self.base));
        Err(Error::lasting(text))
    }

    pub fn bring(&mut self, path: &ModelPath, job: &Job<'_>) -> Result<bool, Error> {
        let url = below(&self.base, path.as_str())?;
        let request = Request { url: &url, bearer: None, accept: None };
        download::download(job, &self.settings, &mut |resume| self.http.open(&request, resume))
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
    fn paths_are_encoded_and_stay_below() {
        let base = Url::parse("https://h.example/models/a/?sig=x").unwrap();
        let url = below(&base, "onnx/a b?.json").unwrap();
        assert_eq!(url.as_str(), "https://h.example/models/a/onnx/a%20b%3F.json?sig=x");
    }
}
