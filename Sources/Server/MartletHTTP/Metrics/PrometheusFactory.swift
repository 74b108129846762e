import CoreMetrics

/// Makes what `swift-metrics` records visible at `GET /metrics`: pass it to `MetricsSystem.bootstrap` and its registry to the server.
///
/// Counters end in `_total`; timers are histograms in seconds and end in `_seconds`; recorders that aggregate are summaries, others gauges.
public struct PrometheusFactory: MetricsFactory {
    public let registry: MetricsRegistry

    public init(registry: MetricsRegistry) {
        self.registry = registry
    }

    private static func name(_ label: String, suffix: String = "") -> String {
        let name = PrometheusText.name(label)
        return suffix.isEmpty || name.hasSuffix(suffix) ? name : name + suffix
    }

    private static func labels(_ dimensions: [(String, String)]) -> [MetricLabel] {
        dimensions.map { MetricLabel(PrometheusText.name($0.0), $0.1) }
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        registry.cell(Self.name(label, suffix: "_total"), Self.labels(dimensions)) { CounterCell() }
    }

    public func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        registry.cell(Self.name(label, suffix: "_total"), Self.labels(dimensions)) { CounterCell() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        registry.cell(Self.name(label), Self.labels(dimensions)) { GaugeCell() }
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return registry.cell(Self.name(label), Self.labels(dimensions)) { SummaryCell() } }
        return registry.cell(Self.name(label), Self.labels(dimensions)) { GaugeCell() }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        registry.cell(Self.name(label, suffix: "_seconds"), Self.labels(dimensions)) { HistogramCell() }
    }

    public func destroyCounter(_ handler: any CounterHandler) { registry.remove(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { registry.remove(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { registry.remove(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { registry.remove(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { registry.remove(handler) }
}
