import CoreMetrics
import Synchronization

/// A number that goes up and down.
final class GaugeCell: MetricCell, MeterHandler, RecorderHandler {
    static let type = "gauge"
    private let value = Mutex(0.0)

    func set(_ number: Int64) { value.withLock { $0 = Double(number) } }
    func set(_ number: Double) { value.withLock { $0 = number } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ number: Int64) { set(number) }
    func record(_ number: Double) { set(number) }

    func write(_ name: String, _ labels: [MetricLabel], to text: inout PrometheusText) {
        text.sample(name, labels, value.withLock { $0 })
    }
}
