//! An OTLP receiver on loopback: it takes spans over HTTP as a collector does, and keeps them.

use std::{
    io::BufReader,
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use opentelemetry_proto::tonic::{collector::trace::v1::ExportTraceServiceRequest, trace::v1::Span};
use prost::Message;

use super::runtime_server::{answer, lock, read_request};

/// A running receiver. It ends with this value.
pub struct Receiver {
    address: String,
    spans: Arc<Mutex<Vec<Span>>>,
    services: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
        let address = listener.local_addr().expect("an address").to_string();
        let (spans, services) = (Arc::default(), Arc::default());
        let receiver = Receiver { address, spans: Arc::clone(&spans), services: Arc::clone(&services) };
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                // The receiver's own value has the only other one.
                if Arc::strong_count(&spans) == 1 {
                    return;
                }
                let (spans, services) = (Arc::clone(&spans), Arc::clone(&services));
                thread::spawn(move || serve(&connection, &spans, &services));
            }
        });
        receiver
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` is set to.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All spans that have come so far.
    pub fn spans(&self) -> Vec<Span> {
        lock(&self.spans).clone()
    }

    /// The services that they said they were from.
    pub fn services(&self) -> Vec<String> {
        lock(&self.services).clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.spans = Arc::default();
        drop(TcpStream::connect(&self.address));
    }
}

fn serve(connection: &TcpStream, spans: &Mutex<Vec<Span>>, services: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(connection);
    while let Ok(Some((line, body))) = read_request(&mut reader) {
        assert!(line.starts_with("POST /v1/traces "), "{line}");
        let request = ExportTraceServiceRequest::decode(&body[..]).expect("spans as protobuf");
        for resource in request.resource_spans {
            let attributes = resource.resource.map(|resource| resource.attributes).unwrap_or_default();
            let name = attributes.into_iter().filter(|attribute| attribute.key == "service.name");
            lock(services).extend(name.map(|name| format!("{:?}", name.value)));
            let scopes = resource.scope_spans.into_iter();
            lock(spans).extend(scopes.flat_map(|scope| scope.spans));
        }
        if answer(connection, "200 OK", "", b"").is_err() {
            return;
        }
    }
}
