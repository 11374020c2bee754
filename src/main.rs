//! Arguments → a mode.

use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use baton::{
    config,
    mode::{classify, doctor, lambda, local, worker},
    model::Precision,
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
    /// Serve as a Lambda function, configured by BATON_… variables (what runs on Lambda without arguments)
    Lambda,
    /// Serve as a long-running consumer of BATON_QUEUE, configured by the same variables (on ECS, EKS, EC2)
    Worker,
    /// Run a whole pipeline over a folder of documents, without AWS
    Local {
        /// The folder of documents: .txt, .json, gzipped or not
        documents: PathBuf,
        /// The folder for results
        #[arg(long)]
        out: PathBuf,
        /// The pipeline file [default: pipeline.toml here, else beside the folder of documents]
        #[arg(long)]
        pipeline: Option<PathBuf>,
        /// Documents in work at a time
        #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
        jobs: u16,
        /// Entities in the table
        #[arg(long, default_value_t = 12)]
        entities: usize,
    },
    /// Check a stage's configuration (its BATON_… variables) against what it points at, and say what to change
    Doctor {
        #[command(flatten)]
        deployment: doctor::Deployment,
    },
    /// Try a model on one text: its labels and their scores, or the entities that it finds
    Classify {
        /// The model's directory
        #[arg(long)]
        model: PathBuf,
        /// What of the text a sentiment model is asked about, as the text names it
        #[arg(long)]
        target: Option<String>,
        /// What a text classifier looks at: document, or sentences one by one
        #[arg(long, default_value = "document", value_parser = config::Over::parse)]
        over: config::Over,
        /// The score from which a multi-label model gives a label [default: 0.5]
        #[arg(long, value_parser = config::ClassifyConfig::parse_threshold)]
        threshold: Option<f64>,
        /// The model's arithmetic: f32 or int8 [default: what its files are made for]
        #[arg(long, value_parser = |name: &str| Precision::named(name).ok_or("Baton has f32, int8"))]
        precision: Option<Precision>,
        /// Print the enriched document as JSON
        #[arg(long)]
        json: bool,
        /// The text; without one, or for -, standard input
        text: Vec<String>,
    },
    /// Print the JSON Schema of a document, an enriched document, a handoff or a rejection
    Schema {
        /// Which one
        #[arg(value_parser = schema::NAMES)]
        name: String,
    },
}

/// Wrong usage or configuration: nothing was begun.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    // Lambda starts `bootstrap` without arguments, whatever the binary was called before.
    let mode = if config::is_on_lambda() { Mode::Lambda } else { Arguments::parse().mode };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(e) => return fail(&e),
    };
    match mode {
        Mode::Lambda => runtime.block_on(serve()),
        Mode::Worker => runtime.block_on(work()),
        Mode::Local { documents, out, pipeline, jobs, entities } => {
            let pipeline = pipeline.unwrap_or_else(|| default_pipeline(&documents));
            telemetry::start_plain();
            let pipeline = match config::read_pipeline(&pipeline) {
                Ok(pipeline) => pipeline,
                Err(e) => return fail(&e),
            };
            let run = local::Local { documents, out: out.clone(), pipeline, jobs: jobs.into() };
            match runtime.block_on(local::run(run)) {
                Ok(summary) => {
                    print(&summary.render(entities, terminal_width(), &out));
                    if summary.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
                }
                Err(e) => fail(&e),
            }
        }
        Mode::Doctor { deployment } => {
            telemetry::start_plain();
            let config = match config::stage_from_environment() {
                Ok(config) => config,
                Err(e) => return fail(&e),
            };
            let findings = runtime.block_on(doctor::run(config, deployment));
            print(&findings.render());
            if findings.is_healthy() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Mode::Classify { model, target, over, threshold, precision, json, text } => {
            telemetry::start_plain();
            let ask = classify::Ask { model, target, over, threshold, precision, json };
            match runtime.block_on(classify::run(ask, text)) {
                Ok(answer) => {
                    print(&answer);
                    ExitCode::SUCCESS
                }
                Err(e @ classify::ClassifyError::NoTarget(_)) => {
                    eprintln!("baton: {e}");
                    ExitCode::FAILURE
                }
                Err(e) => fail(&e),
            }
        }
        Mode::Schema { name } => {
            print(&schema::schema(&name).unwrap_or_default());
            ExitCode::SUCCESS
        }
    }
}

async fn serve() -> ExitCode {
    if let Err(e) = telemetry::start_json(config::log_filter().as_deref()) {
        return fail(&e);
    }
    let config = match config::stage_from_environment() {
        Ok(config) => config,
        Err(e) => return fail(&e),
    };
    match lambda::run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => fail(&*e),
    }
}

async fn work() -> ExitCode {
    if let Err(e) = telemetry::start_json(config::log_filter().as_deref()) {
        return fail(&e);
    }
    let (stage, worker) = match config::worker_from_environment() {
        Ok(config) => config,
        Err(e) => return fail(&e),
    };
    match worker::run(stage, worker).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => fail(&*e),
    }
}

fn default_pipeline(documents: &Path) -> PathBuf {
    let here = PathBuf::from("pipeline.toml");
    let beside = documents.parent().unwrap_or(Path::new(".")).join("pipeline.toml");
    if here.exists() { here } else { beside }
}

fn terminal_width() -> u16 {
    const WITHOUT_TERMINAL: u16 = 140;
    if !std::io::stdout().is_terminal() {
        return WITHOUT_TERMINAL;
    }
    console::Term::stdout().size().1
}

fn print(text: &str) {
    // Whoever reads may have gone (`| head`); there is nobody left to tell.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn fail(e: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("baton: {e}");
    ExitCode::from(USAGE)
}
