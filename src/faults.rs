//! Faults for the ports that live in memory: which call goes wrong, and how. They ship beside the ports, so that
//! users' own tests can have them.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::Notify;

use crate::{
    error::{Failure, Reason},
    lock,
};

/// How a call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails, and nothing was done.
    BeforeEffect,
    /// It fails, and was done all the same.
    AfterEffect,
    /// It answers late.
    Slow,
    /// The process is to be ended here, nothing done: the call never answers; see [`Faults::killed`].
    KilledBefore,
    /// The process is to be ended here, the effect done.
    KilledAfter,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 5] =
        [Fault::BeforeEffect, Fault::AfterEffect, Fault::Slow, Fault::KilledBefore, Fault::KilledAfter];
}

/// Counts the calls of all ports that share it, and makes chosen ones go wrong.
#[derive(Debug, Default)]
pub struct Faults {
    calls: AtomicUsize,
    plan: Mutex<Vec<(usize, Fault)>>,
    killed: Notify,
}

impl Faults {
    /// Makes the call of that number (from zero, over all ports) go wrong, once.
    pub fn plan(&self, call: usize, fault: Fault) {
        lock(&self.plan).push((call, fault));
    }

    /// Calls until now.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// Waits until a call is reached at which the process is to be ended. Whoever waits for it drops all that
    /// stands for the process.
    pub async fn killed(&self) {
        self.killed.notified().await;
    }

    fn planned(&self, call: usize) -> Option<Fault> {
        let plan = lock(&self.plan);
        plan.iter().find(|(planned, _)| *planned == call).map(|(_, fault)| *fault)
    }

    /// Runs a call's effect, with the fault that is planned for it.
    pub(crate) async fn around<T>(
        &self,
        reason: Reason,
        effect: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        // A real call always gives others a turn, on its way there and on its way back.
        tokio::task::yield_now().await;
        let failed = |what: &str| Err(Failure::retry(reason, format!("call {call} {what}")));
        match self.planned(call) {
            Some(Fault::BeforeEffect) => return failed("was cut off before its effect"),
            Some(Fault::KilledBefore) => self.hang().await,
            Some(Fault::Slow) => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
            Some(Fault::AfterEffect | Fault::KilledAfter) | None => {}
        }
        let done = effect();
        tokio::task::yield_now().await;
        match self.planned(call) {
            Some(Fault::AfterEffect) => failed("was cut off after its effect"),
            Some(Fault::KilledAfter) => self.hang().await,
            _ => done,
        }
    }

    async fn hang<T>(&self) -> T {
        self.killed.notify_one();
        std::future::pending().await
    }
}
