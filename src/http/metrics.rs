//! Counts for Prometheus. Nothing in them is about a person: routes, statuses, times.

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    method: String,
    /// As it is declared, without ids.
    route: String,
    status: u16,
}

/// What the server counts.
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Of, Counter>,
    seconds: Histogram,
    /// Streams of changes that are open.
    pub watching: Gauge,
}

impl Metrics {
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("tenure");
        let requests = Family::<Of, Counter>::default();
        let seconds = Histogram::new(exponential_buckets(0.001, 4.0, 8));
        let watching = Gauge::default();
        registry.register("http_requests", "Requests by route and status", requests.clone());
        registry.register("http_request_seconds", "Time until the answer began", seconds.clone());
        registry.register("http_watching", "Streams of changes that are open", watching.clone());
        Self { registry, requests, seconds, watching }
    }

    /// Counts a request that was answered.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        self.requests.get_or_create(&Of { method: method.into(), route: route.into(), status }).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    /// In the text format of OpenMetrics.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Only a writer that fails could fail it.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
