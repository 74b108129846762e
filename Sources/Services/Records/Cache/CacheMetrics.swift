import CoreMetrics

/// What a cache tells the process's metrics.
struct CacheMetrics: Sendable {
    private let hits: Counter
    private let misses: Counter
    private let computations: Counter
    private let failures: Counter
    private let entries: Gauge
    private let bytes: Gauge

    init(cache: String) {
        let name = [("cache", cache)]
        hits = Counter(label: "martlet_cache_hits_total", dimensions: name)
        misses = Counter(label: "martlet_cache_misses_total", dimensions: name)
        computations = Counter(label: "martlet_cache_computations_total", dimensions: name)
        failures = Counter(label: "martlet_cache_failures_total", dimensions: name)
        entries = Gauge(label: "martlet_cache_entries", dimensions: name)
        bytes = Gauge(label: "martlet_cache_bytes", dimensions: name)
    }

    func hit() { hits.increment() }
    func missed() { misses.increment() }
    func computes() { computations.increment() }
    func failed() { failures.increment() }

    func holds(entries: Int, bytes: Int) {
        self.entries.record(entries)
        self.bytes.record(bytes)
    }
}
