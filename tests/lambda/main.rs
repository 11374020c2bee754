//! The real binary as `bootstrap`: events in by the Lambda Runtime API, batch responses out, S3 and SQS between.

#[path = "../support/mod.rs"]
mod support;

mod batches;
mod configuration;
mod documents;
mod logs;
mod managed_instances;
mod outages;
mod recall;
mod sample_events;
mod spans;
