import CoreMetrics
import Synchronization

/// A number that only grows.
final class CounterCell: MetricCell, CounterHandler, FloatingPointCounterHandler {
    static let type = "counter"
    private let value = Mutex(0.0)

    func increment(by amount: Int64) { value.withLock { $0 += Double(amount) } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func reset() { value.withLock { $0 = 0 } }

    func write(_ name: String, _ labels: [MetricLabel], to text: inout PrometheusText) {
        text.sample(name, labels, value.withLock { $0 })
    }
}
