//! Spans: one for each document, below it one for each step. They leave the process over OTLP when
//! `OTEL_EXPORTER_OTLP_ENDPOINT` is set; otherwise nothing of this costs anything. What a message came from is a link
//! and not a parent: one message may hold many documents, and a document may come again.

use std::{
    fmt,
    sync::{Mutex, OnceLock},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use opentelemetry::{
    KeyValue,
    trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, TracerProvider},
};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::{Metadata, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, registry::LookupSpan};

use crate::{
    config,
    error::chain,
    handoff::ObjectRef,
    lock,
    trace::{Parent, Trace},
};

static EXPORTER: OnceLock<SdkTracerProvider> = OnceLock::new();

/// The layer that sends spans, where an endpoint is configured by OpenTelemetry's own variables.
///
/// # Errors
/// What is wrong with these variables.
pub fn layer<S>() -> Result<Option<impl Layer<S>>, String>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    if !config::exports_spans() {
        return Ok(None);
    }
    let connector = HttpsConnectorBuilder::new().with_native_roots().map_err(|e| e.to_string())?;
    let connector = connector.https_or_http().enable_http1().build();
    let sender =
        Sender { client: Client::builder(TokioExecutor::new()).build(connector), runtime: Handle::current() };
    let exporter = SpanExporter::builder().with_http().with_http_client(sender).build();
    let exporter = exporter.map_err(|e| format!("spans can't be exported (OTEL_EXPORTER_OTLP_…): {e}"))?;
    let resource =
        Resource::builder().with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    let resource = match config::service_name() {
        Some(name) => resource.with_service_name(name),
        None => resource,
    };
    let provider =
        SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build();
    let tracer = EXPORTER.get_or_init(|| provider).tracer("baton");
    let layer = tracing_opentelemetry::layer().with_tracer(tracer).with_location(false).with_threads(false);
    Ok(Some(layer.with_filter(tracing_subscriber::filter::filter_fn(is_own))))
}

/// Baton's own spans: the SDK has dozens for every call, and what is logged has a place of its own.
fn is_own(about: &Metadata<'_>) -> bool {
    about.is_span() && about.target().starts_with(env!("CARGO_CRATE_NAME"))
}

/// Sends what has gathered, and waits for it so long at most: Lambda freezes the process after its answer.
pub async fn flush(within: Duration) {
    if let Some(exporter) = EXPORTER.get() {
        // Spans are never a reason to fail; whether it worked, who sends them says.
        let flushing = tokio::task::spawn_blocking(|| exporter.force_flush());
        if tokio::time::timeout(within, flushing).await.is_err() {
            tell_unsent(&format!("no answer within {within:?}"));
        }
    }
}

/// Says that spans were lost, once a minute at most.
fn tell_unsent(why: &dyn fmt::Display) {
    const MINUTE: Duration = Duration::from_secs(60);
    static TOLD: Mutex<Option<Instant>> = Mutex::new(None);
    let mut told = lock(&TOLD);
    if told.is_none_or(|told| told.elapsed() >= MINUTE) {
        *told = Some(Instant::now());
        tracing::warn!(why = %why, "spans could not be sent (OTEL_EXPORTER_OTLP_ENDPOINT)");
    }
}

/// The span of a document at a stage, linked to where its message came from.
pub fn document(stage: &str, document: &ObjectRef, trace: &Trace) -> Span {
    let span = tracing::info_span!("document", otel.kind = "consumer", stage, document = %document);
    for Parent { trace, span: parent, sampled } in trace.parents() {
        let (trace, parent) = (TraceId::from(trace), SpanId::from(parent));
        let flags = TraceFlags::default().with_sampled(sampled);
        span.add_link(SpanContext::new(trace, parent, flags, true, TraceState::default()));
    }
    span
}

/// What the next message carries: this span's trace where spans are exported, else the one that came. X-Ray's goes along
/// as it is: it is Lambda's and SQS's own.
pub fn onward(trace: &Trace) -> Trace {
    let context = Span::current().context();
    let current = context.span().span_context().clone();
    let own = current.is_valid().then(|| Parent {
        trace: u128::from_be_bytes(current.trace_id().to_bytes()),
        span: u64::from_be_bytes(current.span_id().to_bytes()),
        sampled: current.is_sampled(),
    });
    Trace { w3c: own.map(Parent::w3c).or_else(|| trace.w3c.clone()), ..trace.clone() }
}

/// The HTTP client that is in the program already, for the SDK's sake.
#[derive(Debug)]
struct Sender {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// Spans are sent from a thread of their own.
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        const LONGEST_ANSWER: usize = 1 << 20;
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move {
            let (parts, body) = client.request(request.map(Full::new)).await?.into_parts();
            let body = Limited::new(body, LONGEST_ANSWER).collect().await?.to_bytes();
            Ok::<_, HttpError>(Response::from_parts(parts, body))
        });
        let answer = sent.await?;
        match &answer {
            Err(e) => tell_unsent(&chain(e.as_ref())),
            Ok(answer) if !answer.status().is_success() => tell_unsent(&answer.status()),
            Ok(_) => {}
        }
        answer
    }
}
