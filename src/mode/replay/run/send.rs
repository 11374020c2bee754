//! A batch on its way to the queue, and what is noted of it then.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time::sleep};

use super::{Run, once};
use crate::{
    error::{Failure, Reason},
    mode::replay::{checkpoint::Id, found::Letter, screen::Ready},
    queue::Queue,
};

/// How often what the queue doesn't take is tried, and the time between, which doubles.
const TRIES: u32 = 6;
const BACKOFF: Duration = Duration::from_millis(250);

impl Run {
    /// Sends a batch, and tries again what the queue doesn't take, unless it is to stop.
    pub(super) async fn send(
        &mut self,
        mut batch: Vec<Ready>,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<(), Failure> {
        let mut taken_any = false;
        for tries in 0..TRIES {
            let messages = batch.iter().map(|ready| ready.message.clone()).collect();
            let answers = self.queue.send_all(&self.arguments.queue, messages).await;
            let (mut sent, mut left) = (Vec::new(), Vec::new());
            for (ready, answer) in batch.into_iter().zip(answers) {
                match answer {
                    Ok(()) => sent.push(ready),
                    // It will never be taken, which says nothing of the others.
                    Err(failure) if failure.reason == Reason::Refused => self.unsent(&ready, &failure),
                    Err(failure) => left.push((ready, failure)),
                }
            }
            taken_any |= !sent.is_empty();
            self.confirm(sent).await?;
            let Some((_, Failure { message: why, .. })) = left.last() else { return Ok(()) };
            if tries + 1 == TRIES {
                left.iter().for_each(|(ready, failure)| self.unsent(ready, failure));
                if taken_any {
                    return Ok(());
                }
                let message = format!("the queue took none of {} messages: {why}", left.len());
                return Err(Failure::retry(Reason::Queue, message));
            }
            tracing::warn!(why, "sending again");
            tokio::select! {
                biased;
                () = once(stop) => return Ok(()),
                () = sleep(BACKOFF * 2u32.pow(tries)) => {}
            }
            batch = left.into_iter().map(|(ready, _)| ready).collect();
        }
        Ok(())
    }

    fn unsent(&mut self, ready: &Ready, failure: &Failure) {
        self.summary.failed(&ready.name, &failure.message);
        self.summary.stays(ready.letter(), "that failed");
        self.progress.document_done();
    }

    /// Writes down what was sent, before anything else is sent.
    async fn confirm(&mut self, sent: Vec<Ready>) -> Result<(), Failure> {
        let letters = sent.iter().filter_map(|ready| ready.letter.as_ref().map(|(_, id)| *id));
        let ids: Vec<Id> = sent.iter().map(|ready| ready.id).chain(letters).collect();
        self.summary.sent += sent.len() as u64;
        sent.iter().for_each(|_| self.progress.document_done());
        let written = self.checkpoint.confirm(&ids);
        let letters = sent.into_iter().filter_map(|ready| ready.letter.map(|(letter, _)| letter));
        self.delete_letters(letters.collect()).await;
        written.map_err(|e| Failure::bug(format!("--checkpoint: what was sent can't be written down: {e}")))
    }

    /// Deletes the letters of which nothing is still to be sent, now that one of each one's documents was.
    pub async fn delete_letters(&mut self, letters: Vec<Arc<Letter>>) {
        let done: Vec<_> = letters.into_iter().filter(|letter| letter.done_one()).collect();
        if done.is_empty() || self.arguments.dry_run {
            return;
        }
        for (id, failure) in self.source.sent(done).await {
            let name = format!("the message {id}");
            self.summary.complain(
                &name,
                &format!("has nothing more to be sent, and is still a dead letter: {}", failure.message),
            );
        }
    }
}
