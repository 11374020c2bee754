//! Where the documents of a stage come from and what it makes of them goes, and how they are named: known without its
//! model, so that commands beside a deployed stage know it too.

use crate::{
    config::{Prefix, StageConfig},
    error::{Failure, Reason},
    forms::Form,
    handoff::{Handoff, ObjectRef},
    store::Label,
};

/// S3's limit for a key, in bytes.
pub const LONGEST_KEY: usize = 1024;

/// Where what is made of a document goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The enriched document.
    pub result: ObjectRef,
    /// What is written besides it, a place for each of the stage's forms.
    pub forms: Vec<ObjectRef>,
}

impl Output {
    /// All places, the result's last, as they are written.
    pub fn places(&self) -> impl Iterator<Item = &ObjectRef> {
        self.forms.iter().chain([&self.result])
    }
}

impl StageConfig {
    /// Whether documents may be read from where this one lies.
    ///
    /// # Errors
    /// A Reject that names the buckets from which they may.
    pub fn check_bucket(&self, document: &ObjectRef) -> Result<(), Failure> {
        if self.buckets.contains(&document.bucket) {
            return Ok(());
        }
        let allowed = self.buckets.join(", ");
        let message = format!("{document}: this stage reads from {allowed} only (BATON_BUCKETS)");
        Err(Failure::reject(Reason::BucketNotAllowed, message))
    }

    /// The document's name in the pipeline: its key where it came in, below its bucket where that isn't the only one allowed.
    pub fn name(&self, handoff: &Handoff, stored: &Label) -> String {
        let stored = || self.stored_name(&handoff.document, stored);
        let ObjectRef { bucket, key, .. } = &handoff.document;
        handoff.name.clone().or_else(stored).unwrap_or_else(|| match &self.buckets[..] {
            [only] if only == bucket => key.clone(),
            _ => format!("{bucket}/{key}"),
        })
    }

    /// The name that a stage wrote beside its result. It is believed where the result of that name lies, and nowhere else:
    /// labels are copied along with objects, and whoever uploads one can set any.
    pub(super) fn stored_name(&self, object: &ObjectRef, stored: &Label) -> Option<String> {
        stored.fingerprint.as_ref()?;
        let below =
            object.key.strip_prefix(&self.output.key("")).filter(|_| object.bucket == self.output.bucket)?;
        let (_, rest) = below.split_once('/')?;
        let name = rest.strip_suffix(".json")?;
        // One that is too long for a label is left out of it.
        stored.name.as_ref().is_none_or(|stored| stored == name).then(|| name.to_owned())
    }

    /// Where the result of the document of that name goes: two names never share a place.
    ///
    /// # Errors
    /// A Reject for a name that makes no valid key.
    pub fn output(&self, name: &str) -> Result<Output, Failure> {
        let StageConfig { stage, output, forms, .. } = self;
        let place = |rest: &str| ObjectRef::new(&output.bucket, output.key(rest));
        let output = Output {
            result: place(&format!("{stage}/{name}.json")),
            forms: forms.iter().map(|f| place(&format!("{}/{name}{}", f.folder(stage), f.end()))).collect(),
        };
        let keys = output.places().map(|place| place.key.as_str());
        let longest = keys.max_by_key(|key| key.len()).unwrap_or_default();
        if name.is_empty() {
            let message = "the document's name is empty; leave `name` out where it is the key";
            return Err(Failure::reject(Reason::InvalidKey, message));
        }
        if longest.len() > LONGEST_KEY {
            let length = longest.len();
            let message =
                format!("the output's key would have {length} bytes; S3 allows {LONGEST_KEY}: {longest}");
            return Err(Failure::reject(Reason::InvalidKey, message));
        }
        Ok(output)
    }

    /// What of the stage's own an object is, told by where it lies; None for all else.
    pub(crate) fn own(&self, object: &ObjectRef) -> Option<&'static str> {
        let form = |form: Form| lies_in(&self.output, &form.folder(&self.stage), form.end(), object);
        if lies_in(&self.output, &self.stage, RESULT, object) {
            Some("this stage's own result")
        } else if Form::ALL.into_iter().any(form) {
            Some("a form of this stage's own result")
        } else if self.is_record(object) {
            Some("this stage's own record of a rejection")
        } else {
            None
        }
    }

    /// Whether an object lies where the stage writes what it rejects, and why.
    pub fn is_record(&self, object: &ObjectRef) -> bool {
        lies_in(&self.rejected, &self.stage, RESULT, object)
    }
}

/// What the keys of results and of records end with.
const RESULT: &str = ".json";

/// Whether an object has such a key. Documents may well lie in the folder, too, where only they are announced.
fn lies_in(place: &Prefix, folder: &str, end: &str, object: &ObjectRef) -> bool {
    object.bucket == place.bucket
        && object.key.starts_with(&place.key(&format!("{folder}/")))
        && object.key.ends_with(end)
}
