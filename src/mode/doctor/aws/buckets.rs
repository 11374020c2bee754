//! Whether documents can be read, and results and rejections written.

use bytes::Bytes;

use crate::{
    config::StageConfig,
    error::{Class, Failure, Reason},
    handoff::ObjectRef,
    mode::doctor::Findings,
    store::{Label, Over, Put, Room, S3Store, Store},
};

/// No document is called so.
const NOBODY: &str = "baton-doctor/no-such-object";
/// No object has this ETag, so a write over it never happens.
const NO_TAG: &str = "00000000000000000000000000000000";

pub async fn check(config: &StageConfig, prefix: &str, store: &S3Store, findings: &mut Findings) {
    for bucket in &config.buckets {
        reads(store, bucket, prefix, config, findings).await;
    }
    match config.output(NOBODY) {
        Ok(output) => {
            writes(store, "results", &output.result, true, findings).await;
            for form in &output.forms {
                writes(store, "forms", form, true, findings).await;
            }
        }
        Err(failure) => findings.wrong("results", failure.message, "shorten BATON_OUTPUT"),
    }
    let rejection = config.rejected.key(&format!("{}/{NOBODY}", config.stage));
    let rejection = ObjectRef::new(&config.rejected.bucket, rejection);
    writes(store, "rejections", &rejection, false, findings).await;
}

async fn reads(store: &S3Store, bucket: &str, prefix: &str, config: &StageConfig, findings: &mut Findings) {
    let object = ObjectRef::new(bucket, format!("{prefix}{NOBODY}"));
    match store.get(&object, &Room::new(config.limits)).await {
        Err(failure) if failure.reason != Reason::ObjectMissing => {
            let advice = format!(
                "the bucket must be there, and whoever runs this may need s3:GetObject on arn:aws:s3:::{bucket}/{prefix}* \
                 and s3:ListBucket on arn:aws:s3:::{bucket} (without the latter a missing object looks like a fault); \
                 where only a part of the bucket may be read, say which by --prefix"
            );
            findings.wrong("documents", failure.message, advice);
        }
        _ => match unreadable(store, bucket, prefix, config).await {
            Some(failure) => findings.wrong(
                "documents",
                failure.message,
                "what isn't there is told from what is, and what is can't be read: mostly the bucket is encrypted with a KMS \
                 key, and whoever runs this needs kms:Decrypt on that (SourceKeyArn in infra/stage.yaml)",
            ),
            None => findings.good("documents", format!("s3://{bucket}/{prefix} can be read")),
        },
    }
}

/// Why the first object that lies there can't be read. A bucket's key is not asked about what isn't there.
async fn unreadable(store: &S3Store, bucket: &str, prefix: &str, config: &StageConfig) -> Option<Failure> {
    let page = store.list(bucket, prefix, None).await.ok()?;
    let first = page.entries.into_iter().find(|entry| entry.bytes > 0)?;
    let read = store.get(&ObjectRef::new(bucket, first.key), &Room::new(config.limits)).await;
    read.err().filter(|failure| failure.class == Class::Retry)
}

/// A write over what isn't there is refused for that, where it would have been allowed. It needs the right to read
/// besides: a role has that for results, not for rejections, which are written and never read (`is_read`).
async fn writes(store: &S3Store, what: &'static str, at: &ObjectRef, is_read: bool, findings: &mut Findings) {
    let ObjectRef { bucket, key, .. } = at;
    if is_read && let Err(failure) = store.look(at).await {
        let advice =
            format!("s3:GetObject and s3:ListBucket are needed to see whether a result is there ({bucket})");
        return findings.wrong(what, failure.message, advice);
    }
    let folder = key.split_once(NOBODY).map_or(key.as_str(), |(folder, _)| folder);
    let needed = format!(
        "the bucket must be there, in this region, and the role needs s3:PutObject on arn:aws:s3:::{bucket}/{folder}*"
    );
    match store.put(at, Bytes::new(), &Label::default(), &Over::Tag(NO_TAG.into())).await {
        Ok(Put::Changed) => findings.good(what, format!("s3://{bucket} can be written to")),
        Ok(Put::Written(_)) => findings.wrong(
            what,
            format!("{at} was written, and lies there now, though its ETag can't have been {NO_TAG}"),
            "this store knows no conditional writes, which Baton needs: use S3, or one that does; delete that object",
        ),
        Err(failure) if !is_read && failure.message.contains("AccessDenied") => {
            let advice = format!("{needed}; if it has that and may not read there, all is well");
            findings.doubtful(what, failure.message, advice);
        }
        Err(failure) => findings.wrong(what, failure.message, needed),
    }
}
