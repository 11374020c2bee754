//! What a command that runs once does where a stage would give its message back.

use std::time::Duration;

use crate::error::{Class, Failure};

/// Asks again, after a while, for what is to be had with patience only.
///
/// # Errors
/// A Reject at once, what else was said last.
pub async fn patiently<T, F: Future<Output = Result<T, Failure>>>(
    mut ask: impl FnMut() -> F,
) -> Result<T, Failure> {
    const TRIES: u32 = 5;
    for tries in 1..TRIES {
        match ask().await {
            Ok(answer) => return Ok(answer),
            Err(failure) if failure.class == Class::Reject => return Err(failure),
            Err(failure) => {
                tracing::warn!(why = failure.message, "asking again");
                tokio::time::sleep(Duration::from_millis(250) * 2u32.pow(tries)).await;
            }
        }
    }
    ask().await
}
