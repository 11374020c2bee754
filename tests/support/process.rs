//! Looks at processes and signals them by their id. Reads `/proc`, so it knows children on Linux only.

use std::fs;
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
    stat(pid).is_some_and(|(state, _)| state != "Z")
}

/// The running processes whose parent is `parent`.
pub fn children(parent: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("/proc is readable (these tests run on Linux)");
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|&pid| stat(pid).is_some_and(|(state, ppid)| ppid == parent && state != "Z"))
        .collect()
}

/// A variable of the environment that the process was started with.
pub fn variable(pid: u32, name: &str) -> Option<String> {
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    environment.split(|&byte| byte == 0).find_map(|entry| {
        let entry = String::from_utf8_lossy(entry);
        let (key, value) = entry.split_once('=')?;
        (key == name).then(|| value.to_owned())
    })
}

/// The most memory the process ever had resident, in KiB.
pub fn peak_memory_kib(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn stat(pid: u32) -> Option<(String, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the name in parentheses and may hold anything: what counts begins after the last one.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let state = fields.next()?.to_owned();
    Some((state, fields.next()?.parse().ok()?))
}
