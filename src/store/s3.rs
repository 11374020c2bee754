//! The store that is Amazon S3.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
};

use super::{Label, Object, Store};
use crate::{
    error::{Failure, Reason},
    handoff::ObjectRef,
};

/// The metadata key of a [`Label`]'s name, which is percent-encoded: S3's metadata is ASCII.
const NAME: &str = "baton-name";

/// Amazon S3, or what speaks like it.
#[derive(Clone, Debug)]
pub struct S3Store {
    client: Client,
}

impl S3Store {
    /// Connects nothing yet: the first call does.
    pub fn new(config: &SdkConfig) -> Self {
        // An endpoint of one's own seldom resolves bucket names as hosts.
        let own_endpoint = config.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(config).force_path_style(own_endpoint).build();
        S3Store { client: Client::from_conf(config) }
    }
}

#[async_trait]
impl Store for S3Store {
    async fn get(&self, object: &ObjectRef, most: usize) -> Result<Object, Failure> {
        let request = self.client.get_object().bucket(&object.bucket).key(&object.key);
        let request = request.set_version_id(object.version_id.clone().filter(|version| version != "null"));
        let answer = request.send().await.map_err(|e| get_failure(object, &e))?;
        let length = answer.content_length().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        if length > most {
            return Err(too_large(object, length, most));
        }
        let read = ObjectRef {
            version_id: answer.version_id().map(str::to_owned),
            etag: answer.e_tag().map(|tag| tag.trim_matches('"').to_owned()),
            sequencer: None,
            ..object.clone()
        };
        let name = answer.metadata().and_then(|m| m.get(NAME)).and_then(|name| decode(name));
        let body = answer.body.collect().await.map_err(|e| {
            let message = format!("reading {object} broke off: {}", DisplayErrorContext(&e));
            Failure::retry(Reason::Store, message)
        })?;
        let bytes = body.to_vec();
        if bytes.len() != length {
            let message = format!("reading {object} gave {} bytes of {length}", bytes.len());
            return Err(Failure::retry(Reason::Store, message));
        }
        Ok(Object { bytes, read, name })
    }

    async fn put(&self, at: &ObjectRef, bytes: Vec<u8>, label: &Label) -> Result<ObjectRef, Failure> {
        let answer = self
            .client
            .put_object()
            .bucket(&at.bucket)
            .key(&at.key)
            .content_type("application/json")
            .metadata(NAME, encode(&label.name))
            .body(bytes.into())
            .send()
            .await
            .map_err(|e| {
                Failure::retry(Reason::Store, format!("can't write {at}: {}", DisplayErrorContext(&e)))
            })?;
        Ok(ObjectRef {
            version_id: answer.version_id().map(str::to_owned),
            etag: answer.e_tag().map(|tag| tag.trim_matches('"').to_owned()),
            ..ObjectRef::new(&at.bucket, &at.key)
        })
    }
}

fn get_failure<E>(object: &ObjectRef, error: &SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    match (status, code) {
        (Some(404), _) | (_, Some("NoSuchKey" | "NoSuchVersion")) => {
            Failure::reject(Reason::ObjectMissing, format!("there is no {object}"))
        }
        // S3 says so when the version is a delete marker, or the version id is none.
        (Some(405), _) | (_, Some("NoSuchVersionId" | "InvalidVersionId")) => {
            let version = object.version_id.as_deref().unwrap_or("null");
            Failure::reject(Reason::ObjectMissing, format!("there is no version {version} of {object}"))
        }
        (_, Some("InvalidObjectState")) => {
            let message = format!("{object} is archived: restore it, then send its message again");
            Failure::reject(Reason::ObjectMissing, message)
        }
        _ => Failure::retry(Reason::Store, format!("can't read {object}: {}", DisplayErrorContext(error))),
    }
}

pub(super) fn too_large(object: &ObjectRef, length: usize, most: usize) -> Failure {
    let message = format!("{object} has {length} bytes; object_bytes allows {most}");
    Failure::reject(Reason::TooLarge, message)
}

fn encode(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn decode(name: &str) -> Option<String> {
    percent_encoding::percent_decode_str(name).decode_utf8().ok().map(Into::into)
}
