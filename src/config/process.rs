//! What else of its environment a process looks at.

use super::variables::Variables;

/// Whether Lambda started this process.
pub fn is_on_lambda() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// Whether spans are to be exported: OpenTelemetry's own variables, which its library reads, say where to.
pub fn exports_spans() -> bool {
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// What spans are said to come from, unless `OTEL_SERVICE_NAME` says otherwise.
pub fn service_name() -> Option<String> {
    match std::env::var_os("OTEL_SERVICE_NAME") {
        Some(_) => None,
        None => std::env::var("BATON_STAGE").ok().map(|stage| format!("baton-{stage}")),
    }
}

/// What is logged (`BATON_LOG`), as `RUST_LOG` says it.
pub fn log_filter() -> Option<String> {
    std::env::var("BATON_LOG").ok().filter(|filter| !filter.is_empty())
}

/// The names of the variables that only deployed stages read, those that are set, in order.
pub fn set_variables() -> Vec<String> {
    Variables::of_process().into_names()
}

/// Whether S3 alone is reached by an endpoint of the user's: the SDK tells of one for all services only.
pub fn has_s3_endpoint() -> bool {
    std::env::var_os("AWS_ENDPOINT_URL_S3").is_some_and(|url| !url.is_empty())
}
