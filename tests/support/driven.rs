//! A stage that gets its messages from its queue: from Lambda's poller, or because it is a worker. What must hold of
//! a stage is written once, against this, and run for both.

use serde_json::Value;

use super::{
    deployment, lambda::Function, local::program, ministack::Ministack, process, sqs::Queue, worker::Worker,
    zip,
};

/// Who takes the messages out of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Lambda,
    Worker,
}

/// Writes each of the named tests twice: as `lambda::name` and as `worker::name`.
#[macro_export]
macro_rules! whoever_delivers {
    ($($name:ident)*) => {
        mod lambda {
            $(#[test] fn $name() { super::$name($crate::support::driven::By::Lambda) })*
        }
        mod worker {
            $(#[test] fn $name() { super::$name($crate::support::driven::By::Worker) })*
        }
    };
}

/// A stage at its queue. Dropping it ends a worker; functions end with their AWS.
pub struct Driven<'a> {
    aws: &'a Ministack,
    name: &'static str,
    environment: Vec<(&'static str, String)>,
    worker: Option<Worker>,
    earlier_logs: String,
}

impl<'a> Driven<'a> {
    /// Begins to deliver the messages of `source` to a stage that does `task`, with variables set over its own. A
    /// message that is left behind by a process that died is back after `back_after_s`, as the queue says it too.
    #[track_caller]
    pub fn start(
        by: By,
        aws: &'a Ministack,
        task: &'static str,
        source: &Queue,
        next: &[&Queue],
        back_after_s: u32,
        more: &[(&'static str, String)],
    ) -> Self {
        let mut environment = deployment::variables(task, next);
        environment.push(("BATON_QUEUE", source.url.clone()));
        environment.push(("BATON_WORKER_VISIBILITY_S", back_after_s.to_string()));
        environment.extend_from_slice(more);
        let mut driven = Driven { aws, name: task, environment, worker: None, earlier_logs: String::new() };
        match by {
            By::Worker => {
                driven.environment.extend(aws.sdk_environment());
                driven.worker = Some(Worker::start(&driven.environment));
            }
            By::Lambda => {
                let (zip, environment) = (zip::launcher(program()), &driven.environment);
                // Lambda gives up a moment before its messages come back.
                let function = Function { name: task, zip: &zip, environment, timeout_s: back_after_s - 1 };
                aws.lambda().create(&function);
                // One process: each loads its model.
                aws.lambda().reserve_concurrency(task, 1);
                aws.lambda().trigger(task, source, Some(2));
            }
        }
        driven
    }

    /// `kill -9` of whatever processes run the stage now; how many they were. The platform starts others.
    pub fn kill(&mut self) -> usize {
        if let Some(worker) = &mut self.worker {
            worker.kill();
            self.earlier_logs.push_str(&worker.stdout());
            *worker = Worker::start(&self.environment);
            return 1;
        }
        let processes = self.aws.function_processes(self.name);
        processes.iter().for_each(|&pid| process::signal(pid, "KILL"));
        processes.len()
    }

    /// The outcomes of documents that the stage has logged until now, in order.
    pub fn outcomes(&self) -> Vec<String> {
        let lines: Vec<String> = match &self.worker {
            Some(worker) => {
                (self.earlier_logs.clone() + &worker.stdout()).lines().map(str::to_owned).collect()
            }
            None => self.aws.lambda().logs(self.name),
        };
        let lines = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter_map(|line| Some(line["outcome"].as_str()?.to_owned())).collect()
    }
}
