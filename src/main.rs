//! Arguments → a mode.

#![deny(unsafe_code)]

use std::{
    error::Error,
    io::{ErrorKind, IsTerminal, Write},
    process::ExitCode,
};

use baton::{
    config,
    mode::{classify, doctor, lambda, local, replay, report, worker},
    schema, telemetry,
};
use clap::{Parser, Subcommand};

/// One stage of a document pipeline on AWS: an SQS message in, a BERT-style classifier, enriched JSON out.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    mode: Mode,
}

#[derive(Subcommand)]
enum Mode {
    /// Run as a Lambda function, configured by BATON_… variables. On Lambda this is the default
    Lambda,
    /// Run as a long-running consumer of BATON_QUEUE (ECS, EKS, EC2), configured by the same variables
    Worker,
    Local(local::Arguments),
    Report(report::Arguments),
    Classify(classify::Arguments),
    Replay(Box<replay::Arguments>),
    Doctor(doctor::Arguments),
    /// Print the JSON Schema of a document, an enriched document, a handoff or a rejection
    Schema {
        /// The schema
        #[arg(value_parser = schema::NAMES)]
        name: String,
    },
}

/// Blocks of this many bytes and more go back to the system when they are freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: i32 = 1 << 20;

/// By itself glibc keeps blocks of up to 32 MiB once some were freed, for each thread apart: a process that has read some
/// hundred large documents then has half a gigabyte, and more with every one (benches/RESULTS.md, «Large documents»).
fn return_large_blocks() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "two settings of the allocator, before there is another thread")]
    // SAFETY: it takes numbers, and refuses those that it doesn't know.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
        libc::mallopt(libc::M_TRIM_THRESHOLD, LARGE);
    }
}

/// How a mode ended; an error is wrong usage or configuration: nothing was begun.
type Ended = Result<ExitCode, Box<dyn Error + Send + Sync>>;

const USAGE: u8 = 2;

/// Ended by a person, as shells say it.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    return_large_blocks();
    // Lambda starts `bootstrap` without arguments, whatever the binary was called before.
    let mode = if config::is_on_lambda() { Mode::Lambda } else { Arguments::parse().mode };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(e) => return fail(&e),
    };
    let ended = runtime.block_on(async {
        match mode {
            Mode::Lambda => run_lambda().await,
            Mode::Worker => run_worker().await,
            Mode::Local(arguments) => run_local(arguments).await,
            Mode::Report(arguments) => run_report(arguments).await,
            Mode::Classify(arguments) => run_classify(arguments).await,
            Mode::Replay(arguments) => run_replay(*arguments).await,
            Mode::Doctor(arguments) => run_doctor(arguments).await,
            Mode::Schema { name } => {
                print(&schema::schema(&name).unwrap_or_default())?;
                Ok(ExitCode::SUCCESS)
            }
        }
    });
    // A read of standard input may still be under way, and nobody waits for it.
    runtime.shutdown_background();
    ended.unwrap_or_else(|e| fail(&*e))
}

async fn run_lambda() -> Ended {
    if !config::is_on_lambda() {
        return Err("`baton lambda` is what Lambda starts, and this is not Lambda (AWS_LAMBDA_RUNTIME_API is not set); \
                    for documents in a folder take `baton local`, for a queue `baton worker`"
            .into());
    }
    telemetry::start_json(config::log_filter().as_deref())?;
    lambda::run(config::stage_from_environment()?).await?;
    Ok(ExitCode::SUCCESS)
}

async fn run_worker() -> Ended {
    telemetry::start_json(config::log_filter().as_deref())?;
    let (stage, worker) = config::worker_from_environment()?;
    worker::run(stage, worker).await?;
    Ok(ExitCode::SUCCESS)
}

async fn run_local(arguments: local::Arguments) -> Ended {
    telemetry::start_plain();
    tell_of_variables("local", "its pipeline file says what it does");
    let summary = local::run(&arguments).await?;
    print(&summary.render(arguments.entities, terminal_width(), &arguments.out))?;
    Ok(if summary.is_interrupted() { ExitCode::from(INTERRUPTED) } else { success_if(summary.is_complete()) })
}

async fn run_report(arguments: report::Arguments) -> Ended {
    telemetry::start_plain();
    let shown = report::run(&arguments).await?;
    shown.warnings().iter().for_each(|warning| eprintln!("baton: {warning}"));
    print(&shown.render(&arguments.page()))?;
    Ok(success_if(shown.unreadable.is_empty()))
}

async fn run_classify(arguments: classify::Arguments) -> Ended {
    telemetry::start_plain();
    tell_of_variables("classify", "its options say what it does");
    match classify::run(arguments).await {
        Ok(answer) => print(&answer)?,
        Err(e @ classify::ClassifyError::NoTarget(_)) => {
            eprintln!("baton: {e}");
            return Ok(ExitCode::FAILURE);
        }
        Err(e) => return Err(e.into()),
    }
    Ok(ExitCode::SUCCESS)
}

async fn run_replay(arguments: replay::Arguments) -> Ended {
    telemetry::start_plain();
    let summary = replay::run(arguments.clone()).await?;
    print(&summary.render(&arguments))?;
    Ok(if summary.stopped { ExitCode::from(INTERRUPTED) } else { success_if(summary.is_complete()) })
}

async fn run_doctor(arguments: doctor::Arguments) -> Ended {
    telemetry::start_plain();
    let (stage, worker) = if arguments.worker {
        let (stage, worker) = config::worker_from_environment()?;
        (stage, Some(worker))
    } else {
        (config::stage_from_environment()?, None)
    };
    let findings = doctor::run(stage, worker, arguments).await;
    print(&findings.render())?;
    Ok(success_if(findings.is_healthy()))
}

/// Somebody who has set them may wait for what they do.
fn tell_of_variables(mode: &str, instead: &str) {
    let set = config::set_variables().join(", ");
    if !set.is_empty() {
        eprintln!("baton: `baton {mode}` doesn't read {set}, set for deployed stages: {instead}");
    }
}

fn success_if(done: bool) -> ExitCode {
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn terminal_width() -> u16 {
    const WITHOUT_TERMINAL: u16 = 140;
    if !std::io::stdout().is_terminal() {
        return WITHOUT_TERMINAL;
    }
    console::Term::stdout().size().1
}

fn print(text: &str) -> Result<(), String> {
    match std::io::stdout().write_all(text.as_bytes()).and_then(|()| std::io::stdout().flush()) {
        // Whoever reads may have gone (`| head`); there is nobody left to tell.
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(format!("standard output: {e}")),
        _ => Ok(()),
    }
}

fn fail(e: &dyn std::fmt::Display) -> ExitCode {
    // Where nobody listens the status says it.
    let _ = writeln!(std::io::stderr(), "baton: {e}");
    ExitCode::from(USAGE)
}
