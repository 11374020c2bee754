//! Whether there is anything to do: an output's label says what it was made from, so a message that comes again is
//! known without a database, and one that comes late does no harm.
//!
//! # What is written besides the result
//!
//! A stage's forms are written before its result, under the same label, each by the same rule: over what was there
//! only if that isn't newer. What is promised of a document's set, the result and its forms:
//!
//! - **Where a result is, its forms are too**, and none of them is from an older input than the result.
//! - **When all messages of a document are settled, its set is of one making**, whoever raced. Take whoever wrote the
//!   result last, over what it had seen before it wrote its forms: a result written in between would have stopped
//!   it. A form that somebody else wrote after its own is from somebody whose result was yet to come, and found
//!   another one there: it wrote its whole set again, and so was the last, or its input was older, and then its
//!   form was refused. Who died, or gave up, on the way comes back and does the same. A result that was changed and
//!   changed back can't be told by its ETag; so a result counts as made only with its forms, and who wrote over
//!   another one looks once more.
//! - **Until then a form may be newer than the result**, for the moment between their writes, or until who died
//!   between them comes back.
//! - A form that a stage no longer writes stays as it was.
//!
//! # What comes late
//!
//! A message of an older input than the result's does nothing, whatever else is asked of it. So the label must be that
//! of the newest input: a document that was changed and changed back is made again, though its result has the same
//! bytes, or an event between the two would be taken for newer than both.
//!
//! Whose turn it is was asked before the model ran, so it is asked again before anything is written over: a result
//! that was written again with the same bytes can't be told by its ETag. (Where the input has versions it can: the
//! lineage names one.) What is left without versions is the moment between that look and the write.

use bytes::Bytes;

use crate::{
    error::{Failure, Reason},
    handoff::{Handoff, ObjectRef},
    made::Made,
    stage::{Output, Stage},
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
    /// It was made from the same input by the same stage and model already, and from no older version of it.
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
            sequencer: handoff.document.sequencer.clone().filter(|text| is_sequencer(text)),
            modified: object.modified,
        };
        Claim { label, force: handoff.force }
    }

    /// What tells this writing of the result from every other, even of the same bytes: a document that was changed
    /// back, or computed again on demand, is no repetition. A message that comes again finds the same.
    pub fn writing(&self, result: &ObjectRef) -> String {
        let (Label { fingerprint, sequencer, modified, .. }, version) = (&self.label, &result.version_id);
        let all = format!("{fingerprint:?} {sequencer:?} {modified:?} {version:?} {}", self.force);
        crate::sha256(all.as_bytes())
    }

    /// How the claim stands now. A result is made when its forms are too.
    ///
    /// # Errors
    /// A Retry.
    pub async fn standing(&self, stage: &Stage, output: &Output) -> Result<Standing, Failure> {
        match self.standing_at(stage, &output.result).await? {
            Standing::Made(result) if !self.has_made(stage, &output.forms).await? => {
                Ok(Standing::Open(replacing(&result)))
            }
            standing => Ok(standing),
        }
    }

    async fn has_made(&self, stage: &Stage, forms: &[ObjectRef]) -> Result<bool, Failure> {
        for form in forms {
            let seen = stage.store.look(form).await?;
            if seen.is_none_or(|seen| seen.label.fingerprint != self.label.fingerprint) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn standing_at(&self, stage: &Stage, place: &ObjectRef) -> Result<Standing, Failure> {
        Ok(match stage.store.look(place).await? {
            None => Standing::Open(Over::Nothing),
            Some(seen) => self.against(seen),
        })
    }

    fn against(&self, seen: Seen) -> Standing {
        let same = !self.force && self.label.fingerprint == seen.label.fingerprint;
        if is_older(&self.label, &seen.label) {
            Standing::Stale
        } else if same && !is_older(&seen.label, &self.label) {
            Standing::Made(seen.object)
        } else {
            Standing::Open(replacing(&seen.object))
        }
    }

    /// Writes the forms, then the result. Where `standing` saw one there, or somebody else wrote meanwhile, it looks
    /// again first who is right. Answers the result; None where one of a newer input is there.
    ///
    /// # Errors
    /// A Retry.
    pub async fn write(
        &self,
        stage: &Stage,
        output: &Output,
        made: &Made,
        mut over: Over,
    ) -> Result<Option<ObjectRef>, Failure> {
        for _ in 0..TRIES {
            if over != Over::Nothing {
                match self.standing(stage, output).await? {
                    Standing::Open(seen) => over = seen,
                    Standing::Made(result) => return Ok(Some(result)),
                    Standing::Stale => return Ok(None),
                }
            }
            for (place, bytes) in output.forms.iter().zip(&made.forms) {
                if self.write_form(stage, place, bytes).await?.is_none() {
                    return Ok(None);
                }
            }
            let put = stage.store.put(&output.result, made.result.clone(), &self.label, &over).await?;
            match put {
                Put::Written(result)
                    if over == Over::Nothing || self.has_made(stage, &output.forms).await? =>
                {
                    return Ok(Some(result));
                }
                // Over whatever the next look sees.
                Put::Written(_) | Put::Changed => over = Over::Anything,
            }
        }
        Err(too_busy(&output.result))
    }

    /// Writes a form, unless it is there already, or a newer one is.
    async fn write_form(
        &self,
        stage: &Stage,
        place: &ObjectRef,
        bytes: &Bytes,
    ) -> Result<Option<ObjectRef>, Failure> {
        let mut over = Over::Nothing;
        for _ in 0..=TRIES {
            if let Put::Written(form) = stage.store.put(place, bytes.clone(), &self.label, &over).await? {
                return Ok(Some(form));
            }
            match self.standing_at(stage, place).await? {
                Standing::Open(seen) => over = seen,
                Standing::Made(form) => return Ok(Some(form)),
                Standing::Stale => return Ok(None),
            }
        }
        Err(too_busy(place))
    }
}

/// The hash of what an output is made from: its input's ETag, the stage with its model, the document's name.
pub fn fingerprint(input: &str, stage: &str, name: &str) -> String {
    crate::sha256(format!("{input}\n{stage}\n{name}").as_bytes())
}

/// What a write over this object, and no other, may replace.
fn replacing(object: &ObjectRef) -> Over {
    object.etag.clone().map_or(Over::Anything, Over::Tag)
}

fn too_busy(place: &ObjectRef) -> Failure {
    Failure::retry(Reason::Store, format!("{place} was written by others {TRIES} times meanwhile"))
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
    let padded = |s: &str| {
        let digits = s.to_ascii_uppercase().into_bytes().into_iter();
        digits.chain(std::iter::repeat(b'0')).take(LONGEST_SEQUENCER)
    };
    padded(a).cmp(padded(b))
}

/// Far longer than S3's are.
const LONGEST_SEQUENCER: usize = 64;

/// Whether it orders anything. A message may have any text there; what is none is taken for missing.
fn is_sequencer(text: &str) -> bool {
    (1..=LONGEST_SEQUENCER).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
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
        assert!(!older(&"0".repeat(100_000), "0"), "a stored one may be anything");
    }

    #[test]
    fn what_is_no_sequencer_is_taken_for_missing() {
        for text in ["", "0055AED6DCD90281G5", "é", &"0".repeat(65), &"A".repeat(70_000)] {
            assert!(!is_sequencer(text), "{text:.20}");
        }
        assert!(is_sequencer("0055AED6DCD90281E5"));
    }

    #[test]
    fn without_sequencers_the_time_of_writing_tells_and_what_cannot_be_told_is_not_stale() {
        assert!(is_older(&label(None, Some(1)), &label(Some("A"), Some(2))));
        assert!(!is_older(&label(None, Some(2)), &label(None, Some(2))));
        assert!(!is_older(&label(None, None), &label(Some("A"), Some(2))));
    }
}
