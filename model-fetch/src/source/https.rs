//! Files under an address: a company's own store, a release's assets.

use url::Url;

use super::{Catalogue, Origin};
use crate::{
    address::{below, shown},
    download::{self, Job},
    error::Error,
    http::{Http, Request},
    model_path::ModelPath,
};

pub struct Https {
    pub http: Http,
    pub base: Url,
}

impl Origin for Https {
    fn catalogue(&mut self) -> Result<Catalogue, Error> {
        let text = format!("{}: an address can't be listed; name its files with --file", shown(&self.base));
        Err(Error::lasting(text))
    }

    fn bring(&mut self, path: &ModelPath, job: &Job<'_>) -> Result<bool, Error> {
        let url = below(&self.base, path.as_str())?;
        download::download(job, &mut |resume| self.http.open(&Request::plain(&url), resume))
    }
}
