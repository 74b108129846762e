import CoreMetrics
import Synchronization

/// The count and the sum of what was recorded.
final class SummaryCell: MetricCell, RecorderHandler {
    static let type = "summary"

    private struct State {
        var count = 0
        var sum = 0.0
    }

    private let state = Mutex(State())

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        state.withLock { state in
            state.count += 1
            state.sum += value
        }
    }

    func write(_ name: String, _ labels: [MetricLabel], to text: inout PrometheusText) {
        let state = state.withLock { $0 }
        text.sample(name + "_sum", labels, state.sum)
        text.sample(name + "_count", labels, Double(state.count))
    }
}
