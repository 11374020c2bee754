//! Faults for the ports that live in memory: which call goes wrong, and how. They ship beside the ports, so that
//! users' own tests can have them.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use crate::error::{Failure, Reason};

/// How a call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails, and nothing was done.
    BeforeEffect,
    /// It fails, and was done all the same.
    AfterEffect,
    /// It is refused for now.
    Throttled,
    /// It answers late.
    Slow,
    /// It never answers.
    Hangs,
}

impl Fault {
    /// All of them that end.
    pub const ENDING: [Fault; 4] = [Fault::BeforeEffect, Fault::AfterEffect, Fault::Throttled, Fault::Slow];
}

/// Counts the calls of all ports that share it, and makes chosen ones go wrong.
#[derive(Debug, Default)]
pub struct Faults {
    calls: AtomicUsize,
    plan: Mutex<Vec<(usize, Fault)>>,
}

impl Faults {
    /// Makes the call of that number (from zero, over all ports) go wrong, once.
    pub fn plan(&self, call: usize, fault: Fault) {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).push((call, fault));
    }

    /// Calls until now.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn planned(&self, call: usize) -> Option<Fault> {
        let plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.iter().find(|(planned, _)| *planned == call).map(|(_, fault)| *fault)
    }

    /// Runs a call's effect, with the fault that is planned for it.
    pub(crate) async fn around<T>(
        &self,
        reason: Reason,
        effect: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let fault = self.planned(call);
        // A real call always gives others a turn; a process can be killed there.
        tokio::task::yield_now().await;
        let failed = |what: &str| Err(Failure::retry(reason, format!("call {call} {what}")));
        match fault {
            Some(Fault::BeforeEffect) => failed("was cut off before its effect"),
            Some(Fault::Throttled) => failed("was throttled: SlowDown"),
            Some(Fault::AfterEffect) => {
                effect()?;
                tokio::task::yield_now().await;
                failed("was cut off after its effect")
            }
            Some(Fault::Slow) => {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                effect()
            }
            Some(Fault::Hangs) => std::future::pending().await,
            None => {
                let done = effect();
                tokio::task::yield_now().await;
                done
            }
        }
    }
}
