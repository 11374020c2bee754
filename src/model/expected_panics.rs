//! Panics of a library that are no defect of the program: they are caught, and nobody need be told that the code panicked.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
};

thread_local! {
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread would be one of those.
pub fn are_expected() -> bool {
    EXPECTED.get()
}

/// Does the work; Err is what a panic in it said.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let before = EXPECTED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    EXPECTED.set(before);
    done.map_err(|said| match (said.downcast_ref::<String>(), said.downcast_ref::<&str>()) {
        (Some(said), _) => said.clone(),
        (None, Some(said)) => (*said).to_owned(),
        (None, None) => "it panics".to_owned(),
    })
}
