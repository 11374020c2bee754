//! How often something is tried again, and how long is waited before it.

use std::{thread, time::Duration};

use crate::{
    error::{Error, Kind},
    settings::Settings,
};

/// Longer is never waited, whatever a server asks for: a build is not to hang.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

pub struct Patience {
    all: u32,
    left: u32,
    first_pause: Duration,
    pause: Duration,
}

impl Patience {
    pub fn new(settings: &Settings) -> Self {
        let pause = settings.pause();
        Patience { all: settings.retries, left: settings.retries, first_pause: pause, pause }
    }

    /// There was progress: what comes is counted from here.
    pub fn refresh(&mut self) {
        (self.left, self.pause) = (self.all, self.first_pause);
    }

    /// Waits before the next try.
    ///
    /// # Errors
    /// The error itself when another try would not mend it, or there was none left.
    pub fn wait(&mut self, error: Error) -> Result<(), Error> {
        // A server may ask for a longer pause, not for none.
        let pause = match error.kind {
            Kind::Passing { after } => self.pause.max(after.unwrap_or_default()),
            Kind::Stale => Duration::ZERO,
            Kind::WrongBytes | Kind::Lasting => return Err(error),
        };
        if self.left == 0 {
            let tries = if self.all == 0 { "1 try".into() } else { format!("{} tries", self.all + 1) };
            return Err(Error::lasting(error.to_string()).with(&format!("gave up after {tries}")));
        }
        self.left -= 1;
        thread::sleep(pause.min(LONGEST_PAUSE));
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }

    /// Tries `action` until it succeeds or patience is out.
    pub fn retry<T>(mut self, mut action: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
        loop {
            match action() {
                Ok(value) => return Ok(value),
                Err(error) => self.wait(error)?,
            }
        }
    }
}
