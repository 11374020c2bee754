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
//! Which of two inputs is older S3's sequencers say. Without them the times of writing do, and these may be wrong:
//! where a newer version was deleted, or an upload in parts began earlier than what it replaced, the older time is the
//! current object's. So by its time alone nothing is late that is still what one reads at its place; the label then keeps
//! the later time, for what was before. Times are told in seconds: what is made from something else of the same second is
//! late by the same rule, unless it is asked for on demand. And what a message without a sequencer made over a result of
//! the same second keeps its sequencer: it is most likely the same input, of another model or on demand.
//!
//! Whose turn it is was asked before the model ran, so it is asked again before anything is written over: a result
//! that was written again with the same bytes can't be told by its ETag. (Where the input has versions it can: the
//! lineage names one.) What is left without versions is the moment between that look and the write.

use std::{cmp::Ordering, time::Duration};

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
    /// The object that was read: its version and its ETag.
    input: ObjectRef,
    force: bool,
}

/// How a claim stands against the output that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is to be made, over this.
    Open(Option<Seen>),
    /// It was made from the same input by the same stage and model already, and from no older version of it.
    Made(Seen),
    /// The output was made from a newer input.
    Stale,
}

/// Before the second of these tries; it grows. S3 refuses all but one of those who write at once.
const PAUSE: Duration = Duration::from_millis(10);

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
        Claim { label, input: object.read.clone(), force: handoff.force }
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
            Standing::Made(seen) if !self.has_made(stage, &output.forms).await? => {
                Ok(Standing::Open(Some(seen)))
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
        let Some(seen) = stage.store.look(place).await? else {
            return Ok(Standing::Open(None));
        };
        let same = !self.force && self.label.fingerprint == seen.label.fingerprint;
        Ok(if self.is_late(stage, &seen.label).await? {
            Standing::Stale
        } else if same && age(&seen.label, &self.label) == Age::NotOlder {
            Standing::Made(seen)
        } else {
            Standing::Open(Some(seen))
        })
    }

    /// Whether what is there was made from a newer input.
    async fn is_late(&self, stage: &Stage, there: &Label) -> Result<bool, Failure> {
        Ok(match age(&self.label, there) {
            Age::Older => true,
            Age::Earlier => !self.is_current(stage).await?,
            Age::OfTheSameSecond => !self.force && !self.is_current(stage).await?,
            Age::NotOlder => false,
        })
    }

    /// Whether the object that was read is what one reads at its place now.
    async fn is_current(&self, stage: &Stage) -> Result<bool, Failure> {
        let ObjectRef { bucket, key, version_id, etag, .. } = &self.input;
        let current = stage.store.look(&ObjectRef::new(bucket, key)).await?;
        Ok(current.is_some_and(|Seen { object, .. }| {
            etag.is_some() && (&object.version_id, &object.etag) == (version_id, etag)
        }))
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
        mut seen: Option<Seen>,
    ) -> Result<Option<ObjectRef>, Failure> {
        for tries in 0..TRIES {
            tokio::time::sleep(PAUSE * tries as u32).await;
            if seen.is_some() || tries > 0 {
                match self.standing(stage, output).await? {
                    Standing::Open(now) => seen = now,
                    Standing::Made(result) => return Ok(Some(result.object)),
                    Standing::Stale => return Ok(None),
                }
            }
            for (place, bytes) in output.forms.iter().zip(&made.forms) {
                if !self.write_form(stage, place, bytes).await? {
                    return Ok(None);
                }
            }
            let put = self.put(stage, &output.result, &made.result, seen.as_ref()).await?;
            if let Put::Written(result) = put
                && (seen.is_none() || self.has_made(stage, &output.forms).await?)
            {
                return Ok(Some(result));
            }
        }
        Err(too_busy(&output.result))
    }

    /// Writes a form, unless it is there already. Whether it is; else one of a newer input is there.
    async fn write_form(&self, stage: &Stage, place: &ObjectRef, bytes: &Bytes) -> Result<bool, Failure> {
        let mut seen = None;
        for _ in 0..=TRIES {
            if let Put::Written(_) = self.put(stage, place, bytes, seen.as_ref()).await? {
                return Ok(true);
            }
            match self.standing_at(stage, place).await? {
                Standing::Open(now) => seen = now,
                Standing::Made(_) => return Ok(true),
                Standing::Stale => return Ok(false),
            }
        }
        Err(too_busy(place))
    }

    /// Writes over what was seen, and nothing else.
    async fn put(
        &self,
        stage: &Stage,
        place: &ObjectRef,
        bytes: &Bytes,
        seen: Option<&Seen>,
    ) -> Result<Put, Failure> {
        let over = match seen.map(|seen| &seen.object.etag) {
            None => Over::Nothing,
            Some(None) => Over::Anything,
            Some(Some(etag)) => Over::Tag(etag.clone()),
        };
        let there = seen.map(|seen| &seen.label);
        let of_same = there.filter(|there| there.modified == self.label.modified);
        let label = Label {
            sequencer: sequencer(&self.label).or(of_same.and_then(sequencer)).map(str::to_owned),
            modified: self.label.modified.max(there.and_then(|there| there.modified)),
            ..self.label.clone()
        };
        stage.store.put(place, bytes.clone(), &label, &over).await
    }
}

/// The hash of what an output is made from: its input's ETag, the stage with its model, the document's name.
pub fn fingerprint(input: &str, stage: &str, name: &str) -> String {
    crate::sha256(format!("{input}\n{stage}\n{name}").as_bytes())
}

fn too_busy(place: &ObjectRef) -> Failure {
    let message = format!("others wrote {place}, or were about to, {TRIES} times meanwhile");
    Failure::retry(Reason::Store, message)
}

/// How old an input is, against another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    /// Older, by S3's sequencers.
    Older,
    /// Written earlier, which is all that is known.
    Earlier,
    /// Another one, or made into something else, and no more is known.
    OfTheSameSecond,
    /// Newer, or the same, or it can't be told.
    NotOlder,
}

/// The age of what `this` came from, against what `that` did. Inputs of one sequencer are an earlier stage's results for
/// one event, or one of them has inherited it.
fn age(this: &Label, that: &Label) -> Age {
    let sequences = sequencer(this).zip(sequencer(that)).map(|(this, that)| sequence(this, that));
    match sequences {
        Some(Ordering::Less) => Age::Older,
        Some(Ordering::Greater) => Age::NotOlder,
        Some(Ordering::Equal) | None => match (this.modified, that.modified) {
            (Some(earlier), Some(later)) if earlier < later => Age::Earlier,
            (Some(one), Some(other)) if one == other && this.fingerprint != that.fingerprint => {
                Age::OfTheSameSecond
            }
            _ => Age::NotOlder,
        },
    }
}

/// S3's sequencers are hexadecimal numbers whose shorter one is padded with zeros on the right.
fn sequence(a: &str, b: &str) -> Ordering {
    let padded = |s: &str| {
        let digits = s.to_ascii_uppercase().into_bytes().into_iter();
        digits.chain(std::iter::repeat(b'0')).take(LONGEST_SEQUENCER)
    };
    padded(a).cmp(padded(b))
}

/// Far longer than S3's are.
const LONGEST_SEQUENCER: usize = 64;

/// What orders the events of a document; a message may have any text there, and what orders nothing is taken for missing.
fn sequencer(label: &Label) -> Option<&str> {
    let is_one = |text: &&str| {
        (1..=LONGEST_SEQUENCER).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
    };
    label.sequencer.as_deref().filter(is_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(sequencer: Option<&str>, modified: Option<i64>) -> Label {
        Label { sequencer: sequencer.map(str::to_owned), modified, ..Label::default() }
    }

    #[test]
    fn sequencers_are_compared_as_s3_says() {
        let older = |a, b| age(&label(Some(a), None), &label(Some(b), None)) == Age::Older;
        assert!(older("0055AED6DCD90281E5", "0055AED6DCD90281E6"));
        assert!(older("0055aed6", "0055AED6DCD90281E5"));
        assert!(!older("0055AED6DC", "0055AED6"));
        assert!(!older("0055AED600", "0055AED6"));
    }

    #[test]
    fn what_is_no_sequencer_is_taken_for_missing() {
        for text in ["", "0055AED6DCD90281G5", "é", &"0".repeat(65), &"A".repeat(70_000)] {
            assert_eq!(sequencer(&label(Some(text), None)), None, "{text:.20}");
        }
        assert!(sequencer(&label(Some("0055AED6DCD90281E5"), None)).is_some());
    }

    #[test]
    fn without_sequencers_the_time_of_writing_tells_and_what_cannot_be_told_is_not_stale() {
        assert_eq!(age(&label(None, Some(1)), &label(Some("A"), Some(2))), Age::Earlier);
        assert_eq!(age(&label(Some("A"), Some(1)), &label(Some("A"), Some(2))), Age::Earlier);
        assert_eq!(age(&label(Some("B"), Some(1)), &label(Some("A"), Some(2))), Age::NotOlder);
        assert_eq!(age(&label(None, Some(2)), &label(None, Some(2))), Age::NotOlder);
        let of = |fingerprint: &str| Label {
            fingerprint: Some(fingerprint.to_owned()),
            ..label(Some("A"), Some(2))
        };
        assert_eq!(age(&of("one"), &of("another")), Age::OfTheSameSecond);
        assert_eq!(age(&of("one"), &of("one")), Age::NotOlder);
        assert_eq!(age(&label(None, None), &label(Some("A"), Some(2))), Age::NotOlder);
    }
}
