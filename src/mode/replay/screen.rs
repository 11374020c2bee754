//! Which of what was found is sent, and as what message; the rest is counted.

use std::sync::Arc;

use super::{
    checkpoint::Id,
    found::{Found, Letter, What},
    run::Run,
};
use crate::{handoff::Handoff, queue::Message};

/// A message that is to be sent.
pub(super) struct Ready {
    /// What a person knows it by.
    pub name: String,
    /// Its document, by which it is known again.
    pub id: Id,
    pub message: Message,
    /// Its handoff, where it has one.
    pub handoff: Option<Handoff>,
    /// The dead letter that it was found in, and its document in that letter.
    pub letter: Option<(Arc<Letter>, Id)>,
}

impl Ready {
    /// The dead letter that it was found in.
    pub fn letter(&self) -> Option<&Letter> {
        self.letter.as_ref().map(|(letter, _)| &**letter)
    }
}

impl Run {
    /// Counts what was found; what may be sent goes on.
    pub(super) async fn screen(&mut self, found: Found) -> Option<Ready> {
        self.summary.listed += 1;
        let ready = match found.what.clone() {
            Err(why) => {
                self.summary.failed(&found.name, &why.message);
                None
            }
            Ok(What::Nothing) => {
                self.summary.nothing += 1;
                self.delete_letters(found.letter.into_iter().collect()).await;
                None
            }
            Ok(_) if !self.arguments.filter.admits(&found) => {
                self.summary.filtered += 1;
                self.summary.stays(found.letter.as_deref(), "filtered out");
                None
            }
            Ok(What::Document(handoff)) => Some(self.document(found, *handoff)),
            Ok(What::Message(body)) => Some(self.message(found, body)),
        };
        let ready = match ready {
            Some(ready) => self.is_new(ready).await,
            None => None,
        };
        if ready.is_none() {
            self.progress.document_done();
        }
        ready
    }

    async fn is_new(&mut self, ready: Ready) -> Option<Ready> {
        let letter = ready.letter.as_ref().map(|(_, id)| *id);
        // A letter whose document was sent for another letter stays: it may have come back from this very run.
        if self.checkpoint.has(letter.unwrap_or(ready.id)) {
            self.summary.earlier += 1;
            self.delete_letters(ready.letter.into_iter().map(|(letter, _)| letter).collect()).await;
        } else if ready.letter.is_some() && !self.seen.contains(&ready.id) && self.checkpoint.has(ready.id) {
            let why = "was sent by an earlier run and is a dead letter again; another --checkpoint sends it once more";
            self.summary.failed(&ready.name, why);
            self.summary.stays(ready.letter(), "sent by an earlier run");
        } else if !self.seen.insert(ready.id) || self.checkpoint.has(ready.id) {
            self.summary.repeated += 1;
            match ready.letter {
                // Its letter names it twice, and is done with when it was sent.
                Some((letter, id)) if self.seen.contains(&id) => self.delete_letters(vec![letter]).await,
                _ => self.summary.stays(ready.letter(), "of a document listed before"),
            }
        } else {
            self.seen.extend(letter);
            return Some(ready);
        }
        None
    }

    fn document(&self, found: Found, mut handoff: Handoff) -> Ready {
        handoff.force |= self.arguments.force;
        if self.arguments.latest {
            (handoff.document.version_id, handoff.document.etag, handoff.document.sequencer) =
                (None, None, None);
        }
        let (document, version) =
            (&handoff.document, handoff.document.version_id.as_deref().unwrap_or_default());
        let id = format!("document {}/{}?{version}", document.bucket, document.key);
        let group = handoff.name.clone().unwrap_or_else(|| document.key.clone());
        self.ready(found, &id, handoff.to_body(), &group, Some(handoff))
    }

    fn message(&self, found: Found, body: String) -> Ready {
        self.ready(found, &format!("message {body}"), body.clone(), &body, None)
    }

    fn ready(&self, found: Found, id: &str, body: String, group: &str, handoff: Option<Handoff>) -> Ready {
        let message = Message {
            body,
            trace: found.trace,
            attributes: Vec::new(),
            group: crate::sha256(group.as_bytes()),
            // This run's own: what the queue had before the run is another message, what it sends twice is not.
            deduplication: crate::sha256(format!("{} {id}", self.checkpoint.run).as_bytes()),
        };
        let letter = found.letter.map(|letter| {
            let id = Id::of(&format!("letter {} {id}", letter.id));
            (letter, id)
        });
        Ready { name: found.name, id: Id::of(id), message, handoff, letter }
    }
}
