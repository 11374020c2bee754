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

impl StageConfig {
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
    fn stored_name(&self, object: &ObjectRef, stored: &Label) -> Option<String> {
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
            forms: forms.iter().map(|form| place(&form.place(stage, name))).collect(),
        };
        let keys = output.forms.iter().chain([&output.result]).map(|place| &place.key);
        let longest = keys.max_by_key(|key| key.len()).map_or("", String::as_str);
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

    /// Whether the record of one document and the result of another could have one place: `x/ner/ner/a.json`, where records
    /// go to `x/ner` and results to `x`.
    pub(crate) fn records_may_meet_results(&self) -> bool {
        let StageConfig { stage, output, rejected, .. } = self;
        let records = rejected.key(&format!("{stage}/"));
        let forms = Form::ALL.into_iter().map(|form| format!("{stage}.{}/", form.name()));
        let mut results = forms.chain([format!("{stage}/")]).map(|folder| output.key(&folder));
        output.bucket == rejected.bucket
            && results.any(|results| results.starts_with(&records) || records.starts_with(&results))
    }

    /// What of the stage's own an object is, told by where it lies; None for all else.
    pub(crate) fn own(&self, object: &ObjectRef) -> Option<&'static str> {
        let form =
            |form: Form| self.lies_in(&self.output, &format!("{}.{}", self.stage, form.name()), object);
        if self.lies_in(&self.output, &self.stage, object) {
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
        self.lies_in(&self.rejected, &self.stage, object)
    }

    /// All that the stage writes has such an end: other documents may well lie there, where only they are announced.
    fn lies_in(&self, place: &Prefix, folder: &str, object: &ObjectRef) -> bool {
        object.bucket == place.bucket
            && object.key.starts_with(&place.key(&format!("{folder}/")))
            && [".json", ".jsonl"].iter().any(|end| object.key.ends_with(end))
    }
}
