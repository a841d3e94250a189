//! Families of metrics out of figures that were counted elsewhere.

use prometheus_client::encoding::{DescriptorEncoder, EncodeCounterValue, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use ptrd_store::HistogramCounts;
use std::fmt;

/// The labels of a sample.
pub(super) struct Labels(Vec<(&'static str, String)>);

impl Labels {
    pub fn none() -> Labels {
        Labels(Vec::new())
    }

    pub fn of<const N: usize>(labels: [(&'static str, &str); N]) -> Labels {
        Labels(labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect())
    }
}

/// Writes families, one after the other.
pub(super) struct Families<'a>(pub DescriptorEncoder<'a>);

impl Families<'_> {
    /// A counter; its name ends in `_total` without being told.
    pub fn counter<N: EncodeCounterValue>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Labels, N)>,
    ) -> fmt::Result {
        let mut metric = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, value) in samples {
            ConstCounter::new(value).encode(metric.encode_family(&labels.0)?)?;
        }
        Ok(())
    }

    /// A gauge.
    pub fn gauge(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Labels, f64)>,
    ) -> fmt::Result {
        let mut metric = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (labels, value) in samples {
            ConstGauge::new(value).encode(metric.encode_family(&labels.0)?)?;
        }
        Ok(())
    }

    /// A histogram of microseconds, in seconds.
    pub fn times(&mut self, name: &str, help: &str, counts: &HistogramCounts) -> fmt::Result {
        self.histogram(name, help, counts, 1e6)
    }

    /// A histogram of numbers.
    pub fn sizes(&mut self, name: &str, help: &str, counts: &HistogramCounts) -> fmt::Result {
        self.histogram(name, help, counts, 1.0)
    }

    fn histogram(&mut self, name: &str, help: &str, counts: &HistogramCounts, unit: f64) -> fmt::Result {
        // What exceeds the last bound is counted in it, so that its bound is none.
        let last = counts.buckets.len().saturating_sub(1);
        let bound = |nth, bound: u64| if nth == last { f64::INFINITY } else { bound as f64 / unit };
        let buckets: Vec<(f64, u64)> = counts
            .buckets
            .iter()
            .enumerate()
            .map(|(nth, (upper, count))| (bound(nth, *upper), *count))
            .collect();
        let mut metric = self.0.encode_descriptor(name, help, None, MetricType::Histogram)?;
        metric.encode_histogram::<NoLabelSet>(counts.sum as f64 / unit, counts.count(), &buckets, None)
    }
}
