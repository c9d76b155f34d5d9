//! What Prometheus reads.

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder};
use std::time::Duration;

/// Names and labels are stable; labels never come from a caller.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: HistogramVec,
    /// Settlements by outcome: `settled`, `refused`, `failed`.
    pub settlements: IntCounterVec,
    /// Transactions that wait.
    pub waiting: IntGauge,
    /// Records in the log.
    pub height: IntGauge,
    /// Streams of entries.
    pub streams: IntGauge,
    /// Jobs that became final, by relation and state.
    pub jobs: IntCounterVec,
    /// Jobs that wait or run.
    pub queue: IntGaugeVec,
    /// 1 while the ledger's store takes writes, else 0.
    pub writable: IntGauge,
}

impl Metrics {
    /// None counted yet.
    ///
    /// # Errors
    /// [`prometheus::Error`] if two of them share a name.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let buckets = vec![0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
        let options = HistogramOpts::new("privity_http_request_seconds", "Time from header to answer").buckets(buckets);
        let this = Self {
            requests: HistogramVec::new(options, &["method", "route", "status"])?,
            settlements: IntCounterVec::new(Opts::new("privity_settlements_total", "Settlements"), &["outcome"])?,
            waiting: IntGauge::new("privity_waiting_transactions", "Transactions that wait to be verified")?,
            height: IntGauge::new("privity_log_records", "Records in the log")?,
            streams: IntGauge::new("privity_streams", "Streams of entries")?,
            writable: IntGauge::new("privity_store_writable", "1 while the ledger's store takes writes")?,
            jobs: IntCounterVec::new(
                Opts::new("privity_jobs_total", "Proving jobs by relation and final state"),
                &["relation", "state"],
            )?,
            queue: IntGaugeVec::new(Opts::new("privity_jobs", "Proving jobs that wait or run"), &["state"])?,
            registry,
        };
        this.add(this.requests.clone())?;
        this.add(this.settlements.clone())?;
        this.add(this.jobs.clone())?;
        this.add(this.queue.clone())?;
        for gauge in [&this.waiting, &this.height, &this.streams, &this.writable] {
            this.add(gauge.clone())?;
        }
        this.writable.set(1);
        Ok(this)
    }

    /// Adds a metric of another part of the service.
    ///
    /// # Errors
    /// [`prometheus::Error`] if the name is taken.
    pub fn add(&self, collector: impl prometheus::core::Collector + 'static) -> Result<(), prometheus::Error> {
        self.registry.register(Box::new(collector))
    }

    /// Counts a request.
    pub fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        // A method of the caller's invention would make a label of the caller's invention.
        let method = match method {
            "GET" | "POST" | "PUT" | "DELETE" | "PATCH" => method,
            _ => "other",
        };
        self.requests.with_label_values(&[method, route, status_class(status)]).observe(took.as_secs_f64());
    }

    /// All of it in Prometheus' text form.
    ///
    /// # Errors
    /// [`prometheus::Error`] if it cannot be written.
    pub fn text(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

fn status_class(status: u16) -> &'static str {
    match status {
        429 => "429",
        503 => "503",
        100..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}
