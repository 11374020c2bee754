//! The records of what was rejected: each holds the handoff, or the message, that it is about.

use std::collections::VecDeque;

use tokio::task::JoinHandle;

use super::objects::{Objects, is_marker};
use crate::{
    error::{Class, Failure},
    handoff::ObjectRef,
    limits::Limits,
    mode::{
        patience::patiently,
        replay::found::{Found, What},
    },
    rejection::Rejection,
    store::{Entry, Room, S3Store, Store},
};

/// Records that are read ahead.
const AHEAD: usize = 16;

pub struct Rejections {
    records: Objects,
    store: S3Store,
    room: Room,
    waiting: VecDeque<Entry>,
    reading: VecDeque<JoinHandle<Result<Vec<Found>, Failure>>>,
}

impl Rejections {
    pub(super) fn new(records: Objects, store: S3Store) -> Self {
        let room = Room::new(Limits::default());
        Rejections { records, store, room, waiting: VecDeque::new(), reading: VecDeque::new() }
    }

    pub(super) async fn next(&mut self) -> Result<Option<VecDeque<Found>>, Failure> {
        while self.reading.len() < AHEAD {
            let Some(entry) = self.waiting.pop_front() else {
                match self.records.page().await? {
                    Some(entries) => self.waiting.extend(entries),
                    None => break,
                }
                continue;
            };
            let at = ObjectRef::new(self.records.bucket(), &entry.key);
            let (store, room) = (self.store.clone(), self.room.clone());
            self.reading.push_back(tokio::spawn(async move { read(&at, &entry, &store, &room).await }));
        }
        match self.reading.pop_front() {
            None => Ok(None),
            Some(reading) => match reading.await {
                Ok(found) => found.map(|found| Some(found.into())),
                Err(e) => Err(Failure::bug(format!("reading a record: {e}"))),
            },
        }
    }
}

async fn read(at: &ObjectRef, entry: &Entry, store: &S3Store, room: &Room) -> Result<Vec<Found>, Failure> {
    let unreadable = |why: String| vec![Found::unreadable(at.to_string(), why)];
    let object = match patiently(|| store.get(at, room)).await {
        Ok(object) => object,
        // It went away meanwhile, or is no record.
        Err(failure) if failure.class == Class::Reject => return Ok(unreadable(failure.message)),
        Err(failure) => return Err(failure),
    };
    let mut found = match serde_json::from_slice::<Rejection>(&object.bytes) {
        Err(e) => unreadable(format!("is no record of a rejection: {e}")),
        Ok(Rejection { handoff: Some(handoff), .. }) => vec![Found::of_handoff(handoff)],
        Ok(Rejection { body: Some(body), .. }) => Found::in_message(&at.to_string(), &body),
        Ok(_) => unreadable("the record has neither a handoff nor a body".into()),
    };
    if is_marker(entry) {
        found.iter_mut().for_each(|found| found.what = Ok(What::Nothing));
    }
    for found in &mut found {
        found.modified = entry.modified;
    }
    Ok(found)
}
