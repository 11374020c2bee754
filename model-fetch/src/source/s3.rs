//! Objects under a prefix in Amazon S3, or in what speaks like it: a company's own models.

use std::{io::Read, rc::Rc, time::Duration};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_s3::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    primitives::ByteStream,
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use tokio::runtime::{self, Runtime};

use super::{Catalogue, Listed, Origin};
use crate::{
    download::{self, Answer, Job, Resume},
    error::Error,
    http::content_range,
    manifest::Content,
    model_path::ModelPath,
    settings::Settings,
};

pub struct S3 {
    idle: Duration,
    runtime: Rc<Runtime>,
    client: Client,
    bucket: String,
    prefix: String,
}

impl S3 {
    pub fn new(settings: &Settings, bucket: &str, prefix: &str) -> Result<Self, Error> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| Error::lasting(format!("can't start a runtime for s3://: {e}")))?;
        let config = runtime.block_on(connect(settings));
        // An endpoint of one's own seldom resolves bucket names as hosts.
        let own_s3 = std::env::var_os("AWS_ENDPOINT_URL_S3").is_some_and(|url| !url.is_empty());
        let own_endpoint = own_s3 || config.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(own_endpoint).build();
        Ok(S3 {
            idle: settings.idle(),
            runtime: Rc::new(runtime),
            client: Client::from_conf(config),
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }

    fn open(&self, key: &str, resume: Option<&Resume>) -> Result<Answer, Error> {
        let mut request = self.client.get_object().bucket(&self.bucket).key(key);
        if let Some(resume) = resume {
            request = request.range(format!("bytes={}-", resume.from)).if_match(&resume.validator);
        }
        let place = format!("s3://{}/{key}", self.bucket);
        let answer =
            self.runtime.block_on(request.send()).map_err(|e| failure(&place, "s3:GetObject", &e))?;
        let length = answer.content_length().and_then(|n| u64::try_from(n).ok());
        let (start, total) = match (resume, answer.content_range()) {
            (Some(resume), Some(range)) => match content_range(range) {
                Some((start, total)) if start == resume.from => (start, total),
                _ => return Err(Error::stale(format!("{place}: answered with another range, {range}"))),
            },
            _ => (0, length),
        };
        let validator = answer.e_tag().map(str::to_owned);
        let (runtime, stream, idle) = (self.runtime.clone(), answer.body, self.idle);
        let body = Body { runtime, stream, chunk: Default::default(), idle };
        Ok(Answer { body: Box::new(body), start, total, validator })
    }

    fn key(&self, path: &str) -> String {
        if self.prefix.is_empty() { path.to_owned() } else { format!("{}/{path}", self.prefix) }
    }
}

impl Origin for S3 {
    fn catalogue(&mut self) -> Result<Catalogue, Error> {
        let prefix = self.key("");
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(&prefix)
            .delimiter("/")
            .into_paginator()
            .send();
        let mut files = Vec::new();
        while let Some(page) = self.runtime.block_on(pages.next()) {
            let page =
                page.map_err(|e| failure(&format!("s3://{}/{prefix}", self.bucket), "s3:ListBucket", &e))?;
            for object in page.contents() {
                let path = object.key().and_then(|key| key.strip_prefix(&prefix)?.parse().ok());
                let bytes = object.size().and_then(|size| u64::try_from(size).ok());
                files.extend(path.map(|path| Listed { path, content: Content::sized(bytes) }));
            }
        }
        Ok(Catalogue { files, is_flat: true, ..Catalogue::default() })
    }

    fn bring(&mut self, path: &ModelPath, job: &Job<'_>) -> Result<bool, Error> {
        let key = self.key(path.as_str());
        download::download(job, &mut |resume| self.open(&key, resume))
    }
}

async fn connect(settings: &Settings) -> SdkConfig {
    // ring, as in Baton itself.
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(settings.idle())
        .build();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts)
        // Trying again is done here, file by file, with what is kept of them.
        .retry_config(RetryConfig::disabled())
        .load()
        .await;
    match config.region().filter(|region| !region.as_ref().is_empty()) {
        Some(_) => config,
        None => config.into_builder().region(Region::new("us-east-1")).build(),
    }
}

fn failure<E>(place: &str, permission: &str, error: &SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let (code, message) = (error.code(), error.message().unwrap_or_default());
    let text = match (code, status) {
        (Some(code), Some(status)) => format!("{place}: S3 answered {status} {code}: {message}"),
        (None, Some(status)) => format!("{place}: S3 answered {status}"),
        _ => format!("{place}: {}", causes(error)),
    };
    match status {
        Some(412 | 416) => Error::stale(text),
        Some(404) => Error::lasting(format!("{place}: there is no such object or bucket")),
        Some(301 | 307) => Error::lasting(text).with("set AWS_REGION to the bucket's"),
        Some(400) if code == Some("AuthorizationHeaderMalformed") => {
            Error::lasting(text).with("set AWS_REGION to the bucket's")
        }
        Some(400 | 401 | 403) => {
            Error::lasting(text).with(&format!("check the credentials and {permission}"))
        }
        Some(408 | 429 | 500..=599) => Error::passing(text),
        Some(_) => Error::lasting(text),
        None if causes(error).contains("credential") => {
            Error::lasting(text).with("set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        }
        None if matches!(error, SdkError::ConstructionFailure(_)) => Error::lasting(text),
        None => Error::passing(text),
    }
}

/// What an error was caused by, in words, not how the SDK's structures look.
fn causes(error: &dyn std::error::Error) -> String {
    let all: Vec<String> =
        std::iter::successors(Some(error), |e| e.source()).map(ToString::to_string).collect();
    all.join(": ")
}

/// An object's bytes, read by a program that waits.
struct Body {
    // The runtime itself: a handle to it would wait without doing its work.
    runtime: Rc<Runtime>,
    stream: ByteStream,
    chunk: std::io::Cursor<Vec<u8>>,
    idle: Duration,
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let n = self.chunk.read(buffer)?;
            if n > 0 {
                return Ok(n);
            }
            let next = async { tokio::time::timeout(self.idle, self.stream.next()).await };
            match self.runtime.block_on(next).map_err(|_| std::io::Error::other("no byte came in time"))? {
                None => return Ok(0),
                Some(chunk) => {
                    self.chunk = std::io::Cursor::new(chunk.map_err(std::io::Error::other)?.to_vec());
                }
            }
        }
    }
}
