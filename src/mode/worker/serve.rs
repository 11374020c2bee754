//! The worker's health and metrics over HTTP: three paths, read only, for the platform and Prometheus.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, sync::Semaphore};

use super::{
    health::Health,
    metrics::{self, Metrics},
};

/// Connections at a time; more wait.
const MOST_CONNECTIONS: usize = 256;

/// What a client may take to say what it wants: less than a probe waits, should silent ones hold all connections.
const PATIENCE: Duration = Duration::from_secs(2);

/// Begins to serve `/healthz`, `/readyz` and `/metrics`, until the process ends.
pub async fn start(listen: SocketAddr, health: Arc<Health>, metrics: Arc<Metrics>) -> std::io::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?.to_string();
    tracing::info!(address, "serving /healthz, /readyz and /metrics");
    tokio::spawn(accept(listener, health, metrics));
    Ok(())
}

async fn accept(listener: TcpListener, health: Arc<Health>, metrics: Arc<Metrics>) {
    let connections = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    // The semaphore is never closed.
    while let Ok(permit) = connections.clone().acquire_owned().await {
        let Ok((connection, _)) = listener.accept().await else {
            // Out of descriptors, say: others end meanwhile.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (health, metrics) = (health.clone(), metrics.clone());
        tokio::spawn(async move {
            let _permit = permit;
            let service = service_fn(|request| {
                let response = answer(&request, &health, &metrics);
                async { Ok::<_, Infallible>(response) }
            });
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(PATIENCE).keep_alive(false);
            // A connection that breaks is its client's matter.
            let _ = http.serve_connection(TokioIo::new(connection), service).await;
        });
    }
}

fn answer(request: &Request<Incoming>, health: &Health, metrics: &Metrics) -> Response<Full<Bytes>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD".into());
    }
    match request.uri().path() {
        "/healthz" => state(health.alive()),
        "/readyz" => state(health.ready()),
        "/metrics" => {
            let mut response = text(StatusCode::OK, metrics.render());
            let kind = HeaderValue::from_static(metrics::CONTENT_TYPE);
            response.headers_mut().insert(CONTENT_TYPE, kind);
            response
        }
        _ => text(StatusCode::NOT_FOUND, "there are /healthz, /readyz and /metrics".into()),
    }
}

fn state(state: Result<(), String>) -> Response<Full<Bytes>> {
    match state {
        Ok(()) => text(StatusCode::OK, "ok".into()),
        Err(why) => text(StatusCode::SERVICE_UNAVAILABLE, why),
    }
}

fn text(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
