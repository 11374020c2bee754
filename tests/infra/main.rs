//! What `infra/` promises: the templates' own invariants, their permissions against the calls that the code
//! makes, the dashboard against the metrics, and the pipeline as it comes up from nothing.
//!
//! A linter knows whether a template is well formed; these know whether a document survives it.

#[path = "../support/mod.rs"]
mod support;

mod cloudformation;
mod invariants;
mod metrics;
mod permissions;
mod pipeline;
mod scripts;
mod template;
mod workers;
