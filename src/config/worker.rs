//! How a worker receives its messages: what Lambda's event source mapping decides for a function.

use std::{net::SocketAddr, time::Duration};

use super::{values::seconds, variables::Variables};

/// What a worker needs besides its stage.
#[derive(Clone, Debug)]
pub struct WorkerConfig {
    /// The stage's own queue, by its URL.
    pub queue: String,
    /// How long a message stays hidden without a sign of life; a message in work is hidden again before it ends.
    pub visibility: Duration,
    /// How long a worker that is told to stop goes on with what is in work.
    pub grace: Duration,
    /// Where health and metrics are served; nowhere unless it is given.
    pub listen: Option<SocketAddr>,
}

/// What a worker that was killed had in work is back after this; a call to extend it may fail twice before.
const DEFAULT_VISIBILITY: Duration = Duration::from_secs(60);

/// ECS and Kubernetes kill after 30 seconds unless told otherwise; the rest is for giving back.
const DEFAULT_GRACE: Duration = Duration::from_secs(25);

pub(super) fn read(read: &mut Variables, queue: String) -> WorkerConfig {
    WorkerConfig {
        queue,
        visibility: read.optional("BATON_WORKER_VISIBILITY_S", DEFAULT_VISIBILITY, seconds),
        grace: read.optional("BATON_WORKER_GRACE_S", DEFAULT_GRACE, seconds),
        listen: read.maybe("BATON_WORKER_LISTEN", |v| {
            v.parse().map_err(|_| format!("`{v}` is no address and port (0.0.0.0:9090)"))
        }),
    }
}
