//! Baton: one stage of a document pipeline on AWS.
//!
//! A message points at a document; the document is read, split into sentences with its entities in them,
//! classified, written back as enriched JSON, and handed on. [`pipeline`] shows that journey on one screen.
//!
//! ```text
//! event ─→ handoff ─→ batch ─→ pipeline ─→ store · document · text · task · model · store · queue
//! ```
//!
//! What each part knows:
//!
//! | module | what |
//! |---|---|
//! | [`event`], [`handoff`] | an SQS event → deliveries; a message's body → the documents that it announces |
//! | [`batch`], [`deadline`], [`fan_out`] | the documents of some messages at the same time, as far as there is time; a message of many becomes many |
//! | [`pipeline`], [`step`] | one document's journey; what of it is measured, and what may hold a thread |
//! | [`settle`], [`rejection`], [`redelivery`] | what is done about a failure; the record of a rejection; how what comes back does |
//! | [`stage`], [`config`], [`limits`] | a stage, ready; what its user said of it; how much of anything a document may have |
//! | [`claim`] | whether there is anything to do, and who may write over whom |
//! | [`document`], [`fields`] | bytes → a checked document → bytes; what nobody asks for stays as it came |
//! | [`text`] | sentences, entities, offsets |
//! | [`task`], [`model`] | what a stage computes; tokenizers, encoders and kernels |
//! | [`made`], [`forms`], [`bounded`] | what is written, measured before it is in memory, and never longer than allowed |
//! | [`store`], [`queue`], [`aws`] | the ports, S3 and SQS behind them, and [`faults`] for their stand-ins |
//! | [`mode`] | Lambda, worker, local, replay, doctor, report, classify: who hands messages in |
//! | [`telemetry`], [`trace`], [`spans`], [`error`], [`schema`] | logs, metrics and spans; what failed and what to do; the published schemas |
//!
//! Data flows down; nothing flows back up but outcomes. The dependency rule: no two modules need each other; `text`, `event`,
//! `handoff`, `trace`, `forms`, `fields`, `limits`, `bounded` and `document` are pure (they name no tokio, no AWS client, no Candle); AWS's SDKs are named only in [`aws`], `store::s3` and
//! `queue::sqs`; the environment is read only in [`config`]; `unsafe` stands only in `model::kernels`, a crate of its
//! own, and where `model::weights` maps a file.

#![deny(unsafe_code)]

#[cfg(panic = "abort")]
compile_error!(
    "Baton must unwind: with panic = \"abort\" a document at which the code panics takes its whole batch along"
);

mod aws;
pub mod batch;
pub mod bounded;
mod claim;
pub mod config;
pub mod deadline;
pub mod document;
pub mod error;
pub mod event;
mod fan_out;
pub mod faults;
mod fields;
pub mod forms;
pub mod handoff;
pub mod limits;
mod made;
pub mod mode;
pub mod model;
pub mod pipeline;
pub mod queue;
mod redelivery;
mod rejection;
pub mod schema;
pub mod settle;
mod spans;
pub mod stage;
mod step;
pub mod store;
pub mod task;
pub mod telemetry;
pub mod text;
pub mod trace;

/// Bytes as lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The SHA-256 of some bytes, in hexadecimal digits.
fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    hex(&sha2::Sha256::digest(bytes))
}

/// Locks, also what a panic poisoned: locks are held for bookkeeping only, and no model code runs under one.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
