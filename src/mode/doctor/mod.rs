//! Checks a stage's configuration against what it points at, and says what to change. It changes nothing itself:
//! objects are looked for that don't exist, and writes are made conditional on what can't be.

mod aws;
mod finding;
mod model;

use std::time::Duration;

use clap::Args;

use crate::config::{StageConfig, WorkerConfig};
pub use finding::Findings;

/// Check a stage's configuration (its BATON_… variables), queues, buckets and model, and say what to change
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Set the stage's BATON_… variables and AWS credentials first. The doctor changes nothing. Exit codes: 0 all is well; 1 \
something is wrong; 2 wrong configuration.")]
pub struct Arguments {
    /// The function's timeout in seconds
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=900))]
    pub timeout: u64,
    /// The stage runs as a worker, which has no timeout
    #[arg(long, conflicts_with = "timeout")]
    pub worker: bool,
    /// The function's or worker's memory in MB
    #[arg(long, default_value_t = 1769, value_parser = clap::value_parser!(u32).range(128..))]
    pub memory: u32,
    /// The prefix of the documents in BATON_BUCKETS, such as enriched/ner/, if the role may read no others
    #[arg(long, default_value = "")]
    pub prefix: String,
    /// Check the variables and the model only, without calls to AWS
    #[arg(long)]
    pub offline: bool,
}

/// Checks a stage whose variables have been read, and how a worker receives, where it is one's.
pub async fn run(config: StageConfig, worker: Option<WorkerConfig>, arguments: Arguments) -> Findings {
    let mut findings = Findings::default();
    findings.good("configuration", format!("stage {:?}, task {}", config.stage, config.task.name()));
    if worker.is_none() {
        time(&config, &arguments, &mut findings);
    }
    model::check(&config, arguments.memory, &mut findings).await;
    if arguments.offline {
        findings.note("AWS", "not asked (--offline)");
    } else {
        aws::check(&config, worker.as_ref(), &arguments, &mut findings).await;
    }
    findings
}

fn time(config: &StageConfig, arguments: &Arguments, findings: &mut Findings) {
    let (timeout, margin) = (Duration::from_secs(arguments.timeout), config.deadline_margin);
    if margin * 2 > timeout {
        let advice = "lower BATON_DEADLINE_MARGIN_MS or raise the function's time-out";
        findings.wrong("time-out", format!("{margin:?} of {timeout:?} are kept for answering"), advice);
    }
}
