//! What was found and may be sent again, wherever it was found.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use crate::{
    error::{Failure, Reason},
    event::Delivery,
    handoff::{self, Handoff, ObjectRef},
    trace::Trace,
};

#[derive(Clone, Debug)]
pub struct Found {
    /// What a person knows it by.
    pub name: String,
    /// What is to be sent, or why nothing can be.
    pub what: Result<What, Failure>,
    /// The document's key, where there is one.
    pub key: Option<String>,
    /// Its size, where that is known.
    pub bytes: Option<u64>,
    /// When it was written, in seconds since 1970, where that is known.
    pub modified: Option<i64>,
    /// The trace that it belongs to.
    pub trace: Trace,
    /// The dead letter that it was found in.
    pub letter: Option<Arc<Letter>>,
}

#[derive(Clone, Debug)]
pub enum What {
    Document(Box<Handoff>),
    /// A message as it was: nobody could read it, but another Baton may.
    Message(String),
    /// Nothing: it announces no document, or is none.
    Nothing,
}

/// A message among dead letters, and how many of its documents are still to be sent.
#[derive(Debug)]
pub struct Letter {
    pub id: String,
    /// What it is deleted by.
    pub receipt: String,
    open: AtomicUsize,
    stays: AtomicBool,
}

impl Letter {
    /// One of its documents was sent, or it announces none. Whether that was the last.
    pub fn done_one(&self) -> bool {
        self.open.fetch_sub(1, Ordering::SeqCst) == 1
    }

    /// One of its documents is not sent, so that it stays. Whether that is news.
    pub fn stays(&self) -> bool {
        !self.stays.swap(true, Ordering::SeqCst)
    }
}

impl Found {
    fn new(name: String, what: Result<What, Failure>) -> Self {
        Found { name, what, key: None, bytes: None, modified: None, trace: Trace::default(), letter: None }
    }

    /// A document at the beginning of a pipeline, or an earlier stage's result.
    pub fn of_key(bucket: &str, key: &str) -> Self {
        Self::of_handoff(Handoff::first(ObjectRef::new(bucket, key)))
    }

    /// A document with its handoff.
    pub fn of_handoff(handoff: Handoff) -> Self {
        let key = Some(handoff.document.key.clone());
        Found { key, ..Self::new(handoff.document.to_string(), Ok(What::Document(Box::new(handoff)))) }
    }

    pub fn unreadable(name: String, why: String) -> Self {
        Self::new(name, Err(Failure::reject(Reason::InvalidMessage, why)))
    }

    /// The documents that a message announces, and what in it nobody can read as messages; the message itself, if
    /// it announces none.
    pub fn in_message(name: &str, body: &str) -> Vec<Self> {
        match handoff::parse(body) {
            Ok(announced) if announced.handoffs.is_empty() => {
                vec![Self::new(name.to_owned(), Ok(What::Nothing))]
            }
            Ok(announced) => {
                let unreadable = announced.unreadable.iter().map(|record| record.body());
                let unreadable = unreadable.map(|body| Self::new(name.to_owned(), Ok(What::Message(body))));
                announced.handoffs.into_iter().map(Self::of_handoff).chain(unreadable).collect()
            }
            Err(_) => vec![Self::new(name.to_owned(), Ok(What::Message(body.to_owned())))],
        }
    }

    pub fn in_letter(delivery: Delivery) -> Vec<Self> {
        let mut found = Self::in_message(&format!("the message {}", delivery.id), &delivery.body);
        let open = AtomicUsize::new(found.len());
        let stays = AtomicBool::new(false);
        let letter = Arc::new(Letter { id: delivery.id, receipt: delivery.receipt, open, stays });
        for found in &mut found {
            found.letter = Some(letter.clone());
            // What is sent again is under way since then.
            found.trace = Trace { since: None, ..delivery.trace.clone() };
        }
        found
    }
}
