//! What else of its environment a process looks at.

use super::variables::Variables;

/// Whether Lambda started this process.
pub fn is_on_lambda() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// Whether spans are to be exported: OpenTelemetry's own variables, of which its library reads the others, say where to.
pub fn exports_spans() -> bool {
    let is_off = said("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"))
        || said("OTEL_TRACES_EXPORTER").is_some_and(|value| value == "none");
    !is_off
        && ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]
            .iter()
            .any(|name| said(name).is_some())
}

/// What spans are said to come from, unless OpenTelemetry's own variables say it.
pub fn service_name() -> Option<String> {
    let names_it = |attributes: String| attributes.split(',').any(|a| a.trim().starts_with("service.name="));
    if said("OTEL_SERVICE_NAME").is_some() || said("OTEL_RESOURCE_ATTRIBUTES").is_some_and(names_it) {
        return None;
    }
    said("BATON_STAGE").map(|stage| format!("baton-{stage}"))
}

/// A variable, without the white space around it that files and templates leave there; an empty one says nothing.
fn said(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// What is logged (`BATON_LOG`), as `RUST_LOG` says it.
pub fn log_filter() -> Option<String> {
    said("BATON_LOG")
}

/// The names of the variables that only deployed stages read, those that are set, in order.
pub fn set_variables() -> Vec<String> {
    Variables::of_process().into_names()
}

/// A variable of AWS's credentials with white space in it, as files of secrets have it at their ends: nothing can be signed
/// with that.
pub fn broken_credentials() -> Option<&'static str> {
    let is_broken = |name: &&str| std::env::var(name).is_ok_and(|value| value.contains(char::is_whitespace));
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"].into_iter().find(is_broken)
}

/// The proxy by which HTTPS is to go, and the variable that says so.
pub fn https_proxy() -> Option<(&'static str, String)> {
    ["HTTPS_PROXY", "https_proxy"].into_iter().find_map(|name| Some((name, said(name)?)))
}

/// The hosts that are reached without it, between commas.
pub fn no_proxy() -> String {
    said("NO_PROXY").or_else(|| said("no_proxy")).unwrap_or_default()
}
