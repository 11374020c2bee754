//! Whether there is anything to do: an output's label says what it was made from, so a message that comes again is
//! known without a database, and one that comes late does no harm.

use crate::{
    error::{Failure, Reason},
    handoff::{Handoff, ObjectRef},
    stage::Stage,
    store::{Label, Object, Over, Put, Seen},
};

/// What a message asks to be written: what it is made from, and when that was current.
#[derive(Clone, Debug)]
pub struct Claim {
    label: Label,
    force: bool,
}

/// How a claim stands against the output that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is to be made, and may be written over this.
    Open(Over),
    /// It was made from the same input by the same stage and model already.
    Made(ObjectRef),
    /// The output was made from a newer input.
    Stale,
}

/// How often somebody else may write meanwhile before the message is given back.
const TRIES: usize = 4;

impl Claim {
    /// The claim of a message whose object has been read.
    pub fn new(stage: &Stage, handoff: &Handoff, name: &str, object: &Object) -> Self {
        let etag = object.read.etag.as_deref().unwrap_or_default();
        let input = if etag.is_empty() { crate::sha256(&object.bytes) } else { etag.to_owned() };
        let label = Label {
            name: Some(name.to_owned()),
            fingerprint: Some(fingerprint(&input, &stage.fingerprint(), name)),
            sequencer: handoff.document.sequencer.clone(),
            modified: object.modified,
        };
        Claim { label, force: handoff.force }
    }

    /// The hash of what the output is made from.
    pub fn fingerprint(&self) -> &str {
        self.label.fingerprint.as_deref().unwrap_or_default()
    }

    /// How the claim stands now.
    ///
    /// # Errors
    /// A Retry.
    pub async fn standing(&self, stage: &Stage, output: &ObjectRef) -> Result<Standing, Failure> {
        Ok(match stage.store.look(output).await? {
            None => Standing::Open(Over::Nothing),
            Some(seen) => self.against(seen),
        })
    }

    fn against(&self, seen: Seen) -> Standing {
        let over = seen.object.etag.clone().map_or(Over::Anything, Over::Tag);
        if self.force {
            Standing::Open(over)
        } else if self.label.fingerprint == seen.label.fingerprint {
            Standing::Made(seen.object)
        } else if is_older(&self.label, &seen.label) {
            Standing::Stale
        } else {
            Standing::Open(over)
        }
    }

    /// Writes the output over what `standing` saw there; where somebody else wrote meanwhile, looks again who is
    /// right. Answers how the claim stands afterwards: made, or stale.
    ///
    /// # Errors
    /// A Retry.
    pub async fn write(
        &self,
        stage: &Stage,
        output: &ObjectRef,
        bytes: Vec<u8>,
        mut over: Over,
    ) -> Result<Standing, Failure> {
        for _ in 0..TRIES {
            if let Put::Written(object) = stage.store.put(output, bytes.clone(), &self.label, &over).await? {
                return Ok(Standing::Made(object));
            }
            match self.standing(stage, output).await? {
                Standing::Open(seen) => over = seen,
                settled => return Ok(settled),
            }
        }
        let message = format!("{output} was written by others {TRIES} times meanwhile");
        Err(Failure::retry(Reason::Store, message))
    }
}

/// The hash of what an output is made from: its input's ETag, the stage with its model, the document's name.
pub fn fingerprint(input: &str, stage: &str, name: &str) -> String {
    crate::sha256(format!("{input}\n{stage}\n{name}").as_bytes())
}

/// Whether `this` came from an older input than `that`: by S3's sequencers where both have one, else by when the
/// inputs were written. What can't be told is not older.
fn is_older(this: &Label, that: &Label) -> bool {
    match (&this.sequencer, &that.sequencer) {
        (Some(this), Some(that)) => sequence(this, that).is_lt(),
        _ => matches!((this.modified, that.modified), (Some(this), Some(that)) if this < that),
    }
}

/// S3's sequencers are hexadecimal numbers whose shorter one is padded with zeros on the right.
fn sequence(a: &str, b: &str) -> std::cmp::Ordering {
    let width = a.len().max(b.len());
    let padded = |s: &str| format!("{:0<width$}", s.to_ascii_uppercase());
    padded(a).cmp(&padded(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(sequencer: Option<&str>, modified: Option<i64>) -> Label {
        Label { sequencer: sequencer.map(str::to_owned), modified, ..Label::default() }
    }

    #[test]
    fn sequencers_are_compared_as_s3_says() {
        let older = |a, b| is_older(&label(Some(a), None), &label(Some(b), None));
        assert!(older("0055AED6DCD90281E5", "0055AED6DCD90281E6"));
        assert!(older("0055aed6", "0055AED6DCD90281E5"));
        assert!(!older("0055AED6DC", "0055AED6"));
        assert!(!older("0055AED600", "0055AED6"));
    }

    #[test]
    fn without_sequencers_the_time_of_writing_tells_and_what_cannot_be_told_is_not_stale() {
        assert!(is_older(&label(None, Some(1)), &label(Some("A"), Some(2))));
        assert!(!is_older(&label(None, Some(2)), &label(None, Some(2))));
        assert!(!is_older(&label(None, None), &label(Some("A"), Some(2))));
    }
}
