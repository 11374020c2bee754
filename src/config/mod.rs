//! What the user said → a validated configuration, once, with all its errors at once. A [`StageConfig`] that
//! exists can be run.
//!
//! | file | what it does |
//! |---|---|
//! | `stage` | a stage's configuration, and what it is where the user says nothing |
//! | `environment`, `worker` | `BATON_…` variables → the stage that a process is, and how it receives |
//! | `pipeline_file` | a file → all stages of a pipeline |
//! | `values`, `classify`, `prefix` | what a setting says → what it means |
//! | `variables`, `process` | the only places that read the environment |

mod classify;
mod environment;
mod pipeline_file;
mod prefix;
mod process;
mod stage;
mod values;
mod variables;
mod worker;

use std::fmt;

pub use classify::ClassifyConfig;
pub use environment::{stage_from_environment, worker_from_environment};
pub use pipeline_file::{PipelineConfig, read_pipeline};
pub use prefix::Prefix;
pub(crate) use prefix::check_bucket;
pub use process::{
    broken_credentials, exports_spans, https_proxy, is_on_lambda, log_filter, no_proxy, service_name,
    set_variables,
};
pub use stage::StageConfig;
pub use values::{check_queue, language};
pub use worker::WorkerConfig;

pub use crate::document::TaskKind;

/// Everything that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Where the configuration came from.
    source: String,
    errors: Vec<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.source)?;
        self.errors.iter().try_for_each(|error| write!(f, "\n  {error}"))
    }
}

impl std::error::Error for ConfigError {}
