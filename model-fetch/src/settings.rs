//! What a person or a build may set about fetching, by option or environment, with its default and its limit.

use std::time::Duration;

use clap::Args;

/// Hugging Face's own Hub.
pub const HUB: &str = "https://huggingface.co";

/// Options of every command that fetches.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Where Hugging Face's Hub, or a mirror of it, is
    #[arg(long, env = "HF_ENDPOINT", default_value = HUB, hide_env_values = true)]
    pub hf_endpoint: String,
    /// The token for private and gated Hugging Face repositories
    #[arg(long, env = "HF_TOKEN", hide_env_values = true)]
    pub hf_token: Option<String>,
    /// The Python package index (PEP 503 or 691) that wheels come from
    #[arg(long, env = "PIP_INDEX_URL", hide_env_values = true)]
    pub index_url: Option<String>,
    /// Tries after the first for each file; a try that brought a mebibyte or more is not counted
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub retries: u32,
    /// Milliseconds before the first retry; each pause is twice the one before it, up to a minute
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    pub retry_pause_ms: u64,
    /// Seconds without a byte after which a connection counts as lost
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub idle_seconds: u64,
    /// The most that a model may have, in MiB
    #[arg(long, default_value_t = 8192, value_parser = clap::value_parser!(u64).range(1..=1_048_576))]
    pub max_mib: u64,
    /// Say nothing of how far it is
    #[arg(long, short)]
    pub quiet: bool,
}

impl Settings {
    /// The most bytes of a model.
    pub fn most(&self) -> u64 {
        self.max_mib << 20
    }

    /// The pause before the first retry.
    pub fn pause(&self) -> Duration {
        Duration::from_millis(self.retry_pause_ms)
    }

    /// How long a connection may be silent.
    pub fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_seconds)
    }
}
