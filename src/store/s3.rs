//! The store that is Amazon S3.

mod listing;

use std::time::Duration;

use async_trait::async_trait;
use aws_config::{SdkConfig, timeout::TimeoutConfig};
use aws_sdk_s3::{
    Client, config,
    error::{ProvideErrorMetadata, SdkError},
    operation::{
        get_object::GetObjectOutput,
        head_object::{HeadObjectError, HeadObjectOutput},
    },
    primitives::{ByteStream, ByteStreamError},
};
use aws_types::service_config::ServiceConfigKey;
use bytes::Bytes;
use tokio::time::timeout;

use super::{Label, Object, Over, Put, Room, Seen, Store, labels};
use crate::{
    aws::explain,
    error::{Failure, Reason, chain},
    handoff::ObjectRef,
};

pub use listing::{Entry, Page};

/// What comes more slowly is asked for again: it would take a document's place in work for as long as it likes.
const LONGEST_TRANSFER: Duration = Duration::from_secs(300);

/// What S3 is sent of more than this may take longer than an answer does, which all other calls wait for.
const LARGE: usize = 1 << 20;

/// Amazon S3, or what speaks like it.
#[derive(Clone, Debug)]
pub struct S3Store {
    client: Client,
    /// The account that buckets must belong to: a name that was given up can be somebody else's tomorrow.
    owner: Option<String>,
}

impl S3Store {
    /// Connects nothing yet: the first call does.
    pub fn new(config: &SdkConfig, owner: Option<String>) -> Self {
        // An endpoint of one's own seldom resolves bucket names as hosts.
        let own_endpoint = has_own_endpoint(config);
        let config = aws_sdk_s3::config::Builder::from(config).force_path_style(own_endpoint).build();
        S3Store { client: Client::from_conf(config), owner }
    }

    /// The object before its bytes, and how many those are.
    async fn open(&self, object: &ObjectRef) -> Result<(GetObjectOutput, usize), Failure> {
        if object.key.trim().is_empty() {
            let message = format!("S3 can't be asked for a key of nothing but white space: {object}");
            return Err(Failure::reject(Reason::InvalidKey, message));
        }
        let request = self.client.get_object().bucket(&object.bucket).key(&object.key);
        let request = request.set_version_id(object.version_id.clone().filter(|version| version != "null"));
        let answer = request.set_expected_bucket_owner(self.owner.clone()).send().await;
        let answer = answer.map_err(|e| get_failure(object, &e))?;
        let length = match answer.content_length() {
            // A proxy on the way may pass it on in pieces, without saying how many bytes they are together.
            None => self.length(object).await?,
            length => length,
        };
        match length.and_then(|length| usize::try_from(length).ok()) {
            Some(length) => Ok((answer, length)),
            None => {
                let message = format!(
                    "the answers to GET and HEAD of {object} have no Content-Length, so its room isn't known: what stands \
                     between here and S3 must leave it"
                );
                Err(Failure::retry(Reason::Store, message))
            }
        }
    }

    /// The bytes of an object, as the answer to a HEAD says.
    async fn length(&self, object: &ObjectRef) -> Result<Option<i64>, Failure> {
        let failure = |e| Failure::retry(Reason::Store, format!("can't look for {object}: {}", said(&e)));
        Ok(self.head(object).await.map_err(failure)?.content_length)
    }

    async fn head(&self, at: &ObjectRef) -> Result<HeadObjectOutput, SdkError<HeadObjectError>> {
        let request = self.client.head_object().bucket(&at.bucket).key(&at.key);
        let request = request.set_version_id(at.version_id.clone().filter(|version| version != "null"));
        request.set_expected_bucket_owner(self.owner.clone()).send().await
    }
}

/// Whether S3 is reached by an endpoint of the user's, for all services or for it alone, by whichever of the SDK's settings.
fn has_own_endpoint(config: &SdkConfig) -> bool {
    let key =
        ServiceConfigKey::builder().service_id("S3").env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let own = key.ok().zip(config.service_config()).and_then(|(key, settings)| settings.load_config(key));
    own.is_some() || config.endpoint_url().is_some()
}

/// The bytes of a body of so many; one more where it has more, for nothing beyond its room is read.
async fn gather(mut body: ByteStream, length: usize) -> Result<Vec<u8>, ByteStreamError> {
    let mut bytes = Vec::with_capacity(length);
    while let Some(chunk) = body.try_next().await? {
        let room = (length + 1).saturating_sub(bytes.len());
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if bytes.len() > length {
            break;
        }
    }
    Ok(bytes)
}

#[async_trait]
impl Store for S3Store {
    async fn get(&self, object: &ObjectRef, room: &Room) -> Result<Object, Failure> {
        let (mut answer, mut length) = self.open(object).await?;
        let mut space = room.reserve_now(object, length)?;
        // S3 doesn't wait for long while nobody reads: the object is opened again when there is room for it.
        while space.is_none() {
            drop(answer);
            let waited = room.reserve(object, length).await?;
            let reserved = length;
            (answer, length) = self.open(object).await?;
            space = if length <= reserved { Some(waited) } else { room.reserve_now(object, length)? };
        }
        let space = space.unwrap_or_default();
        let read = object_ref(object, answer.version_id(), answer.e_tag());
        let modified = answer.last_modified().map(|time| time.secs());
        let label = answer.metadata().map(labels::from_metadata).unwrap_or_default();
        let broke_off =
            |why: String| Failure::retry(Reason::Store, format!("reading {object} broke off: {why}"));
        let bytes = timeout(LONGEST_TRANSFER, gather(answer.body, length)).await;
        let bytes =
            bytes.map_err(|_| broke_off(format!("it took more than {} s", LONGEST_TRANSFER.as_secs())))?;
        let bytes = bytes.map_err(|e| broke_off(chain(&e)))?;
        if bytes.len() != length {
            let had = if bytes.len() < length { bytes.len().to_string() } else { "more".into() };
            let message = format!("reading {object} gave {had} bytes of {length}");
            return Err(Failure::retry(Reason::Store, message));
        }
        Ok(Object { bytes, read, modified, label, space })
    }

    async fn look(&self, at: &ObjectRef) -> Result<Option<Seen>, Failure> {
        match self.head(at).await {
            Ok(answer) => Ok(Some(Seen {
                object: object_ref(at, answer.version_id(), answer.e_tag()),
                label: answer.metadata().map(labels::from_metadata).unwrap_or_default(),
            })),
            Err(e) if status(&e) == Some(404) => Ok(None),
            Err(e) => Err(Failure::retry(Reason::Store, format!("can't look for {at}: {}", said(&e)))),
        }
    }

    async fn put(&self, at: &ObjectRef, bytes: Bytes, label: &Label, over: &Over) -> Result<Put, Failure> {
        let content = if at.key.ends_with(".jsonl") { "application/x-ndjson" } else { "application/json" };
        let request = self.client.put_object().bucket(&at.bucket).key(&at.key).content_type(content);
        let request = match over {
            Over::Anything => request,
            Over::Nothing => request.if_none_match("*"),
            Over::Tag(etag) => request.if_match(format!("\"{etag}\"")),
        };
        let is_large = bytes.len() > LARGE;
        let request = request.set_metadata(Some(labels::to_metadata(label))).body(bytes.into());
        let mut request = request.set_expected_bucket_owner(self.owner.clone()).customize();
        if is_large {
            let patience = TimeoutConfig::builder()
                .read_timeout(LONGEST_TRANSFER)
                .operation_attempt_timeout(LONGEST_TRANSFER)
                .build();
            request = request.config_override(config::Builder::new().timeout_config(patience));
        }
        match request.send().await {
            Ok(answer) => Ok(Put::Written(object_ref(at, answer.version_id(), answer.e_tag()))),
            Err(e) if *over != Over::Anything && is_changed(&e) => Ok(Put::Changed),
            Err(e) => Err(Failure::retry(Reason::Store, format!("can't write {at}: {}", said(&e)))),
        }
    }
}

fn object_ref(place: &ObjectRef, version: Option<&str>, etag: Option<&str>) -> ObjectRef {
    ObjectRef {
        version_id: version.map(str::to_owned),
        etag: etag.map(|tag| tag.trim_matches('"').to_owned()),
        sequencer: None,
        ..place.clone()
    }
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

/// What S3 said; where it said nothing, as to whoever looks for an object, what its answer's status means.
fn said<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    let means = match (status(error), code) {
        (Some(status @ 300..), None) => match status {
            301 | 307 => format!("{status}, as of a bucket in another region"),
            400 => format!("{status}, as to expired credentials or of a bucket in another region"),
            403 => format!("{status}, as to a role that may not, here or on the bucket's key"),
            429 | 503 => format!("{status}, as to too many requests"),
            status => status.to_string(),
        },
        _ => return explain(error),
    };
    format!("S3 answered {means}")
}

/// `Invalid version id specified`, and nothing that is about versions of anything else.
fn is_about_version_id<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    let message = error.as_service_error().and_then(ProvideErrorMetadata::message).unwrap_or_default();
    message.to_ascii_lowercase().contains("version id")
}

/// Whether a conditional write was refused for what it found: precondition failed, two writes at once, or what was to be
/// replaced is gone.
fn is_changed<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    match status(error) {
        Some(412 | 409) => true,
        // Another 404 is not S3's, but of something on the way there.
        Some(404) => code == Some("NoSuchKey"),
        _ => false,
    }
}

fn get_failure<E>(object: &ObjectRef, error: &SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    let version = object.version_id.as_deref();
    match (status(error), code) {
        // What may be there in a moment, or is a matter of configuration, is no fault of the document's.
        (_, Some("NoSuchBucket")) => {
            Failure::retry(Reason::Store, format!("can't read {object}: there is no such bucket"))
        }
        // Another 404 is not S3's, but of something on the way there.
        // S3 says so when the version is gone, is a delete marker, or its id is none.
        (_, Some("NoSuchVersion" | "MethodNotAllowed" | "NoSuchVersionId" | "InvalidVersionId"))
            if version.is_some() =>
        {
            let version = version.unwrap_or_default();
            Failure::reject(Reason::ObjectMissing, format!("there is no version {version} of {object}"))
        }
        (_, Some("NoSuchKey" | "NoSuchVersion")) => {
            Failure::reject(Reason::ObjectMissing, format!("there is no {object}"))
        }
        // So it says of a version id that is none, too.
        (Some(400), Some("InvalidArgument")) if is_about_version_id(error) => {
            let message = format!("S3 takes the version id of {object} for none: {}", said(error));
            Failure::reject(Reason::ObjectMissing, message)
        }
        (_, Some("KeyTooLongError" | "InvalidURI")) => {
            Failure::reject(Reason::InvalidKey, format!("S3 has no such key: {}", said(error)))
        }
        (_, Some("InvalidObjectState")) => {
            let message = format!("{object} is archived: restore it, then send its message again");
            Failure::reject(Reason::ObjectMissing, message)
        }
        _ => Failure::retry(Reason::Store, format!("can't read {object}: {}", said(error))),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::{
        config::http::HttpResponse, error::ErrorMetadata, operation::get_object::GetObjectError,
        primitives::SdkBody,
    };

    use super::*;
    use crate::{error::Class, limits::Limits};

    fn answered(status: u16, code: &str, message: &str) -> Failure {
        let said = ErrorMetadata::builder().code(code).message(message).build();
        let response = HttpResponse::new(status.try_into().expect("a status"), SdkBody::empty());
        let object = ObjectRef { version_id: Some("v1".into()), ..ObjectRef::new("b", "k") };
        get_failure(&object, &SdkError::service_error(GetObjectError::generic(said), response))
    }

    /// The SDK makes no request of one: it would come back until it were a dead letter, without a word why.
    #[tokio::test]
    async fn a_key_of_white_space_alone_is_rejected() {
        let config = SdkConfig::builder().behavior_version(aws_config::BehaviorVersion::latest()).build();
        let store = S3Store::new(&config, None);
        for key in [" ", "\u{3000}"] {
            let room = Room::new(Limits::default());
            let failure = store.get(&ObjectRef::new("b", key), &room).await.expect_err("there is none");
            assert_eq!((failure.class, failure.reason), (Class::Reject, Reason::InvalidKey), "{failure}");
        }
    }

    #[test]
    fn what_s3_says_nothing_about_is_told_by_its_status() {
        for (status, means) in [
            (301, "another region"),
            (403, "a role that may not"),
            (404, "S3 answered 404"),
            (418, "S3 answered 418"),
        ] {
            let response = HttpResponse::new(status.try_into().expect("a status"), SdkBody::empty());
            let nothing = GetObjectError::generic(ErrorMetadata::builder().build());
            let failure = get_failure(&ObjectRef::new("b", "k"), &SdkError::service_error(nothing, response));
            assert!(failure.message.contains(means) && failure.class == Class::Retry, "{failure}");
        }
    }

    #[test]
    fn what_can_never_be_read_is_rejected_and_what_may_be_in_a_while_is_not() {
        for (status, code, message, reason) in [
            (404, "NoSuchKey", "The specified key does not exist.", Reason::ObjectMissing),
            (404, "NoSuchVersion", "The specified version does not exist.", Reason::ObjectMissing),
            (405, "MethodNotAllowed", "The specified method is not allowed.", Reason::ObjectMissing),
            (400, "InvalidArgument", "Invalid version id specified", Reason::ObjectMissing),
            (400, "NoSuchVersionId", "", Reason::ObjectMissing),
            (403, "InvalidObjectState", "The object is archived.", Reason::ObjectMissing),
            (400, "KeyTooLongError", "Your key is too long", Reason::InvalidKey),
            (400, "InvalidURI", "Couldn't parse the specified URI.", Reason::InvalidKey),
        ] {
            let failure = answered(status, code, message);
            assert_eq!((failure.class, failure.reason), (Class::Reject, reason), "{code}: {failure}");
        }
        for (status, code, message) in [
            (404, "NoSuchBucket", "The specified bucket does not exist"),
            (404, "NoSuchAccessPoint", "The specified accesspoint does not exist"),
            (405, "", "a page of something on the way"),
            (403, "AccessDenied", "Access Denied"),
            (400, "InvalidArgument", "The encryption method specified is not supported"),
            (400, "InvalidArgument", "Requests with KMS keys require AWS Signature Version 4."),
            (400, "ExpiredToken", "The provided token has expired."),
            (503, "SlowDown", "Please reduce your request rate."),
            (500, "InternalError", "We encountered an internal error. Please try again."),
        ] {
            let failure = answered(status, code, message);
            assert_eq!((failure.class, failure.reason), (Class::Retry, Reason::Store), "{code}: {failure}");
        }
    }
}
