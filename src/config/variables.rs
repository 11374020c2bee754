//! The process's `BATON_…` variables, each read once; what is left over at the end nobody knows.

use std::collections::BTreeMap;

use super::ConfigError;

/// The variables that are left to be read, and what was wrong with those that were.
pub(super) struct Variables {
    left: BTreeMap<String, String>,
    errors: Vec<String>,
}

/// Whether Kubernetes sets such a variable, for a service that is called `baton-…`. None of these is a setting.
fn is_service_link(name: &str, value: &str) -> bool {
    let parts: Vec<&str> = name.split('_').collect();
    let is_port = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match &parts[..] {
        [.., "SERVICE", "HOST"] => true,
        [.., "PORT"] if value.contains("://") => true,
        [.., "PORT", port, "TCP" | "UDP" | "SCTP"] => is_port(port),
        [.., "PORT", port, "TCP" | "UDP" | "SCTP", "PROTO" | "PORT" | "ADDR"] => is_port(port),
        // With the port's own name at the end.
        _ => parts.windows(2).any(|pair| pair == ["SERVICE", "PORT"]),
    }
}

impl Variables {
    pub(super) fn of_process() -> Self {
        let (mut variables, mut errors) = (BTreeMap::new(), Vec::new());
        // Whatever the others hold is none of Baton's business.
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| name.starts_with("BATON_")) else { continue };
            match value.into_string() {
                Ok(value) if is_service_link(name, &value) => {}
                Ok(value) => {
                    variables.insert(name.to_owned(), value);
                }
                Err(value) => errors.push(format!("{name}: {} is not UTF-8", value.display())),
            }
        }
        Variables { left: variables, errors }
    }

    #[cfg(test)]
    pub(super) fn of(pairs: &[(&str, &str)]) -> Self {
        let left = pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Variables { left, errors: Vec::new() }
    }

    /// The names of those that are set, in order.
    pub(super) fn into_names(self) -> Vec<String> {
        self.left.into_keys().collect()
    }

    /// Whether a setting that need not be there says something.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.left.get(name).is_some_and(|value| !value.trim().is_empty())
    }

    /// What else is wrong: with several variables together, or in this process.
    pub(super) fn wrong(&mut self, error: String) {
        self.errors.push(error);
    }

    /// What was read, when nothing was wrong and nothing is left over.
    pub(super) fn finish<T>(mut self, read: T) -> Result<T, ConfigError> {
        for name in self.left.keys() {
            self.errors.push(format!("{name}: is no setting of Baton's (a misspelling?)"));
        }
        if self.errors.is_empty() {
            return Ok(read);
        }
        let source = "the stage's environment is not as it should be".into();
        Err(ConfigError { source, errors: self.errors })
    }

    pub(super) fn required<T: Default>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> T {
        if !self.left.contains_key(name) {
            self.errors.push(format!("{name}: is missing"));
        }
        self.possibly_empty(name, T::default(), parse)
    }

    /// A setting that need not be there. Templates set every variable, and leave empty what isn't chosen.
    pub(super) fn optional<T>(
        &mut self,
        name: &str,
        default: T,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> T {
        if self.left.get(name).is_some_and(|value| value.trim().is_empty()) {
            self.left.remove(name);
        }
        self.possibly_empty(name, default, parse)
    }

    /// A setting that need not be there, and has no default.
    pub(super) fn maybe<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        self.optional(name, None, |value| parse(value).map(Some))
    }

    /// A setting that says something when it is empty: that there is none, or that it is wrong.
    pub(super) fn possibly_empty<T>(
        &mut self,
        name: &str,
        default: T,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> T {
        let Some(value) = self.left.remove(name) else {
            return default;
        };
        match parse(value.trim()) {
            Ok(value) => value,
            Err(error) => {
                self.errors.push(format!("{name}: {error}"));
                default
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubernetes_says_of_a_service_is_no_setting_and_a_misspelt_one_is_not_its() {
        for (name, value) in [
            ("BATON_NER_SERVICE_HOST", "10.0.0.7"),
            ("BATON_NER_SERVICE_PORT", "9090"),
            ("BATON_NER_SERVICE_PORT_HTTP_METRICS", "9090"),
            ("BATON_NER_PORT", "tcp://10.0.0.7:9090"),
            ("BATON_NER_PORT_9090_TCP", "tcp://10.0.0.7:9090"),
            ("BATON_NER_PORT_9090_TCP_PROTO", "tcp"),
            ("BATON_NER_PORT_9090_TCP_ADDR", "10.0.0.7"),
            ("BATON_PORT_53_UDP_PORT", "53"),
        ] {
            assert!(is_service_link(name, value), "{name}");
        }
        for name in ["BATON_STAGE", "BATON_WORKER_PORT", "BATON_SERVICE", "BATON_PORT_A_TCP", "BATON_HOST"] {
            assert!(!is_service_link(name, "9090"), "{name}");
        }
    }
}
