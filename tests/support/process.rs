//! Looks at processes and signals them by their id.

use std::process::Command;

/// Sends a signal by its name (`"KILL"`, `"TERM"`); a process that is gone already is not an error.
pub fn signal(pid: u32, name: &str) {
    // The shell's own `kill`: no package has to be there for it, and no unsafe call is needed.
    Command::new("sh")
        .args(["-c", "kill -s \"$1\" \"$2\" 2>/dev/null || true", "kill"])
        .args([name, &pid.to_string()])
        .status()
        .expect("`sh` runs");
}

/// Whether the process is there and running (a zombie is not).
pub fn is_running(pid: u32) -> bool {
    system::all().iter().any(|process| process.pid == pid && process.runs)
}

/// The running processes whose parent is `parent`.
pub fn children(parent: u32) -> Vec<u32> {
    let of_parent = system::all().into_iter().filter(|process| process.parent == parent && process.runs);
    of_parent.map(|process| process.pid).collect()
}

/// A variable of the environment that the process was started with.
pub fn variable(pid: u32, name: &str) -> Option<String> {
    system::environment(pid).iter().find_map(|entry| {
        let (key, value) = entry.split_once('=')?;
        (key == name).then(|| value.to_owned())
    })
}

/// The memory that a process has resident, in KiB: on Linux the most it ever had, elsewhere what it has now.
pub fn memory_kib(pid: u32) -> Option<u64> {
    system::memory_kib(pid)
}

struct Process {
    pid: u32,
    parent: u32,
    runs: bool,
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs;

    use super::Process;

    pub fn all() -> Vec<Process> {
        let entries = fs::read_dir("/proc").expect("/proc is readable");
        entries.filter_map(|entry| stat(entry.ok()?.file_name().to_str()?.parse().ok()?)).collect()
    }

    pub fn environment(pid: u32) -> Vec<String> {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment
            .split(|&byte| byte == 0)
            .map(|entry| String::from_utf8_lossy(entry).into_owned())
            .collect()
    }

    pub fn memory_kib(pid: u32) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    fn stat(pid: u32) -> Option<Process> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The second field is the name in parentheses and may hold anything: what counts begins after the last one.
        let mut fields = stat.rsplit_once(") ")?.1.split(' ');
        let runs = fields.next()? != "Z";
        Some(Process { pid, parent: fields.next()?.parse().ok()?, runs })
    }
}

/// What `ps` says of it, on macOS as on any Unix.
#[cfg(not(target_os = "linux"))]
mod system {
    use std::process::Command;

    use super::Process;

    pub fn all() -> Vec<Process> {
        let process = |line: &str| {
            let mut fields = line.split_whitespace();
            let mut number = || fields.next()?.parse().ok();
            let (pid, parent) = (number()?, number()?);
            Some(Process { pid, parent, runs: !fields.next()?.starts_with('Z') })
        };
        ps(&["-A", "-o", "pid=", "-o", "ppid=", "-o", "state="]).lines().filter_map(process).collect()
    }

    pub fn environment(pid: u32) -> Vec<String> {
        ps(&["eww", "-o", "command=", "-p", &pid.to_string()]).split(' ').map(str::to_owned).collect()
    }

    pub fn memory_kib(pid: u32) -> Option<u64> {
        ps(&["-o", "rss=", "-p", &pid.to_string()]).trim().parse().ok()
    }

    fn ps(arguments: &[&str]) -> String {
        let ran = Command::new("ps").args(arguments).output().expect("`ps` runs");
        String::from_utf8_lossy(&ran.stdout).into_owned()
    }
}
