//! Where messages to be sent again are found. Each source gives one after the other and never holds more than a part.

mod letters;
mod lines;
mod objects;
mod rejections;

use std::{collections::VecDeque, sync::Arc};

use super::{arguments::Arguments, found::Found};
use crate::{error::Failure, mode::progress::Total, queue::Inbox, store::S3Store};
use letters::Letters;
pub use letters::{HIDDEN, Left};
use lines::Lines;
use objects::Objects;
use rejections::Rejections;

pub struct Source {
    kind: Kind,
    ready: VecDeque<Found>,
}

enum Kind {
    Objects(Objects),
    Lines(Lines),
    Letters(Letters),
    Rejections(Box<Rejections>),
}

impl Source {
    /// The source that was asked for. `total` learns how much there is while the source is read.
    pub fn open(
        arguments: &Arguments,
        store: &S3Store,
        inbox: Arc<dyn Inbox>,
        total: Arc<Total>,
    ) -> Result<Self, String> {
        let kind = if let Some(place) = &arguments.prefix {
            objects::count(place.clone(), store.clone(), total);
            Kind::Objects(Objects::new(place.clone(), store.clone()))
        } else if let Some(place) = &arguments.rejections {
            objects::count(place.clone(), store.clone(), total);
            let records = Objects::new(place.clone(), store.clone());
            Kind::Rejections(Box::new(Rejections::new(records, store.clone())))
        } else if let Some(queue) = &arguments.dead_letters {
            letters::count(queue.clone(), inbox.clone(), total);
            Kind::Letters(Letters::new(queue.clone(), inbox))
        } else {
            let path = arguments.list.clone().unwrap_or_else(|| "-".into());
            Kind::Lines(Lines::open(&path, arguments.columns.clone(), total)?)
        };
        Ok(Source { kind, ready: VecDeque::new() })
    }

    /// What was found next; None when there is no more.
    ///
    /// # Errors
    /// A Retry for a source that can't be read on.
    pub async fn next(&mut self) -> Result<Option<Found>, Failure> {
        loop {
            if let Some(found) = self.ready.pop_front() {
                return Ok(Some(found));
            }
            let more = match &mut self.kind {
                Kind::Objects(objects) => objects.next().await?,
                Kind::Lines(lines) => lines.next().await?,
                Kind::Letters(letters) => letters.next().await?,
                Kind::Rejections(rejections) => rejections.next().await?,
            };
            match more {
                Some(found) => self.ready.extend(found),
                None => return Ok(None),
            }
        }
    }

    /// Whether there may be more after all, since what stood before it is gone.
    pub fn may_go_on(&self) -> bool {
        match &self.kind {
            Kind::Letters(letters) => letters.may_go_on(),
            _ => false,
        }
    }

    /// Gives back what was only looked at: the dead letters that were not sent. What else there is.
    pub async fn close(&mut self) -> Left {
        match &mut self.kind {
            Kind::Letters(letters) => letters.close().await,
            _ => Left::default(),
        }
    }

    /// Deletes dead letters that were sent; the ids of those that could not be, and why.
    pub async fn sent(&mut self, letters: Vec<Arc<super::found::Letter>>) -> Vec<(String, Failure)> {
        match &mut self.kind {
            Kind::Letters(source) => source.delete(letters).await,
            _ => Vec::new(),
        }
    }
}
